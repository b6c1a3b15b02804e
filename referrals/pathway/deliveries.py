"""Letters are taken under a lease, and only who holds it may say what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import Forbidden, NotFound
from referrals.domain.mail import LEASE, MOST_TRIES, DeliveryState, Letter, Outcome, is_given_up, pause_after
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.vocabulary import WaitingOn
from referrals.models.delivery import Delivery, Reminder
from referrals.models.organization import Network
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.mail import TICKET, Stationery, letter
from referrals.pathway.outcome_links import link_in_letter
from referrals.pathway.tickets import is_living, secret_in_letter

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Leased:
    """A letter in the hands of one worker, until its lease runs out."""

    id: UUID
    token: UUID
    attempts: int
    address: str
    message_id: str
    letter: Letter


def claim(session: Session, mail: Stationery, now: datetime) -> Leased | None:
    """Take the letter that has waited longest, in a transaction as short as that. None where nothing waits."""
    while row := session.execute(_longest_waiting(now)).first():
        if not (fault := _obstacle(row)) and _is_wanted(session, row, now):
            return _lease(session, mail, row, now)
        _put(session, row.id, state=DeliveryState.DEAD if fault else DeliveryState.DROPPED, last_error=fault)
    return None


def _longest_waiting(now: datetime) -> Any:
    ready = or_(
        and_(Delivery.state == DeliveryState.WAITING, Delivery.next_at <= now),
        and_(Delivery.state == DeliveryState.LEASED, Delivery.lease_until <= now),
    )
    return (
        select(
            Delivery.id, Delivery.attempts, Delivery.occasion, Delivery.topic, Delivery.message_id,
            Delivery.user_id, Delivery.referral_id, Referral.reference, User.email, User.active, Network.sandbox_of_id,
        )
        .join(User, User.id == Delivery.user_id)
        .join(Network, Network.id == Delivery.network_id)
        .outerjoin(Referral, Referral.id == Delivery.referral_id)
        .where(Delivery.state.in_((DeliveryState.WAITING, DeliveryState.LEASED)), ready)
        .order_by(Delivery.next_at, Delivery.id)
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )  # fmt: skip


def _obstacle(row: Row[Any]) -> str | None:
    if not row.active:
        return "recipient_left"
    return "never_finished" if row.attempts >= MOST_TRIES else None


def _is_wanted(session: Session, row: Row[Any], now: datetime) -> bool:
    """A link is not sent once it is over. A sandbox writes to nobody."""
    if row.sandbox_of_id is not None:
        return False
    family, _, about = row.occasion.partition(":")
    if family == TICKET:
        return is_living(session, UUID(about), now)
    return family != "reminder" or _is_still_due(session, UUID(about))


def _is_still_due(session: Session, reminder_id: UUID) -> bool:
    """A reminder is not sent once the turn has passed on, nor to a referrer whose patient has died."""
    still_due = (
        select(Reminder.id)
        .join(Referral, Referral.id == Reminder.referral_id)
        .join(Patient, Patient.id == Referral.patient_id)
        .where(
            Reminder.id == reminder_id,
            Referral.next_action_due_at == Reminder.due_at,
            or_(Referral.waiting_on != WaitingOn.REFERRER, Patient.deceased_on.is_(None)),
        )
    )
    return session.scalar(still_due) is not None


def _lease(session: Session, mail: Stationery, row: Row[Any], now: datetime) -> Leased:
    token, attempts = uuid4(), row.attempts + 1
    _put(
        session, row.id,
        state=DeliveryState.LEASED, lease_token=token, lease_until=now + LEASE, attempts=attempts,
    )  # fmt: skip
    link = link_in_letter(session, mail.secret_key, row, now)
    return Leased(
        row.id,
        token,
        attempts,
        row.email,
        row.message_id,
        letter(mail, row, link, secret_in_letter(mail.secret_key, row)),
    )


def _put(session: Session, delivery_id: UUID, **values: Any) -> None:
    free = {"lease_token": None, "lease_until": None}
    session.execute(update(Delivery).where(Delivery.id == delivery_id).values(free | values))


def settle(session: Session, leased: Leased, outcome: Outcome, now: datetime, chance: float) -> bool:
    """Write down what became of it. False, and nothing is changed, where the lease has run out or passed on."""
    mine = [
        Delivery.id == leased.id,
        Delivery.state == DeliveryState.LEASED,
        Delivery.lease_token == leased.token,
        Delivery.lease_until > now,
    ]
    values = _became(leased, outcome, now, chance) | {"lease_token": None, "lease_until": None}
    written = session.execute(update(Delivery).where(*mine).values(values).returning(Delivery.id))
    return written.first() is not None


def _became(leased: Leased, outcome: Outcome, now: datetime, chance: float) -> dict[str, Any]:
    if not outcome.fault:
        return {"state": DeliveryState.DONE, "delivered_at": now, "proof": outcome.proof, "last_error": None}
    if is_given_up(outcome.fault, leased.attempts):
        return {"state": DeliveryState.DEAD, "last_error": outcome.fault}
    pause = pause_after(leased.attempts, chance, outcome.asked_to_wait)
    return {"state": DeliveryState.WAITING, "last_error": outcome.fault, "next_at": now + pause}


def dead_letters(session: Session, network_id: UUID | None = None) -> Sequence[Row[Delivery, str, str, str]]:
    """What was given up, the newest first; of every network where none is named."""
    query = (
        select(Delivery, User.name.label("recipient"), User.email, Referral.reference)
        .join(User, User.id == Delivery.user_id)
        .outerjoin(Referral, Referral.id == Delivery.referral_id)
        .where(*_dead(network_id))
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(SHOWN)
    )
    return session.execute(query).all()


def send_again(
    session: Session, now: datetime, *, network_id: UUID | None = None, delivery_id: UUID | None = None
) -> list[UUID]:
    """Give one dead letter, or all of them, its tries back. The Message-ID stays."""
    chosen = [*_dead(network_id), *([] if delivery_id is None else [Delivery.id == delivery_id])]
    fresh = {"state": DeliveryState.WAITING, "attempts": 0, "next_at": now}
    found = session.scalars(update(Delivery).where(*chosen).values(fresh).returning(Delivery.id)).all()
    if delivery_id is not None and not found:
        raise NotFound("There is no dead letter of that id.")
    return list(found)


def _dead(network_id: UUID | None) -> list[ColumnElement[bool]]:
    here = [] if network_id is None else [Delivery.network_id == network_id]
    return [*here, Delivery.state == DeliveryState.DEAD]


def is_administrator(actor: Actor) -> bool:
    return actor.kind is Kind.NETWORK and Role.ADMINISTRATOR in actor.roles


def refuse_other_than_administrator(actor: Actor) -> None:
    if not is_administrator(actor):
        raise Forbidden("not_this_actor", "This is the work of an administrator of the network.")
