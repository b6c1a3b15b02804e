"""Places by week and line, as a center states them: its usual week, and single weeks that differ or are closed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from referrals.domain.centers import LINES, monday_of, weeks_from
from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.people import Actor
from referrals.models.base import new_id
from referrals.models.center import Capacity, LineLimit
from referrals.pathway.centers import Profile, refuse_stranger
from referrals.pathway.places import Week, board, limits_of
from referrals.pathway.rules import rules_of

Sent = Mapping[str, Any]
WEEKS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Capacities:
    """What a center has stated: its usual places, its usual limits by line, and the weeks as they come out of it."""

    profile: Profile
    usual: Mapping[str, int]
    weeks: Sequence[Week]


def this_week(session: Session, network_id: UUID, now: datetime) -> date:
    return monday_of(rules_of(session, network_id).calendar.local_date(now))


def capacities(
    session: Session, profile: Profile, now: datetime, count: int = WEEKS_SHOWN, first: date | None = None
) -> Capacities:
    """The weeks from `first` or this one on, with what is reserved, used and free of the whole and of each limit."""
    center_id = profile.organization.id
    begun = first or this_week(session, profile.organization.network_id, now)
    weeks = board(session, {center_id: profile.center.places}, weeks_from(begun, count))[center_id]
    return Capacities(profile, usual_limits(session, center_id), weeks)


def usual_limits(session: Session, center_id: UUID) -> dict[str, int]:
    return {service: places for (_, _, service), places in limits_of(session, [center_id]).items()}


def state_capacity(session: Session, actor: Actor, profile: Profile, sent: Sent, now: datetime) -> None:
    """The usual places a week, and single weeks that differ. What is held already stays held."""
    refuse_stranger(actor, profile.organization.id)
    refuse_unless_clean([*_usual_faults(profile, sent), *_week_faults(profile, sent)])
    if sent.get("places") is not None:
        profile.center.places = sent["places"]
    if sent.get("services") is not None:
        _state_limits(session, profile, None, sent["services"])
    for each in sent.get("weeks") or ():
        _state_week(session, profile, date.fromisoformat(each["week"]), each)
    profile.center.updated_at = profile.center.capacity_stated_at = now
    session.flush()


def _state_week(session: Session, profile: Profile, week: date, stated: Sent) -> None:
    own = _of(profile)
    session.execute(delete(Capacity).where(Capacity.center_id == own["center_id"], Capacity.week == week))
    if stated["places"] is not None:
        session.add(Capacity(id=new_id(), **own, week=week, places=stated["places"], reason=stated.get("reason")))
    if stated.get("services") is not None:
        _state_limits(session, profile, week, stated["services"])


def _state_limits(session: Session, profile: Profile, week: date | None, stated: Iterable[Sent]) -> None:
    """The whole list anew: a line that is not named, or without a number, is not limited."""
    own = _of(profile)
    session.execute(delete(LineLimit).where(LineLimit.center_id == own["center_id"], LineLimit.week == week))
    session.add_all(
        LineLimit(id=new_id(), **own, week=week, service=each["service"], places=each["places"])
        for each in stated
        if each["places"] is not None
    )


def _of(profile: Profile) -> dict[str, UUID]:
    return {"network_id": profile.organization.network_id, "center_id": profile.organization.id}


def _usual_places(profile: Profile, sent: Sent) -> int:
    return profile.center.places if sent.get("places") is None else int(sent["places"])


def _usual_faults(profile: Profile, sent: Sent) -> Iterator[FieldError]:
    yield from _line_faults(sent.get("services") or (), _usual_places(profile, sent), "/services")


def _week_faults(profile: Profile, sent: Sent) -> Iterator[FieldError]:
    told, usual = set(), _usual_places(profile, sent)
    for place, each in enumerate(sent.get("weeks") or ()):
        here, day = f"/weeks/{place}", date.fromisoformat(each["week"])
        if day != monday_of(day):
            yield FieldError(f"{here}/week", "not_a_monday", "A week is called by its Monday.")
        elif day in told:
            yield FieldError(f"{here}/week", "repeated", "This week is stated already.")
        told.add(day)
        places = usual if each["places"] is None else each["places"]
        if each.get("reason") and each["places"] != 0:
            yield FieldError(f"{here}/reason", "not_closed", "Only a closed week, one of 0 places, says why.")
        yield from _line_faults(each.get("services") or (), places, f"{here}/services")


def _line_faults(stated: Iterable[Sent], whole: int, pointer: str) -> Iterator[FieldError]:
    told = set()
    for place, each in enumerate(stated):
        here, service = f"{pointer}/{place}", each["service"]
        if service not in LINES:
            yield FieldError(f"{here}/service", "no_line", f"Places are limited for {' or '.join(LINES)} only.")
        elif service in told:
            yield FieldError(f"{here}/service", "repeated", "This service is stated already.")
        told.add(service)
        if each["places"] is not None and each["places"] > whole:
            yield FieldError(f"{here}/places", "above_places", f"The week has {whole} places: no line has more.")
