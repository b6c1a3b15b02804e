"""Who can answer this, and why: hard constraints that each say what excludes, and preferences as whole numbers.

A pure function of the referral's needs and of what is known of each center. Nothing about the person but age,
language and distance can reach it. Every candidate answers with its score by term, every excluded center with its reasons.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import exp
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from referrals.domain.centers import Bar, Designation, EarlierAnswer, Service, line_of
from referrals.domain.distance import distance_words
from referrals.domain.sentences import counted
from referrals.domain.vocabulary import Tier, VerdictWord

EXPERT, COMPETENT = 0.6, 0.3

# What each preference is worth (priority.md, "Matching"); days late cost by tier, at most so many points.
EXPERTISE, TRIALS, COMPREHENSIVE, LANGUAGE, DISTANCE = 550, 200, 150, 60, 40
FAR_KM = 300
UNKNOWN_COSTS = 100
LATE_A_DAY: Mapping[Tier, float] = MappingProxyType({Tier.P1: 12, Tier.P2: 6, Tier.P3: 3, Tier.P4: 1.5})
LATE_AT_MOST = 400

# Whether a center fits: a person may send it a referral all the same, with a reason.
FITS = frozenset({"expertise", "multidisciplinary_team", "age", "distance", "answered_before"})

# A center that fits and is full can be asked once a place is free.
PLACE = "place_is_left"

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a referral asks of a center. `consent_centers` None: consent names none, so it covers all.

    `remote` False: the patient wants to be seen, so that an answer from afar is as far as its center.
    """

    tier: Tier
    family: str | None
    family_label: str
    rare: VerdictWord
    complex: VerdictWord
    resistant: VerdictWord
    under_18: bool | None
    due_at: datetime | None
    language: str | None = None
    within_km: int | None = None
    remote: bool = True
    first_opinion: UUID | None = None
    consents: bool = True
    consent_centers: frozenset[str] | None = None

    @property
    def line(self) -> Service | None:
        """Of which places it takes one, where a center limits them by line."""
        return line_of(self.under_18, self.complex)

    @property
    def in_common(self) -> "Needs":
        """What it asks for as others do: without what concerns this one referral alone."""
        return replace(
            self,
            due_at=None,
            language=None,
            within_km=None,
            remote=True,
            first_opinion=None,
            consents=True,
            consent_centers=None,
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A center as it stands now. `expertise` is its level in the family that is needed, 0 where it states none.

    `open_trials` counts those in the family, None where the center lists no trials at all; `km` is None where one of
    the two places is not known. `in_conflict`: with an organization that the referral names, today.
    """

    id: UUID
    code: str
    name: str
    is_active: bool
    is_paused: bool
    designation: Designation | None
    services: frozenset[Service]
    languages: frozenset[str]
    expertise: float
    free_places: int
    free_week: date | None
    expected_at: datetime | None
    expected_rests_on: str = ""
    open_trials: int | None = None
    # What concerns one referral alone stands last.
    earlier: tuple[EarlierAnswer, ...] = ()
    km: float | None = None
    in_conflict: bool = False

    def has(self, service: Service) -> bool:
        return service in self.services

    def seen_by(self, earlier: tuple[EarlierAnswer, ...], km: float | None, in_conflict: bool) -> "Candidate":
        """The same center with what concerns one referral alone."""
        return Candidate(*(*_STANDING(self), earlier, km, in_conflict))

    @property
    def has_trials(self) -> bool:
        """What it lists, or what it says of itself where it lists nothing."""
        return self.has(Service.TRIALS) if self.open_trials is None else self.open_trials > 0


# Copied by hand: `replace` takes twice as long, and a whole queue asks for a million copies.
_STANDING: Callable[[Candidate], tuple[Any, ...]] = attrgetter(*[each.name for each in fields(Candidate)[:-3]])


class Weight(StrEnum):
    """What a finding does: exclude, exclude if something unknown turns out so, or ask that lateness be acknowledged."""

    EXCLUDES = "excludes"
    UNKNOWN = "unknown"
    LATE = "late"


class Finding(NamedTuple):
    """What stands against a center, in one sentence."""

    code: str
    because: str
    weight: Weight = Weight.EXCLUDES


class Fit(NamedTuple):
    """One center, judged: excluded by what it finds against it, or ranked by `score`, the sum of its `terms`.

    What is said and counted is worked out where somebody asks: a whole queue is judged a million times.
    """

    center: Candidate
    needs: Needs
    findings: tuple[Finding, ...]

    def of(self, weight: Weight) -> tuple[Finding, ...]:
        return tuple([finding for finding in self.findings if finding.weight is weight])

    @property
    def excluded(self) -> bool:
        return bool(self.findings) and bool(self.of(Weight.EXCLUDES))

    @property
    def terms(self) -> Mapping[str, int]:
        return _terms(self.center, self.needs, len(self.of(Weight.UNKNOWN)))

    @property
    def score(self) -> int:
        return sum(self.terms.values())

    @property
    def because(self) -> str:
        return _because(self.center, self.needs)


Constraint = Callable[[Candidate, Needs], Finding | None]


def _active(center: Candidate, needs: Needs) -> Finding | None:
    if not center.is_active:
        return Finding("center_is_active", "The center takes no referrals.")
    if center.is_paused:
        return Finding("center_is_active", "The center is paused.")
    return None


def _expertise(center: Candidate, needs: Needs) -> Finding | None:
    wanted = EXPERT if needs.rare == VerdictWord.MET else COMPETENT
    if needs.family is None:
        return Finding("expertise", "The tumor family is not known, so expertise cannot be compared.", Weight.UNKNOWN)
    if center.expertise < wanted:
        kind = "An expert center is needed for this rare cancer" if wanted == EXPERT else "Too little expertise"
        return Finding("expertise", f"{kind}: {needs.family_label}, {level_words(center.expertise)} of {wanted}.")
    if needs.rare == VerdictWord.UNKNOWN and center.expertise < EXPERT:
        return Finding("expertise", "Would need an expert center if the cancer turns out to be rare.", Weight.UNKNOWN)
    return None


def _team(center: Candidate, needs: Needs) -> Finding | None:
    if needs.complex == VerdictWord.NOT_MET or center.has(Service.MULTIDISCIPLINARY_TEAM):
        return None
    if needs.complex == VerdictWord.MET:
        return Finding("multidisciplinary_team", "A multidisciplinary team is needed, and the center has none.")
    return Finding(
        "multidisciplinary_team", "Would need a multidisciplinary team if the case is complex.", Weight.UNKNOWN
    )


def _age(center: Candidate, needs: Needs) -> Finding | None:
    if needs.under_18 is None:
        alike = center.has(Service.PEDIATRICS) and center.has(Service.ADULTS)
        return (
            None
            if alike
            else Finding("age", "Would need a pediatric center if the patient is under 18.", Weight.UNKNOWN)
        )
    wanted, who = (Service.PEDIATRICS, "children") if needs.under_18 else (Service.ADULTS, "adults")
    return None if center.has(wanted) else Finding("age", f"The center does not treat {who}.")


def _consent(center: Candidate, needs: Needs) -> Finding | None:
    if not needs.consents:
        return Finding("consent_covers_center", "The patient's consent to share it with centers is not in force.")
    if needs.consent_centers is not None and not needs.consent_centers & {center.code, str(center.id)}:
        return Finding("consent_covers_center", "The patient's consent does not name this center.")
    return None


def _reach(center: Candidate, needs: Needs) -> Finding | None:
    """An answer from afar needs no journey, unless the patient wants to be seen."""
    if needs.within_km is None or (needs.remote and center.has(Service.REMOTE)):
        return None
    if center.km is None:
        told = f"Would have to lie within {needs.within_km} km: how far it is is not known."
        return Finding("distance", told, Weight.UNKNOWN)
    if center.km > needs.within_km:
        return Finding(
            "distance", f"It lies {distance_words(center.km)}, further than the {needs.within_km} km asked for."
        )
    return None


def _first_opinion(center: Candidate, needs: Needs) -> Finding | None:
    if needs.first_opinion is not None and needs.first_opinion == center.id:
        return Finding("first_opinion", "The first opinion came from this center.")
    return None


def _conflict(center: Candidate, needs: Needs) -> Finding | None:
    if center.in_conflict:
        return Finding("conflict", "It has a conflict of interest with an organization of this referral.")
    return None


_BARRED: Mapping[Bar, str] = MappingProxyType(
    {
        Bar.FOR_GOOD: "It has declined this referral for want of expertise or for a conflict.",
        Bar.UNTIL_NEXT_WEEK: "It could not take this referral; it can be asked again in its next free week.",
        Bar.UNTIL_ITEM_ARRIVES: "It declined this referral as incomplete, and nothing has come in since.",
    }
)


def _earlier(center: Candidate, needs: Needs) -> Finding | None:
    for answer in center.earlier:
        if answer.bar is not None and answer.excludes(center.free_week):
            return Finding("answered_before", _BARRED[answer.bar])
    return None


def _place(center: Candidate, needs: Needs) -> Finding | None:
    if center.free_week is None:
        return Finding(PLACE, "No free place before the answer is due.")
    return None


def _in_time(center: Candidate, needs: Needs) -> Finding | None:
    if needs.due_at is None or center.expected_at is None or center.expected_at <= needs.due_at:
        return None
    return Finding("in_time", "The answer would come after it is due.", Weight.LATE)


CONSTRAINTS: Mapping[str, Constraint] = MappingProxyType(
    {
        "center_is_active": _active,
        "expertise": _expertise,
        "multidisciplinary_team": _team,
        "age": _age,
        "consent_covers_center": _consent,
        "distance": _reach,
        "first_opinion": _first_opinion,
        "conflict": _conflict,
        "answered_before": _earlier,
        PLACE: _place,
        "in_time": _in_time,
    }
)


_CONSTRAINTS = tuple(CONSTRAINTS.values())


def judge_center(center: Candidate, needs: Needs) -> Fit:
    """One center against one referral."""
    found = [finding for constraint in _CONSTRAINTS if (finding := constraint(center, needs))]
    return Fit(center, needs, tuple(found))


def out_of_question(center: Candidate, in_common: Needs) -> bool:
    """Whether something stands against it for all that have these needs in common, were a place left or not.

    What concerns one referral alone (how the center answered it, how far it is, a conflict) only adds to what
    excludes: it never takes anything away. So this is asked once for all of them.
    """
    return any(finding.code != PLACE for finding in judge_center(center, in_common).of(Weight.EXCLUDES))


def rank(centers: Iterable[Candidate], needs: Needs) -> tuple[tuple[Fit, ...], tuple[Fit, ...]]:
    """Those that may be asked, best first, and those that may not. The order is total: nothing depends on the input's."""
    fits: dict[bool, list[Fit]] = {True: [], False: []}
    for center in centers:
        fit = judge_center(center, needs)
        fits[fit.excluded].append(fit)
    ranked = sorted(fits[False], key=lambda fit: (-fit.score, fit.center.code))
    excluded = sorted(fits[True], key=lambda fit: fit.center.code)
    return tuple(ranked), tuple(excluded)


def _terms(center: Candidate, needs: Needs, unknown: int) -> dict[str, int]:
    return {
        "expertise": _half_up(EXPERTISE * center.expertise),
        "trials": TRIALS if needs.resistant == VerdictWord.MET and center.has_trials else 0,
        "comprehensive": COMPREHENSIVE
        if needs.complex == VerdictWord.MET and center.designation == Designation.COMPREHENSIVE
        else 0,
        "language": LANGUAGE if needs.language in center.languages else 0,
        "distance": 0 if center.km is None else _half_up(DISTANCE * exp(-center.km / FAR_KM)),
        "late": -_lateness(center, needs),
        "unknown": -UNKNOWN_COSTS * unknown,
    }


def _lateness(center: Candidate, needs: Needs) -> int:
    if needs.due_at is None or center.expected_at is None or center.expected_at <= needs.due_at:
        return 0
    days = (center.expected_at - needs.due_at) / _DAY
    return min(LATE_AT_MOST, _half_up(LATE_A_DAY[needs.tier] * days))


def level_words(level: float) -> str:
    """As it was stated: two places where the second says something."""
    return f"{level:.2f}".removesuffix("0")


def _half_up(number: float) -> int:
    return int(number + 0.5)


def _because(center: Candidate, needs: Needs) -> str:
    said = [f"expertise {level_words(center.expertise)} in {needs.family_label}" if needs.family else "no family known"]
    if needs.resistant == VerdictWord.MET and center.has_trials:
        said.append("open trials")
    if needs.complex == VerdictWord.MET and center.has(Service.MULTIDISCIPLINARY_TEAM):
        said.append("a multidisciplinary team")
    if needs.language in center.languages and needs.language:
        said.append("the patient's language")
    if center.km is not None:
        said.append(distance_words(center.km))
    places = center.free_places
    said.append(counted(places, "free place") if places else "no free place")
    return f"{said[0][0].upper()}{said[0][1:]}, {', '.join(said[1:])}."
