"""Links in mails by which a clinician says once, without signing in, what became of the advice; nothing else is in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from referrals.domain.errors import NotFound
from referrals.domain.lifecycle import Status
from referrals.domain.vocabulary import OutcomeResult
from referrals.models.add_once import add_once
from referrals.models.delivery import Delivery
from referrals.models.opinion import Opinion, OutcomeLink
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.opinions import latest_opinion
from referrals.pathway.outcomes import told_by_link

SALT = "outcome link 1"
LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link is about: nothing that a stranger who finds it may not read."""

    link: OutcomeLink
    opinion: Opinion
    referral: Referral
    user: User


def link_in_letter(session: Session, secret: str, delivery: Row[Any], now: datetime) -> str:
    """The end of the address for a letter that reminds of an outcome; "" for every other letter."""
    family, _, rest = delivery.topic.partition(" ")
    if family != "reminder" or rest.rpartition(" ")[2] != Status.ACKNOWLEDGED:
        return ""
    referral = session.get_one(Referral, delivery.referral_id)
    opinion = latest_opinion(session, referral)
    return outcome_link(session, secret, opinion, delivery, now) if opinion else ""


def outcome_link(session: Session, secret: str, opinion: Opinion, delivery: Row[Any] | Delivery, now: datetime) -> str:
    """Signed, for one use, for 14 days from the last try. It has the letter's id: every try sends the same link."""
    row = {
        "id": delivery.id,
        "network_id": opinion.network_id,
        "opinion_id": opinion.id,
        "user_id": delivery.user_id,
        "expires_at": now + LASTS,
    }
    if not add_once(session, OutcomeLink, [row]):
        session.execute(update(OutcomeLink).where(OutcomeLink.id == delivery.id).values(expires_at=now + LASTS))
    return _signer(secret).dumps(delivery.id.hex)


def opened(session: Session, secret: str, token: str, now: datetime, *, lock: bool = False) -> Asked:
    """What the link asks; `NotFound` once it was used, is over, or nothing is asked any more."""
    query = (
        select(OutcomeLink, Opinion, Referral, User)
        .join(Opinion, Opinion.id == OutcomeLink.opinion_id)
        .join(Referral, Referral.id == Opinion.referral_id)
        .join(User, User.id == OutcomeLink.user_id)
        .where(
            OutcomeLink.id == _named(secret, token),
            OutcomeLink.used_at.is_(None),
            OutcomeLink.expires_at > now,
            Referral.status == Status.ACKNOWLEDGED,
            User.active,
        )
    )
    row = session.execute(query.with_for_update(of=OutcomeLink) if lock else query).one_or_none()
    asked = Asked(*row) if row else None
    latest = latest_opinion(session, asked.referral) if asked else None
    if asked is None or latest is None or latest.id != asked.opinion.id:
        raise NotFound
    return asked


def answer_link(session: Session, secret: str, token: str, result: OutcomeResult, now: datetime) -> Asked:
    """The one use: the same answer for every recommendation. The referral stays open until somebody closes it."""
    asked = opened(session, secret, token, now, lock=True)
    asked.link.used_at = now
    told_by_link(session, asked.opinion, result, (asked.user.id, asked.user.name), now)
    session.flush()
    return asked


def _named(secret: str, token: str) -> UUID:
    try:
        return UUID(hex=str(_signer(secret).loads(token)))
    except (BadSignature, ValueError):
        raise NotFound from None


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt=SALT)
