"""Which centers can answer a referral: what it needs and how each center stands, handed to the rules of matching."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.case import under_18
from referrals.domain.center_record import Pace, expected_by, pace_in, rests_on
from referrals.domain.centers import EarlierAnswer, OfferStatus, Service, monday_of, weeks_from, weeks_until
from referrals.domain.deadlines import Segment, segment_due
from referrals.domain.distance import Point, km_between
from referrals.domain.matching import Candidate, Fit, Needs, rank
from referrals.domain.tumor_family import family_label
from referrals.domain.vocabulary import DeclineOfferReason, Tier, VerdictWord
from referrals.models.center import Center, Expertise
from referrals.models.diagnosis import Diagnosis
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Consent, Facts, Referral
from referrals.pathway.assessment import current_judgement
from referrals.pathway.center_record import paces
from referrals.pathway.centers_known import conflicts_in_force, trials_in
from referrals.pathway.journeys import home_of
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
    needs = needs_of(ask)
    return rank(candidates(ask, needs), needs)


@dataclass(frozen=True, slots=True)
class Known:
    """What stands beside a referral and decides what it asks of a center."""

    born: str | None
    criteria: Iterable[Mapping[str, Any]]
    consent: Any
    first_opinion: UUID | None


def needs_of(ask: Ask) -> Needs:
    at_hand = ask.known
    known = Known(
        born=(at_hand.facts.content.get("patient") or {}).get("birth_date"),
        criteria=(at_hand.judgement or {}).get("criteria", ()),
        consent=at_hand.consent,
        first_opinion=ask.first_opinion,
    )
    return needs_from(ask.referral, known, ask.rules, ask.now)


def needs_from(referral: Any, known: Known, rules: Rules, now: datetime) -> Needs:
    """What a referral, or a row of one, asks of a center."""
    verdicts, consent = _verdicts(known.criteria), known.consent
    wishes, family = referral.preferences or {}, referral.tumor_family
    return Needs(
        tier=Tier(referral.tier or Tier.P4),
        family=family,
        family_label=family_label(family) or "an unknown family",
        rare=verdicts["rare"],
        complex=verdicts["complex"],
        resistant=verdicts["resistant"],
        under_18=under_18(known.born, rules.calendar.local_date(referral.submitted_at or now)),
        due_at=referral.due_at,
        language=wishes.get("language"),
        within_km=wishes.get("max_distance_km"),
        remote=wishes.get("remote") is not False,
        first_opinion=known.first_opinion,
        consents=consent_in_force(consent, rules.calendar.local_date(now)),
        consent_centers=frozenset(str(each) for each in consent.centers) if consent and consent.centers else None,
    )


def _verdicts(criteria: Iterable[Mapping[str, Any]]) -> dict[str, VerdictWord]:
    found = {each["criterion"]: VerdictWord(each["verdict"]) for each in criteria}
    return {name: found.get(name, VerdictWord.UNKNOWN) for name in ("rare", "complex", "resistant")}


def _consent(session: Session, referral: Referral) -> Consent | None:
    query = select(Consent).where(Consent.referral_id == referral.id, Consent.withdrawn_at.is_(None))
    return session.scalars(query).one_or_none()


def consent_in_force(consent: Any, today: date) -> bool:
    """Given, to share with centers, and not run out."""
    if consent is None or not consent.given or "share_with_centers" not in (consent.scope or ()):
        return False
    return consent.until is None or consent.until >= today


def candidates(ask: Ask, needs: Needs, only: UUID | None = None) -> list[Candidate]:
    """Every center of the network as it stands now, or the one that is named: its places are those for such a referral."""
    session, referral = ask.session, ask.referral
    rows = profiles(session, referral.network_id, referral.tumor_family, only)
    ids = [row.id for row in rows]
    free = board(session, {row.id: row.places for row in rows}, weeks_ahead(ask.rules, referral.due_at, ask.now))
    known = paces(session, ids, ask.rules.policy, ask.now)
    today = ask.rules.calendar.local_date(ask.now)
    trials = trials_in(session, referral.network_id, today, only).of(referral.tumor_family)
    clock, concern = Clock(ask.rules, ask.now, needs.tier), _concern(ask, rows)
    return [
        concerning(
            candidate_from(
                Standing(
                    row,
                    row.level,
                    free[row.id],
                    pace_in(known.get(row.id), referral.tumor_family),
                    calendar_of(row, ask.rules),
                    trials.get(row.id),
                ),
                clock,
                needs.line,
            ),
            point_of(row),
            concern,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a center, whoever asks: its row, its level in the family, its weeks, its pace, its days.

    `open_trials` in the family; None where it lists no trials at all.
    """

    row: Any
    level: float | None
    weeks: Sequence[Week]
    pace: Pace | None
    calendar: WorkingCalendar
    open_trials: int | None


@dataclass(frozen=True, slots=True)
class Concern:
    """What of the centers concerns this referral alone: how they answered it, where it comes from, who may not judge."""

    earlier: Mapping[UUID, tuple[EarlierAnswer, ...]]
    home: Point | None
    in_conflict: frozenset[UUID]


def _concern(ask: Ask, rows: Sequence[Row[Any]]) -> Concern:
    session, referral = ask.session, ask.referral
    barred = conflicts_in_force(session, _organizations_named(ask), ask.rules.calendar.local_date(ask.now))
    return Concern(
        earlier=_earlier(ask, [row.id for row in rows]),
        home=home_of(session, referral.patient_id) if any(point_of(row) for row in rows) else None,
        in_conflict=frozenset(center for center, _ in barred),
    )


def _organizations_named(ask: Ask) -> set[UUID]:
    """Who referred, who judged first, and whom the referrer prefers."""
    referral = ask.referral
    preferred = preferred_center(ask.session, referral.network_id, referral.preferences)
    return {each for each in (referral.organization_id, ask.first_opinion, preferred) if each is not None}


def point_of(row: Any) -> Point | None:
    """Where a center lies, as far as that is known."""
    return None if row.lat is None or row.lon is None else Point(row.lat, row.lon)


def concerning(center: Candidate, there: Point | None, concern: Concern) -> Candidate:
    """The same center as this referral finds it. It lies `there`."""
    earlier = concern.earlier.get(center.id, ())
    km = km_between(concern.home, there) if concern.home and there else None
    in_conflict = center.id in concern.in_conflict
    if not earlier and km is None and not in_conflict:
        return center
    return center.seen_by(earlier, km, in_conflict)


@dataclass(frozen=True, slots=True)
class Clock:
    """By what the expected answer is worked out."""

    rules: Rules
    now: datetime
    tier: Tier
    _known: dict[tuple[datetime, WorkingCalendar], datetime] = field(default_factory=dict)

    def review_due(self, start: datetime, calendar: WorkingCalendar) -> datetime:
        """By the policy; centers that keep the same days are worked out once."""
        if (start, calendar) not in self._known:
            due = segment_due(start, self.tier, Segment.REVIEW, self.rules.policy, calendar)
            self._known[start, calendar] = due
        return self._known[start, calendar]


def weeks_ahead(rules: Rules, due_at: datetime | None, now: datetime) -> tuple[date, ...]:
    """This week and those until the answer is due."""
    today = rules.calendar.local_date(now)
    return weeks_from(today, weeks_until(today, due_at))


def profiles(session: Session, network_id: UUID, family: str | None, only: UUID | None = None) -> Sequence[Row[Any]]:
    """The centers by code, each with its level in the family."""
    query = (
        select(
            Organization.id, Organization.code, Organization.name, Organization.active,
            Center.paused_at, Center.designation, Center.services, Center.languages, Center.places,
            Center.zone, Center.holidays, Center.lat, Center.lon, Expertise.level,
        )
        .join(Center, Center.organization_id == Organization.id)
        .outerjoin(Expertise, and_(Expertise.center_id == Organization.id, Expertise.family == (family or "")))
        .where(Organization.network_id == network_id)
        .order_by(Organization.code)
    )  # fmt: skip
    return session.execute(query.where(Organization.id == only) if only else query).all()


def _earlier(ask: Ask, centers: Iterable[UUID]) -> Mapping[UUID, tuple[EarlierAnswer, ...]]:
    query = select(Offer.center_id, Offer.status, Offer.reason, Offer.week, Offer.facts_version).where(
        Offer.referral_id == ask.referral.id, Offer.center_id.in_(list(centers))
    )
    found: dict[UUID, list[EarlierAnswer]] = defaultdict(list)
    for row in ask.session.execute(query):
        found[row.center_id].append(earlier_answer(row, ask.referral.facts_version))
    return {center: tuple(answers) for center, answers in found.items()}


def earlier_answer(row: Any, facts_version: int) -> EarlierAnswer:
    reason = DeclineOfferReason(row.reason) if row.reason else None
    return EarlierAnswer(OfferStatus(row.status), reason, row.week, row.facts_version < facts_version)


def candidate_from(center: Standing, clock: Clock, line: Service | None) -> Candidate:
    row, free = center.row, first_free(center.weeks, line)
    expected_at, is_slower = _expected(clock, center, free.week if free else None)
    return Candidate(
        id=row.id,
        code=row.code,
        name=row.name,
        is_active=row.active,
        is_paused=row.paused_at is not None,
        designation=row.designation,
        services=frozenset(row.services),
        languages=frozenset(row.languages),
        expertise=center.level or 0.0,
        free_places=sum(week.free_for(line) for week in center.weeks),
        free_week=free.week if free else None,
        expected_at=expected_at,
        expected_rests_on=rests_on(center.pace, is_slower),
        open_trials=center.open_trials,
    )


def calendar_of(center: Any, rules: Rules) -> WorkingCalendar:
    """The center's own zone and holidays; the network's where it states none."""
    holidays = center.holidays
    return WorkingCalendar(
        center.zone or rules.zone,
        rules.calendar.holidays if holidays is None else frozenset(date.fromisoformat(day) for day in holidays),
    )


def _expected(clock: Clock, center: Standing, week: date | None) -> tuple[datetime, bool]:
    """When an answer may be expected, from now or from the Monday of the week of the place; whether later than usual."""
    start, calendar = clock.now, center.calendar
    if week is not None and week > monday_of(calendar.local_date(clock.now)):
        start = calendar.start_of(week)
    by_policy = clock.review_due(start, calendar)
    expected = expected_by(start, by_policy, clock.tier, clock.rules.policy, center.pace)
    return expected, expected > by_policy
