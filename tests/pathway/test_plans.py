"""The whole queue is placed at once: a plan says where and why, a person approves it, and what has changed is told."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from referrals.domain.errors import Conflict, Forbidden, Invalid
from referrals.domain.plans import PlanStatus
from referrals.models.center import Center, Expertise
from referrals.models.engine import Database
from referrals.models.plan import Plan, PlannedOffer
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.pathway.plans import approve, ask_by_the_clock, ask_for_plan, claim, keep, planned_offers
from referrals.pathway.queue_plan import read_queue, work_out
from tests.factories import diagnosis, patient, person_actor, routine
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import COORDINATOR, KEEPER, center_id, ready
from tests.statements import statements

SUMMIT, HARBOR = "summit", "harbor"


def plan(desk: Desk) -> Plan:
    ask_for_plan(desk.session, actor(desk), desk.now)
    return worked_out(desk)


def worked_out(desk: Desk) -> Plan:
    """What a worker does with the plan that waits."""
    lease = claim(desk.session, desk.now)
    assert lease is not None
    assert keep(desk.session, lease, work_out(read_queue(desk.session, lease.network_id, desk.now)), desk.now)
    desk.session.expire_all()
    return desk.session.get_one(Plan, lease.plan_id)


def actor(desk: Desk, who: str = COORDINATOR):
    return person_actor(desk.session, desk.world, f"{who}.example")


def center(desk: Desk, code: str) -> Center:
    return desk.session.get_one(Center, UUID(center_id(desk, code)))


def places(desk: Desk, **by_code: int) -> None:
    for code, number in by_code.items():
        center(desk, code).places = number
    desk.session.flush()


def expert(desk: Desk, code: str, level: float) -> None:
    for row in desk.session.scalars(select(Expertise).where(Expertise.center_id == UUID(center_id(desk, code)))):
        row.level = level
    desk.session.flush()


def said(desk: Desk, made: Plan) -> list[tuple[str, str | None]]:
    """For each referral its center by code, or why there is none."""
    rows = planned_offers(desk.session, made)
    return [(row.reference, row.center_code or row[0].code) for row in rows]


def of(desk: Desk, made: Plan, referral: Referral) -> PlannedOffer:
    query = select(PlannedOffer).where(PlannedOffer.plan_id == made.id, PlannedOffer.referral_id == referral.id)
    return desk.session.scalars(query).one()


@pytest.fixture
def friday(desk: Desk) -> Desk:
    """The week's pace has come to its end: every place can be given."""
    desk.wait(days=4)
    return desk


def test_a_plan_says_where_why_and_what_else_there_was_and_approving_it_makes_the_offers(
    friday: Desk, database: Database
) -> None:
    expert(friday, HARBOR, 0.7)
    first, second = ready(friday, 1), ready(friday, 2)
    places(friday, summit=1, harbor=5)
    made = plan(friday)
    assert (made.status, made.progress, made.queue_length) == (PlanStatus.READY, 100, 2)
    assert said(friday, made) == [(first.reference, SUMMIT), (second.reference, HARBOR)]
    best, other = of(friday, made, first), of(friday, made, second)
    assert (best.rank_of_choice, best.runner_up_id) == (1, UUID(center_id(friday, HARBOR)))
    assert "ahead of Harbor" in best.because
    assert (other.rank_of_choice, other.runner_up_id) == (2, UUID(center_id(friday, SUMMIT)))
    assert first.reference in other.because
    assert made.scarce
    with statements(database) as sent:
        approve(friday.session, actor(friday), made, None, friday.now)
    assert len(sent) <= 1 + 2 * 28
    assert [each.status for each in (first, second)] == ["offered", "offered"]
    assert str(second.center_id) == center_id(friday, HARBOR)
    with pytest.raises(Conflict):
        approve(friday.session, actor(friday), made, None, friday.now)


def test_whoever_reviews_unticks_and_what_has_changed_meanwhile_is_told_and_not_forced(friday: Desk) -> None:
    left, gone, moved, kept = (ready(friday, number) for number in range(1, 5))
    made = plan(friday)
    friday.take("cancel", gone, COORDINATOR, {"reason": "other_route"})
    news = {"kind": "correction", "source": "phone", "reason": "typed wrong", "diagnosis": {"grade": "3"}}
    friday.take("update-facts", moved, COORDINATOR, news)
    approve(friday.session, actor(friday), made, [each.id for each in (gone, moved, kept)], friday.now)
    assert {each.outcome: each.outcome_because for each in (of(friday, made, left), of(friday, made, kept))} == {
        "left_out": None,
        "offered": None,
    }
    assert {of(friday, made, each).outcome for each in (gone, moved)} == {"changed"}
    assert all(of(friday, made, each).outcome_because for each in (gone, moved))
    assert [each.status for each in (left, moved, kept)] == ["ready", "ready", "offered"]
    with pytest.raises(Invalid):
        approve(friday.session, actor(friday), plan(friday), [kept.id], friday.now)


def test_a_place_that_was_given_away_meanwhile_is_not_replaced_by_one_of_another_week(friday: Desk) -> None:
    places(friday, summit=1, harbor=0)
    planned, by_hand = ready(friday, 1), ready(friday, 2)
    made = plan(friday)
    assert dict(said(friday, made)) == {planned.reference: SUMMIT, by_hand.reference: SUMMIT}
    assert of(friday, made, planned).week < of(friday, made, by_hand).week
    friday.take("offer", by_hand, COORDINATOR, {"center": center_id(friday)})
    approve(friday.session, actor(friday), made, [planned.id], friday.now)
    told = of(friday, made, planned)
    assert (told.outcome, told.outcome_because) == (
        "changed",
        "The place has been given to another referral meanwhile.",
    )
    assert planned.status == "ready"


def test_only_those_who_may_make_offers_ask_for_plans_and_approve_them(friday: Desk) -> None:
    ready(friday)
    made = plan(friday)
    for forbidden in (
        lambda: ask_for_plan(friday.session, actor(friday, KEEPER), friday.now),
        lambda: approve(friday.session, actor(friday, KEEPER), made, None, friday.now),
    ):
        with pytest.raises(Forbidden):
            forbidden()


def test_while_the_week_is_paced_a_p1_that_arrives_at_noon_is_placed_the_same_day(desk: Desk) -> None:
    places(desk, summit=5, harbor=0)
    early = [ready(desk, number, **routine(number)) for number in (1, 2)]
    assert [each for _, each in said(desk, plan(desk))] == [SUMMIT, "earlier_first"]
    approve(desk.session, actor(desk), desk.session.scalars(select(Plan)).one(), None, desk.now)
    desk.wait(hours=3)
    urgent = ready(desk, 3)
    assert urgent.tier == "P1"
    assert ask_by_the_clock(desk.session, desk.now) == 1
    made = worked_out(desk)
    assert dict(said(desk, made)) == {urgent.reference: SUMMIT, early[1].reference: "kept_back"}


WITHOUT: dict[str, Callable[[Desk], None]] = {
    "no_eligible_center": lambda desk: [expert(desk, code, 0.1) for code in (SUMMIT, HARBOR)] and None,
    "no_place": lambda desk: places(desk, summit=0, harbor=0),
}


@pytest.mark.parametrize("code", WITHOUT)
def test_who_gets_no_place_is_told_why_and_where_no_center_can_be_asked_a_person_is_told_at_once(friday, code) -> None:
    referral = ready(friday)
    WITHOUT[code](friday)
    for _ in range(2):
        made = plan(friday)
        assert said(friday, made) == [(referral.reference, code)]
    tasks = friday.session.scalars(select(Task).where(Task.kind == "no_eligible_center")).all()
    assert len(tasks) == (code == "no_eligible_center")
    statuses = friday.session.scalars(select(Plan.status).order_by(Plan.asked_at, Plan.id)).all()
    assert statuses == ["superseded", "ready"]


def test_the_clock_asks_every_working_morning_once(desk: Desk) -> None:
    ready(desk, 1, **routine(1))
    assert ask_by_the_clock(desk.session, desk.now) == 1
    assert ask_by_the_clock(desk.session, desk.now + timedelta(hours=5)) == 0
    assert ask_by_the_clock(desk.session, desk.now + timedelta(hours=14)) == 0  # past midnight, before six
    assert ask_by_the_clock(desk.session, desk.now + timedelta(days=1)) == 1
    assert ask_by_the_clock(desk.session, desk.now + timedelta(days=5)) == 0  # a Saturday


def test_a_plan_whose_worker_died_is_made_by_another_and_given_up_after_three_tries(friday: Desk) -> None:
    ready(friday)
    ask_for_plan(friday.session, actor(friday), friday.now)
    dead = claim(friday.session, friday.now)
    assert dead is not None
    worked = work_out(read_queue(friday.session, dead.network_id, friday.now))
    assert claim(friday.session, friday.now) is None
    friday.wait(minutes=11)
    assert claim(friday.session, friday.now) is not None
    assert not keep(friday.session, dead, worked, friday.now)
    for _ in range(2):
        friday.wait(minutes=11)
        claim(friday.session, friday.now)
    assert friday.session.scalars(select(Plan.status)).one() == "failed"


def test_rare_cases_go_to_experts_complex_ones_to_a_team_and_children_to_where_children_are_treated(
    friday: Desk,
) -> None:
    rare = ready(friday, 1, diagnosis=diagnosis(icd10cm="C49.2", topography="C49.2", morphology="8890/3"))
    unclear = ready(friday, 2, diagnosis=diagnosis(certainty="conflicting"))
    child = ready(friday, 3, patient=patient(3, birth_date="2015-04-01"))
    assert [rare.rare, unclear.complex, child.rare] == [True, True, True]
    expert(friday, HARBOR, 0.5)
    assert dict(said(friday, plan(friday))) == {
        rare.reference: SUMMIT,
        unclear.reference: SUMMIT,
        child.reference: "no_eligible_center",
    }
    # With Summit paused, an expert alone takes the rare ones, and nobody the one that needs a team.
    center(friday, SUMMIT).paused_at = friday.now
    expert(friday, HARBOR, 0.6)
    assert dict(said(friday, plan(friday))) == {
        rare.reference: HARBOR,
        unclear.reference: "no_eligible_center",
        child.reference: HARBOR,
    }
