"""The life of a referral as one table of steps: buttons, API, diagram and tests all read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.errors import Forbidden, NotAllowedNow
from referrals.domain.people import PARTY_NAMES, Party
from referrals.domain.statuses import (
    ANSWERED,
    AT_CENTER,
    BEFORE_OPINION,
    CENTER_WORKING,
    ENDED,
    OPEN,
    OPEN_RECEIVED,
    RECEIVED,
    STATUSES,
    Status,
    StatusFacts,
    center_is_working,
    next_action,
    waiting_on,
)
from referrals.domain.step_words import STEP_WORDS

__all__ = [
    "ANSWERED", "AT_CENTER", "BEFORE_OPINION", "CENTER_WORKING", "CONTEST_WITHIN", "CREATE", "EDIT", "ENDED",
    "ENDING_STEPS", "OPEN", "OPEN_RECEIVED", "RECEIVED", "STATUSES", "STEPS", "Line", "Situation", "Status", "StatusFacts",
    "StepRule", "Target", "When", "center_is_working", "is_interested", "next_action", "open_steps",
    "take", "unmet_proviso", "waiting_on",
]  # fmt: skip


class Target(StrEnum):
    """Where a step leads when that is not one fixed status."""

    UNCHANGED = "unchanged"
    RESUME = "resume"
    RESUME_IF_BLOCKING = "resume_if_blocking"
    ASK_IF_BLOCKING = "ask_if_blocking"
    NEW_DRAFT = "new_draft"


@dataclass(frozen=True, slots=True)
class Situation:
    """What beside the status decides where a referral stands."""

    resume: Status | None = None
    withdrawal_requested: bool = False


class When(StrEnum):
    """A condition on the *from* side of a line: where it fails, the step is not open now (409)."""

    CENTER_WORKING = "center_working"
    NO_CENTER_WORKING = "no_center_working"
    NOT_FLAGGED = "withdrawal_not_requested"
    FLAGGED = "withdrawal_requested"


@dataclass(frozen=True, slots=True)
class Line:
    """From these statuses, by these parties."""

    sources: frozenset[Status]
    parties: frozenset[Party]
    when: tuple[When, ...] = ()

    def is_open(self, status: Status, situation: Situation) -> bool:
        return status in self.sources and all(_holds(when, status, situation) for when in self.when)


@dataclass(frozen=True, slots=True)
class StepRule:
    """One row of the table. `guards` (422) and `provisos` (403, by party) are words that the pathway evaluates."""

    name: str
    lines: tuple[Line, ...]
    target: Status | Target
    guards: tuple[str, ...]
    provisos: Mapping[Party, str]
    person_required: bool
    ends: bool

    @property
    def sources(self) -> frozenset[Status]:
        return frozenset().union(*(line.sources for line in self.lines))

    @property
    def parties(self) -> frozenset[Party]:
        return frozenset().union(*(line.parties for line in self.lines))

    @property
    def label(self) -> str:
        return STEP_WORDS[self.name].label

    @property
    def explains(self) -> str:
        return STEP_WORDS[self.name].explains

    @property
    def happened(self) -> str:
        return STEP_WORDS[self.name].happened


def _holds(when: When, status: Status, situation: Situation) -> bool:
    working = center_is_working(status, situation.resume)
    return {
        When.CENTER_WORKING: working,
        When.NO_CENTER_WORKING: not working,
        When.FLAGGED: situation.withdrawal_requested,
        When.NOT_FLAGGED: not situation.withdrawal_requested,
    }[when]


def _line(sources: Iterable[Status], parties: str, *when: When) -> Line:
    return Line(frozenset(sources), frozenset(Party(letter) for letter in parties.split()), when)


def _step(
    name: str,
    lines: Line | tuple[Line, ...],
    target: Status | Target,
    guards: str = "",
    provisos: Mapping[Party, str] | None = None,
    mark: str = "",
) -> StepRule:
    """`mark`: "person" where a system must name one, "ends" where the referral's life ends by it."""
    return StepRule(
        name=name,
        lines=(lines,) if isinstance(lines, Line) else lines,
        target=target,
        guards=tuple(guards.split()),
        provisos=MappingProxyType(dict(provisos or {})),
        person_required="person" in mark,
        ends="ends" in mark,
    )


_S, _T, _P = Status, Target, Party
_ASKING = (_S.IN_TRIAGE, _S.READY, _S.OFFERED, _S.ACCEPTED, _S.IN_REVIEW)
_ASKED = (_S.INFORMATION_REQUESTED,)
_BEFORE_CENTER = (_S.SUBMITTED, _S.IN_TRIAGE, _S.READY)
_ANY = frozenset(Status) - {_S.ENTERED_IN_ERROR}

# Guards are words; the pathway evaluates them. `not_interested` concerns a person who acts as C or L.
_ROWS: tuple[StepRule, ...] = (
    _step("submit", _line([_S.DRAFT], "R"), _S.SUBMITTED, "complete_enough"),
    _step("claim", _line([_S.SUBMITTED], "C L"), _S.IN_TRIAGE, "not_interested", mark="person"),
    _step("release", _line([_S.IN_TRIAGE], "C L"), _S.SUBMITTED, "not_interested"),
    _step(
        "request-information",
        _line(_ASKING, "C L K S"),
        _T.ASK_IF_BLOCKING,
        "not_interested has_items has_due_time no_blocking_request item_could_matter",
    ),
    _step(
        "answer-information",
        (_line(_ASKED, "R C"), _line(_ASKING, "R C")),
        _T.RESUME_IF_BLOCKING,
        "request_is_open required_items_answered source_named",
    ),
    _step(
        "proceed-without",
        _line(_ASKED, "C L K S"),
        _T.RESUME,
        "not_interested reason_per_item",
        {_P.K: "asked_by_own_center", _P.S: "asked_by_own_center"},
    ),
    _step("update-facts", _line(BEFORE_OPINION, "R C S"), _T.UNCHANGED, "", {_P.S: "reading_it"}),
    _step(
        "complete-triage",
        _line([_S.IN_TRIAGE], "C L"),
        _S.READY,
        "not_interested assessment_is_current overrides_allowed",
    ),
    _step(
        "decline",
        _line([_S.SUBMITTED, _S.IN_TRIAGE, _S.READY, _S.INFORMATION_REQUESTED], "L C"),
        _S.DECLINED,
        "not_interested",
        {_P.C: "reason_is_administrative"},
        "person ends",
    ),
    _step("contest", _line([_S.DECLINED], "R"), _S.IN_TRIAGE, "within_14_days"),
    _step(
        "offer",
        _line([_S.READY], "C"),
        _S.OFFERED,
        "not_interested center_is_active center_fits place_is_left consent_covers_center in_time unknown_acknowledged",
    ),
    _step("accept", _line([_S.OFFERED], "K S"), _S.ACCEPTED, "offer_is_own"),
    _step("decline-offer", _line([_S.OFFERED], "K S"), _S.READY, "offer_is_own"),
    _step("lapse", _line([_S.OFFERED], "T"), _S.READY, "respond_by_passed"),
    _step("withdraw-offer", _line([_S.OFFERED], "C"), _S.READY),
    _step("start-review", _line([_S.ACCEPTED], "K S"), _S.IN_REVIEW, "specialist_is_of_center", mark="person"),
    _step("change-specialist", _line([_S.IN_REVIEW], "K S"), _T.UNCHANGED, "specialist_is_of_center", mark="person"),
    _step("return", _line(AT_CENTER, "K S", When.CENTER_WORKING), _S.READY),
    _step("recall", _line(AT_CENTER, "C L", When.CENTER_WORKING), _S.READY, "", {_P.C: "due_time_passed"}),
    _step("interim-advice", _line([_S.IN_REVIEW], "S"), _T.UNCHANGED, mark="person"),
    _step("undo", _line([_S.ACCEPTED, _S.READY], "K S"), _S.OFFERED, "own_answer within_10_minutes no_step_since"),
    _step("extend", _line(_ASKED, "C L"), _T.UNCHANGED, "not_interested not_extended_before"),
    _step(
        "sign-opinion",
        _line([_S.IN_REVIEW], "S"),
        _S.OPINION_ISSUED,
        "questions_answered axes_judged identity_confirmed",
        mark="person",
    ),
    _step("amend-opinion", _line(ANSWERED, "S"), _S.OPINION_ISSUED, "questions_answered axes_judged", mark="person"),
    _step("acknowledge", _line([_S.OPINION_ISSUED], "R"), _S.ACKNOWLEDGED, "version_is_latest", mark="person"),
    _step(
        "close",
        (_line([_S.ACKNOWLEDGED], "R C"), _line([_S.OPINION_ISSUED], "L")),
        _S.CLOSED,
        "outcomes_recorded attempts_documented",
        mark="ends",
    ),
    _step(
        "withdraw",
        _line([_S.DRAFT, *_BEFORE_CENTER, _S.OFFERED, _S.INFORMATION_REQUESTED], "R", When.NO_CENTER_WORKING),
        _S.WITHDRAWN,
        mark="ends",
    ),
    _step(
        "request-withdrawal",
        _line(AT_CENTER, "R C", When.CENTER_WORKING, When.NOT_FLAGGED),
        _T.UNCHANGED,
        mark="ends",
    ),
    _step(
        "confirm-withdrawal",
        _line(AT_CENTER, "K S C", When.CENTER_WORKING, When.FLAGGED),
        _S.WITHDRAWN,
        "",
        {_P.C: "two_working_days_passed"},
        "ends",
    ),
    _step("cancel", _line(OPEN, "C L"), _S.CANCELLED, "duplicate_is_living deceased_once_signed", mark="ends"),
    _step("change-clinician", _line(OPEN, "R C"), _T.UNCHANGED, "clinician_is_active consent_covers_clinician"),
    _step("join", _line(OPEN, "R C"), _T.UNCHANGED, "clinician_is_active consent_covers_clinician"),
    _step("mark-error", _line(_ANY, "A"), _S.ENTERED_IN_ERROR, "second_person no_signed_opinion", mark="person ends"),
    _step("reopen", _line([_S.CLOSED, _S.WITHDRAWN, _S.CANCELLED], "R C"), _T.NEW_DRAFT),
    _step("reassess", _line(OPEN, "T C L"), _T.UNCHANGED),
    _step("override", _line(OPEN, "T C L"), _T.UNCHANGED, "not_interested override_allowed", mark="person"),
    _step("assign-owner", _line(OPEN, "T C L"), _T.UNCHANGED, "owner_is_active owner_not_interested", mark="person"),
)

STEPS: Mapping[str, StepRule] = MappingProxyType({rule.name: rule for rule in _ROWS})
ENDING_STEPS: tuple[str, ...] = tuple(rule.name for rule in _ROWS if rule.ends)

CONTEST_WITHIN = timedelta(days=14)

# What makes an event without being a step that anyone is offered.
CREATE = "create"
EDIT = "edit"


def take(
    step: str,
    status: Status,
    parties: Iterable[Party],
    situation: Situation = Situation(),
    *,
    blocking: bool = False,
) -> Status:
    """Where the step leads from here, by the table alone. Refuses the actor first, then the status."""
    rule, acting = STEPS[step], frozenset(parties)
    lines = [line for line in rule.lines if line.parties & acting]
    if not lines:
        raise not_this_actor(rule)
    if not any(line.is_open(status, situation) for line in lines):
        raise NotAllowedNow(step, status)
    return _landing(rule, status, situation, blocking)


def not_this_actor(rule: StepRule) -> Forbidden:
    allowed = " or ".join(PARTY_NAMES[party] for party in Party if party in rule.parties)
    return Forbidden("not_this_actor", f"The step {rule.name} is taken by {allowed}.")


def _landing(rule: StepRule, status: Status, situation: Situation, blocking: bool) -> Status:
    if isinstance(rule.target, Status):
        return rule.target
    if rule.target is Target.ASK_IF_BLOCKING and blocking:
        return Status.INFORMATION_REQUESTED
    resumes = rule.target is Target.RESUME or (rule.target is Target.RESUME_IF_BLOCKING and blocking)
    if not resumes:
        return status
    if situation.resume is None:
        raise ValueError(f"{rule.name} returns to a status that nobody remembered")
    return situation.resume


def open_steps(
    status: Status,
    parties: Iterable[Party],
    situation: Situation = Situation(),
) -> tuple[StepRule, ...]:
    """The steps that these parties may take now, in the order of the table; guards are not asked."""
    acting = frozenset(parties)
    return tuple(
        rule for rule in _ROWS if any(line.parties & acting and line.is_open(status, situation) for line in rule.lines)
    )


def unmet_proviso(rule: StepRule, status: Status, parties: Iterable[Party], holding: Iterable[str]) -> str | None:
    """The word that keeps every acting party from the step; None when one of them acts freely or its word holds."""
    words = [
        rule.provisos.get(party, "")
        for line in rule.lines
        if status in line.sources
        for party in Party
        if party in line.parties & frozenset(parties)
    ]
    unmet = [word for word in words if word and word not in frozenset(holding)]
    return unmet[0] if unmet and len(unmet) == len(words) else None


def is_interested(actor_organizations: Iterable[object], referral_organizations: Iterable[object]) -> bool:
    """Does the actor belong to the referring, the preferred or the first-opinion organization?"""
    involved = {organization for organization in referral_organizations if organization is not None}
    return not involved.isdisjoint(actor_organizations)
