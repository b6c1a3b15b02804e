"""Plans for the whole queue on a page: what is proposed for each referral and why, who gets none, what is scarce."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from referrals.domain.plans import Outcome, PlanCause, PlanStatus, Unplaced
from referrals.domain.tumor_family import family_label
from referrals.web import paths
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.tags import TierTag, tier_tag
from referrals.web.presenters.times import Due, Moment, date_words
from referrals.web.words import Look, counted

# One approval at a time stays within what a page can hold and a person can read.
MOST_SHOWN = 200

STATUS: Mapping[str, Look] = {
    PlanStatus.WAITING: Look("Waiting for the worker", "", "clock"),
    PlanStatus.RUNNING: Look("Being worked out", "", "clock"),
    PlanStatus.READY: Look("Ready to approve", "ok", "check"),
    PlanStatus.APPROVED: Look("Approved", "ok", "send"),
    PlanStatus.SUPERSEDED: Look("A newer one stands", "", "x"),
    PlanStatus.FAILED: Look("Given up after three tries", "bad", "late"),
}
CAUSE: Mapping[str, str] = {
    PlanCause.ASKED: "asked for by {by}",
    PlanCause.DAILY: "made for the morning",
    PlanCause.URGENT: "made when a referral became ready that may not wait",
}
UNPLACED: Mapping[str, Look] = {
    Unplaced.NO_ELIGIBLE_CENTER: Look("No center can be asked", "bad", "late"),
    Unplaced.NO_PLACE: Look("No place left", "", "x"),
    Unplaced.KEPT_BACK: Look("Later this week", "", "clock"),
    Unplaced.EARLIER_FIRST: Look("Others come first", "", "clock"),
}
# Where nothing is left to do on the page itself.
NEXT: Mapping[str, str] = {
    PlanStatus.READY: "It waits for a coordinator to approve it.",
    PlanStatus.APPROVED: "The centers are asked and answer by their times. Whoever was not offered goes into the next plan.",
    PlanStatus.SUPERSEDED: "Nothing was offered from this plan. Go on with the newest one.",
    PlanStatus.FAILED: "Nothing was offered. Ask for a new plan; if that fails too, tell whoever runs the service.",
}
CAN_BE_PLACED: Mapping[str, str] = {
    PlanStatus.READY: "can be placed now",
    PlanStatus.SUPERSEDED: "could have been placed",
}
OVER = frozenset({PlanStatus.SUPERSEDED, PlanStatus.FAILED})
OUTCOME: Mapping[str, Look] = {
    Outcome.OFFERED: Look("Offered", "ok", "send"),
    Outcome.LEFT_OUT: Look("Left out", "", "x"),
    Outcome.CHANGED: Look("Not offered", "bad", "late"),
}


@dataclass(frozen=True)
class PlanRow:
    href: str
    title: str
    look: Look
    told: str


@dataclass(frozen=True)
class PlansPage:
    plans: tuple[PlanRow, ...]
    to_approve: PlanRow | None
    ready: int
    may_ask: bool
    ask_href: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Proposed:
    """One line of the plan. `place` is its place in the queue."""

    referral: str
    name: str
    reference: str
    href: str
    place: int
    tier: TierTag | None
    family: str
    due: Due
    center: str
    week: str
    because: str
    runner_up: str
    acknowledge: tuple[str, ...]
    outcome: Look | None
    outcome_because: str


@dataclass(frozen=True)
class Left:
    """A referral that gets no place."""

    name: str
    reference: str
    href: str
    place: int
    tier: TierTag | None
    due: Due
    look: Look
    because: str


@dataclass(frozen=True)
class PlanPage:
    title: str
    look: Look
    told: str
    summary: str
    next_words: str
    next_link: Link | None
    progress: int | None
    here: str
    approve_href: str
    version: int
    proposals: tuple[Proposed, ...]
    more: str
    unplaced: tuple[Left, ...]
    scarce: tuple[tuple[str, str, str], ...]
    notices: tuple[Notice, ...] = ()


def plans_page(
    plans: Iterable[Any], ready: int, may_ask: bool, moment: Moment, notices: tuple[Notice, ...] = ()
) -> PlansPage:
    """At most one plan is ready: the newest that was worked out."""
    found = list(plans)
    waiting = next((_row(plan, moment) for plan in found if plan.status == PlanStatus.READY), None)
    rows = tuple(_row(plan, moment) for plan in found)
    return PlansPage(rows, waiting, ready, may_ask, paths.ASSIGNMENTS, notices)


def _row(plan: Any, moment: Moment) -> PlanRow:
    return PlanRow(paths.assignment(plan.id), _title(plan, moment), STATUS[plan.status], _told(plan))


def _title(plan: Any, moment: Moment) -> str:
    return f"Plan of {moment.at(plan.asked_at)}"


def _told(plan: Any) -> str:
    said = CAUSE[plan.cause].format(by=plan.asked_by)
    note = f' "{plan.note}"' if plan.note else ""
    length = f", {counted(plan.queue_length, 'referral')} in the queue" if plan.queue_length is not None else ""
    return f"{said[0].upper()}{said[1:]}{length}.{note}"


def plan_page(
    plan: Any,
    rows: Sequence[Any],
    may_approve: bool,
    moment: Moment,
    tiers: Mapping[str, str],
    notices: tuple[Notice, ...] = (),
) -> PlanPage:
    """`rows` stand in the order of the queue."""
    placed = [row for row in rows if row[0].center_id]
    left = [row for row in rows if row[0].code]
    is_open = plan.status == PlanStatus.READY and may_approve and bool(placed)
    is_being_made = plan.status in (PlanStatus.WAITING, PlanStatus.RUNNING)
    return PlanPage(
        title=_title(plan, moment),
        look=STATUS[plan.status],
        told=_told(plan),
        summary=_summary(plan, placed, left, moment),
        next_words=_next_words(plan, is_open),
        next_link=_next_link(plan),
        progress=plan.progress if is_being_made else None,
        here=paths.assignment(plan.id),
        approve_href=paths.assignment(plan.id, "approve") if is_open else "",
        version=plan.version,
        proposals=tuple(_proposed(row, moment, tiers) for row in placed[:MOST_SHOWN]),
        more=_more(len(placed)),
        unplaced=tuple(_left(row, moment, tiers) for row in left[:MOST_SHOWN]),
        scarce=tuple(_scarce(each) for each in plan.scarce),
        notices=notices,
    )


def _next_words(plan: Any, is_open: bool) -> str:
    """What there is to do now, for this reader."""
    if is_open:
        return "Untick what should not be offered now, then make the offers at the end of the list."
    return NEXT.get(plan.status, "") if plan.queue_length or plan.status == PlanStatus.FAILED else ""


def _next_link(plan: Any) -> Link | None:
    if plan.status == PlanStatus.APPROVED:
        return Link("See who is with a center", paths.worklist("centers"))
    return Link("See all plans", paths.ASSIGNMENTS) if plan.status in OVER else None


def _summary(plan: Any, placed: Sequence[Any], left: Sequence[Any], moment: Moment) -> str:
    """The headline, worked out from what the plan says."""
    if plan.status == PlanStatus.APPROVED:
        return _made(plan, placed, moment)
    if plan.status not in CAN_BE_PLACED:
        return ""
    if not placed and not left:
        return "Nobody was waiting for a center."
    nowhere = sum(row[0].code == Unplaced.NO_ELIGIBLE_CENTER for row in left)
    first = f"{counted(len(placed), 'referral')} {CAN_BE_PLACED[plan.status]}"
    second = f", {len(left)} not yet" if left else ""
    third = f"; for {nowhere} of them no center can be asked" if nowhere else ""
    return f"{first}{second}{third}."


def _made(plan: Any, placed: Sequence[Any], moment: Moment) -> str:
    """What the approval did."""
    became = Counter(row[0].outcome for row in placed)
    left_out, changed = became[Outcome.LEFT_OUT], became[Outcome.CHANGED]
    said = [
        f"Approved by {plan.approved_by}, {moment.at(plan.approved_at)}: {counted(became[Outcome.OFFERED], 'offer')} made"
    ]
    said += [f"{left_out} left out"] if left_out else []
    said += [f"{changed} not made, because something had changed"] if changed else []
    return f"{', '.join(said)}."


def _more(count: int) -> str:
    if count <= MOST_SHOWN:
        return ""
    return f"These are the first {MOST_SHOWN} of {count}. Approve them, then ask for a new plan for the others."


def _proposed(row: Any, moment: Moment, tiers: Mapping[str, str]) -> Proposed:
    planned = row[0]
    return Proposed(
        referral=str(planned.referral_id),
        name=_name(row),
        reference=row.reference,
        href=paths.referral(planned.referral_id),
        place=planned.number,
        tier=tier_tag(planned.tier, tiers),
        family=family_label(row.tumor_family) or "Family not known",
        due=moment.due(row.due_at),
        center=row.center_name,
        week=f"Week of {date_words(planned.week)}",
        because=planned.because,
        runner_up=row.runner_up_name or "",
        acknowledge=tuple(planned.acknowledge),
        outcome=OUTCOME[planned.outcome] if planned.outcome else None,
        outcome_because=planned.outcome_because or "",
    )


def _name(row: Any) -> str:
    return f"{row.patient_given_name} {row.patient_family_name}"


def _left(row: Any, moment: Moment, tiers: Mapping[str, str]) -> Left:
    planned = row[0]
    return Left(
        name=_name(row),
        reference=row.reference,
        href=paths.referral(planned.referral_id),
        place=planned.number,
        tier=tier_tag(planned.tier, tiers),
        due=moment.due(row.due_at),
        look=UNPLACED[planned.code],
        because=planned.because,
    )


def _scarce(each: Mapping[str, Any]) -> tuple[str, str, str]:
    price = f"{counted(each['price'], 'point')} better" if each["price"] else "no better"
    return family_label(each["family"]), price, str(each["unplaced"])
