"""Who answers for a referral now: at the referring organization, in the network and at the center."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from referrals.domain.people import Kind, Role
from referrals.domain.reminders import Whom
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.user import Membership, User

# Anything that has the columns of a referral which name people.
Answered = Referral | Row[Any]


def referrers(session: Session, referral: Answered) -> list[UUID]:
    """The named clinician. Where a partner system named none, or that person has left, every clinician there."""
    named = [] if referral.clinician_id is None else _still_active(session, [referral.clinician_id])
    return named or _active_in(session, referral.organization_id, Role.CLINICIAN)


def owner(session: Session, referral: Answered) -> list[UUID]:
    return [] if referral.owner_id is None else _still_active(session, [referral.owner_id])


def team(session: Session, referral: Answered) -> list[UUID]:
    """The owner; where nobody owns it, every coordinator of the network, or its leads where it has none."""
    return owner(session, referral) or _of_network(session, referral, Role.COORDINATOR) or _leads(session, referral)


def center(session: Session, referral: Answered) -> list[UUID]:
    return _at_center(session, referral, Role.CENTER_COORDINATOR, Role.SPECIALIST)


def _leads(session: Session, referral: Answered) -> list[UUID]:
    return _of_network(session, referral, Role.CLINICAL_LEAD)


def _one(found: Iterable[UUID]) -> list[UUID]:
    return list(found)[:1]


_LOOK_UP: Mapping[Whom, Callable[[Session, Answered], list[UUID]]] = {
    Whom.REFERRER: referrers,
    Whom.TEAM: team,
    Whom.OWNER: lambda session, referral: _one(team(session, referral)),
    Whom.LEAD: lambda session, referral: _one(_leads(session, referral) or team(session, referral)),
    Whom.CENTER: center,
    Whom.CENTER_COORDINATOR: lambda session, referral: _one(center(session, referral)),
}


def people(session: Session, whom: Whom, referral: Answered) -> list[UUID]:
    """Active people, each once, in the order in which they were given their roles."""
    return _LOOK_UP[whom](session, referral)


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


def _of_network(session: Session, referral: Answered, role: Role) -> list[UUID]:
    homes = select(Organization.id).where(
        Organization.network_id == referral.network_id, Organization.kind == Kind.NETWORK, Organization.active
    )
    return [
        user for home in session.scalars(homes.order_by(Organization.id)) for user in _active_in(session, home, role)
    ]


def _at_center(session: Session, referral: Answered, *roles: Role) -> list[UUID]:
    return [] if referral.center_id is None else _active_in(session, referral.center_id, *roles)
