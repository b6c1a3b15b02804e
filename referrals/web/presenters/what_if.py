"""What if: the priority that other facts would give, beside the present one. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referrals.web.forms.fields import Form
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import Banner
from referrals.web.presenters.tags import TierTag, tier_tag
from referrals.web.words import CRITERION, RULES_SENTENCE, VERDICT, Look


@dataclass(frozen=True)
class Compared:
    title: str
    before: Look
    after: Look
    because: str

    @property
    def has_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Outcome:
    before: TierTag | None
    after: TierTag | None
    sentence: str
    criteria: tuple[Compared, ...]


@dataclass(frozen=True)
class WhatIfPage:
    """`outcome` is None until something was asked."""

    banner: Banner
    form: Form
    outcome: Outcome | None
    back: Link
    rules: str = RULES_SENTENCE


def compare(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> Outcome:
    """Both in the shape of the API's `priority`."""
    rows = tuple(
        Compared(
            CRITERION[old["criterion"]].title,
            VERDICT[old["verdict"]],
            VERDICT[new["verdict"]],
            new.get("because") or "",
        )
        for old, new in zip(before["criteria"], after["criteria"], strict=True)
    )
    old_tag, new_tag = (tier_tag(side["tier"], labels, bool(side.get("provisional"))) for side in (before, after))
    same = before["tier"] == after["tier"]
    named = f"{after['tier']} {labels.get(after['tier'], '')}".strip()
    sentence = f"It would stay {named}." if same else f"It would become {named}."
    return Outcome(old_tag, new_tag, f"{sentence} Nothing was stored.", rows)
