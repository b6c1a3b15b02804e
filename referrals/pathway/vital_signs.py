"""What whoever runs the service watches: counts and ages over all networks. Nothing in it names anybody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from referrals.domain.documents import ScanState
from referrals.domain.mail import DeliveryState
from referrals.domain.statuses import OPEN
from referrals.models.certificate import Certificate
from referrals.models.delivery import Delivery
from referrals.models.document import Document
from referrals.models.import_run import ImportRun
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry, AuditSeal, Beat, Outbox
from referrals.models.user import UserSession
from referrals.models.webhook import WebhookDelivery, WebhookSubscription
from referrals.pathway.seals import REACH_BACK

# From so many failures in a row on an endpoint counts as gone; docs/operations.md says the same.
FAILING = 10
IS_OPEN = Referral.status.in_(sorted(OPEN))
TO_DO = (DeliveryState.WAITING, DeliveryState.LEASED)


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of a sign; `label` tells several values of one sign apart."""

    value: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing to watch. `label` names what its readings differ by."""

    name: str
    meaning: str
    read: Callable[[Session, datetime], Iterable[Reading]]
    label: str | None = None


def _count(counted: Any, *conditions: Callable[[datetime], ColumnElement[bool]]) -> Callable[..., list[Reading]]:
    def read(session: Session, now: datetime) -> list[Reading]:
        query = select(func.count()).select_from(counted).where(*(condition(now) for condition in conditions))
        return [Reading(session.scalar(query) or 0)]

    return read


def _by(column: Any, *conditions: ColumnElement[bool]) -> Callable[..., list[Reading]]:
    def read(session: Session, now: datetime) -> list[Reading]:
        query = select(column, func.count()).where(*conditions).group_by(column).order_by(column)
        return [Reading(count, str(label)) for label, count in session.execute(query)]

    return read


def _age(query: Callable[[datetime], Select[Any]]) -> Callable[..., list[Reading]]:
    """In seconds; no reading where there is nothing whose age it could be."""

    def read(session: Session, now: datetime) -> list[Reading]:
        since = session.scalar(query(now))
        return [] if since is None else [Reading(max((now - since) / timedelta(seconds=1), 0.0))]

    return read


def _untold(now: datetime) -> Select[Any]:
    is_due = or_(Outbox.held_until.is_(None), Outbox.held_until <= now)
    return select(func.min(Outbox.created_at)).where(Outbox.done_at.is_(None), is_due)


def _unsealed(now: datetime) -> Select[Any]:
    newest = select(func.coalesce(func.max(AuditSeal.entry_id), 0)).scalar_subquery()
    sealed = select(AuditSeal.position).where(AuditSeal.entry_id == AuditEntry.id).exists()
    return select(func.min(AuditEntry.at)).where(AuditEntry.id > newest - REACH_BACK, ~sealed)


def _certificates_hold(session: Session, now: datetime) -> list[Reading]:
    newest = session.scalar(select(Certificate.holds).order_by(Certificate.number.desc()).limit(1))
    return [] if newest is None else [Reading(int(newest))]


def _failing(now: datetime) -> ColumnElement[bool]:
    return and_(WebhookSubscription.active, WebhookSubscription.failures >= FAILING)


SIGNS = (
    Sign("open_referrals", "Open referrals.", _by(Referral.status, IS_OPEN), "status"),
    Sign(
        "late_steps",
        "Open referrals whose next step is late.",
        _count(Referral, lambda now: IS_OPEN, lambda now: Referral.next_action_due_at < now),
    ),
    Sign(
        "missed_promises",
        "Open referrals that are past the day promised.",
        _count(Referral, lambda now: IS_OPEN, lambda now: Referral.due_at < now),
    ),
    Sign("untold_seconds", "How long the oldest step waits to be told.", _age(_untold)),
    Sign("letters", "Letters of the record.", _by(Delivery.state), "state"),
    Sign(
        "letter_waits_seconds",
        "How long the oldest letter waits.",
        _age(lambda now: select(func.min(Delivery.created_at)).where(Delivery.state.in_(TO_DO))),
    ),
    Sign("webhook_messages", "Webhook messages that are kept.", _by(WebhookDelivery.state), "state"),
    Sign(
        "webhook_endpoints_failing",
        "Endpoints that failed ten times in a row, or more.",
        _count(WebhookSubscription, _failing),
    ),
    Sign(
        "imports",
        "Files of referrals on their way in.",
        _by(ImportRun.status, ImportRun.finished_at.is_(None)),
        "status",
    ),
    Sign(
        "documents_unscanned",
        "Documents that wait for the scanner.",
        _count(Document, lambda now: Document.scan == ScanState.WAITING),
    ),
    Sign(
        "documents_damaged",
        "Documents whose bytes are not what came in.",
        _count(Document, lambda now: Document.damaged_at.is_not(None)),
    ),
    Sign("unsealed_seconds", "How long the oldest entry of the audit waits for its seal.", _age(_unsealed)),
    Sign(
        "worker_beat_seconds",
        "How long ago a worker gave a sign of life.",
        _age(lambda now: select(func.max(Beat.at))),
    ),
    Sign(
        "certificate_seconds",
        "How long ago the record was proved.",
        _age(lambda now: select(func.max(Certificate.at))),
    ),
    Sign("certificate_holds", "1 where the newest proof found every rule kept, 0 where not.", _certificates_hold),
    Sign(
        "sessions",
        "Browsers that are signed in.",
        _count(UserSession, lambda now: UserSession.ended_at.is_(None), lambda now: UserSession.expires_at > now),
    ),
)


def vital_signs(session: Session, now: datetime) -> list[tuple[Sign, list[Reading]]]:
    """One statement a sign, however many referrals there are."""
    return [(sign, list(sign.read(session, now))) for sign in SIGNS]
