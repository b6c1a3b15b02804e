"""Which centers can answer a referral: what it needs and how each center stands, handed to the rules of matching."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.case import case_from
from referrals.domain.centers import EarlierAnswer, OfferStatus, monday_of, weeks_from, weeks_until
from referrals.domain.deadlines import Segment, segment_due
from referrals.domain.matching import Candidate, Fit, Needs, rank
from referrals.domain.tumor_family import family_label
from referrals.domain.vocabulary import DeclineOfferReason, Tier, VerdictWord
from referrals.models.center import Center, Expertise
from referrals.models.diagnosis import Diagnosis
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Consent, Facts, Referral
from referrals.pathway.assessment import current_judgement
from referrals.pathway.centers_facts import conflicts_in_force, open_trials
from referrals.pathway.journeys import km_to
from referrals.pathway.packets import current_facts
from referrals.pathway.people import preferred_center
from referrals.pathway.places import Week, board, first_free
from referrals.pathway.rules import Rules


@dataclass(frozen=True, slots=True)
class AtHand:
    """What whoever asks has read of the referral already."""

    facts: Facts
    judgement: Mapping[str, Any] | None
    consent: Consent | None


@dataclass(frozen=True)
class Ask:
    """One referral in search of a center, now."""

    session: Session
    referral: Referral
    rules: Rules
    now: datetime
    at_hand: AtHand | None = None

    @cached_property
    def known(self) -> AtHand:
        if self.at_hand is not None:
            return self.at_hand
        session, referral = self.session, self.referral
        return AtHand(
            current_facts(session, referral), current_judgement(session, referral), _consent(session, referral)
        )

    @cached_property
    def first_opinion(self) -> UUID | None:
        """The organization that gave it."""
        if self.referral.diagnosis_id is None:
            return None
        query = select(Diagnosis.first_opinion_organization_id).where(Diagnosis.id == self.referral.diagnosis_id)
        return self.session.scalar(query)


def matches(ask: Ask) -> tuple[tuple[Fit, ...], tuple[Fit, ...]]:
    """Every center of the network: those that may be asked, best first, and those that may not."""
    return rank(candidates(ask), needs_of(ask))


def needs_of(ask: Ask) -> Needs:
    referral, consent = ask.referral, ask.known.consent
    verdicts = _verdicts(ask.known.judgement)
    wishes = referral.preferences or {}
    family = referral.tumor_family
    return Needs(
        tier=Tier(referral.tier or Tier.P4),
        family=family,
        family_label=family_label(family) or "an unknown family",
        rare=verdicts["rare"],
        complex=verdicts["complex"],
        resistant=verdicts["resistant"],
        under_18=_under_18(ask),
        due_at=referral.due_at,
        language=wishes.get("language"),
        within_km=wishes.get("max_distance_km"),
        remote=wishes.get("remote") is not False,
        first_opinion=ask.first_opinion,
        consents=consent_in_force(consent, ask.rules.calendar.local_date(ask.now)),
        consent_centers=frozenset(str(each) for each in consent.centers) if consent and consent.centers else None,
    )


def _verdicts(judgement: Mapping[str, Any] | None) -> dict[str, VerdictWord]:
    found = {each["criterion"]: VerdictWord(each["verdict"]) for each in (judgement or {}).get("criteria", ())}
    return {name: found.get(name, VerdictWord.UNKNOWN) for name in ("rare", "complex", "resistant")}


def _under_18(ask: Ask) -> bool | None:
    submitted_at = ask.referral.submitted_at or ask.now
    return case_from(ask.known.facts.content, ask.rules.calendar.local_date(submitted_at)).under_18


def _consent(session: Session, referral: Referral) -> Consent | None:
    query = select(Consent).where(Consent.referral_id == referral.id, Consent.withdrawn_at.is_(None))
    return session.scalars(query).one_or_none()


def consent_in_force(consent: Consent | None, today: date) -> bool:
    """Given, to share with centers, and not run out."""
    if consent is None or not consent.given or "share_with_centers" not in (consent.scope or ()):
        return False
    return consent.until is None or consent.until >= today


def candidates(ask: Ask, only: UUID | None = None) -> list[Candidate]:
    """Every center of the network as it stands now, or the one that is named."""
    rows = _profiles(ask, only)
    free = board(ask.session, {row.id: row.places for row in rows}, weeks_ahead(ask))
    known = _known(ask, [row.id for row in rows])
    return [_candidate(ask, row, free[row.id], known) for row in rows]


@dataclass(frozen=True, slots=True)
class Known:
    """What of centers concerns this referral alone."""

    earlier: Mapping[UUID, tuple[EarlierAnswer, ...]]
    km: Mapping[UUID, float]
    trials: Mapping[UUID, int]
    in_conflict: frozenset[UUID]


def _known(ask: Ask, centers: Sequence[UUID]) -> Known:
    session, referral, today = ask.session, ask.referral, ask.rules.calendar.local_date(ask.now)
    barred = conflicts_in_force(session, _organizations_named(ask), today)
    return Known(
        earlier=_earlier(ask, centers),
        km=km_to(session, referral.patient_id, centers),
        trials=open_trials(session, referral.network_id, referral.tumor_family, today),
        in_conflict=frozenset(center for center, _ in barred),
    )


def _organizations_named(ask: Ask) -> set[UUID]:
    """Who referred, who judged first, and whom the referrer prefers."""
    referral = ask.referral
    preferred = preferred_center(ask.session, referral.network_id, referral.preferences)
    return {each for each in (referral.organization_id, ask.first_opinion, preferred) if each is not None}


def weeks_ahead(ask: Ask) -> tuple[date, ...]:
    """This week and those until the answer is due."""
    today = ask.rules.calendar.local_date(ask.now)
    return weeks_from(today, weeks_until(today, ask.referral.due_at))


def _profiles(ask: Ask, only: UUID | None) -> Sequence[Row[Any]]:
    query = (
        select(
            Organization.id, Organization.code, Organization.name, Organization.active,
            Center.paused_at, Center.designation, Center.services, Center.languages, Center.places,
            Center.zone, Center.holidays, Expertise.level,
        )
        .join(Center, Center.organization_id == Organization.id)
        .outerjoin(
            Expertise,
            and_(Expertise.center_id == Organization.id, Expertise.family == (ask.referral.tumor_family or "")),
        )
        .where(Organization.network_id == ask.referral.network_id)
        .order_by(Organization.code)
    )  # fmt: skip
    return ask.session.execute(query.where(Organization.id == only) if only else query).all()


def _earlier(ask: Ask, centers: Iterable[UUID]) -> Mapping[UUID, tuple[EarlierAnswer, ...]]:
    query = select(Offer.center_id, Offer.status, Offer.reason, Offer.week, Offer.facts_version).where(
        Offer.referral_id == ask.referral.id, Offer.center_id.in_(list(centers))
    )
    found: dict[UUID, list[EarlierAnswer]] = defaultdict(list)
    for row in ask.session.execute(query):
        reason = DeclineOfferReason(row.reason) if row.reason else None
        arrived = row.facts_version < ask.referral.facts_version
        found[row.center_id].append(EarlierAnswer(OfferStatus(row.status), reason, row.week, arrived))
    return defaultdict(tuple, {center: tuple(answers) for center, answers in found.items()})


def _candidate(ask: Ask, row: Row[Any], weeks: Sequence[Week], known: Known) -> Candidate:
    free = first_free(weeks)
    return Candidate(
        id=row.id,
        code=row.code,
        name=row.name,
        is_active=row.active,
        is_paused=row.paused_at is not None,
        designation=row.designation,
        services=frozenset(row.services),
        languages=frozenset(row.languages),
        expertise=row.level or 0.0,
        free_places=sum(week.free for week in weeks),
        free_week=free.week if free else None,
        expected_at=expected_at(ask, calendar_of(row, ask.rules), free.week if free else None),
        earlier=known.earlier[row.id],
        km=known.km.get(row.id),
        open_trials=known.trials.get(row.id),
        in_conflict=row.id in known.in_conflict,
    )


def calendar_of(center: Any, rules: Rules) -> WorkingCalendar:
    """The center's own zone and holidays; the network's where it states none."""
    holidays = center.holidays
    return WorkingCalendar(
        center.zone or rules.zone,
        rules.calendar.holidays if holidays is None else frozenset(date.fromisoformat(day) for day in holidays),
    )


def expected_at(ask: Ask, calendar: WorkingCalendar, week: date | None) -> datetime:
    """When an answer may be expected: the time for review from now, or from the Monday of the week of the place."""
    start = ask.now
    if week is not None and week > monday_of(calendar.local_date(ask.now)):
        start = calendar.start_of(week)
    return segment_due(start, Tier(ask.referral.tier or Tier.P4), Segment.REVIEW, ask.rules.policy, calendar)
