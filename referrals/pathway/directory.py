"""Who is there: the people of an organization, the organizations and the policies of a network, page by page."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, tuple_
from sqlalchemy.orm import Session

from referrals.domain.errors import NotFound
from referrals.domain.people import Actor, Role
from referrals.models.assessment import Policy
from referrals.models.organization import Organization
from referrals.models.user import Membership, User

After = tuple[Any, ...] | None


def colleagues(
    session: Session, actor: Actor, role: Role | None, after: After, limit: int
) -> list[tuple[Any, list[str]]]:
    """The people of the actor's organization with their roles there, by name; of one role, where one is named."""
    query = (
        select(User.id, User.name, User.email, User.active)
        .where(_works_in(actor.organization_id, role))
        .order_by(User.name, User.id)
        .limit(limit)
    )
    if after:
        query = query.where(tuple_(User.name, User.id) > tuple_(*after))
    people = session.execute(query).all()
    roles = _roles_in(session, actor.organization_id, [person.id for person in people])
    return [(person, roles.get(person.id, [])) for person in people]


def members_in(session: Session, organization_id: UUID, roles: Iterable[Role]) -> Sequence[Any]:
    """Who is active there in one of these roles, by name: id, name, email."""
    works_there = exists().where(
        Membership.user_id == User.id,
        Membership.organization_id == organization_id,
        Membership.role.in_([role.value for role in roles]),
    )
    query = select(User.id, User.name, User.email).where(User.active.is_(True), works_there)
    return session.execute(query.order_by(User.name, User.id)).all()


def _works_in(organization_id: UUID | None, role: Role | None) -> Any:
    query = select(Membership.id).where(Membership.user_id == User.id, Membership.organization_id == organization_id)
    return (query.where(Membership.role == role) if role else query).exists()


def _roles_in(session: Session, organization_id: UUID | None, people: Sequence[UUID]) -> dict[UUID, list[str]]:
    query = (
        select(Membership.user_id, Membership.role)
        .where(Membership.organization_id == organization_id, Membership.user_id.in_(people))
        .order_by(Membership.id)
    )
    roles: dict[UUID, list[str]] = {}
    for user_id, role in session.execute(query):
        roles.setdefault(user_id, []).append(role)
    return roles


def organizations_in(session: Session, network_id: UUID, after: After, limit: int) -> Sequence[Any]:
    """The active organizations of the network, by code."""
    query = (
        select(Organization.id, Organization.code, Organization.name, Organization.kind)
        .where(Organization.network_id == network_id, Organization.active)
        .order_by(Organization.code, Organization.id)
        .limit(limit)
    )
    if after:
        query = query.where(tuple_(Organization.code, Organization.id) > tuple_(*after))
    return session.execute(query).all()


def find_own_organization(session: Session, actor: Actor) -> Organization:
    return session.scalars(select(Organization).where(Organization.id == actor.organization_id)).one()


def policies_of(session: Session, network_id: UUID, after: After, limit: int) -> Sequence[Policy]:
    """Every version of the network's policy, newest first."""
    query = select(Policy).where(Policy.network_id == network_id).order_by(Policy.id.desc()).limit(limit)
    if after:
        query = query.where(Policy.id < after[0])
    return session.scalars(query).all()


def find_policy(session: Session, network_id: UUID, version: str) -> Policy:
    query = select(Policy).where(Policy.network_id == network_id, Policy.version == version)
    policy = session.scalars(query).one_or_none()
    if policy is None:
        raise NotFound
    return policy
