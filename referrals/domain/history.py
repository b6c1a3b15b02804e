"""Folds the events of one referral into its status, and names the first event that does not fit the table."""

from collections.abc import Iterable
from typing import NamedTuple

from referrals.domain.lifecycle import CREATE, EDIT, STEPS, Situation, Status, StepRule, Target


class Happened(NamedTuple):
    """The part of an event that the fold reads."""

    version: int
    step: str
    before: Status | None
    after: Status


class BrokenHistory(ValueError):
    """The events have a gap, or one of them is no step of the table."""

    def __init__(self, version: int, why: str) -> None:
        super().__init__(f"version {version}: {why}")
        self.version = version


def fold(events: Iterable[Happened]) -> Status:
    """The status that the events add up to; they come in the order of their versions, from 1, without a gap."""
    status: Status | None = None
    resume: Status | None = None
    for expected, event in enumerate(events, start=1):
        _refuse_a_misfit(expected, event, status, resume)
        resume = _remembered(event, resume)
        status = event.after
    if status is None:
        raise BrokenHistory(0, "there are no events")
    return status


def _refuse_a_misfit(expected: int, event: Happened, status: Status | None, resume: Status | None) -> None:
    if event.version != expected:
        raise BrokenHistory(event.version, f"comes where version {expected} belongs")
    if event.before != status:
        raise BrokenHistory(event.version, f"starts from {event.before}, but the referral was {status}")
    if not _fits(event, resume):
        raise BrokenHistory(event.version, f"{event.step} does not lead from {event.before} to {event.after}")


def _remembered(event: Happened, resume: Status | None) -> Status | None:
    if event.after != Status.INFORMATION_REQUESTED:
        return None
    return resume if event.before == Status.INFORMATION_REQUESTED else event.before


def _fits(event: Happened, resume: Status | None) -> bool:
    if event.step == CREATE or event.before is None:
        return (event.step, event.before, event.after) == (CREATE, None, Status.DRAFT)
    if event.step == EDIT:
        return event.after is event.before
    rule = STEPS.get(event.step)
    return rule is not None and _is_a_line(rule, event.before, event.after, resume)


def _is_a_line(rule: StepRule, before: Status, after: Status, resume: Status | None) -> bool:
    flags = (Situation(resume, False), Situation(resume, True))
    if not any(line.is_open(before, situation) for line in rule.lines for situation in flags):
        return False
    return after in _landings(rule, before, resume)


def _landings(rule: StepRule, before: Status, resume: Status | None) -> frozenset[Status | None]:
    if isinstance(rule.target, Status):
        return frozenset({rule.target})
    return {
        Target.UNCHANGED: frozenset({before}),
        Target.NEW_DRAFT: frozenset({before}),
        Target.ASK_IF_BLOCKING: frozenset({before, Status.INFORMATION_REQUESTED}),
        Target.RESUME: frozenset({resume}),
        Target.RESUME_IF_BLOCKING: frozenset({before, resume}),
    }[rule.target]
