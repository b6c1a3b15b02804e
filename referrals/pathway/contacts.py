"""Calls, letters and visits about a referral, as they were recorded by whoever made them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, NotFound, refuse_unless_clean
from referrals.domain.people import Actor, Kind
from referrals.models.base import new_id
from referrals.models.contact import Contact
from referrals.models.referral import Referral


def record_contact(
    session: Session, actor: Actor, referral: Referral, sent: Mapping[str, Any], now: datetime
) -> Contact:
    """One attempt to reach somebody: when it was, not when it was written down."""
    at = sent.get("at") or now
    if at > now:
        refuse_unless_clean([FieldError("/at", "in_the_future", "This time lies in the future.")])
    contact = Contact(
        id=new_id(),
        network_id=referral.network_id,
        referral_id=referral.id,
        counterpart=sent["with"],
        channel=sent["channel"],
        outcome=sent["outcome"],
        person=sent.get("person"),
        text=sent.get("text"),
        at=at,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        client_id=actor.client_id,
        author_name=actor.name,
        created_at=now,
    )
    session.add(contact)
    session.flush()
    return contact


def contacts_of(session: Session, actor: Actor, referral_id: UUID) -> Sequence[Contact]:
    """In the order in which they were written down: the network reads all, others their own organization's."""
    query = select(Contact).where(Contact.referral_id == referral_id).order_by(Contact.id)
    if actor.kind is not Kind.NETWORK:
        query = query.where(Contact.organization_id == actor.organization_id)
    return session.scalars(query).all()


def find_contact(session: Session, actor: Actor, referral_id: UUID, contact_id: UUID) -> Contact:
    found = next((each for each in contacts_of(session, actor, referral_id) if each.id == contact_id), None)
    if found is None:
        raise NotFound
    return found
