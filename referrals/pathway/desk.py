"""What waits for a coordinator beside the worklist: numbers known twice, and intakes refused at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Subquery, exists, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from referrals.domain.errors import FieldError, Forbidden, NotFound, refuse_unless_clean
from referrals.domain.people import Actor, Kind, Party
from referrals.models.organization import Organization
from referrals.models.patient import IdentityCheck, Patient
from referrals.models.referral import Referral
from referrals.models.trail import Receipt, ReceiptSeen
from referrals.pathway.registry import identifiers_of_all

_DESK = frozenset({Party.C, Party.L})
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Compared:
    """Two organizations' records with a number in common, side by side."""

    check: IdentityCheck
    one: Patient
    one_organization: str
    other: Patient
    other_organization: str
    shared: list[tuple[str, str]]
    reference: str | None


def identity_checks(session: Session, actor: Actor) -> list[Compared]:
    """What is still to be decided, oldest first; a coordinator sees both records for this one purpose."""
    refuse_other_than_desk(actor)
    one, other = aliased(Patient), aliased(Patient)
    here, there = aliased(Organization), aliased(Organization)
    query = (
        select(IdentityCheck, one, here.name, other, there.name, Referral.reference)
        .join(one, one.id == IdentityCheck.patient_id)
        .join(here, here.id == one.organization_id)
        .join(other, other.id == IdentityCheck.other_patient_id)
        .join(there, there.id == other.organization_id)
        .outerjoin(Referral, Referral.id == IdentityCheck.referral_id)
        .where(IdentityCheck.network_id == actor.network_id, IdentityCheck.decided_at.is_(None))
        .order_by(IdentityCheck.created_at, IdentityCheck.id)
        .limit(SHOWN)
    )
    rows = session.execute(query).all()
    shared = _shared_numbers(session, [row[0] for row in rows])
    return [Compared(*row[:5], shared.get(row[0].id, []), row[5]) for row in rows]


def _shared_numbers(session: Session, checks: Sequence[IdentityCheck]) -> dict[UUID, list[tuple[str, str]]]:
    """Compared as numbers: the two may be locked with different keys."""
    known = identifiers_of_all(
        session, {each for check in checks for each in (check.patient_id, check.other_patient_id)}
    )
    numbers = {patient: [(each.system, each.number) for each in found] for patient, found in known.items()}
    return {
        check.id: [
            each for each in numbers.get(check.patient_id, ()) if each in numbers.get(check.other_patient_id, ())
        ]
        for check in checks
    }


def decide_identity(session: Session, actor: Actor, check_id: UUID, decision: str, now: datetime) -> IdentityCheck:
    """Say whether two records are one person. The records stay apart; the decision is kept."""
    refuse_other_than_desk(actor)
    if decision not in ("same", "different"):
        refuse_unless_clean([FieldError("/decision", "unknown_value", "Say “same” or “different”.")])
    query = select(IdentityCheck).where(IdentityCheck.id == check_id, IdentityCheck.network_id == actor.network_id)
    check = session.scalars(query.with_for_update()).one_or_none()
    if check is None:
        raise NotFound
    if check.decided_at is not None:
        refuse_unless_clean([FieldError("", "decided_before", "Somebody has decided this already.")])
    check.decision, check.decided_at, check.decided_by_id = decision, now, actor.user_id
    return check


def refusals(session: Session, actor: Actor) -> Sequence[Row[Any]]:
    """Intakes refused at the door that nobody has looked at, newest first: who sent them, and which fields failed."""
    refuse_other_than_desk(actor)
    query = (
        select(
            Receipt.id,
            Receipt.at,
            Receipt.door,
            Receipt.external_reference,
            Receipt.reasons,
            Receipt.actor_name,
            Organization.name.label("organization_name"),
        )
        .join(Organization, Organization.id == Receipt.organization_id)
        .where(*_unseen(actor))
        .order_by(Receipt.at.desc(), Receipt.id.desc())
        .limit(SHOWN)
    )
    return session.execute(query).all()


def mark_seen(session: Session, actor: Actor, receipt_id: UUID, now: datetime) -> None:
    refuse_other_than_desk(actor)
    found = session.scalar(select(Receipt.id).where(Receipt.id == receipt_id, *_unseen(actor)))
    if found is None or actor.user_id is None:
        raise NotFound
    session.add(ReceiptSeen(receipt_id=found, network_id=actor.network_id, seen_by_id=actor.user_id, seen_at=now))


def desk_counts(session: Session, actor: Actor) -> dict[str, int]:
    """For the navigation: how many identity checks and refusals wait."""
    if not actor.parties & _DESK:
        return {"identity_checks": 0, "refused": 0}
    checks = select(func.count()).select_from(IdentityCheck)
    checks = checks.where(IdentityCheck.network_id == actor.network_id, IdentityCheck.decided_at.is_(None))
    refused = select(func.count()).select_from(unseen_refusals(actor))
    counted = select(checks.scalar_subquery(), refused.scalar_subquery())
    waiting, unseen = session.execute(counted).one()
    return {"identity_checks": waiting, "refused": unseen}


def unseen_refusals(actor: Actor) -> Subquery:
    """The rows to count: one more than a thousand at most."""
    return select(literal(1)).select_from(Receipt).where(*_unseen(actor)).limit(1_001).subquery()


def _unseen(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    if actor.kind is not Kind.NETWORK:
        return (false(),)
    seen = exists().where(ReceiptSeen.receipt_id == Receipt.id)
    return (Receipt.network_id == actor.network_id, Receipt.outcome == "refused", ~seen)


def refuse_other_than_desk(actor: Actor) -> None:
    if not actor.parties & _DESK:
        raise Forbidden("not_this_actor", "This is the work of a coordinator or a clinical lead.")


def is_identity_in_doubt(session: Session, actor: Actor, patient_id: UUID) -> bool:
    """Whether this patient's record waits to be compared with another; only the desk is told."""
    if not actor.parties & _DESK:
        return False
    about = or_(IdentityCheck.patient_id == patient_id, IdentityCheck.other_patient_id == patient_id)
    query = select(IdentityCheck.id).where(about, IdentityCheck.decided_at.is_(None))
    return session.scalar(query.limit(1)) is not None
