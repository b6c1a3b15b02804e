"""Letters to the patient: when there is one, in which language, and to whom it goes."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.partial_date import is_under_18
from referrals.domain.statuses import ANSWERED, ENDED, Status
from referrals.domain.vocabulary import ConsentGivenBy


class Letter(StrEnum):
    """What it tells: that an opinion was asked for, or what it says."""

    REQUEST = "request"
    ANSWER = "answer"


class Language(StrEnum):
    ENGLISH = "en"
    SPANISH = "es"


class Addressee(StrEnum):
    PATIENT = "patient"
    PARENT = "parent"
    REPRESENTATIVE = "representative"


class NoLetter(StrEnum):
    """Why there is none."""

    DIED = "died"
    NOT_SENT = "not_sent"
    ENDED = "ended"


# Whoever consented for the patient reads for the patient.
_CONSENTED: Mapping[str, Addressee] = MappingProxyType(
    {
        ConsentGivenBy.PARENT: Addressee.PARENT,
        ConsentGivenBy.GUARDIAN: Addressee.PARENT,
        ConsentGivenBy.REPRESENTATIVE: Addressee.REPRESENTATIVE,
    }
)


def against_a_letter(status: Status, *, was_sent: bool, deceased_on: date | None) -> NoLetter | None:
    """Death comes before every other reason, so that nothing else is ever said of it."""
    if deceased_on is not None:
        return NoLetter.DIED
    if not was_sent:
        return NoLetter.NOT_SENT
    return NoLetter.ENDED if status in ENDED - ANSWERED else None


def language_of(code: str | None) -> Language:
    """The patient's, where there is a letter in it; else English. "es-MX" is Spanish."""
    spoken = (code or "").lower().replace("_", "-").split("-")[0]
    return Language(spoken) if spoken in list(Language) else Language.ENGLISH


def addressee(given_by: str | None, birth_date: date | None, today: date) -> Addressee:
    is_child = birth_date is not None and is_under_18(birth_date.isoformat(), today)
    return _CONSENTED.get(given_by or "", Addressee.PARENT if is_child else Addressee.PATIENT)
