"""The record of what happened: receipts, the audit of readers and writers, the timeline."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError
from referrals.domain.people import Actor
from referrals.models.base import new_id
from referrals.models.trail import AuditEntry, Receipt

# As a plain statement: nobody needs the number of the entry.
_ADD = insert(AuditEntry.__table__).inline()  # type: ignore[arg-type]  # a mapped class has a Table


def record_audit(
    session: Session,
    actor: Actor,
    action: str,
    entity: str,
    ids: Sequence[UUID],
    now: datetime,
    request_id: str | None = None,
    **detail: Any,
) -> None:
    """Write down who read or changed which rows. One entry an answer, however many rows it lists.

    `detail` holds codes and names of ours, never a patient's data or what somebody typed.
    """
    entry = {
        "network_id": actor.network_id,
        "at": now,
        "user_id": actor.user_id,
        "client_id": actor.client_id,
        "organization_id": actor.organization_id,
        "action": action,
        "entity": entity,
        "ids": [str(each) for each in ids],
        "request_id": request_id,
        "detail": detail,
    }
    session.connection().execute(_ADD, entry)


@dataclass(frozen=True, slots=True)
class Intake:
    """Through which door something came in, and under which number its sender keeps it."""

    door: str
    external_reference: str | None = None


def give_receipt(
    session: Session,
    actor: Actor,
    intake: Intake,
    outcome: str,
    now: datetime,
    referral_id: UUID | None = None,
    errors: Iterable[FieldError] = (),
) -> Receipt:
    """Say what became of one intake. Errors are kept as field and code: the values they speak of are not."""
    receipt = Receipt(
        id=new_id(),
        network_id=actor.network_id,
        organization_id=actor.organization_id,
        door=intake.door,
        outcome=outcome,
        referral_id=referral_id,
        external_reference=intake.external_reference,
        reasons=[{"pointer": error.pointer, "code": error.code} for error in errors],
        actor_name=actor.name,
        at=now,
    )
    session.add(receipt)
    return receipt
