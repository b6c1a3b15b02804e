"""Places by week and line: what a center limits is never given away beyond it, and a closed week keeps what it holds."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from referrals.domain.errors import Invalid
from referrals.domain.people import Kind
from referrals.models.center import Center, LineLimit
from referrals.models.engine import Database
from referrals.models.offer import Offer
from referrals.models.organization import ApiClient
from referrals.models.task import Task
from referrals.models.user import User
from referrals.pathway.accounts import create_organization
from referrals.pathway.capacity import Capacities, capacities, state_capacity
from referrals.pathway.capacity_board import After, Narrowed, board_rows
from referrals.pathway.centers import change_center, find_center
from referrals.pathway.offers import lapse_offers
from referrals.pathway.pausing import look_after_pauses
from referrals.pathway.tasks import close_pointless
from tests.factories import days_ago, patient, person_actor, profile
from tests.pathway.conftest import Desk
from tests.pathway.test_integrity_offers import broken
from tests.pathway.test_offers import COORDINATOR, KEEPER, center_id, offered, offers, ready, words
from tests.statements import statements

THIS_WEEK, MONDAY = "2026-11-23", date(2026, 11, 23)


def stated(desk: Desk, sent: Mapping[str, Any]) -> Capacities:
    found = find_center(desk.session, desk.world.network_id, desk.world.organizations["summit"].id, lock=True)
    state_capacity(desk.session, person_actor(desk.session, desk.world, f"{KEEPER}.example"), found, sent, desk.now)
    return capacities(desk.session, found, desk.now)


def summit(desk: Desk) -> Center:
    return desk.session.get_one(Center, desk.world.organizations["summit"].id)


def children(number: int) -> dict[str, Any]:
    return {"patient": patient(number, birth_date=days_ago(3000)), "needed_by": {"date": THIS_WEEK, "kind": "other"}}


def limited(desk: Desk) -> Any:
    """One place of five for children in each week."""
    summit(desk).services = ["adults", "pediatrics", "multidisciplinary_team", "remote"]
    return stated(desk, {"places": 5, "services": [{"service": "pediatrics", "places": 1}]})


def ask(desk: Desk, referral: Any, **more: Any) -> Any:
    return desk.take("offer", referral, COORDINATOR, {"center": center_id(desk), "late_acknowledged": True} | more)


def test_no_more_children_are_sent_than_their_limit_and_adults_take_the_rest(desk: Desk) -> None:
    limited(desk)
    first, second = (ready(desk, number, **children(number)) for number in (1, 2))
    ask(desk, first)
    weeks = capacities(desk.session, find_center(desk.session, desk.world.network_id, first.center_id), desk.now).weeks
    assert (weeks[0].free, weeks[0].free_for("pediatrics"), weeks[0].free_for(None)) == (4, 0, 4)
    desk.session.query(LineLimit).update({LineLimit.places: 0})
    with pytest.raises(Invalid) as refused:
        ask(desk, second)
    assert words(refused) == {"place_is_left"}
    assert ask(desk, ready(desk, 3)).status == "offered"
    assert ask(desk, second, overbook_reason="Agreed by phone.").status == "offered"
    assert [offers(desk, each)[0].line for each in (first, second)] == ["pediatrics"] * 2


def test_a_limit_given_twice_is_named_unless_the_center_has_lowered_it_since(desk: Desk) -> None:
    limited(desk)
    desk.wait(minutes=1)
    ask(desk, ready(desk, 1, **children(1)))
    desk.session.query(LineLimit).update({LineLimit.places: 0})
    assert broken(desk) == {"9": [f"center summit, week of {THIS_WEEK}"]}
    stated(desk, {"services": [{"service": "pediatrics", "places": 0}], "weeks": [{"week": THIS_WEEK, "places": 0}]})
    assert broken(desk) == {}
    desk.wait(minutes=1)
    desk.session.execute(update(Offer).values(offered_at=desk.now))
    assert broken(desk) == {"9": [f"center summit, week of {THIS_WEEK}"] * 2}


def test_a_week_that_is_closed_keeps_what_it_holds_and_says_why(desk: Desk) -> None:
    limited(desk)
    offered(desk, 1)
    closed = {"weeks": [{"week": THIS_WEEK, "places": 0, "reason": "congress"}]}
    week, following = stated(desk, closed).weeks[:2]
    assert (week.is_closed, week.reason, week.held, week.free, following.free) == (True, "congress", 1, 0, 5)
    week = stated(desk, {"weeks": [{"week": THIS_WEEK, "places": None}]}).weeks[0]
    assert (week.is_closed, week.reason, week.places) == (False, None, 5)


WRONG: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"services": [{"service": "trials", "places": 1}]}, {"/services/0/service": "no_line"}),
    ({"services": [{"service": "pediatrics", "places": 1}] * 2}, {"/services/1/service": "repeated"}),
    ({"places": 2, "services": [{"service": "pediatrics", "places": 3}]}, {"/services/0/places": "above_places"}),
    (
        {"weeks": [{"week": THIS_WEEK, "places": 1, "services": [{"service": "pediatrics", "places": 2}]}]},
        {"/weeks/0/services/0/places": "above_places"},
    ),
    ({"weeks": [{"week": THIS_WEEK, "places": 1, "reason": "congress"}]}, {"/weeks/0/reason": "not_closed"}),
)


def test_what_is_wrong_with_a_statement_is_named(desk: Desk) -> None:
    for sent, faults in WRONG:
        with pytest.raises(Invalid) as refused:
            stated(desk, sent)
        assert {error.pointer: error.code for error in refused.value.errors} == faults


def tasks(desk: Desk) -> list[tuple[str, bool]]:
    """The tasks about the center, and whether each is over."""
    desk.session.flush()
    desk.session.expire_all()
    query = select(Task).where(Task.center_id.is_not(None)).order_by(Task.created_at)
    return [(task.kind, task.done_at is not None) for task in desk.session.scalars(query)]


def test_a_silent_center_is_phoned_and_its_task_closes_when_the_network_ends_the_pause(desk: Desk) -> None:
    offered(desk, 1)
    offered(desk, 2)
    desk.wait(days=2)
    lapse_offers(desk.session, desk.now)
    assert summit(desk).paused_for == "silent"
    assert [look_after_pauses(desk.session, desk.now) for _ in range(2)] == [1, 0]
    close_pointless(desk.session, desk.now)
    assert tasks(desk) == [("center_silent", False)]
    found = find_center(desk.session, desk.world.network_id, desk.world.organizations["summit"].id)
    coordinator = person_actor(desk.session, desk.world, f"{COORDINATOR}.example")
    change_center(desk.session, coordinator, found, {"paused": False}, desk.now + timedelta(minutes=1))
    close_pointless(desk.session, desk.now)
    assert tasks(desk) == [("center_silent", True)]
    assert summit(desk).paused_for is None


def test_a_center_without_anybody_is_paused_until_somebody_is_active_again(desk: Desk) -> None:
    own = desk.world.organizations["summit"].id
    referral = offered(desk, 1)
    assert look_after_pauses(desk.session, desk.now) == 0
    people = User.email.in_(["coordinator@summit.example", "specialist@summit.example"])
    desk.session.execute(update(User).where(people).values(active=False))
    assert look_after_pauses(desk.session, desk.now) == 0
    desk.session.execute(update(ApiClient).where(ApiClient.organization_id == own).values(active=False))
    assert look_after_pauses(desk.session, desk.now) == 2
    assert (summit(desk).paused_for, tasks(desk)) == ("nobody", [("center_empty", False)])
    assert offers(desk, referral)[0].status == "live"
    desk.session.execute(update(User).where(people).values(active=True))
    assert look_after_pauses(desk.session, desk.now) == 1
    close_pointless(desk.session, desk.now)
    assert (summit(desk).paused_at, tasks(desk)) == (None, [("center_empty", True)])


def test_a_center_that_never_had_anybody_is_left_alone_until_an_offer_waits_there(desk: Desk) -> None:
    ridge = create_organization(desk.session, "Ridge", "ridge", Kind.CENTER, desk.now - timedelta(hours=30))
    desk.session.flush()
    profile(desk.session, ridge, desk.now)
    assert look_after_pauses(desk.session, desk.now) == 0
    desk.take("offer", ready(desk), COORDINATOR, {"center": str(ridge.id)})
    assert look_after_pauses(desk.session, desk.now - timedelta(hours=8)) == 0
    assert look_after_pauses(desk.session, desk.now) == 2
    assert tasks(desk) == [("center_empty", False)]


def test_the_board_goes_on_from_center_to_center_in_five_statements(database: Database, desk: Desk) -> None:
    def page(after: After, *, only_free: bool = False, limit: int = 1) -> tuple[list[str], After]:
        asked = Narrowed("sarcoma", only_free)
        rows, following = board_rows(desk.session, desk.world.network_id, [MONDAY], asked, after, limit)
        return [row.organization.code for row in rows], following

    with statements(database) as sent:
        first, following = page(None)
    assert (first, len(sent)) == (["harbor"], 5)
    assert page(following) == (["summit"], None)
    desk.session.get_one(Center, desk.world.organizations["harbor"].id).places = 0
    desk.session.flush()
    assert page(None, only_free=True) == (["summit"], None)
    assert page(None, limit=2) == (["harbor", "summit"], None)
