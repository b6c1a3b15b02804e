"""The people whom an administrator or an auditor sees, page by page: their roles, when they were last here, their state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, tuple_
from sqlalchemy.orm import Session

from referrals.domain.accounts import Held
from referrals.domain.people import Actor, Kind, Role
from referrals.models.organization import ApiClient, Organization
from referrals.models.single_sign_on import UserIdentity
from referrals.models.user import Membership, User, UserSession
from referrals.pathway.account_care import homes_in_reach, in_reach

After = tuple[Any, ...] | None


class State(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"
    OFF = "off"


# Whoever comes in by single sign-on has answered the invitation, with or without a password.
_CAN_SIGN_IN = User.password_hash.is_not(None) | exists().where(UserIdentity.user_id == User.id)
_OF_STATE: Mapping[State, ColumnElement[bool]] = {
    State.ACTIVE: User.active & _CAN_SIGN_IN,
    State.INVITED: User.active & ~_CAN_SIGN_IN,
    State.OFF: User.active.is_(False),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which people."""

    organization_id: UUID | None = None
    role: Role | None = None
    state: State | None = None


@dataclass(frozen=True, slots=True)
class RoleHeld:
    organization: str
    organization_id: UUID
    kind: Kind
    role: Role

    @property
    def held(self) -> Held:
        return self.organization_id, self.kind, self.role


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A person with the roles that the reader may know of."""

    user: User
    roles: list[RoleHeld] = field(default_factory=list)
    last_seen: datetime | None = None
    is_linked: bool = False

    @property
    def state(self) -> State:
        if not self.user.active:
            return State.OFF
        return State.ACTIVE if self.user.password_hash or self.is_linked else State.INVITED


def people_seen(session: Session, actor: Actor, wanted: Wanted, after: After, limit: int | None) -> list[PersonSeen]:
    """By name; four statements, however many there are."""
    query = select(User).where(in_reach(actor), *_conditions(wanted)).order_by(User.name, User.id).limit(limit)
    if after:
        query = query.where(tuple_(User.name, User.id) > tuple_(*after))
    return _complete(session, actor, session.scalars(query).all())


def person_seen(session: Session, actor: Actor, user: User) -> PersonSeen:
    return _complete(session, actor, [user])[0]


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    belongs = [Membership.user_id == User.id]
    if wanted.organization_id:
        belongs.append(Membership.organization_id == wanted.organization_id)
    if wanted.role:
        belongs.append(Membership.role == wanted.role)
    found = [exists().where(*belongs)] if len(belongs) > 1 else []
    return [*found, *([_OF_STATE[wanted.state]] if wanted.state else [])]


def _complete(session: Session, actor: Actor, users: Sequence[User]) -> list[PersonSeen]:
    ids = [user.id for user in users]
    last = (
        select(UserSession.user_id, func.max(UserSession.last_seen_at).label("at"))
        .where(UserSession.user_id.in_(ids))
        .group_by(UserSession.user_id)
    )
    seen = {row.user_id: row.at for row in session.execute(last)}
    linked = set(session.scalars(select(UserIdentity.user_id).where(UserIdentity.user_id.in_(ids))))
    found = {user.id: PersonSeen(user, [], seen.get(user.id), user.id in linked) for user in users}
    for row in session.execute(_roles(actor, ids)):
        held = RoleHeld(row.name, row.organization_id, Kind(row.kind), Role(row.role))
        found[row.user_id].roles.append(held)
    return list(found.values())


def _roles(actor: Actor, ids: Sequence[UUID]) -> Any:
    return (
        select(Membership.user_id, Membership.role, Membership.organization_id, Organization.name, Organization.kind)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.user_id.in_(ids), homes_in_reach(actor))
        .order_by(Organization.name, Membership.id)
    )


def homes_seen(session: Session, actor: Actor, limit: int) -> list[Organization]:
    """The organizations in whose people the reader may look, by name."""
    query = select(Organization).where(homes_in_reach(actor), Organization.active)
    return list(session.scalars(query.order_by(Organization.name, Organization.id).limit(limit)))


def systems_seen(session: Session, actor: Actor, limit: int) -> list[tuple[ApiClient, Organization]]:
    """The partner systems of these organizations."""
    query = (
        select(ApiClient, Organization)
        .join(Organization, Organization.id == ApiClient.organization_id)
        .where(homes_in_reach(actor))
        .order_by(Organization.name, ApiClient.name, ApiClient.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
