"""Invariants of the record: every intake has its receipt, and nothing that was received is ever lost."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, and_, cast, func, or_, select

from referrals.domain.reference import make_reference
from referrals.models.assessment import Assessment
from referrals.models.base import Base
from referrals.models.contact import Contact
from referrals.models.opinion import Opinion
from referrals.models.organization import Organization
from referrals.models.patient import IdentityCheck
from referrals.models.referral import Consent, Facts, ReferenceCounter, Referral
from referrals.models.trail import AuditEntry, Event, Outbox, Receipt
from referrals.pathway.draft_purge import PURGE
from referrals.pathway.integrity.finding import Break, Invariant, Look

ADMITTED = ("accepted", "identity_check")


def intakes_without_trace(look: Look) -> Iterator[Break]:
    yield from _received_without_receipt(look)
    yield from _receipts_to_nowhere(look)
    yield from _receipts_without_reason(look)
    yield from _checks_that_are_missing(look)


def _received_without_receipt(look: Look) -> Iterator[Break]:
    """A referral that began as another's continuation came through no door; its submission did."""
    receipt = select(Receipt.id).where(Receipt.referral_id == Referral.id, Receipt.outcome.in_(ADMITTED)).exists()
    received = select(Referral.reference).where(Referral.submitted_at.is_not(None), ~receipt)
    for row in look.rows(received):
        yield Break(row.reference, "was received, and has no receipt")


def _receipts_to_nowhere(look: Look) -> Iterator[Break]:
    referral = select(Referral.id).where(Referral.id == Receipt.referral_id).exists()
    lost = select(Receipt.id, Receipt.referral_id).where(
        or_(
            and_(Receipt.outcome.in_(ADMITTED), or_(Receipt.referral_id.is_(None), ~referral)),
            and_(Receipt.outcome == "refused", Receipt.referral_id.is_not(None), ~referral),
        )
    )
    purged: set[str] | None = None
    for row in look.rows(lost):
        purged = _purged_ids(look) if purged is None else purged
        if str(row.referral_id) not in purged:
            yield Break(f"receipt {row.id}", "points to no referral")


def _receipts_without_reason(look: Look) -> Iterator[Break]:
    refused = select(Receipt.id, Receipt.reasons).where(Receipt.outcome == "refused")
    for row in look.rows(refused):
        if not row.reasons:
            yield Break(f"receipt {row.id}", "refuses without a reason")


def _checks_that_are_missing(look: Look) -> Iterator[Break]:
    check = select(IdentityCheck.id).where(IdentityCheck.patient_id == Referral.patient_id).exists()
    query = (
        select(Receipt.id)
        .join(Referral, Referral.id == Receipt.referral_id)
        .where(Receipt.outcome == "identity_check", ~check)
    )
    for row in look.rows(query):
        yield Break(f"receipt {row.id}", "points to an identity check that does not exist")


def _purges(look: Look) -> Iterator[Any]:
    yield from look.rows(
        select(AuditEntry.network_id, AuditEntry.ids, AuditEntry.detail).where(
            AuditEntry.action == PURGE, AuditEntry.entity == "referral"
        )
    )


def _purged_ids(look: Look) -> set[str]:
    return {referral for entry in _purges(look) for referral in entry.ids}


def lost_referrals(look: Look) -> Iterator[Break]:
    yield from _missing_numbers(look)
    yield from _rows_left_behind(look)


def _missing_numbers(look: Look) -> Iterator[Break]:
    """Numbers are given without a gap, so a referral that vanished with all its rows still leaves its number."""
    purged: dict[UUID, set[str]] | None = None
    kept = _numbers_kept(look)
    for counter in look.rows(select(ReferenceCounter)):
        last, network = counter.ReferenceCounter.last, counter.ReferenceCounter.network_id
        if kept.get((network, counter.ReferenceCounter.year % 100), 0) != last:
            purged = _purged_references(look) if purged is None else purged
            yield from _gaps(look, counter.ReferenceCounter, purged[network])


def _numbers_kept(look: Look) -> dict[tuple[UUID, int], int]:
    """How many referrals of each network and year there are: a reference is `SO-26-0004711-K`."""
    year = cast(func.substr(Referral.reference, 4, 2), Integer)
    query = select(Referral.network_id, year, func.count()).group_by(Referral.network_id, year)
    return {(network, number): count for network, number, count in look.session.execute(query)}


def _purged_references(look: Look) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    for entry in _purges(look):
        found[entry.network_id].update(entry.detail.get("references", ()))
    return found


def _gaps(look: Look, counter: ReferenceCounter, purged: set[str]) -> Iterator[Break]:
    query = select(Referral.reference).where(
        Referral.network_id == counter.network_id, Referral.reference.startswith(f"SO-{counter.year % 100:02d}-")
    )
    known = {row.reference for row in look.rows(query)} | purged
    given = {make_reference(counter.year, number) for number in range(1, counter.last + 1)}
    for reference in sorted(given - known):
        yield Break(reference, "was given to a referral that is gone")
    for reference in sorted(known - given):
        yield Break(reference, "was never given")


def _rows_left_behind(look: Look) -> Iterator[Break]:
    """Foreign keys hold this too; here it is proved even where somebody had switched them off."""
    for table, query in _ORPHANS:
        for row in look.rows(query):
            yield Break(f"{table} {row[0]}", "belongs to a row that is gone")


def _orphans(table: type[Base], column: Any, parent: Any) -> tuple[str, Select[Any]]:
    there = select(parent).where(parent == column).exists()
    key = next(iter(table.__table__.primary_key))
    return table.__tablename__, select(key).where(column.is_not(None), ~there)


_ORPHANS = (
    _orphans(Event, Event.referral_id, Referral.id),
    _orphans(Opinion, Opinion.referral_id, Referral.id),
    _orphans(Contact, Contact.referral_id, Referral.id),
    _orphans(Facts, Facts.referral_id, Referral.id),
    _orphans(Assessment, Assessment.referral_id, Referral.id),
    _orphans(Consent, Consent.referral_id, Referral.id),
    _orphans(Outbox, Outbox.event_id, Event.id),
    _orphans(Referral, Referral.organization_id, Organization.id),
)

RECORD = (
    Invariant(
        "6",
        "Every intake has a receipt: to a referral, an identity check, or a refusal with its reason",
        Receipt,
        intakes_without_trace,
    ),
    Invariant(
        "8", "Nothing submitted is ever deleted: no number is missing, no row is left behind", Referral, lost_referrals
    ),
)
