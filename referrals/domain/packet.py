"""What is wrong with a packet in the shape of the API, beyond its form: codes, dates, contradictions, gaps."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from referrals.domain.coding import check_codes
from referrals.domain.completeness import missing_to_submit
from referrals.domain.errors import FieldError
from referrals.domain.partial_date import first_day, last_day
from referrals.domain.vocabulary import TreatmentStatus

Packet = Mapping[str, Any]

# Somewhere it is already tomorrow.
GRACE = timedelta(days=1)
OLDEST_BIRTH = timedelta(days=130 * 366)


def faults(packet: Packet, today: date, *, submitting: bool, by_client: bool) -> list[FieldError]:
    """Every fault at once. `today` is the network's own date; a day's grace is given for time zones."""
    found = [*check_codes(packet), *_future_dates(packet, today), *_contradictions(packet, today)]
    if submitting:
        reported = {error.pointer for error in found}
        missing = missing_to_submit(packet, by_client=by_client)
        found += [error for error in missing if error.pointer not in reported]
    return found


_PAST_DATES = (
    ("patient", "birth_date"),
    ("patient", "deceased_on"),
    ("diagnosis", "diagnosed_on"),
    ("performance_status", "date"),
    ("consent", "given_on"),
)


def _future_dates(packet: Packet, today: date) -> Iterator[FieldError]:
    for part, field in _PAST_DATES:
        yield from _not_in_future(f"/{part}/{field}", _part(packet, part).get(field), today)
    for index, marker in enumerate(_part(packet, "diagnosis").get("biomarkers") or ()):
        yield from _not_in_future(f"/diagnosis/biomarkers/{index}/date", marker.get("date"), today)
    for index, treatment in enumerate(packet.get("treatments") or ()):
        if treatment.get("status") != TreatmentStatus.PLANNED:
            for field in ("started_on", "ended_on"):
                yield from _not_in_future(f"/treatments/{index}/{field}", treatment.get(field), today)


def _not_in_future(pointer: str, text: str | None, today: date) -> Iterator[FieldError]:
    if text and first_day(text) > (today + GRACE).isoformat():
        yield FieldError(pointer, "in_the_future", "This date lies in the future.")


def _contradictions(packet: Packet, today: date) -> Iterator[FieldError]:
    for check in _CHECKS:
        yield from check(packet, today)


def _too_old(packet: Packet, today: date) -> Iterator[FieldError]:
    birth = _part(packet, "patient").get("birth_date")
    if birth and last_day(birth) < (today - OLDEST_BIRTH).isoformat():
        yield FieldError("/patient/birth_date", "too_early", "Nobody alive was born so long ago. Check the year.")


def _diagnosed_before_birth(packet: Packet, today: date) -> Iterator[FieldError]:
    birth = _part(packet, "patient").get("birth_date")
    diagnosed = _part(packet, "diagnosis").get("diagnosed_on")
    if not birth or not diagnosed or first_day(birth) > (today + GRACE).isoformat():
        return  # a birth in the future is told by itself
    if last_day(diagnosed) < first_day(birth):
        yield FieldError(
            "/diagnosis/diagnosed_on", "before_birth", "The diagnosis lies before the birth of the patient."
        )


def _coded_and_uncoded(packet: Packet, today: date) -> Iterator[FieldError]:
    diagnosis = _part(packet, "diagnosis")
    if diagnosis.get("icd10cm") and diagnosis.get("uncoded"):
        yield FieldError("/diagnosis/uncoded", "contradiction", "A diagnosis with a code is not uncoded.")


def _ended_before_start(packet: Packet, today: date) -> Iterator[FieldError]:
    for index, treatment in enumerate(packet.get("treatments") or ()):
        start, end = treatment.get("started_on"), treatment.get("ended_on")
        if start and end and last_day(end) < first_day(start):
            yield FieldError(f"/treatments/{index}/ended_on", "before_start", "It ended before it started.")


def _need_has_passed(packet: Packet, today: date) -> Iterator[FieldError]:
    needed = _part(packet, "needed_by").get("date")
    if needed and needed < (today - GRACE).isoformat():
        yield FieldError("/needed_by/date", "in_the_past", "This day has passed. Enter the day that counts now.")


def _consent_has_ended(packet: Packet, today: date) -> Iterator[FieldError]:
    until = _part(packet, "consent").get("until")
    if until and until < (today - GRACE).isoformat():
        yield FieldError("/consent/until", "in_the_past", "This consent has ended.")


_CHECKS: tuple[Callable[[Packet, date], Iterator[FieldError]], ...] = (
    _too_old,
    _diagnosed_before_birth,
    _coded_and_uncoded,
    _ended_before_start,
    _need_has_passed,
    _consent_has_ended,
)


def _part(packet: Packet, name: str) -> Packet:
    part = packet.get(name)
    return part if isinstance(part, Mapping) else {}
