"""Links by which a person sets a password: made for one use, found by their digest, and ended by the next one.

The secret of a link follows from the instance's secret key and the ticket's id, so that every try of a letter
carries the same link though no table holds it. The database alone opens nothing.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from referrals.domain.accounts import TICKETS, TicketKind
from referrals.domain.errors import NotFound
from referrals.models.base import new_id
from referrals.models.ticket import UserTicket
from referrals.models.user import User
from referrals.pathway.mail import TICKET, Occasion, Stationery, queue_letters
from referrals.pathway.secret_words import digest

PURPOSE = b"referrals user ticket 1"


def secret_of(secret_key: str, ticket_id: UUID) -> str:
    made = hmac.new(secret_key.encode(), PURPOSE + ticket_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def make_ticket(session: Session, user: User, kind: TicketKind, secret_key: str, now: datetime) -> UserTicket:
    """A new link for this person. Every older one ends."""
    end_tickets(session, user.id, now)
    key = new_id()
    ticket = UserTicket(
        id=key,
        network_id=user.network_id,
        user_id=user.id,
        kind=kind,
        digest=digest(secret_of(secret_key, key)),
        created_at=now,
        expires_at=now + TICKETS[kind].lasts,
    )
    session.add(ticket)
    session.flush()
    return ticket


def send_ticket(session: Session, mail: Stationery | None, ticket: UserTicket) -> int:
    """Queue the letter that will carry the link; 0 where the service sends no mail."""
    occasion = Occasion(f"{TICKET}:{ticket.id}", f"{TICKET} {ticket.kind}", ticket.network_id, None, ticket.created_at)
    return queue_letters(session, mail, occasion, [ticket.user_id])


def end_tickets(session: Session, user_id: UUID, now: datetime) -> None:
    living = (UserTicket.user_id == user_id, UserTicket.used_at.is_(None), UserTicket.expires_at > now)
    session.execute(update(UserTicket).where(*living).values(expires_at=now))


def opened(session: Session, secret: str, now: datetime, *, lock: bool = False) -> tuple[UserTicket, User]:
    """The ticket of this link and its person; `NotFound` once it was used or is over, or where they are switched off."""
    query = (
        select(UserTicket, User)
        .join(User, User.id == UserTicket.user_id)
        .where(
            UserTicket.digest == digest(secret),
            UserTicket.used_at.is_(None),
            UserTicket.expires_at > now,
            User.active,
        )
    )
    found = session.execute(query.with_for_update(of=UserTicket) if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def secret_in_letter(secret_key: str, delivery: Row[Any]) -> str:
    """The end of the address for a letter about a link; "" for every other letter."""
    family, _, ticket_id = delivery.occasion.partition(":")
    return secret_of(secret_key, UUID(ticket_id)) if family == TICKET else ""


def is_living(session: Session, ticket_id: UUID, now: datetime) -> bool:
    """Whether a letter about it would still be of use."""
    query = select(UserTicket.id).where(
        UserTicket.id == ticket_id, UserTicket.used_at.is_(None), UserTicket.expires_at > now
    )
    return session.scalar(query) is not None
