"""The people and centers that a packet names: found in the caller's own reach, or the field is wrong."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid
from referrals.domain.people import Actor, Kind, Role
from referrals.models.organization import Organization
from referrals.models.user import Membership, User


def clinician_by_email(session: Session, actor: Actor, sent: Mapping[str, Any] | None) -> UUID | None:
    """The referring clinician who was named, else the person who writes."""
    email = (sent or {}).get("email")
    if not email:
        return actor.user_id if Role.CLINICIAN in actor.roles else None
    query = _active(actor.organization_id, {Role.CLINICIAN}).where(User.email == str(email).lower())
    found: UUID | None = session.scalar(query)
    if found is None:
        message = "No active clinician of your organization has this address."
        raise Invalid([FieldError("/referring_clinician/email", "unknown", message)])
    return found


def active_member(session: Session, organization_id: UUID, user_id: Any, roles: Collection[Role]) -> User | None:
    """The person, if they are active in this organization in one of these roles."""
    try:
        wanted = UUID(str(user_id))
    except ValueError:
        return None
    found = session.scalar(_active(organization_id, roles).where(User.id == wanted))
    return None if found is None else session.get(User, found)


def is_away(user: User, today: date) -> bool:
    """Away without anybody who covers."""
    begun = user.away_from is not None and user.away_from <= today
    back = user.away_to is not None and user.away_to < today
    return begun and not back and user.covered_by_id is None


def _active(organization_id: UUID | None, roles: Collection[Role]) -> Any:
    return (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organization_id == organization_id,
            Membership.role.in_([role.value for role in roles]),
            User.active.is_(True),
        )
        .limit(1)
    )


def preferred_center(session: Session, network_id: UUID, preferences: Mapping[str, Any] | None) -> UUID | None:
    """The center that the referrer would like, by code or id."""
    wanted = (preferences or {}).get("center")
    if not wanted:
        return None
    by_name = Organization.code == str(wanted)
    with suppress(ValueError):  # a code is seldom a UUID
        by_name = or_(by_name, Organization.id == UUID(str(wanted)))
    query = select(Organization.id).where(
        Organization.network_id == network_id, Organization.kind == Kind.CENTER, by_name
    )
    found = session.scalar(query)
    if found is None:
        raise Invalid([FieldError("/preferences/center", "unknown", "No center has this code.")])
    return found
