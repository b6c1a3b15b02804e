"""The filters of the worklist: named as the API names them, kept in the address, so that a view can be shared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from referrals.domain.lifecycle import OPEN_RECEIVED, STATUSES
from referrals.web.words import CRITERION, TURN

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FilterOption:
    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True)
class Filter:
    """A select whose options carry the label, so that it reads by itself: "Priority: any"."""

    name: str
    label: str
    options: tuple[FilterOption, ...]

    @property
    def is_set(self) -> bool:
        return any(option.is_chosen and option.value for option in self.options)


STATUS_CHOICES: Choices = tuple(
    (status.value, facts.label) for status, facts in STATUSES.items() if status in OPEN_RECEIVED
)
TURN_CHOICES: Choices = tuple((str(party), words.lower()) for party, words in TURN.items() if party)
CRITERION_CHOICES: Choices = tuple((name, words.title) for name, words in CRITERION.items())
LATE_CHOICES: Choices = (("true", "late only"),)
SORT_CHOICES: Choices = (("due_at", "promised time"), ("submitted_at", "time received"), ("-updated_at", "last change"))
FILTER_NAMES = ("tier", "status", "waiting_on", "tumor_family", "criterion", "owner", "overdue")


def one_filter(name: str, label: str, unset: str, choices: Choices, chosen: str) -> Filter:
    options = (("", unset), *choices)
    return Filter(
        name, label, tuple(FilterOption(value, f"{label}: {words}", value == chosen) for value, words in options)
    )


def worklist_filters(
    chosen: Mapping[str, str], tiers: Mapping[str, str], families: Mapping[str, str], people: Iterable[tuple[str, str]]
) -> tuple[Filter, ...]:
    """`chosen` by name, `sort` among them; `tiers` and `families` are labels; `people` are (id, name) of the team."""
    owners: Choices = (("me", "me"), ("none", "nobody"), *people)
    table: tuple[tuple[str, str, str, Choices], ...] = (
        ("tier", "Priority", "any", tuple((tier, f"{tier} {label}") for tier, label in tiers.items())),
        ("status", "Status", "any open", STATUS_CHOICES),
        ("waiting_on", "Turn", "anyone", TURN_CHOICES),
        ("tumor_family", "Tumor", "any", tuple(families.items())),
        ("criterion", "Criterion", "any", CRITERION_CHOICES),
        ("owner", "Owner", "anyone", owners),
        ("overdue", "Late", "or not", LATE_CHOICES),
        ("sort", "Sort", "queue", SORT_CHOICES),
    )
    return tuple(one_filter(name, label, unset, choices, chosen.get(name, "")) for name, label, unset, choices in table)
