"""How long each turn took, whose it was, and how many were taken within their target.

A turn is one party's time at one stage. A blocking question in between stops its clock, as it stops that of the
segment; the time of the question is a turn of whoever was asked. A turn counts when it has led on: one that a
withdrawal or a recall cut short says nothing about who had it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import Segment, Times, clock_tier
from referrals.domain.reports.parts import (
    ALL,
    GROUP,
    HOUR,
    LABEL,
    Bar,
    Chart,
    Column,
    Labels,
    Line,
    Part,
    Period,
    Unit,
    Value,
    counted,
    of_enough,
    percent,
    span_words,
)
from referrals.domain.statuses import ANSWERED, OPEN_RECEIVED, Status, waiting_on
from referrals.domain.vocabulary import AskedParty, Tier, WaitingOn

WHOLE, QUESTION = "to_opinion", "question"
ALL_DAYS, WORKING_DAYS = "all_days", "working_days"


@dataclass(frozen=True, slots=True)
class Stage:
    """Which statuses a turn passes, into which it must lead to count, and the segment whose target it has."""

    label: str
    statuses: frozenset[Status]
    leads_to: frozenset[Status]
    segment: Segment | None = None


_S = Status
STAGES: Mapping[str, Stage] = MappingProxyType(
    {
        WHOLE: Stage(
            "From submission to the opinion", OPEN_RECEIVED - ANSWERED, frozenset({_S.OPINION_ISSUED}),
        ),
        "triage": Stage(
            "From submission to the end of triage",
            frozenset({_S.SUBMITTED, _S.IN_TRIAGE}), frozenset({_S.READY, _S.DECLINED}), Segment.TRIAGE,
        ),
        "placing": Stage(
            "From triage to an offer", frozenset({_S.READY}), frozenset({_S.OFFERED}), Segment.OFFER,
        ),
        "answer": Stage(
            "From an offer to the center's answer",
            frozenset({_S.OFFERED}), frozenset({_S.ACCEPTED, _S.READY}), Segment.OFFER,
        ),
        "review": Stage(
            "From acceptance to the opinion",
            frozenset({_S.ACCEPTED, _S.IN_REVIEW}), frozenset({_S.OPINION_ISSUED}), Segment.REVIEW,
        ),
        "acknowledgement": Stage(
            "From the opinion to its acknowledgement",
            frozenset({_S.OPINION_ISSUED}), frozenset({_S.ACKNOWLEDGED}), Segment.ACKNOWLEDGEMENT,
        ),
        QUESTION: Stage(
            "Blocking questions, from asked to answered", frozenset({_S.INFORMATION_REQUESTED}), OPEN_RECEIVED,
        ),
    }
)  # fmt: skip
STAGE_OF: Mapping[Status, str] = MappingProxyType(
    {status: name for name, stage in STAGES.items() if name != WHOLE for status in stage.statuses}
)
# The stages that are a center's.
CENTERS_STAGES = ("answer", "review")
# Steps that take a turn away from whoever had it.
CUT_SHORT = frozenset({"withdraw-offer"})

COLUMNS = (
    GROUP,
    LABEL,
    Column("segment", "Part of the way", Unit.WORD, "Which part of the way: triage, placing, answer, review, acknowledgement, question, or to_opinion for all of it."),
    Column("tier", "Priority", Unit.WORD, "The referral's priority now."),
    Column("party", "Whose turn", Unit.WORD, "Whose turn it was; null where several had theirs."),
    Column("turns", "Turns", Unit.COUNT, "Turns that ended in the period and led on."),
    Column("median_hours", "Half within", Unit.HOURS, "The median, by nearest rank; null below five turns."),
    Column("p90_hours", "Nine in ten within", Unit.HOURS, "The 90th percentile, by nearest rank; null below five turns."),
    Column("in_target", "Within target", Unit.COUNT, "Turns within the target of their priority; null where there is none."),
    Column("in_target_percent", "Within target, share", Unit.PERCENT, "The same as a share of the turns."),
    Column("target_days", "Target", Unit.DAYS, "The policy's target in days, for the priority."),
    Column("target_runs", "Target runs on", Unit.WORD, "working_days, or all_days: of 24 hours, weekends and holidays included."),
)  # fmt: skip

# A question has no target of its own: each carries the time by which it is to be answered.
TIMES = ("label", "party", "turns", "median_hours", "p90_hours")


class Move(NamedTuple):
    """One event of one referral, as far as it is read here. The promise is told with the opinion alone."""

    at: datetime
    step: str
    after: Status
    asked: AskedParty | None
    center: str | None
    tier: Tier
    soonest: Tier
    submitted_at: datetime | None = None
    due_at: datetime | None = None


class Turn(NamedTuple):
    """`in_target` is None where there is no target. `center` is set where the turn was a center's."""

    stage: str
    tier: Tier
    party: WaitingOn | None
    took: timedelta
    ended: datetime
    in_target: bool | None
    center: str | None = None


@dataclass(slots=True)
class _Running:
    """A turn that has not ended; `spans` are its times between questions."""

    stage: str
    since: datetime | None
    asked: AskedParty | None = None
    center: str | None = None
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def stop(self, at: datetime) -> None:
        if self.since is not None:
            self.spans.append((self.since, at))
            self.since = None


@dataclass(slots=True)
class _Way:
    """Where one referral stands between two events: the stage it has reached, and a question that holds it up."""

    running: _Running | None = None
    question: _Running | None = None
    center: str | None = None

    def passed(self, move: Move) -> list[_Running]:
        """The turns that this event has ended."""
        stage = STAGE_OF.get(move.after)
        ended = []
        if self.question and stage != QUESTION:
            ended.append(self.question)
            self.question = None
        if self.running and stage not in (QUESTION, self.running.stage):
            ended.append(self.running)
            self.running = None
        self._go_on(stage, move)
        for turn in ended:
            turn.stop(move.at)
        return ended

    def _go_on(self, stage: str | None, move: Move) -> None:
        self.center = move.center or self.center
        if stage == QUESTION:
            self.question = self.question or _Running(QUESTION, move.at, move.asked)
            if self.running:
                self.running.stop(move.at)
        elif stage and self.running is None:
            self.running = _Running(stage, move.at, center=self.center if stage in CENTERS_STAGES else None)
        elif self.running and self.running.since is None:
            self.running.since = move.at


class Turns:
    """Finds the turns of one referral after the other. The rules are those of one network."""

    def __init__(self, times: Times, calendar: WorkingCalendar, centers: Mapping[str, WorkingCalendar]) -> None:
        self.times, self.calendar, self.centers = times, calendar, centers

    def of(self, moves: Iterable[Move]) -> Iterator[Turn]:
        """All turns of one referral that led on, from its events in their order. Nothing stops the clock of the promise."""
        way, is_answered = _Way(), False
        for move in moves:
            for turn in way.passed(move):
                yield from self._ended(turn, move)
            if move.submitted_at and move.due_at and not is_answered:
                is_answered = True
                took, in_time = move.at - move.submitted_at, move.at <= move.due_at
                yield Turn(WHOLE, move.tier, None, took, move.at, in_time)

    def _ended(self, turn: _Running, move: Move) -> Iterator[Turn]:
        stage = STAGES[turn.stage]
        if move.after not in stage.leads_to or move.step in CUT_SHORT:
            return
        took = sum((end - start for start, end in turn.spans), timedelta(0))
        party = waiting_on(next(iter(stage.statuses)), turn.asked)
        yield Turn(turn.stage, move.tier, party, took, move.at, self._in_target(stage, turn, move), turn.center)

    def _in_target(self, stage: Stage, turn: _Running, move: Move) -> bool | None:
        if stage.segment is None:
            return None
        days, all_days = self.times.segment(clock_tier(stage.segment, move.tier, move.soonest), stage.segment)
        spans, calendar = turn.spans, self.centers.get(turn.center or "", self.calendar)
        if len(spans) == 1:
            return spans[0][1] <= calendar.add_working_days(spans[0][0], days, all_days)
        if all_days:
            return sum((end - start for start, end in spans), timedelta(0)) <= timedelta(days=days)
        return sum(calendar.working_time(start, end) for start, end in spans) <= days + 1e-9


@dataclass(slots=True)
class _Sum:
    hours: list[float] = field(default_factory=list)
    in_target: int = 0
    has_target: bool = False

    def add(self, turn: Turn) -> None:
        self.hours.append(turn.took / HOUR)
        self.has_target = self.has_target or turn.in_target is not None
        self.in_target += bool(turn.in_target)


Sums = Mapping[tuple[str, str, str | None], _Sum]


def summed(turns: Iterable[Turn], period: Period) -> Sums:
    """By stage, tier and party; each stage also over all tiers."""
    found: dict[tuple[str, str, str | None], _Sum] = defaultdict(_Sum)
    for turn in turns:
        if period.since <= turn.ended < period.before:
            for tier in (turn.tier.value, ALL):
                found[turn.stage, tier, turn.party and turn.party.value].add(turn)
    return found


def parts(sums: Sums, times: Times, labels: Labels, stages: Iterable[str] = tuple(STAGES)) -> list[Part]:
    return [_part(stage, sums, times, labels) for stage in stages]


def _part(stage: str, sums: Sums, times: Times, labels: Labels) -> Part:
    lines = [
        _line(stage, tier, party, sums[stage, tier, party], times, labels)
        for tier in (*Tier, ALL)
        for party in (None, *WaitingOn)
        if (stage, tier, party) in sums
    ]
    shows = TIMES if stage == QUESTION else (*TIMES, "in_target", "in_target_percent", "target_days")
    return Part(stage, STAGES[stage].label, headline_of(stage, lines), shows, lines, _chart(stage, lines))


def _line(stage: str, tier: str, party: str | None, found: _Sum, times: Times, labels: Labels) -> Line:
    turns = len(found.hours)
    return {
        "group": tier,
        "label": labels[tier],
        "segment": stage,
        "tier": None if tier == ALL else tier,
        "party": party,
        "turns": turns,
        "median_hours": of_enough(found.hours, 0.5),
        "p90_hours": of_enough(found.hours, 0.9),
        "in_target": found.in_target if found.has_target else None,
        "in_target_percent": percent(found.in_target, turns) if found.has_target else None,
    } | (_target(stage, Tier(tier), times) if tier != ALL else {})


def _target(stage: str, tier: Tier, times: Times) -> dict[str, Value]:
    if stage == WHOLE:
        return {"target_days": times.target(tier).days, "target_runs": ALL_DAYS}
    segment = STAGES[stage].segment
    if segment is None:
        return {}
    days, all_days = times.segment(tier, segment)
    return {"target_days": days, "target_runs": ALL_DAYS if all_days else WORKING_DAYS}


# The stage as it is said of referrals in a sentence.
_DONE: Mapping[str, str] = MappingProxyType(
    {
        WHOLE: "had their opinion within",
        "triage": "were triaged within",
        "placing": "were offered to a center within",
        "answer": "had the center's answer within",
        "review": "had their opinion, once accepted, within",
        "acknowledgement": "had their opinion acknowledged within",
        QUESTION: "that had to wait for an answer had it within",
    }
)


def headline_of(stage: str, lines: Sequence[Line]) -> str:
    """About the soonest priority of which enough is known, else about all together."""
    of_all = [line for line in lines if line["group"] == ALL]
    if not of_all:
        return "Nothing of this ended in the period."
    told = next((line for line in lines if line["median_hours"] is not None), None)
    total = sum(int(line["turns"] or 0) for line in of_all)
    if told is None:
        return f"{counted(total, 'turn')} ended in the period: too few to say how long they take."
    whose = "" if told["group"] == ALL else f"{told['tier']} "
    words = f"Half of the {whose}referrals {_DONE[stage]} {span_words(float(told['median_hours'] or 0))}"
    return words + _late(told)


def _late(line: Line) -> str:
    if line["in_target"] is None:
        return "."
    turns, late = int(line["turns"] or 0), int(line["turns"] or 0) - int(line["in_target"])
    return f"; {late:,} of {turns:,} took longer than the target." if late else f"; all {turns:,} kept the target."


def _chart(stage: str, lines: Sequence[Line]) -> Chart | None:
    """Shares are drawn, because targets in working days and times by the clock do not share an axis."""
    if stage == QUESTION:
        bars = [Bar(_bar_label(line), _number(line["median_hours"])) for line in lines if line["group"] != ALL]
        return Chart("Hours within which half of the questions were answered, by priority", Unit.HOURS, bars)
    if stage == WHOLE:
        bars = [
            Bar(_bar_label(line), _in_days(line["p90_hours"]), _number(line.get("target_days")))
            for line in lines
            if line["group"] != ALL
        ]
        return Chart("Days within which nine in ten had their opinion, by priority", Unit.DAYS, bars, "the promise")
    bars = [Bar(_bar_label(line), _number(line["in_target_percent"]), 100) for line in lines if line["group"] != ALL]
    return Chart("Share within the target, by priority", Unit.PERCENT, bars, "all of them")


def _bar_label(line: Line) -> str:
    return f"{line['label']}, {line['party']}" if line["segment"] == QUESTION else str(line["label"])


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _in_days(value: object) -> float | None:
    hours = _number(value)
    return None if hours is None else round(hours / 24, 1)
