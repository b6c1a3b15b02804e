"""The small marks that rows and headings share: tier, status, person, turn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from referrals.web.presenters.times import Moment, age_words
from referrals.web.words import SEX, Look, status_look, words_for

SHAPES = ("1", "2", "3", "4")


@dataclass(frozen=True)
class TierTag:
    """`rank` picks shape and fill; tiers beyond the fourth look like the fourth."""

    tier: str
    label: str
    rank: str
    is_provisional: bool = False
    is_override: bool = False


@dataclass(frozen=True)
class Person:
    name: str
    age_and_sex: str
    initials: str = ""


def tier_tag(
    tier: str | None, labels: Mapping[str, str], provisional: bool = False, override: bool = False
) -> TierTag | None:
    """None for a draft, which has no tier yet. Labels are policy data."""
    if not tier:
        return None
    rank = tier[-1] if tier[-1] in SHAPES else SHAPES[-1]
    return TierTag(tier, labels.get(tier, ""), rank, provisional, override)


def status_tag(status: str) -> Look:
    return status_look(status)


def full_name(patient: Mapping[str, Any]) -> str:
    """A partner's draft may have half a name or none."""
    given = [name for name in (patient["given_name"], patient["family_name"]) if name]
    return " ".join(given) or "Name not given"


def person_of(patient: Mapping[str, Any], moment: Moment) -> Person:
    born, sex = patient.get("birth_date"), patient.get("sex")
    parts = [age_words(born, moment.today) if born else "age not known", words_for(SEX, sex, "")]
    return Person(full_name(patient), ", ".join(part for part in parts if part))
