"""Whoever covers for others goes, or loses a role: their cover ends in the same moment, and those away hear of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from referrals.domain.accounts import NOBODY, Held
from referrals.domain.errors import Conflict, FieldError, refuse_unless_clean
from referrals.domain.lifecycle import OPEN
from referrals.domain.tasks import TaskKind
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.absence import cover_faults, may_cover, roles_of
from referrals.pathway.people import uuid_in
from referrals.pathway.recipients import administrators_of
from referrals.pathway.staying import hold_at_once, stays
from referrals.pathway.tasks import NewTask, raise_for_network

# What those are told whom nobody covers any more, and what their administrators: the absence goes on, or ends.
_GOES_ON = (
    "{leaver} no longer covers for you, and nobody does",
    "Nobody covers for {person} any more: choose who does, or end the absence",
)
_ENDS = (
    "{leaver} no longer covers for you, and nobody does: as you look after open referrals, your absence has ended",
    "Nobody covers for {person} any more, and the absence has ended: say who covers, or hand over the open referrals",
)


def field_of(person: User) -> str:
    """Where it is named who covers for this person from now on."""
    return f"cover-{person.id}"


def covers_lost(session: Session, user: User, left: Iterable[Held], today: date) -> list[User]:
    """Who is away, or will be, and is covered by this person, who may not with the roles that are left."""
    not_over = or_(User.away_to.is_(None), User.away_to >= today)
    query = select(User).where(User.covered_by_id == user.id, User.active, not_over).order_by(User.name, User.id)
    people = session.scalars(query).all()
    held = roles_of(session, [person.id for person in people])
    stay = {(home, str(role)) for home, _, role in left}
    return [person for person in people if not may_cover(held[person.id], stay)]


def owners_among(session: Session, people: Iterable[User]) -> set[UUID]:
    """Those of them who look after open referrals: they are not away without cover."""
    ids = [person.id for person in people]
    query = select(Referral.owner_id).where(Referral.owner_id.in_(ids), Referral.status.in_(OPEN)).distinct()
    return {owner_id for owner_id in session.scalars(query) if owner_id}


@dataclass(frozen=True, slots=True)
class Ending:
    """Somebody's cover ends, and somebody else says who covers then."""

    session: Session
    leaver: User
    receivers: Mapping[str, Any]
    now: datetime


def end_covers(ending: Ending, people: Sequence[User]) -> None:
    """Each of them is covered by whoever is named, or by nobody; all of it, or nothing."""
    if not hold_at_once(ending.session, [person.id for person in people]):
        raise Conflict("Somebody whom they cover is given something at this moment. Look again, then repeat it.")
    refuse_unless_clean([fault for person in people for fault in _passed_on(ending, person)])
    ending.session.flush()


def _passed_on(ending: Ending, person: User) -> Iterator[FieldError]:
    pointer, named = f"/{field_of(person)}", ending.receivers.get(field_of(person))
    if not named:
        yield FieldError(pointer, "required", f"Choose who covers for {person.name}, or that nobody does.")
    elif named == NOBODY:
        _uncovered(ending, person)
    else:
        yield from _covered(ending, person, pointer, uuid_in(named))


def _uncovered(ending: Ending, person: User) -> None:
    """An absence goes on without a cover only where no open referral would wait with nobody."""
    ends = bool(owners_among(ending.session, [person]))
    person.covered_by_id = None
    if ends:
        person.away_from = person.away_to = None
    said, to_administrators = _ENDS if ends else _GOES_ON
    _tell(ending, TaskKind.COVER_ENDED, person.id, said.format(leaver=ending.leaver.name))
    for administrator in administrators_of(ending.session, person, ending.leaver):
        words = to_administrators.format(person=person.name)
        _tell(ending, TaskKind.UNCOVERED, administrator, words, about=person.id.hex)


def _covered(ending: Ending, person: User, pointer: str, cover_id: UUID | None) -> Iterator[FieldError]:
    cover = ending.session.get(User, cover_id) if cover_id and stays(ending.session, cover_id) else None
    if cover is None or cover.id == ending.leaver.id:
        yield FieldError(pointer, "unfit", "Choose somebody else who covers.")
        return
    faults = cover_faults(ending.session, person, cover)
    yield from (FieldError(pointer, fault.code, fault.message) for fault in faults)
    if not faults:
        person.covered_by_id = cover.id
        _tell(
            ending, TaskKind.COVER_ENDED, person.id, f"{cover.name} covers for you, and no longer {ending.leaver.name}"
        )


def _tell(ending: Ending, kind: TaskKind, user_id: UUID, words: str, about: str = "") -> None:
    """`about` tells tasks of one kind apart; the time, one cover's end from a later one."""
    mark = f"{about}{user_id.hex}{int(ending.now.timestamp()):x}"
    raise_for_network(ending.session, ending.leaver.network_id, NewTask(kind, user_id, mark, words), ending.now)
