"""The whole queue is read at once, and tells of each referral exactly what it would tell of it alone."""

import pytest
from sqlalchemy import select

from referrals.domain.lifecycle import Status
from referrals.domain.people import Kind
from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.pathway import ready_queue
from referrals.pathway.accounts import create_organization
from referrals.pathway.matching import Ask, candidates, needs_of
from referrals.pathway.queue_plan import Read, read_queue, work_out
from referrals.pathway.ready_queue import centers_for, needs_of_all
from referrals.pathway.rules import rules_of
from tests.factories import diagnosis, packet, patient, profile
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import COORDINATOR, HARBOR, KEEPER, center_id, offered, ready
from tests.statements import statements


def mixed_queue(desk: Desk) -> None:
    """A child and adults, rare and not, of whom some were asked about before and one is asked about now."""
    ready(desk, 1, needed_by=None)
    ready(
        desk, 2, patient=patient(2, birth_date="2015-04-01"), diagnosis=diagnosis(icd10cm="C49.2", morphology="8890/3")
    )
    ready(
        desk,
        3,
        preferences={"max_distance_km": 50, "language": "es"},
        consent=packet()["consent"] | {"centers": ["harbor"]},
    )
    desk.take("decline-offer", offered(desk, 4), KEEPER, {"reason": "expertise"})
    twice = offered(desk, 5, late_acknowledged=True)
    desk.take("withdraw-offer", twice, COORDINATOR, {"text": "The other one is nearer."})
    reasons = {"exception_reason": "They know her.", "unknown_acknowledged": True, "late_acknowledged": True}
    desk.take("offer", twice, COORDINATOR, {"center": center_id(desk, "harbor")} | reasons)
    desk.take("decline-offer", twice, HARBOR, {"reason": "incomplete"})
    offered(desk, 6)
    summit = desk.session.get_one(Center, desk.world.organizations["summit"].id)
    summit.places, summit.zone, summit.holidays = 1, "America/Los_Angeles", ["2026-11-26"]
    desk.session.flush()


def test_what_the_queue_says_of_a_referral_is_what_it_says_itself_though_many_are_judged_at_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed_queue(desk)
    rules, network_id = rules_of(desk.session, desk.world.network_id), desk.world.network_id
    queue = needs_of_all(desk.session, network_id, rules, desk.now, limit=10)
    centers = centers_for(desk.session, network_id, rules, desk.now, queue)
    order = (
        select(Referral).where(Referral.status == "ready").order_by(Referral.order_at, Referral.arrived_at, Referral.id)
    )
    alone = [Ask(desk.session, each, rules, desk.now) for each in desk.session.scalars(order)]

    assert [each.referral.id for each in queue] == [ask.referral.id for ask in alone]
    assert len(queue) == 5
    assert [each.needs for each in queue] == [needs_of(ask) for ask in alone]
    assert [list(centers.candidates_for(each)) for each in queue] == [candidates(ask, needs_of(ask)) for ask in alone]
    assert sum(len(each.earlier) for waiting in queue for each in centers.candidates_for(waiting)) == 3

    read = Read(rules, desk.now, queue, centers)
    judged = work_out(read)
    monkeypatch.setattr(ready_queue, "out_of_question", lambda center, in_common: False)
    one_by_one = read_queue(desk.session, network_id, desk.now)
    assert work_out(one_by_one) == judged
    assert [len(centers.in_question(each)) for each in queue] == [2, 0, 2, 2, 2]
    assert sum(len(one_by_one.centers.in_question(each)) for each in queue) == 2 * len(queue)


def test_a_longer_queue_and_more_centers_cost_no_more_statements(desk: Desk, database: Database) -> None:
    def cost() -> tuple[int, int]:
        session, network_id = desk.session, desk.world.network_id
        session.flush()
        rules = rules_of(session, network_id)
        with statements(database) as sent:
            queue = needs_of_all(session, network_id, rules, desk.now, 100, (Status.SUBMITTED,))
            centers = centers_for(session, network_id, rules, desk.now, queue)
            found = sum(len(centers.candidates_for(each)) for each in queue)
        return found, len(sent)

    for number in range(1, 4):
        desk.receive(number)
    few = cost()
    for number in range(4, 31):
        desk.receive(number)
    began = desk.now
    for number in range(18):
        home = create_organization(desk.session, f"Center {number}", f"center-{number}", Kind.CENTER, began)
        profile(desk.session, home, began)
    many = cost()
    assert (few[0], many[0]) == (3 * 2, 30 * 20)
    assert few[1] == many[1] <= 12
