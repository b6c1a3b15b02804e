"""Who is who: coordinating networks, their organizations, the people in them and the roles they hold."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.policy import default_document
from referrals.models.assessment import Policy
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.organization import Network, Organization
from referrals.models.user import Membership, User
from referrals.pathway.passwords import hash_password

DEFAULT_ZONE = "UTC"
DEMO_PASSWORD = "second-opinion-demo"  # noqa: S105 - published on purpose; production refuses demo users
AUTHOR_OF_DEFAULT_POLICY = "Referrals"


def create_organization(
    session: Session,
    name: str,
    code: str,
    kind: Kind,
    now: datetime,
    *,
    network: str | None = None,
    is_demo: bool = False,
) -> Organization:
    """An organization of the network named by its code; of the only one, where nothing is named.

    The first organization brings its network with it. A network coordinates by itself, so a second
    organization of kind network makes a second network.
    """
    home = _network_to_join(session, name, code, kind, now, network)
    if session.scalar(select(Organization.id).where(Organization.network_id == home.id, Organization.code == code)):
        raise Conflict(f"There is already an organization with the code {code}.", fields=["/code"])
    organization = Organization(
        id=new_id(), network_id=home.id, kind=kind, code=code, name=name, active=True, is_demo=is_demo, created_at=now
    )
    session.add(organization)
    session.flush()
    if kind is Kind.CENTER:
        session.add(_blank_profile(organization, now))
        session.flush()
    return organization


def _blank_profile(organization: Organization, now: datetime) -> Center:
    """A center has stated nothing yet: no service, no expertise, no place."""
    return Center(
        organization_id=organization.id,
        network_id=organization.network_id,
        services=[],
        languages=[],
        places=0,
        version=1,
        updated_at=now,
    )


def _network_to_join(session: Session, name: str, code: str, kind: Kind, now: datetime, network: str | None) -> Network:
    if kind is not Kind.NETWORK:
        found = session.scalars(_networks(network)).all()
        return _only(found, "network") if found or network else create_network(session, name, code, now)
    vacant = session.scalars(_networks(network).where(~_coordinated())).first()
    if vacant is None:
        return create_network(session, name, code, now)
    vacant.name, vacant.code = name, code
    return vacant


def _networks(code: str | None) -> Select[Network]:
    """Of this code; every one but the sandboxes, where none is named."""
    query = select(Network).order_by(Network.id)
    return query.where(Network.code == code if code else Network.sandbox_of_id.is_(None))


def networks(session: Session, code: str | None = None) -> list[Network]:
    """The one of this code; every one but the sandboxes, where none is named."""
    return list(session.scalars(_networks(code)))


def _coordinated() -> ColumnElement[bool]:
    return (
        select(Organization.id).where(Organization.network_id == Network.id, Organization.kind == Kind.NETWORK).exists()
    )


def _only(found: Sequence[Network], what: str) -> Network:
    if not found:
        raise NotFound(f"There is no {what} by that code.")
    if len(found) > 1:
        codes = ", ".join(each.code for each in found)
        raise Invalid([FieldError("/network", "ambiguous", f"Name the {what}: there are {codes}.")])
    return found[0]


def create_network(session: Session, name: str, code: str, now: datetime, *, zone: str = DEFAULT_ZONE) -> Network:
    """A coordinating network with the default policy in force."""
    if session.scalar(select(Network.id).where(Network.code == code)):
        raise Conflict(f"There is already a network with the code {code}.", fields=["/code"])
    network = Network(id=new_id(), code=code, name=name, zone=zone, holidays=[], created_at=now)
    session.add(network)
    session.flush()
    session.add(_first_policy(network.id, now))
    session.flush()
    return network


def _first_policy(network_id: UUID, now: datetime) -> Policy:
    document = default_document()
    return Policy(
        id=new_id(),
        network_id=network_id,
        version=document["version"],
        status="active",
        document=document,
        author=AUTHOR_OF_DEFAULT_POLICY,
        approver=None,
        created_at=now,
        activated_at=now,
    )


def find_organization(session: Session, code: str, *, network: str | None = None) -> Organization:
    """The organization of this code, in the network of that code where several have one."""
    query = select(Organization).where(Organization.code == code).order_by(Organization.id)
    homes = _networks(network).with_only_columns(Network.id).order_by(None)
    found = session.scalars(query.where(Organization.network_id.in_(homes))).all()
    if not found:
        raise NotFound(f"There is no organization with the code {code}.")
    if len(found) > 1:
        raise Invalid([FieldError("/network", "ambiguous", "Several networks have this code: name the network.")])
    return found[0]


def create_user(
    session: Session,
    email: str,
    name: str,
    roles: Iterable[Role],
    organization: Organization,
    now: datetime,
    *,
    password: str | None = None,
) -> User:
    """A person with these roles; somebody the network already knows gains the roles and keeps name and password.

    The people of a demo organization are demo users: production refuses to start beside them.
    """
    address = folded(email)
    user = session.scalar(select(User).where(User.email == address))
    if user is None:
        user = User(
            id=new_id(),
            network_id=organization.network_id,
            email=address,
            name=name,
            password_hash=hash_password(password) if password else None,
            active=True,
            is_demo=organization.is_demo,
            preferences={},
            created_at=now,
        )
        session.add(user)
        session.flush()
    elif user.network_id != organization.network_id:
        raise Conflict("This email address belongs to another network.", fields=["/email"])
    for role in roles:
        add_role(session, user, organization, role)
    return user


def folded(email: str) -> str:
    """Email addresses are compared without regard to case."""
    return email.strip().lower()


def add_role(session: Session, user: User, organization: Organization, role: Role) -> None:
    query = select(Membership.id).where(
        Membership.user_id == user.id, Membership.organization_id == organization.id, Membership.role == role
    )
    if session.scalar(query) is None:
        session.add(
            Membership(
                id=new_id(),
                network_id=organization.network_id,
                user_id=user.id,
                organization_id=organization.id,
                role=role,
            )
        )
        session.flush()


def memberships_of(session: Session, user_id: UUID) -> list[tuple[Organization, Role]]:
    """Every role of this person in every active organization, in the order in which they were given."""
    query = (
        select(Organization, Membership.role)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user_id, Organization.active)
        .order_by(Membership.id)
    )
    return [(organization, Role(role)) for organization, role in session.execute(query)]


def organizations_of(session: Session, user_id: UUID) -> list[Organization]:
    """Where this person may act, each once."""
    return list({each.id: each for each, _ in memberships_of(session, user_id)}.values())


def actor_for_user(session: Session, user: User, organization_id: UUID | None = None) -> Actor:
    """This person acting in that organization; in the first of theirs, where none is named."""
    return actor_among(user, memberships_of(session, user.id), organization_id)


def actor_among(user: User, held: Sequence[tuple[Organization, Role]], organization_id: UUID | None = None) -> Actor:
    """The same, from memberships that were read already."""
    chosen = organization_id or (held[0][0].id if held else None)
    home = next((each for each, _ in held if each.id == chosen), None)
    if home is None or not user.active:
        raise Forbidden("no_membership", "This person does not act for that organization.")
    return Actor(
        network_id=user.network_id,
        organization_id=home.id,
        kind=Kind(home.kind),
        roles=frozenset(role for each, role in held if each.id == home.id),
        user_id=user.id,
        client_id=None,
        name=user.name,
        other_organizations=frozenset(each.id for each, _ in held if each.id != home.id),
    )


def keep_preferences(session: Session, user_id: UUID, changed: Mapping[str, Any]) -> None:
    """How this person likes the dashboard: what is not named stays as it was."""
    user = session.scalars(select(User).where(User.id == user_id).with_for_update()).one()
    user.preferences = {**user.preferences, **changed}
