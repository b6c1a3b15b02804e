"""The chain of an offer: the clock asks the next approved center, under every guard, until a person goes on by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Update, insert, select, update

from referrals.api.timeline import event_answer
from referrals.domain.errors import Forbidden, Invalid
from referrals.domain.people import Kind
from referrals.domain.tasks import TaskKind
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.fallback import Fallback
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import Event
from referrals.models.user import Membership, User
from referrals.pathway.accounts import create_organization
from referrals.pathway.fallbacks import end_chain, newest_chain
from referrals.pathway.integrity.finding import Look
from referrals.pathway.integrity.offers import asked_without_approval
from referrals.pathway.next_offers import HAS_MOVED, MAY_NOT, offer_next
from referrals.pathway.offers import lapse_offers
from tests.factories import person_actor, profile, settled
from tests.pathway.conftest import MONDAY_MORNING, Desk
from tests.pathway.test_offers import CLINICIAN, COORDINATOR, KEEPER, center_id, offers, ready

LEAD = "lead@network"


def chained(desk: Desk, *then: str, number: int = 1, **more: Any) -> Referral:
    """Summit is asked, then these; `north` and `south` are two more centers."""
    for code in ("north", "south"):
        if code not in desk.world.organizations:
            home = create_organization(desk.session, f"{code.title()} Center", code, Kind.CENTER, desk.now)
            desk.world.organizations[code] = home
            profile(desk.session, home, desk.now)
    referral = ready(desk, number)
    body = {"center": center_id(desk), "then": [center_id(desk, code) for code in then]}
    return desk.take("offer", referral, COORDINATOR, body | more)


def lapsed(desk: Desk, referral: Referral) -> None:
    assert referral.respond_by is not None
    desk.now = max(desk.now, referral.respond_by) + timedelta(seconds=1)
    lapse_offers(desk.session, desk.now)


def asked(desk: Desk, referral: Referral) -> list[tuple[str, str]]:
    codes = {home.id: code for code, home in desk.world.organizations.items()}
    return [(codes[offer.center_id], offer.status) for offer in offers(desk, referral)]


def tasks(desk: Desk) -> list[str]:
    desk.session.flush()
    return list(desk.session.scalars(select(Task.kind)))


def go_on(desk: Desk) -> int:
    """Until nothing is left to do, as the worker does."""
    rounds = 0
    while offer_next(desk.session, desk.now):
        rounds += 1
    return rounds


def last_event(desk: Desk, referral: Referral) -> Event:
    desk.session.flush()
    query = select(Event).where(Event.referral_id == referral.id).order_by(Event.version.desc()).limit(1)
    return desk.session.scalars(query).one()


def test_after_a_lapse_the_next_is_asked_at_once_in_the_name_of_who_approved_it(desk: Desk) -> None:
    referral = chained(desk, "north", "south", late_acknowledged=True)
    assert go_on(desk) == 0
    lapsed(desk, referral)
    assert go_on(desk) == 1
    assert asked(desk, referral) == [("summit", "lapsed"), ("north", "live")]
    event = last_event(desk, referral)
    assert (event.step, event.party, event.actor_name, event.user_id) == ("offer", "T", "clock", None)
    assert event.data["approved_by"] == "Coordinator"
    assert [link.is_waiting for link in newest_chain(desk.session, referral)] == [False, True]
    for who in (CLINICIAN, "coordinator@summit"):
        reader = person_actor(desk.session, desk.world, f"{who}.example")
        assert not {"then", "approved_by"} & event_answer(event, referral, reader)["data"].keys()
    lapsed(desk, referral)
    assert go_on(desk) == 1
    lapsed(desk, referral)
    assert go_on(desk) == 1
    assert asked(desk, referral)[2:] == [("south", "lapsed")]
    assert (referral.status, tasks(desk)) == ("ready", [TaskKind.CHAIN_USED_UP])
    assert go_on(desk) == 0
    assert list(asked_without_approval(Look(desk.session, desk.now))) == []


def test_an_answer_counts_once_it_cannot_be_undone(desk: Desk) -> None:
    declined, accepted = chained(desk, "north", number=1), chained(desk, "north", number=2)
    desk.take("decline-offer", declined, KEEPER, {"reason": "capacity"})
    desk.take("accept", accepted, KEEPER)
    desk.wait(minutes=10)
    assert go_on(desk) == 0
    desk.take("undo", declined, KEEPER)
    desk.take("decline-offer", declined, KEEPER, {"reason": "capacity"})
    desk.wait(minutes=10, seconds=1)
    assert (go_on(desk), go_on(desk)) == (2, 0)
    assert asked(desk, declined) == [("summit", "declined"), ("north", "live")]
    assert (accepted.status, newest_chain(desk.session, accepted)) == ("accepted", [])


def test_nothing_is_done_in_the_name_of_somebody_who_did_not_know_or_may_not(desk: Desk) -> None:
    told, raised, left, staked = (chained(desk, "north", number=number) for number in range(1, 5))
    body = {"kind": "new_event", "source": "Phone", "reason": "They told us.", "pregnant": True}
    desk.take("update-facts", told, COORDINATOR, body)
    desk.session.flush()
    desk.session.execute(approved(raised).values(tier="P4"))
    desk.session.execute(approved(left).values(approved_by_id=UUID(desk.world.user_id("second@network.example"))))
    desk.session.execute(update(User).where(User.email == "second@network.example").values(active=False))
    person, home = UUID(desk.world.user_id("coordinator@network.example")), desk.world.organizations["lakeside"]
    row = {"id": new_id(), "network_id": home.network_id, "user_id": person, "organization_id": home.id}
    desk.session.execute(insert(Membership).values(row | {"role": "clinician"}))
    lapsed(desk, staked)
    assert go_on(desk) == 4
    assert tasks(desk) == [TaskKind.CHAIN_STOPPED] * 4
    reasons = [
        link.row.skipped_because for each in (told, raised, left, staked) for link in newest_chain(desk.session, each)
    ]
    assert reasons == [HAS_MOVED, HAS_MOVED, MAY_NOT, MAY_NOT]
    assert asked(desk, staked) == [("summit", "lapsed")]


def approved(referral: Referral) -> Update:
    return update(Fallback).where(Fallback.referral_id == referral.id)


def test_a_step_by_a_person_ends_what_was_approved(desk: Desk) -> None:
    taken_back, offered_anew, joined, ended = (chained(desk, "north", number=number) for number in range(1, 5))
    desk.take("withdraw-offer", taken_back, COORDINATOR, {"text": "By mistake."})
    coordinator, lead = (person_actor(desk.session, desk.world, f"{who}.example") for who in (COORDINATOR, LEAD))
    with pytest.raises(Forbidden):
        end_chain(desk.session, lead, ended.id, desk.now)
    assert [end_chain(desk.session, coordinator, ended.id, desk.now) for _ in range(2)] == [1, 0]
    lapsed(desk, joined)
    desk.take("offer", offered_anew, COORDINATOR, {"center": center_id(desk, "south")})
    desk.take("join", joined, CLINICIAN, {"user": desk.world.user_id("colleague@lakeside.example")})
    go_on(desk)
    assert [asked(desk, each)[-1] for each in (taken_back, offered_anew, joined, ended)] == [
        ("summit", "withdrawn"), ("south", "live"), ("summit", "lapsed"), ("summit", "lapsed"),
    ]  # fmt: skip
    assert not desk.session.scalars(select(Fallback).where(Fallback.ended_at.is_(None))).all()


def test_centers_to_be_asked_next_stand_every_test_of_the_first(desk: Desk) -> None:
    chained(desk, number=1)
    desk.session.get_one(Center, desk.world.organizations["south"].id).paused_at = desk.now
    desk.session.get_one(Center, desk.world.organizations["harbor"].id).services = []
    with pytest.raises(Invalid) as refused:
        chained(desk, "summit", "south", "harbor", number=2, exception_reason="We know them.")
    assert {(fault.pointer, fault.code) for fault in refused.value.errors} == {
        ("/then/0", "repeated"), ("/then/1", "center_is_active"), ("/then/2", "center_fits"),
    }  # fmt: skip
    desk.world.organizations["nowhere"] = desk.world.organizations["lakeside"]
    with pytest.raises(Invalid) as refused:
        chained(desk, "nowhere", number=3)
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [("/then/0", "unknown")]


def test_two_workers_ask_the_next_center_once_and_pass_over_who_no_longer_fits(database: Database) -> None:
    with database.writing() as session:
        desk = Desk(session, settled(session, MONDAY_MORNING - timedelta(days=90)))
        referral = chained(desk, "north", "south")
        session.get_one(Center, desk.world.organizations["north"].id).places = 0
        lapsed(desk, referral)

    def work(_: int) -> int:
        with database.writing() as session:
            return offer_next(session, desk.now)

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 1
    with database.reading() as session:
        again = Desk(session, desk.world, desk.now)
        assert asked(again, referral) == [("summit", "lapsed"), ("south", "live")]
        skipped = [link.row.skipped_because for link in newest_chain(session, session.get_one(Referral, referral.id))]
        assert skipped == ["No free place before the answer is due.", None]
        assert tasks(again) == []
