"""Whoever is given work stays until it is theirs, and whoever goes waits for it: each waits for the other at the account.

The order is the same everywhere, so that nobody waits in a circle: network, referrals, accounts. Whoever changes what
concerns several accounts holds the network first and comes alone; whoever is given work only keeps others from leaving.
A referral is held as a step holds it: rows that only name it, such as a task, wait for neither.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from referrals.models.organization import Network
from referrals.models.referral import Referral
from referrals.models.user import Membership, User

People = TypeVar("People", bound=Select[*tuple[Any, ...]])


def kept(people: People) -> People:
    """The same people, of whom nobody goes, nor loses the role by which they were found, until this transaction ends."""
    return people.with_for_update(read=True, of=(User, Membership))


def stays(session: Session, user_id: UUID) -> bool:
    """Whether this account is switched on, and nobody switches it off until this transaction ends."""
    return bool(session.scalar(select(User.active).where(User.id == user_id).with_for_update(read=True)))


def come_alone(session: Session, network_id: UUID) -> None:
    """One after the other, of those who change several accounts of a network. Everybody else goes on."""
    session.execute(select(Network.id).where(Network.id == network_id).with_for_update(key_share=True))


def hold_what_is_theirs(session: Session, user: User, theirs: Callable[[], Iterable[UUID]]) -> bool:
    """Their referrals, then themselves. False where one more came to them meanwhile: it is not held, and too late to."""
    come_alone(session, user.network_id)
    held = set(theirs())
    session.execute(
        select(Referral.id).where(Referral.id.in_(held)).order_by(Referral.id).with_for_update(key_share=True)
    )
    hold_to_change(session, user)
    return held.issuperset(theirs())


def hold_at_once(session: Session, people: Collection[UUID]) -> bool:
    """False where one of them is held elsewhere: whoever waited for a second account could wait in a circle."""
    query = select(User.id).where(User.id.in_(people)).with_for_update(key_share=True, skip_locked=True)
    return len(session.scalars(query).all()) == len(people)


def hold_to_change(session: Session, user: User) -> None:
    """As they are now. What only names them is not kept waiting."""
    session.refresh(user, with_for_update={"key_share": True})
