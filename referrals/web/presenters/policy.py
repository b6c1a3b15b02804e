"""A priority policy as tables that anyone can read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referrals.web.presenters.order import day_count
from referrals.web.words import NEVER_USED, RULES_SENTENCE, UNSIGNED_SENTENCE, counted


@dataclass(frozen=True)
class Table:
    """`head` names the columns; the first cell of a row is its heading."""

    title: str
    intro: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_long: bool = False


@dataclass(frozen=True)
class PolicyPage:
    version: str
    status: str
    tables: tuple[Table, ...]
    approved: str = ""
    rules: str = RULES_SENTENCE
    unsigned: str = UNSIGNED_SENTENCE
    never_used: str = NEVER_USED


def tier_table(labels: Mapping[str, str], conditions: Mapping[str, str]) -> Table:
    """`conditions` in words, such as "aggressive and resistant, or aggressive, rare and complex"."""
    rows = tuple((f"{tier} {label}", conditions[tier]) for tier, label in labels.items())
    intro = "Read from the top: the first line that holds gives the priority. A bad finding never lowers it."
    return Table("Which priority", intro, ("Priority", "When"), rows)


def time_table(labels: Mapping[str, str], targets: Mapping[str, int], margins: Mapping[str, int]) -> Table:
    rows = tuple(
        (f"{tier} {label}", counted(targets[tier], "day"), day_count(margins[tier])) for tier, label in labels.items()
    )
    return Table(
        "Promise and head start",
        "Days of 24 hours from the time it was sent.",
        ("Priority", "Promise", "Head start"),
        rows,
    )


def segment_table(labels: Mapping[str, str], segments: Mapping[str, Mapping[str, Any]]) -> Table:
    """`segments` by tier: triage, offer, review, acknowledgement in working days, and all_days."""
    names = ("triage", "offer", "review", "acknowledgement")
    rows = tuple(
        (
            f"{tier} {label}",
            *(str(segments[tier][name]) for name in names),
            "all days" if segments[tier].get("all_days") else "working days",
        )
        for tier, label in labels.items()
    )
    head = ("Priority", "Triage", "Offer answered", "Review", "Opinion read", "Counted in")
    return Table("Targets on the way", "", head, rows)


def list_table(title: str, intro: str, head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Table:
    """A list of the policy, such as the aggressive entities: long ones are folded."""
    return Table(title, intro, head, rows, is_long=len(rows) > 12)
