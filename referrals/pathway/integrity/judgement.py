"""Invariants of the judgement: one stands, on the facts of today, and what lists show is what it says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from referrals.domain.deadlines import promise, queue_key
from referrals.domain.lifecycle import BEFORE_OPINION
from referrals.domain.override import Override as Signed, effective_tier, reasons_of, stands
from referrals.domain.policy import Policy
from referrals.domain.vocabulary import Criterion, Tier
from referrals.models.assessment import Assessment, Override, Policy as Kept
from referrals.models.patient import Patient
from referrals.models.referral import Consent, Facts, Referral
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look
from referrals.pathway.rules import policy_version, rules_of


def without_one_judgement(look: Look) -> Iterator[Break]:
    """The current assessment is the newest, and judged the current facts; a draft has none."""
    numbers = (
        select(Assessment.referral_id, func.count().label("made"), func.max(Assessment.number).label("newest"))
        .group_by(Assessment.referral_id)
        .subquery()
    )
    query = (
        select(Referral.reference, Referral.submitted_at, Referral.assessment_number, numbers.c.made, numbers.c.newest)
        .join(numbers, numbers.c.referral_id == Referral.id, isouter=True)
        .where(
            or_(
                and_(Referral.submitted_at.is_(None), numbers.c.made.is_not(None)),
                and_(Referral.submitted_at.is_not(None), numbers.c.made.is_(None)),
                numbers.c.made != numbers.c.newest,
                Referral.assessment_number.is_distinct_from(numbers.c.newest),
            )
        )
    )
    for row in look.rows(query):
        yield Break(
            row.reference,
            f"points to assessment {row.assessment_number}; the newest of {row.made or 0} is {row.newest}",
        )


def more_than_one_of(look: Look) -> Iterator[Break]:
    """Unique indexes hold these; here they are proved where somebody has dropped one."""
    live: dict[Any, ColumnElement[bool]] = {
        Override: Override.ended_at.is_(None),
        Consent: Consent.withdrawn_at.is_(None),
    }
    for table, is_live in live.items():
        query = select(table.referral_id, func.count()).where(is_live).group_by(table.referral_id)
        for referral_id, count in look.rows(query.having(func.count() > 1)):
            yield Break(f"referral {referral_id}", f"has {count} live rows of {table.__tablename__}")


def only_one_of_each(look: Look) -> Iterator[Break]:
    yield from without_one_judgement(look)
    yield from more_than_one_of(look)


def facts_that_do_not_stand(look: Look) -> Iterator[Break]:
    """The referral points to the newest facts, and what a list shows of the diagnosis is what they say."""
    newest = (
        select(func.max(Facts.version)).where(Facts.referral_id == Referral.id).correlate(Referral).scalar_subquery()
    )
    query = select(
        Referral.reference, Referral.icd10cm, Referral.description, Referral.morphology, Referral.facts_version,
        newest.label("newest"), Facts.content,
    ).join(Facts, and_(Facts.referral_id == Referral.id, Facts.version == Referral.facts_version), isouter=True)  # fmt: skip
    for row in look.rows(query):
        if row.content is None or row.newest != row.facts_version:
            yield Break(row.reference, f"points to facts {row.facts_version}; the newest are {row.newest}")
        elif wrong := _differs_from(row, row.content.get("diagnosis") or {}):
            yield Break(row.reference, f"shows another {wrong} than its facts")


def _differs_from(row: Found, diagnosis: Mapping[str, Any]) -> str | None:
    shown = ("icd10cm", "description", "morphology")
    return next((name for name in shown if getattr(row, name) != diagnosis.get(name)), None)


def names_that_differ(look: Look) -> Iterator[Break]:
    query = (
        select(Referral.reference)
        .join(Patient, Patient.id == Referral.patient_id)
        .where(
            or_(
                Referral.patient_given_name != Patient.given_name,
                Referral.patient_family_name != Patient.family_name,
                Referral.patient_birth_date.is_distinct_from(Patient.birth_date),
                Referral.patient_sex.is_distinct_from(Patient.sex),
            )
        )
    )
    for row in look.rows(query):
        yield Break(row.reference, "shows another name, birth date or sex than its patient's record")


# Columns and not whole rows: of a million referrals, building objects would take most of the time.
_SHOWN = (
    Referral.reference, Referral.network_id, Referral.status, Referral.submitted_at, Referral.needed_by,
    Referral.tier, Referral.computed_tier, Referral.provisional, Referral.reasons, Referral.erased_at, Referral.due_at, Referral.order_at,
    Referral.arrived_at, Referral.facts_version, *(getattr(Referral, criterion.value) for criterion in Criterion),
)  # fmt: skip
_JUDGED = (
    Assessment.facts_version.label("judged_facts"),
    Assessment.policy_version,
    Assessment.tier.label("judged_tier"),
    Assessment.provisional.label("judged_provisional"),
    Assessment.judgement,
)
_SIGNED = (
    Override.tier.label("signed_tier"),
    Override.from_tier.label("signed_from"),
    Override.created_at.label("signed_at"),
    Override.author_name.label("signed_by"),
    Override.reason.label("signed_for"),
    Override.expires_at,
)


_IS_LIVE = Override.ended_at.is_(None)
# What stood when a referral ended stands on it for ever.
_RAN_OUT_LATER = and_(Override.ended_because == "expired", Override.ended_at >= Referral.ended_at)


def judgements_that_differ(look: Look) -> Iterator[Break]:
    """Tier, flags, place and promise on the referral follow from its assessment, override and submission."""
    query = (
        select(*_SHOWN, *_JUDGED, *_SIGNED)
        .join(
            Assessment,
            and_(Assessment.referral_id == Referral.id, Assessment.number == Referral.assessment_number),
        )
        .join(Override, and_(Override.referral_id == Referral.id, or_(_IS_LIVE, _RAN_OUT_LATER)), isouter=True)
    )
    rulebook = _Rulebook(look, {})
    for row in look.rows(query):
        if why := _judged_otherwise(row) or _signed_otherwise(row, look.now) or _misplaced(row, rulebook):
            yield Break(row.reference, why)


def _judged_otherwise(row: Found) -> str | None:
    met = {each["criterion"] for each in row.judgement["criteria"] if each["verdict"] == "met"}
    shown = {criterion.value for criterion in Criterion if getattr(row, criterion.value)}
    same = (
        row.judged_facts == row.facts_version
        and row.judged_tier == row.computed_tier == row.judgement["tier"]
        and row.judged_provisional == row.provisional
        and met == shown
    )
    return None if same else "shows another judgement than its current assessment"


def _signed_otherwise(row: Found, now: datetime) -> str | None:
    """An override that has just run out may still wait for the worker: until then both tiers are right."""
    computed = Tier(row.computed_tier)
    if row.signed_tier is None:
        return None if row.tier == computed else _unexplained(row)
    signed = Signed(Tier(row.signed_tier), Tier(row.signed_from), row.expires_at)
    if row.tier not in {effective_tier(computed, signed, when) for when in (now, row.signed_at)}:
        return _unexplained(row)
    told = row.erased_at is not None or row.reasons == reasons_of(row.signed_by, row.signed_for, computed)
    is_signed = row.tier != computed or stands(signed, Tier(row.tier), now)
    return "does not say who changed its priority" if is_signed and not told else None


def _unexplained(row: Found) -> str:
    return f"has the tier {row.tier}, and nothing says so"


@dataclass(frozen=True, slots=True)
class _Rulebook:
    """Place and promise as they follow from a policy: the one in force, or the one that judged."""

    look: Look
    known: dict[tuple[UUID, str], tuple[list[Policy], str]]

    def of(self, row: Found) -> tuple[list[Policy], str]:
        key = (row.network_id, row.policy_version)
        if key not in self.known:
            self.known[key] = self._read(*key)
        return self.known[key]

    def _read(self, network_id: UUID, version: str) -> tuple[list[Policy], str]:
        """A network without an active policy breaks another invariant; here nothing is then held against its rows."""
        session = self.look.session
        if session.scalar(_active_policy(network_id)) is None:
            return [], "UTC"
        rules, judged_by = rules_of(session, network_id), policy_version(session, network_id, version)
        return [policy for policy in (rules.policy, judged_by) if policy is not None], rules.zone


def _active_policy(network_id: UUID) -> Select[UUID]:
    return select(Kept.id).where(Kept.network_id == network_id, Kept.status == "active")


def _misplaced(row: Found, rulebook: _Rulebook) -> str | None:
    """The place is exact. A promise may lie earlier than the tier asks for, never later: it is kept once announced."""
    policies, zone = rulebook.of(row)
    if not policies or row.submitted_at is None or row.status not in BEFORE_OPINION:
        return None
    if not any(_is_placed(row, policy, zone) for policy in policies):
        return "does not stand in its place in the queue"
    if not any(_is_promised(row, policy, zone) for policy in policies):
        return "is promised later than its tier allows"
    return None


def _is_placed(row: Found, policy: Policy, zone: str) -> bool:
    place = queue_key(row.submitted_at, Tier(row.tier), policy, needed_by=row.needed_by, zone=zone)
    return (row.order_at, row.arrived_at) == (place, row.submitted_at)


def _is_promised(row: Found, policy: Policy, zone: str) -> bool:
    latest = promise(row.submitted_at, Tier(row.tier), policy, needed_by=row.needed_by, zone=zone)
    return row.due_at is not None and bool(row.due_at <= latest)


def judged_by_no_policy(look: Look) -> Iterator[Break]:
    known = select(Kept.id).where(Kept.network_id == Assessment.network_id, Kept.version == Assessment.policy_version)
    query = (
        select(Referral.reference, Assessment.number, Assessment.policy_version)
        .join(Assessment, Assessment.referral_id == Referral.id)
        .where(~known.exists())
    )
    for row in look.rows(query):
        yield Break(
            row.reference, f"assessment {row.number} was made by policy {row.policy_version}, which is not kept"
        )


def sent_without_consent(look: Look) -> Iterator[Break]:
    given = select(Consent.referral_id).where(Consent.given, Consent.given_on.is_not(None))
    query = select(Referral.reference).where(Referral.submitted_at.is_not(None), Referral.id.not_in(given))
    for row in look.rows(query):
        yield Break(row.reference, "was received without consent")


JUDGEMENT = (
    Invariant(
        "4",
        "At most one current assessment, one live override and one consent in force for each referral",
        Assessment,
        only_one_of_each,
    ),
    Invariant(
        "facts", "Every referral points to its newest facts, and shows their diagnosis", Facts, facts_that_do_not_stand
    ),
    Invariant(
        "judgement",
        "Tier, criteria, place and promise are what assessment, override and submission say",
        Referral,
        judgements_that_differ,
    ),
    Invariant("names", "Every referral shows its patient's name, birth date and sex", Referral, names_that_differ),
    Invariant(
        "policy", "Every assessment was made by a version of the policy that is kept", Assessment, judged_by_no_policy
    ),
    Invariant("consent", "Nothing was received without consent", Consent, sent_without_consent),
)
