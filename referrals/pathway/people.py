"""The people and centers that a packet names: found in the caller's own reach, or the field is wrong."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid
from referrals.domain.people import Actor, Kind, Role
from referrals.models.organization import Organization
from referrals.models.user import Membership, User
from referrals.pathway.staying import kept


def clinician_by_email(
    session: Session, actor: Actor, sent: Mapping[str, Any] | None, known: Mapping[str, User] | None = None
) -> User | None:
    """The referring clinician who was named, else the person who writes. `known` are those that were looked up."""
    email = (sent or {}).get("email")
    if not email:
        return _writer(session, actor)
    address = str(email).lower()
    named = {"organization_id": actor.organization_id, "email": address}
    found = session.scalar(_CLINICIAN, named) if known is None else known.get(address)
    if found is None:
        message = "No active clinician of your organization has this address."
        raise Invalid([FieldError("/referring_clinician/email", "unknown", message)])
    return found


def _writer(session: Session, actor: Actor) -> User | None:
    if actor.organization_id is None or actor.user_id is None or Role.CLINICIAN not in actor.roles:
        return None
    return active_member(session, actor.organization_id, actor.user_id, {Role.CLINICIAN})


def clinicians_named(session: Session, actor: Actor, emails: Collection[str]) -> dict[str, User]:
    """Those of these addresses who are active clinicians of the actor's organization."""
    asked = sorted({email.lower() for email in emails})
    if not asked:
        return {}
    query = _members(actor.organization_id, {Role.CLINICIAN}).where(User.email.in_(asked))
    return {user.email: user for user in session.scalars(kept(query.order_by(User.id)))}


def active_member(session: Session, organization_id: UUID, user_id: Any, roles: Collection[Role]) -> User | None:
    """The person, if they are active in this organization in one of these roles: they stay so for this transaction."""
    wanted = uuid_in(user_id)
    return session.scalar(_active(organization_id, roles).where(User.id == wanted)) if wanted else None


def uuid_in(word: Any) -> UUID | None:
    with suppress(ValueError):
        return UUID(str(word))
    return None


def is_away(user: User, today: date) -> bool:
    """Away without anybody who covers."""
    begun = user.away_from is not None and user.away_from <= today
    back = user.away_to is not None and user.away_to < today
    return begun and not back and user.covered_by_id is None


def _active(organization_id: UUID | BindParameter[Any] | None, roles: Collection[Role]) -> Select[User]:
    return kept(_members(organization_id, roles).limit(1))


def _members(organization_id: UUID | BindParameter[Any] | None, roles: Collection[Role]) -> Select[User]:
    return (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.organization_id == organization_id,
            Membership.role.in_([role.value for role in roles]),
            User.active.is_(True),
        )
    )


_CLINICIAN = _active(bindparam("organization_id"), {Role.CLINICIAN}).where(User.email == bindparam("email"))


def preferred_center(session: Session, network_id: UUID, preferences: Mapping[str, Any] | None) -> UUID | None:
    """The center that the referrer would like, by code or id."""
    wanted = (preferences or {}).get("center")
    if not wanted:
        return None
    found = organization_named(session, network_id, str(wanted))
    if found is None or found.kind is not Kind.CENTER:
        raise Invalid([FieldError("/preferences/center", "unknown", "No center has this code.")])
    return found.id


class Named(NamedTuple):
    """An organization's fixed parts."""

    id: UUID
    code: str
    kind: Kind


def organization_named(session: Session, network_id: UUID, word: str) -> Named | None:
    """By code or id. Neither ever changes, nor does the kind, so a process asks once for each."""
    known = _named.get((network_id, word))
    if known is None:
        by_word = Organization.code == word
        with suppress(ValueError):  # a code is seldom a UUID
            by_word = or_(by_word, Organization.id == UUID(word))
        query = select(Organization.id, Organization.code, Organization.kind)
        row = session.execute(query.where(Organization.network_id == network_id, by_word)).one_or_none()
        if row is None:
            return None
        known = _named[network_id, word] = Named(row.id, row.code, Kind(row.kind))
    return known


_named: dict[tuple[UUID, str], Named] = {}
