"""Who answers for a referral now: at the referring organization, in the network and at the center."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from referrals.domain.people import Kind, Role
from referrals.domain.reminders import Whom
from referrals.models.center import Center
from referrals.models.offer import JoinedClinician
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.user import Membership, User

# Anything that has the columns of a referral which name people.
Answered = Referral | Row[Any]


def referrers(session: Session, referral: Answered) -> list[UUID]:
    """The named clinician. Where a partner system named none, or that person has left, every clinician there."""
    named = [] if referral.clinician_id is None else _still_active(session, [referral.clinician_id])
    return named or _active_in(session, referral.organization_id, Role.CLINICIAN)


def administrator(session: Session, network_id: UUID, today: date) -> UUID | None:
    """One who looks after the network; for who is away, who covers."""
    found = _here(session, _of_network(session, network_id, Role.ADMINISTRATOR), today)
    return found[0] if found else None


def administrators_of(session: Session, user: User, leaver: User) -> list[UUID]:
    """Of every organization of this person, but neither they nor who leaves; those of the network, where there are none."""
    homes = session.scalars(select(Membership.organization_id).where(Membership.user_id == user.id).distinct()).all()
    found = dict.fromkeys(each for home in homes for each in _active_in(session, home, Role.ADMINISTRATOR))
    others = [each for each in found if each not in (user.id, leaver.id)]
    network = [] if others else _of_network(session, user.network_id, Role.ADMINISTRATOR)
    return others or [each for each in network if each not in (user.id, leaver.id)]


def answer_for_network(session: Session, network_id: UUID, today: date) -> list[UUID]:
    """Those who coordinate it, then those who lead it; for who is away, who covers."""
    roles = (Role.COORDINATOR, Role.CLINICAL_LEAD)
    return _here(session, [user for role in roles for user in _of_network(session, network_id, role)], today)


def owner(session: Session, referral: Answered) -> list[UUID]:
    return [] if referral.owner_id is None else _still_active(session, [referral.owner_id])


def team(session: Session, referral: Answered) -> list[UUID]:
    """The owner; where nobody owns it, every coordinator of the network, or its leads where it has none."""
    return (
        owner(session, referral)
        or _of_network(session, referral.network_id, Role.COORDINATOR)
        or _leads(session, referral)
    )


def at_center(session: Session, referral: Answered) -> list[UUID]:
    return [] if referral.center_id is None else of_center(session, referral.center_id)


def center(session: Session, referral: Answered) -> list[UUID]:
    """Whoever can make the center answer: where it is outside the network, those who asked it."""
    return at_center(session, referral) or (team(session, referral) if is_outside(session, referral.center_id) else [])


def is_outside(session: Session, center_id: UUID | None) -> bool:
    """A center that the network asks, and in which nobody reads here."""
    query = select(Center.in_network).where(Center.organization_id == center_id)
    return center_id is not None and session.scalar(query) is False


def of_center(session: Session, center_id: UUID) -> list[UUID]:
    """Its coordinators, then its specialists."""
    return _active_in(session, center_id, Role.CENTER_COORDINATOR, Role.SPECIALIST)


def joined(session: Session, referral: Answered) -> list[UUID]:
    """Clinicians who have joined, and are told of every step."""
    query = select(JoinedClinician.user_id).where(JoinedClinician.referral_id == referral.id)
    return _still_active(session, list(session.scalars(query.order_by(JoinedClinician.id))))


def colleagues(session: Session, network_id: UUID, today: date) -> list[UUID]:
    """The leads of the network, then its coordinators; for who is away, who covers."""
    roles = (Role.CLINICAL_LEAD, Role.COORDINATOR)
    return _here(session, [user for role in roles for user in _of_network(session, network_id, role)], today)


def _leads(session: Session, referral: Answered) -> list[UUID]:
    return _of_network(session, referral.network_id, Role.CLINICAL_LEAD)


@dataclass(frozen=True, slots=True)
class _LookUp:
    find: Callable[[Session, Answered], list[UUID]]
    only_one: bool = False


_LOOK_UP: Mapping[Whom, _LookUp] = {
    Whom.REFERRER: _LookUp(referrers),
    Whom.TEAM: _LookUp(team),
    Whom.OWNER: _LookUp(team, only_one=True),
    Whom.LEAD: _LookUp(lambda session, referral: _leads(session, referral) or team(session, referral), only_one=True),
    Whom.CENTER: _LookUp(center),
    Whom.CENTER_COORDINATOR: _LookUp(at_center, only_one=True),
}


def people(session: Session, whom: Whom, referral: Answered, today: date) -> list[UUID]:
    """Active people, each once, in the order in which they were given their roles; for who is away, who covers."""
    look_up = _LOOK_UP[whom]
    found = _here(session, look_up.find(session, referral), today)
    return found[:1] if look_up.only_one else found


def _here(session: Session, users: list[UUID], today: date) -> list[UUID]:
    """Somebody away whom nobody covers comes last: better told late than never."""
    cover = aliased(User)
    present = and_(cover.active, ~away_on(cover, today))
    away = (
        select(User.id, cover.id.label("cover"))
        .outerjoin(cover, and_(cover.id == User.covered_by_id, present))
        .where(User.id.in_(users), away_on(User, today))
    )
    covers = {row.id: row.cover for row in session.execute(away)}
    first = [covers.get(user) or user for user in users if covers.get(user, user) is not None]
    return list(dict.fromkeys([*first, *(user for user in users if covers.get(user, user) is None)]))


def away_on(person: type[User], today: date) -> ColumnElement[bool]:
    """From the first day to the last, both included."""
    begun = func.coalesce(person.away_from <= today, false())
    return and_(begun, or_(person.away_to.is_(None), person.away_to >= today))


def _still_active(session: Session, users: list[UUID]) -> list[UUID]:
    return list(session.scalars(select(User.id).where(User.id.in_(users), User.active)))


def _active_in(session: Session, organization_id: UUID, *roles: Role) -> list[UUID]:
    query = (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id, Membership.role.in_(roles), User.active)
        .order_by(Membership.role, Membership.id)  # a coordinator of a center comes before its specialists
    )
    return list(dict.fromkeys(session.scalars(query)))


def _of_network(session: Session, network_id: UUID, role: Role) -> list[UUID]:
    homes = select(Organization.id).where(
        Organization.network_id == network_id, Organization.kind == Kind.NETWORK, Organization.active
    )
    return [
        user for home in session.scalars(homes.order_by(Organization.id)) for user in _active_in(session, home, role)
    ]
