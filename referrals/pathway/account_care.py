"""What administrators do with accounts: invite, give and take roles, rename, switch off and on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from referrals.domain.accounts import Held, roles_in
from referrals.domain.errors import Conflict, Forbidden, NotFound, refuse
from referrals.domain.people import Actor, Kind, Role
from referrals.models.organization import Organization
from referrals.models.user import Membership, User
from referrals.pathway.accounts import add_role, create_user, folded
from referrals.pathway.covering import Ending, covers_lost, end_covers
from referrals.pathway.hand_over import Holding, hand_over, hold_holdings, holdings
from referrals.pathway.rules import rules_of
from referrals.pathway.second_factor import reset_second_factor
from referrals.pathway.sign_in import end_sessions_of, switch_off
from referrals.pathway.tickets import end_tickets

LONGEST_NAME = 200
LONGEST_ADDRESS = 254


def refuse_other_than_administrators(actor: Actor) -> None:
    if Role.ADMINISTRATOR not in actor.roles:
        raise Forbidden("not_this_actor", "This is the work of an administrator.")


def in_reach(actor: Actor) -> ColumnElement[bool]:
    """An administrator of the network sees everybody in it, any other their own organization."""
    here = User.network_id == actor.network_id
    return here if actor.kind is Kind.NETWORK else here & _belongs_to(actor.organization_id)


def _belongs_to(organization_id: UUID | None) -> ColumnElement[bool]:
    return exists().where(Membership.user_id == User.id, Membership.organization_id == organization_id)


def homes_in_reach(actor: Actor) -> ColumnElement[bool]:
    here = Organization.network_id == actor.network_id
    return here if actor.kind is Kind.NETWORK else here & (Organization.id == actor.organization_id)


def find_person(session: Session, actor: Actor, user_id: UUID, *, lock: bool = False) -> User:
    query = select(User).where(User.id == user_id, in_reach(actor))
    found = session.scalars(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def find_home(session: Session, actor: Actor, organization_id: UUID | None, role: str) -> tuple[Organization, Role]:
    """An organization in reach, with a role that there is in one of its kind."""
    query = select(Organization).where(Organization.id == organization_id, Organization.active, homes_in_reach(actor))
    home = session.scalars(query).one_or_none()
    if home is None:
        refuse("/organization", "required", "Choose the organization.")
    if role not in roles_in(Kind(home.kind)):
        refuse("/role", "unfit", "There is no such role in this organization. Choose another one.")
    return home, Role(role)


def held_by(session: Session, user_id: UUID) -> list[tuple[Membership, Organization]]:
    """Every role of this person, also in organizations that are switched off."""
    query = (
        select(Membership, Organization)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.user_id == user_id)
        .order_by(Organization.name, Membership.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def held_in_reach(session: Session, actor: Actor, user: User) -> list[tuple[Membership, Organization]]:
    """The roles that this administrator may take away."""
    return [each for each in held_by(session, user.id) if _may_take(actor, each[1])]


def _may_take(actor: Actor, home: Organization) -> bool:
    return actor.kind is Kind.NETWORK or home.id == actor.organization_id


def as_held(rows: Sequence[tuple[Membership, Organization]]) -> list[Held]:
    return [(home.id, Kind(home.kind), Role(row.role)) for row, home in rows]


def is_wholly_in_reach(session: Session, actor: Actor, user: User) -> bool:
    """Whether the account is this administrator's to change, and not only some of its roles."""
    return actor.kind is Kind.NETWORK or all(home.id == actor.organization_id for _, home in held_by(session, user.id))


def refuse_unless_wholly_in_reach(session: Session, actor: Actor, user: User) -> None:
    """Whoever may change an account can act as it: also where it reaches further than they do."""
    if not is_wholly_in_reach(session, actor, user):
        raise Forbidden("belongs_elsewhere", "This person belongs to other organizations, too: an administrator of the network changes the account.")  # fmt: skip


def invite(
    session: Session, actor: Actor, email: str, name: str, home: Organization, role: Role, now: datetime
) -> User:
    """A person without a password. Somebody whom the network knows gains the role, if the network's own gives it."""
    known = session.scalar(select(User.id).where(User.email == folded(email)))
    if known is not None and actor.kind is not Kind.NETWORK:
        raise Conflict("Somebody has this address. An administrator of the network gives them the role.", fields=["/email"])  # fmt: skip
    return create_user(session, email, name, [role], home, now)


def give_role(session: Session, user: User, home: Organization, role: Role) -> None:
    if not user.active:
        raise Conflict("This person is switched off: switch them on first.")
    add_role(session, user, home, role)


def what_goes(session: Session, user: User, membership_id: UUID | None = None) -> list[Holding]:
    """What must be handed over with this role; with all of them, where none is named."""
    rows = held_by(session, user.id)
    left = [] if membership_id is None else [each for each in rows if each[0].id != membership_id]
    return holdings(session, user, as_held(rows), as_held(left))


def covers_that_end(session: Session, user: User, now: datetime, membership_id: UUID | None = None) -> list[User]:
    """For whom this person no longer covers without this role; without any, where none is named."""
    rows = held_by(session, user.id) if membership_id else []
    today = rules_of(session, user.network_id).calendar.local_date(now)
    return covers_lost(session, user, as_held([each for each in rows if each[0].id != membership_id]), today)


def _goes(
    session: Session, actor: Actor, user: User, receivers: Mapping[str, Any], now: datetime, role: UUID | None = None
) -> None:
    hand_over(session, actor, user, what_goes(session, user, role), receivers, now)
    end_covers(Ending(session, user, receivers, now), covers_that_end(session, user, now, role))


def find_membership(session: Session, actor: Actor, user: User, membership_id: UUID) -> tuple[Membership, Organization]:
    for row, home in held_in_reach(session, actor, user):
        if row.id == membership_id:
            return row, home
    raise NotFound


def take_role(
    session: Session, actor: Actor, user: User, membership_id: UUID, receivers: Mapping[str, Any], now: datetime
) -> None:
    """What rests on the role goes to somebody else in the same moment."""
    hold_holdings(session, user, lambda: what_goes(session, user, membership_id))
    row, home = find_membership(session, actor, user, membership_id)
    if row.role == Role.ADMINISTRATOR:
        _refuse_own(actor, user, "Nobody takes the role of administrator from themselves: ask another one.")
        _refuse_last_administrator(session, user, home)
    _goes(session, actor, user, receivers, now, membership_id)
    session.delete(row)
    session.flush()


def deactivate(session: Session, actor: Actor, user: User, receivers: Mapping[str, Any], now: datetime) -> None:
    """Beginning now nobody acts as this person: not with a session, not by a link, not through a partner system."""
    hold_holdings(session, user, lambda: what_goes(session, user))
    if not user.active:
        raise Conflict("This person is switched off already.")
    _refuse_own(actor, user, "Nobody switches themselves off: ask another administrator.")
    for _, home in held_by(session, user.id):
        _refuse_last_administrator(session, user, home)
    _goes(session, actor, user, receivers, now)
    switch_off(session, user, now)
    end_tickets(session, user.id, now)
    user.away_from = user.away_to = user.covered_by_id = None
    session.flush()


def lock_out(session: Session, actor: Actor, user: User, now: datetime) -> None:
    """Nothing that they prove themselves with here opens any more, beginning now. What they look after stays theirs."""
    _refuse_own(actor, user, "Nobody locks themselves out: change your own password.")
    reset_second_factor(session, user, now)
    user.password_hash = None
    end_tickets(session, user.id, now)
    session.flush()


def reactivate(session: Session, user: User, now: datetime) -> None:
    """They come back with the roles and the password that they had."""
    user.active = True
    end_sessions_of(session, user, now)


def rename(user: User, name: str | None) -> None:
    if not name:
        refuse("/name", "required", "Fill in: Name")
    if len(name) > LONGEST_NAME:
        refuse("/name", "too_long", f"Use at most {LONGEST_NAME} characters.")
    user.name = name


def _refuse_own(actor: Actor, user: User, why: str) -> None:
    if actor.user_id == user.id:
        raise Conflict(why)


def _refuse_last_administrator(session: Session, user: User, home: Organization) -> None:
    """Two who take the role from each other in the same moment have come one after the other."""
    if home.kind != Kind.NETWORK:
        return
    other = aliased(User)
    query = (
        select(func.count(other.id.distinct()))
        .join(Membership, Membership.user_id == other.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            Organization.network_id == home.network_id,
            Organization.kind == Kind.NETWORK,
            Membership.role == Role.ADMINISTRATOR,
            other.active,
            other.id != user.id,
        )
    )
    was = [each for each in as_held(held_by(session, user.id)) if each[1:] == (Kind.NETWORK, Role.ADMINISTRATOR)]
    if was and not session.scalar(query):
        raise Conflict("This is the last administrator of the network: make somebody else one first.")
