"""A place to try things out: a twin of the network, with the same organizations and none of its patients or people."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from referrals.domain.people import Kind, Role
from referrals.models.assessment import Policy
from referrals.models.base import Base, new_id
from referrals.models.center import Center, Expertise
from referrals.models.organization import Network, Organization
from referrals.models.user import Membership, User

# So that an offer can be tried at every center, whatever places the real one has.
PLACES = 20
# In whose name a system may try the steps that need a person. Nobody signs in as them: they have no password.
STAFF: Mapping[str, tuple[Role, ...]] = {
    Kind.PROVIDER: (Role.CLINICIAN, Role.ADMINISTRATOR),
    Kind.NETWORK: (Role.COORDINATOR, Role.CLINICAL_LEAD, Role.ADMINISTRATOR),
    Kind.CENTER: (Role.CENTER_COORDINATOR, Role.SPECIALIST),
}


def is_sandbox(session: Session, network_id: UUID) -> bool:
    return session.scalar(select(Network.sandbox_of_id).where(Network.id == network_id)) is not None


def twin_of(session: Session, organization: Organization, now: datetime) -> Organization:
    """The same organization in the sandbox, which is made when somebody first needs it and brought up to date after."""
    home = session.scalars(select(Network).where(Network.id == organization.network_id).with_for_update()).one()
    if home.sandbox_of_id is not None:
        return organization
    twin = session.scalars(select(Network).where(Network.sandbox_of_id == home.id)).one_or_none()
    twin = twin or _new_twin(session, home, now)
    _settle(session, home, twin, now)
    query = select(Organization).where(Organization.network_id == twin.id, Organization.code == organization.code)
    return session.scalars(query).one()


def _new_twin(session: Session, home: Network, now: datetime) -> Network:
    twin = Network(
        id=new_id(),
        code=f"{home.code[:31]}-sandbox",
        name=f"{home.name[:190]} (sandbox)",
        zone=home.zone,
        holidays=home.holidays,
        sandbox_of_id=home.id,
        created_at=now,
    )
    session.add(twin)
    session.flush()
    in_force = session.scalars(select(Policy).where(Policy.network_id == home.id, Policy.status == "active")).one()
    session.add(Policy(**_copied(in_force, network_id=twin.id)))
    session.flush()
    return twin


def _settle(session: Session, home: Network, twin: Network, now: datetime) -> None:
    """Whatever organization has no twin yet gets one: a few statements, however many there are."""
    known = select(Organization.code).where(Organization.network_id == twin.id)
    lacking = select(Organization).where(Organization.network_id == home.id, Organization.code.not_in(known))
    twins = {each: _copied(each, network_id=twin.id, is_demo=False) for each in session.scalars(lacking)}
    _add(session, Organization, twins.values())
    ids = {original.id: row["id"] for original, row in twins.items()}
    _add(session, Center, [_center(each, ids, twin, now) for each in _of(session, Center.organization_id, ids)])
    _add(session, Expertise, [_expertise(each, ids, twin) for each in _of(session, Expertise.center_id, ids)])
    people = [each for row in twins.values() for each in _staff(row, twin, now)]
    _add(session, User, [user for user, _ in people])
    _add(session, Membership, [membership for _, membership in people])


def _of(session: Session, column: Any, ids: Mapping[UUID, UUID]) -> Iterable[Any]:
    return session.scalars(select(column.class_).where(column.in_(ids)))


def _center(center: Center, ids: Mapping[UUID, UUID], twin: Network, now: datetime) -> dict[str, Any]:
    return _copied(
        center,
        organization_id=ids[center.organization_id],
        network_id=twin.id,
        places=max(center.places, PLACES),
        contacts=None,
        paused_at=None,
        paused_because=None,
        paused_for=None,
        version=1,
        updated_at=now,
    )


def _expertise(expertise: Expertise, ids: Mapping[UUID, UUID], twin: Network) -> dict[str, Any]:
    return _copied(expertise, network_id=twin.id, center_id=ids[expertise.center_id])


def _staff(
    organization: Mapping[str, Any], twin: Network, now: datetime
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """One person of each role, under an address that nobody can have."""
    own = {"network_id": twin.id}
    found = []
    for role in STAFF[organization["kind"]]:
        user = own | {
            "id": new_id(),
            "email": f"{role}@{_label(organization['code'])}.{_label(twin.code)}.example",
            "name": f"{role.replace('_', ' ').capitalize()} (sandbox)",
            "active": True,
            "is_demo": False,
            "preferences": {},
            "created_at": now,
        }
        membership = own | {
            "id": new_id(), "user_id": user["id"], "organization_id": organization["id"], "role": role,
        }  # fmt: skip
        found.append((user, membership))
    return found


def _label(code: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", code.lower()).strip("-") or "x"


def _copied(row: Base, **changes: Any) -> dict[str, Any]:
    """Its columns, under an id of their own."""
    own = {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}
    return own | ({"id": new_id()} if "id" in own else {}) | changes


def _add(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        session.execute(insert(table), found)
