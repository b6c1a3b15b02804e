"""A center's record in words: two tables, and what their numbers count."""

from dataclasses import dataclass
from datetime import datetime

from referrals.boundary.record_answers import ALL_FAMILIES, family_words
from referrals.domain.center_record import ACCEPTED, DECLINED, LAPSED, LATE, LOOKS_BACK, Line, Record
from referrals.domain.centers import OfferStatus
from referrals.domain.small_numbers import FEWEST_SHOWN, TOTAL
from referrals.web.forms.reasons import OFFER_REASON
from referrals.web.presenters.times import Moment, date_words

OFFERS_HEAD = (
    "Tumor family", "Offers", "Accepted", "Declined", "Lapsed", "Share accepted", "Usual time to answer", "Waiting", "Returned", "Recalled", "Taken back",
)  # fmt: skip
OPINIONS_HEAD = ("Tumor family", "Opinions", "Half of them within", "Four in five within", "Signed late")
REASONS_HEAD = ("Tumor family", *OFFER_REASON.values())
HIDDEN = "Not shown"
NOTHING = "None yet"


@dataclass(frozen=True)
class RecordPanel:
    """Everything that `_center_record.html` prints."""

    since: str
    hidden: str
    offers: tuple[tuple[str, ...], ...]
    reasons: tuple[tuple[str, ...], ...]
    opinions: tuple[tuple[str, ...], ...]
    offers_head: tuple[str, ...] = OFFERS_HEAD
    reasons_head: tuple[str, ...] = REASONS_HEAD
    opinions_head: tuple[str, ...] = OPINIONS_HEAD


def record_panel(record: Record, moment: Moment) -> RecordPanel:
    """All families come first, then each that the center was asked in."""
    lines = [(ALL_FAMILIES, record[TOTAL]), *((family_words(name), record[name]) for name in record if name != TOTAL)]
    return RecordPanel(
        since=f"Since {date_words(_began(moment))}",
        hidden=f"Numbers below {FEWEST_SHOWN} are not shown, nor those from which one could be worked out.",
        offers=tuple((name, *_offers(line)) for name, line in lines),
        reasons=tuple((name, *_reasons(line)) for name, line in lines),
        opinions=tuple((name, *_opinions(line)) for name, line in lines),
    )


def _began(moment: Moment) -> datetime:
    return moment.local(moment.now - LOOKS_BACK)


def _offers(line: Line) -> tuple[str, ...]:
    answered = (line.made, line.answered[ACCEPTED], line.declined, line.answered[LAPSED])
    kept = (OfferStatus.LIVE, OfferStatus.RETURNED, OfferStatus.RECALLED, OfferStatus.WITHDRAWN)
    return (
        *map(_number, answered),
        _percent(line.accepted_percent, line.answered[TOTAL]),
        _hours(line.hours_to_answer, line.answered[TOTAL]),
        *(_number(line.otherwise[name]) for name in kept),
    )


def _reasons(line: Line) -> tuple[str, ...]:
    named = {reason.value: name for reason, name in DECLINED.items()}
    return tuple(_number(line.answered[named[reason]]) for reason in OFFER_REASON)


def _opinions(line: Line) -> tuple[str, ...]:
    signed = line.signed[TOTAL]
    late = _number(line.signed[LATE])
    share = f"{late} ({line.late_percent}%)" if line.late_percent is not None else late
    return (_number(signed), _days(line.days_to_opinion, signed), _days(line.days_to_opinion_of_most, signed), share)


def _number(count: int | None) -> str:
    return HIDDEN if count is None else f"{count:,}"


def _percent(share: int | None, of: int | None) -> str:
    return f"{share}%" if share is not None else _missing(of)


def _hours(hours: float | None, of: int | None) -> str:
    return _missing(of) if hours is None else f"{hours:g} h"


def _days(days: float | None, of: int | None) -> str:
    return _missing(of) if days is None else ("1 day" if days == 1 else f"{days:g} days")


def _missing(of: int | None) -> str:
    return NOTHING if of == 0 else HIDDEN
