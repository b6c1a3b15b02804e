"""All referrals that wait for a center, and all centers for them, read at once: the statements do not grow with either."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.center_record import Paces, pace_in
from referrals.domain.centers import EarlierAnswer, Service
from referrals.domain.distance import Point
from referrals.domain.lifecycle import Status
from referrals.domain.matching import Candidate, Needs, out_of_question
from referrals.domain.vocabulary import Tier
from referrals.models.assessment import Assessment
from referrals.models.center import Expertise
from referrals.models.diagnosis import Diagnosis
from referrals.models.offer import Offer
from referrals.models.patient import Patient
from referrals.models.referral import Consent, Facts, Referral
from referrals.pathway.center_record import paces
from referrals.pathway.centers_known import Trials, conflicts_in, trials_in
from referrals.pathway.journeys import key_of, points
from referrals.pathway.matching import (
    Clock,
    Concern,
    Known,
    Standing,
    calendar_of,
    candidate_from,
    concerning,
    earlier_answer,
    needs_from,
    point_of,
    profiles,
    weeks_ahead,
)
from referrals.pathway.places import Board, board
from referrals.pathway.rules import Rules


class Waiting(NamedTuple):
    """A referral in search of a center. `referral` is a lean row: what the queue and a report show of it."""

    referral: Row[Any]
    needs: Needs


_ROW = (
    Referral.id, Referral.network_id, Referral.organization_id, Referral.reference, Referral.version, Referral.status,
    Referral.tier, Referral.tumor_family, Referral.due_at, Referral.order_at, Referral.arrived_at,
    Referral.submitted_at, Referral.triaged_at, Referral.segment_started_at, Referral.preferences,
    Referral.facts_version,
)  # fmt: skip

# Beside the row itself, what its needs are worked out from: one row each, or none.
_BESIDE = (
    Facts.content[("patient", "birth_date")].as_string().label("born"),
    Assessment.judgement["criteria"].label("criteria"),
    Consent.given, Consent.scope, Consent.centers, Consent.until,
    Diagnosis.first_opinion_organization_id.label("first_opinion"),
    Patient.country, Patient.postal_code,
)  # fmt: skip


def needs_of_all(
    session: Session,
    network_id: UUID,
    rules: Rules,
    now: datetime,
    limit: int,
    statuses: Collection[Status] = (Status.READY,),
) -> Sequence[Waiting]:
    """The first `limit` of the queue, each with what it asks of a center, in one statement."""
    query = (
        select(*_ROW, *_BESIDE)
        .join(Facts, and_(Facts.referral_id == Referral.id, Facts.version == Referral.facts_version))
        .outerjoin(
            Assessment, and_(Assessment.referral_id == Referral.id, Assessment.number == Referral.assessment_number)
        )
        .outerjoin(Consent, and_(Consent.referral_id == Referral.id, Consent.withdrawn_at.is_(None)))
        .outerjoin(Diagnosis, Diagnosis.id == Referral.diagnosis_id)
        .join(Patient, Patient.id == Referral.patient_id)
        .where(Referral.network_id == network_id, Referral.status.in_(statuses))
        .order_by(Referral.order_at, Referral.arrived_at, Referral.id)
        .limit(limit)
    )
    return [Waiting(row, needs_from(row, _known(row), rules, now)) for row in session.execute(query)]


def _known(row: Row[Any]) -> Known:
    """A referral without a consent that stands has none of its columns."""
    return Known(row.born, row.criteria or (), None if row.given is None else row, row.first_opinion)


class Alike(NamedTuple):
    """All that a candidate depends on, but for what concerns this one referral alone."""

    family: str | None
    tier: Tier
    weeks: int
    line: Service | None
    ahead: int = 0


class Located(NamedTuple):
    """A center as all find it that ask alike, and where it lies."""

    center: Candidate
    there: Point | None


@dataclass(frozen=True, slots=True)
class Centers:
    """Every center of the network as it stands now. `places` are shared: what one referral takes, no other gets."""

    rules: Rules
    now: datetime
    rows: Sequence[Row[Any]]
    levels: Mapping[tuple[UUID, str | None], float]
    places: Board
    paces: Mapping[UUID, Paces]
    calendars: Mapping[UUID, WorkingCalendar]
    clocks: Mapping[Tier, Clock]
    earlier: Mapping[UUID, Mapping[UUID, tuple[EarlierAnswer, ...]]]
    trials: Trials
    homes: Mapping[str, Point]
    conflicts: Mapping[UUID, frozenset[UUID]]
    _alike: dict[Alike, Sequence[Located]] = field(default_factory=dict)
    _in_question: dict[tuple[Alike, Needs], Sequence[Located]] = field(default_factory=dict)

    def candidates_for(self, waiting: Waiting, ahead: int = 0) -> Sequence[Candidate]:
        """The centers as this referral finds them, by code: worked out once for all that ask alike.

        `ahead` weeks from this one are left out, as if they were over.
        """
        return self._found_by(waiting, self._standing(self.alike(waiting, ahead)))

    def in_question(self, waiting: Waiting, ahead: int = 0) -> Sequence[Candidate]:
        """The same without those that are out of the question for all that ask alike."""
        key = self.alike(waiting, ahead), waiting.needs.in_common
        if key not in self._in_question:
            alike, needs = key
            self._in_question[key] = [each for each in self._standing(alike) if not out_of_question(each.center, needs)]
        return self._found_by(waiting, self._in_question[key])

    def one_for(self, waiting: Waiting, center: UUID, ahead: int = 0) -> Candidate:
        """The same, of one alone."""
        standing = (each for each in self._standing(self.alike(waiting, ahead)) if each.center.id == center)
        return self._found_by(waiting, [next(standing)])[0]

    def _found_by(self, waiting: Waiting, centers: Sequence[Located]) -> Sequence[Candidate]:
        concern = self.concern(waiting.referral)
        return [concerning(center, there, concern) for center, there in centers]

    def concern(self, referral: Row[Any]) -> Concern:
        """What makes the centers differ for this one from what they are for others that ask alike."""
        barred = (self.conflicts.get(each, frozenset()) for each in self._organizations_named(referral))
        return Concern(
            self.earlier.get(referral.id, {}),
            self.homes.get(key_of(referral.country, referral.postal_code)),
            frozenset[UUID]().union(*barred),
        )

    def _organizations_named(self, referral: Row[Any]) -> Iterator[UUID]:
        """Who referred, who judged first, and whom the referrer prefers."""
        yield referral.organization_id
        if referral.first_opinion:
            yield referral.first_opinion
        preferred = (referral.preferences or {}).get("center")
        yield from (row.id for row in self.rows if preferred and preferred in (row.code, str(row.id)))

    def alike(self, waiting: Waiting, ahead: int = 0) -> Alike:
        needs = waiting.needs
        weeks = len(weeks_ahead(self.rules, needs.due_at, self.now))
        return Alike(needs.family, needs.tier, weeks, needs.line, ahead)

    def _standing(self, key: Alike) -> Sequence[Located]:
        if key not in self._alike:
            self._alike[key] = [
                Located(center, point_of(row)) for center, row in zip(self._candidates(key), self.rows, strict=True)
            ]
        return self._alike[key]

    def _candidates(self, key: Alike) -> Sequence[Candidate]:
        clock, trials = self.clocks[key.tier], self.trials.of(key.family)
        return [candidate_from(self._center(row, key, trials.get(row.id)), clock, key.line) for row in self.rows]

    def _center(self, row: Row[Any], key: Alike, trials: int | None) -> Standing:
        level, pace = self.levels.get((row.id, key.family)), pace_in(self.paces.get(row.id), key.family)
        weeks = self.places[row.id][key.ahead : key.weeks]
        return Standing(row, level, weeks, pace, self.calendars[row.id], trials)


def centers_for(session: Session, network_id: UUID, rules: Rules, now: datetime, queue: Sequence[Waiting]) -> Centers:
    """Everything that the candidates of these referrals are made of."""
    rows, today = profiles(session, network_id, None), rules.calendar.local_date(now)
    return Centers(
        rules,
        now,
        rows,
        levels=_levels(session, network_id),
        places=board(session, {row.id: row.places for row in rows}, _weeks(rules, now, queue)),
        paces=paces(session, [row.id for row in rows], rules.policy, now),
        calendars={row.id: calendar_of(row, rules) for row in rows},
        clocks={tier: Clock(rules, now, tier) for tier in Tier},
        earlier=_earlier(session, network_id, queue),
        trials=trials_in(session, network_id, today),
        homes=_homes(session, rows, queue),
        conflicts=_conflicts(session, network_id, today),
    )


def _homes(session: Session, rows: Iterable[Row[Any]], queue: Iterable[Waiting]) -> Mapping[str, Point]:
    """By the postal code of the patient; nobody's, where no center says where it lies."""
    if not any(point_of(row) for row in rows):
        return {}
    keys = {key_of(each.referral.country, each.referral.postal_code) for each in queue}
    return points(session, keys - {""})


def _conflicts(session: Session, network_id: UUID, today: date) -> Mapping[UUID, frozenset[UUID]]:
    """By organization, the centers that must not judge for it."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for center, organization in conflicts_in(session, network_id, today):
        found[organization].add(center)
    return {organization: frozenset(centers) for organization, centers in found.items()}


def _weeks(rules: Rules, now: datetime, queue: Iterable[Waiting]) -> tuple[date, ...]:
    """This week and those until the last of them is due."""
    return max((weeks_ahead(rules, each.needs.due_at, now) for each in queue), key=len, default=())


def _levels(session: Session, network_id: UUID) -> dict[tuple[UUID, str | None], float]:
    query = select(Expertise.center_id, Expertise.family, Expertise.level).where(Expertise.network_id == network_id)
    return {(center, family): level for center, family, level in session.execute(query)}


def _earlier(
    session: Session, network_id: UUID, queue: Sequence[Waiting]
) -> Mapping[UUID, Mapping[UUID, tuple[EarlierAnswer, ...]]]:
    """How centers answered these referrals before. Read by status, as a long queue has more ids than a statement takes."""
    versions = {each.referral.id: each.referral.facts_version for each in queue}
    query = (
        select(
            Offer.referral_id, Offer.center_id, Offer.status, Offer.reason, Offer.week, Offer.facts_version,
        )
        .join(Referral, Referral.id == Offer.referral_id)
        .where(
            Referral.network_id == network_id, Referral.status.in_({each.referral.status for each in queue}),
        )
        .order_by(Offer.referral_id, Offer.number)
    )  # fmt: skip
    found: dict[UUID, dict[UUID, tuple[EarlierAnswer, ...]]] = defaultdict(dict)
    for row in session.execute(query):
        if row.referral_id in versions:
            answers = found[row.referral_id]
            answers[row.center_id] = (*answers.get(row.center_id, ()), earlier_answer(row, versions[row.referral_id]))
    return found
