"""A person gets a new password: by a link, by knowing the old one, or by asking because it is forgotten."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from referrals.domain.accounts import ASK_AGAIN_AFTER, PASSWORD_CHANGED, TicketKind
from referrals.domain.errors import refuse_unless_clean
from referrals.domain.passwords import faults_of_password
from referrals.domain.people import Actor, Kind
from referrals.models.base import new_id
from referrals.models.organization import Organization
from referrals.models.ticket import UserTicket
from referrals.models.user import Membership, User
from referrals.pathway.accounts import folded
from referrals.pathway.mail import ACCOUNT, Occasion, Stationery, queue_letters
from referrals.pathway.sign_in import change_password
from referrals.pathway.tickets import end_tickets, make_ticket, opened, send_ticket
from referrals.pathway.trail import record_audit


def set_password(session: Session, user: User, password: str, mail: Stationery | None, now: datetime) -> None:
    """Every session and every link ends with the old password, and a letter says that it was changed."""
    refuse_unless_clean(faults_of_password(password, known_of(session, user)))
    change_password(session, user, password, now)
    end_tickets(session, user.id, now)
    occasion = Occasion(f"{ACCOUNT}:{new_id()}", f"{ACCOUNT} {PASSWORD_CHANGED}", user.network_id, None, now)
    queue_letters(session, mail, occasion, [user.id])


def known_of(session: Session, user: User) -> list[str]:
    """What everybody knows of a person: none of it makes a password."""
    homes = select(Organization.name, Organization.code).join(Membership, Membership.organization_id == Organization.id)
    found = session.execute(homes.where(Membership.user_id == user.id).distinct()).all()
    return [user.name, user.email, *(word for home in found for word in home)]


def set_by_link(
    session: Session, secret: str, password: str, mail: Stationery | None, now: datetime, request_id: str
) -> User:
    """The one use of a link. A password that is refused leaves the link as it was."""
    ticket, user = opened(session, secret, now, lock=True)
    ticket.used_at = now
    was_new = user.password_hash is None
    set_password(session, user, password, None if was_new else mail, now)
    record_audit(session, own_hand(user), f"set-password-by-{ticket.kind}", "user", [user.id], now, request_id)
    return user


def own_hand(user: User) -> Actor:
    """The person, whom their link has proved, before they act for any organization."""
    return Actor(
        network_id=user.network_id,
        organization_id=None,
        kind=Kind.NETWORK,
        roles=frozenset(),
        user_id=user.id,
        client_id=None,
        name=user.name,
    )


def forgot(session: Session, email: str, mail: Stationery, now: datetime, request_id: str) -> None:
    """Send a link to the active person of this address, if there is one.

    Nobody can tell by the time: for an address that nobody has, the same is written for somebody else and undone.
    """
    user = session.scalar(select(User).where(User.email == folded(email)))
    recent = session.scalar(_asked_lately(user.id if user else new_id(), now))
    stand_in = session.scalars(select(User).order_by(User.id).limit(1)).first()
    is_meant = user is not None and user.active and recent is None
    chosen = user if is_meant else stand_in
    if chosen is None:
        return
    with session.begin_nested() as attempt:
        ticket = make_ticket(session, chosen, TicketKind.RESET, mail.secret_key, now)
        send_ticket(session, mail, ticket)
        record_audit(session, own_hand(chosen), "forgot-password", "user", [chosen.id], now, request_id)
        if not is_meant:
            attempt.rollback()


def _asked_lately(user_id: UUID, now: datetime) -> Select[UUID]:
    asked = (UserTicket.kind == TicketKind.RESET, UserTicket.created_at > now - ASK_AGAIN_AFTER)
    return select(UserTicket.id).where(UserTicket.user_id == user_id, *asked).limit(1)
