"""Invariants of opinions: one for each signature that the events tell of, each as it was signed, each read before its end."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from referrals.domain.lifecycle import Status
from referrals.domain.opinion import ATTEMPTS_NEEDED, seal
from referrals.domain.vocabulary import ContactWith
from referrals.models.contact import Contact
from referrals.models.opinion import Finding, Opinion, Recommendation
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look

SIGNING = ("sign-opinion", "amend-opinion")


def versions_that_do_not_fit(look: Look) -> Iterator[Break]:
    """Versions count from 1 without a gap, one for each event that signed or amended."""
    opinions = (
        select(Opinion.referral_id, func.count().label("kept"), func.max(Opinion.version).label("latest"))
        .group_by(Opinion.referral_id)
        .subquery()
    )
    events = (
        select(Event.referral_id, func.count().label("signed"))
        .where(Event.step.in_(SIGNING))
        .group_by(Event.referral_id)
        .subquery()
    )
    kept, latest, signed = (
        func.coalesce(column, 0) for column in (opinions.c.kept, opinions.c.latest, events.c.signed)
    )
    query = (
        select(Referral.reference, kept.label("kept"), latest.label("latest"), signed.label("signed"))
        .join(opinions, opinions.c.referral_id == Referral.id, isouter=True)
        .join(events, events.c.referral_id == Referral.id, isouter=True)
        .where(or_(kept != latest, kept != signed))
    )
    for row in look.rows(query):
        why = f"was signed {row.signed} times, and has {row.kept} opinions, the latest of them number {row.latest}"
        yield Break(row.reference, why)


def not_as_signed(look: Look) -> Iterator[Break]:
    """The document fits its seal, and the rows beside it say what it says."""
    query = select(Opinion, Referral.reference).join(Referral, Referral.id == Opinion.referral_id)
    query = query.where(Referral.erased_at.is_(None))
    for opinion, reference in look.rows(query):
        named = f"{reference} opinion {opinion.version}"
        if seal(opinion.content) != opinion.sha256 or opinion.content["version"] != opinion.version:
            yield Break(named, "is not as it was signed")
        elif _told(opinion.content) != _counted(look, opinion):
            yield Break(named, "has findings or recommendations that are not those that were signed")


def _told(content: Mapping[str, Any]) -> tuple[Any, ...]:
    findings = [(each["axis"], each["result"], each["impact"]) for each in content["findings"]]
    advice = [(each["id"], each["kind"], each["strength"], each["urgency"]) for each in content["recommendations"]]
    return sorted(findings), advice


def _counted(look: Look, opinion: Opinion) -> tuple[Any, ...]:
    findings = select(Finding.axis, Finding.result, Finding.impact).where(Finding.opinion_id == opinion.id)
    advice = (
        select(Recommendation.id, Recommendation.kind, Recommendation.strength, Recommendation.urgency)
        .where(Recommendation.opinion_id == opinion.id)
        .order_by(Recommendation.position)
    )
    rows = [tuple(row) for row in look.session.execute(findings)]
    return sorted(rows), [(str(row[0]), *row[1:]) for row in look.session.execute(advice)]


def closed_unread(look: Look) -> Iterator[Break]:
    """`close` comes after the last version was read, or from a clinical lead who documented the attempts."""
    read, closing = aliased(Event), aliased(Event)
    acknowledged = select(read.id).where(
        read.referral_id == Referral.id,
        read.step == "acknowledge",
        read.version < closing.version,
        ~_signed_between(read, closing),
    )
    query = (
        select(Referral.reference, closing.party, _attempts(closing).label("attempts"))
        .join(closing, and_(closing.referral_id == Referral.id, closing.to_status == Status.CLOSED), isouter=True)
        .where(Referral.status == Status.CLOSED)
        .where(or_(closing.id.is_(None), ~acknowledged.exists()))
    )
    for row in look.rows(query):
        if not _is_documented(row):
            yield Break(row.reference, "is closed, and nobody has read the opinion")


def _signed_between(read: Any, closing: Any) -> Any:
    signed = aliased(Event)
    newer = select(signed.id).where(
        signed.referral_id == read.referral_id,
        signed.step.in_(SIGNING),
        signed.version > read.version,
        signed.version < closing.version,
    )
    return newer.exists()


def _attempts(closing: Any) -> Any:
    """How often somebody tried to reach the referrer, after the last signature and before the end."""
    signed = aliased(Event)
    newer = select(signed.id).where(
        signed.referral_id == closing.referral_id,
        signed.step.in_(SIGNING),
        signed.version < closing.version,
        signed.at > Contact.at,
    )
    return (
        select(func.count())
        .select_from(Contact)
        .where(
            Contact.referral_id == closing.referral_id,
            Contact.counterpart == ContactWith.REFERRER,
            Contact.at <= closing.at,
            ~newer.exists(),
        )
        .scalar_subquery()
    )


def _is_documented(row: Found) -> bool:
    return bool(row.party == "L" and row.attempts >= ATTEMPTS_NEEDED)


OPINIONS = (
    Invariant(
        "opinion",
        "One opinion for each signature, its versions without a gap: one latest for each referral",
        Opinion,
        versions_that_do_not_fit,
    ),
    Invariant("seal", "Every opinion is as it was signed", Opinion, not_as_signed),
    Invariant("5", "Nothing is closed unread, unless a lead documented the attempts", Referral, closed_unread),
)
