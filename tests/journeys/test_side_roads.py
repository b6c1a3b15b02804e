"""From a draft to closed through the JSON door, and every side road that a referral may take on its way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from referrals.models.engine import Database
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import Event, Notification, Outbox
from referrals.models.user import User
from referrals.pathway.integrity.check import prove
from referrals.pathway.notices import tell
from referrals.pathway.offers import lapse_offers
from tests.api.partner import Partner, if_match
from tests.factories import World, packet, routine
from tests.opinions import opinion

Taken = Callable[..., dict[str, Any]]


class Road:
    """One referral on its way: `go` takes a step in somebody's name, and says where that leads."""

    def __init__(self, partner: Callable[..., Partner], db: Database, world: World) -> None:
        self.db, self.world = db, world
        named = {
            "clinician": ("lakeside", "clinician@lakeside.example"),
            "other": ("hillcrest", "clinician@hillcrest.example"),
            "coordinator": ("network", "coordinator@network.example"),
            "lead": ("network", "lead@network.example"),
            "deputy": ("network", "deputy@network.example"),
            "specialist": ("summit", "specialist@summit.example"),
            "harbor": ("harbor", "specialist@harbor.example"),
        }
        self.people = {name: partner(code, person=person) for name, (code, person) in named.items()}
        self.now: dict[str, Any] = {}

    def write(self, sent: dict[str, Any] | None = None, who: str = "clinician") -> "Road":
        self.now = self.people[who].create(sent or routine(1))
        return self

    def go(self, who: str, step: str, status: str, **body: Any) -> dict[str, Any]:
        path, headers = f"/referrals/{self.now['id']}/{step}", if_match(self.now["version"])
        answer = self.people[who].post(path, body, headers=headers)
        assert answer.status_code in (200, 201), (step, answer.text)
        assert answer.json["status"] == status, step
        self.now = answer.json
        return self.now

    def to_center(self, code: str = "summit", **more: Any) -> "Road":
        if self.now["status"] == "submitted":
            self.go("coordinator", "claim", "in_triage")
        if self.now["status"] == "in_triage":
            self.go("coordinator", "complete-triage", "ready")
        self.go("coordinator", "offer", "offered", center=str(self.world.organizations[code].id), **more)
        return self

    def to_review(self, who: str = "specialist") -> "Road":
        self.go(who, "accept", "accepted")
        email = "specialist@summit.example" if who == "specialist" else "specialist@harbor.example"
        self.go(who, "start-review", "in_review", specialist=self.world.user_id(email))
        return self

    def to_closed(self, who: str = "specialist") -> "Road":
        self.go(who, "sign-opinion", "opinion_issued", **opinion())
        self.go("clinician", "acknowledge", "acknowledged", version=self.now["opinion"]["version"], plan="follow")
        told = [{"recommendation": each["id"], "result": "followed"} for each in self.now["opinion"]["recommendations"]]
        self.go("clinician", "close", "closed", outcomes=told)
        return self

    def told(self) -> set[str]:
        """Who has been told of the last event, once nothing can be undone any more."""
        with self.db.writing() as session:
            session.execute(update(Outbox).values(held_until=None))
            while tell(session, datetime.now(UTC)):
                pass
            last = (
                select(Event.id)
                .where(Event.referral_id == UUID(self.now["id"]))
                .order_by(Event.version.desc())
                .limit(1)
            )
            query = select(User.email).join(Notification, Notification.user_id == User.id)
            return set(session.scalars(query.where(Notification.event_id == last.scalar_subquery())))

    def whole(self) -> None:
        """Nothing that was written breaks an invariant."""
        self.told()
        with self.db.reading() as session:
            broken = [
                (found.invariant.name, found.breaks) for found in prove(session, datetime.now(UTC)) if not found.holds
            ]
        assert broken == []


@pytest.fixture
def road(partner: Callable[..., Partner], db: Database, world: World) -> Road:
    return Road(partner, db, world)


def test_the_straight_road_from_a_draft_to_closed(road: Road) -> None:
    road.write(packet(1, submit=False))
    road.go("clinician", "submit", "submitted")
    road.to_center().to_review().to_closed()
    assert (road.now["waiting_on"], road.now["next_action_due_at"], road.now["core_status"]) == (None, None, "closed")
    road.whole()


def test_a_center_declines_and_another_answers(road: Road) -> None:
    road.write().to_center()
    road.go("specialist", "decline-offer", "ready", reason="expertise")
    assert "coordinator@network.example" in road.told()
    road.to_center("harbor").to_review("harbor").to_closed("harbor")
    assert [offer["status"] for offer in road.now["offers"]] == ["declined", "accepted"]
    road.whole()


def test_a_silent_center_loses_the_offer_and_is_told(road: Road) -> None:
    road.write().to_center()
    past = datetime.now(UTC) - timedelta(minutes=1)
    with road.db.writing() as session:
        session.execute(update(Offer).values(respond_by=past))
        session.execute(update(Referral).values(respond_by=past))
        assert lapse_offers(session, datetime.now(UTC)) == 1
    road.now = road.people["coordinator"].get(f"/referrals/{road.now['id']}").json
    assert (road.now["status"], road.now["offers"][0]["status"]) == ("ready", "lapsed")
    assert "specialist@summit.example" in road.told()
    road.to_center("harbor").to_review("harbor").to_closed("harbor")
    road.whole()


def test_a_center_gives_back_and_a_lead_recalls(road: Road) -> None:
    road.write().to_center().to_review()
    road.go("specialist", "return", "ready", reason="conflict", text="I treat her sister.")
    road.to_center("harbor").to_review("harbor")
    road.go("lead", "recall", "ready", text="No word for days.")
    assert "specialist@harbor.example" in road.told()
    assert [offer["status"] for offer in road.now["offers"]] == ["returned", "recalled"]
    road.whole()


def test_facts_that_change_after_an_offer_are_confirmed_by_the_center(road: Road) -> None:
    road.write().to_center()
    road.go("specialist", "accept", "accepted")
    spread = {"kind": "new_event", "source": "CT", "reason": "It has spread.", "diagnosis": {"stage": {"m": "M1"}}}
    changed = road.go("clinician", "update-facts", "accepted", **spread)
    assert changed["priority"]["tier"] != "P4"
    assert "specialist@summit.example" in road.told()
    assert road.people["specialist"].get(f"/referrals/{road.now['id']}").json["offers"][0]["reconfirm"]
    road.go("specialist", "start-review", "in_review", specialist=road.world.user_id("specialist@summit.example"))
    assert road.now["offers"][0]["reconfirm"] == []
    road.whole()


def test_a_referral_is_withdrawn_before_and_after_a_center_accepts(road: Road) -> None:
    road.write().to_center()
    road.go("clinician", "withdraw", "withdrawn", reason="patient_choice")
    assert "specialist@summit.example" in road.told()
    road.write(routine(2)).to_center().to_review()
    road.go("clinician", "request-withdrawal", "in_review", reason="treated_elsewhere")
    assert (road.now["next_action"], road.now["waiting_on"]) == ("confirm-withdrawal", "center")
    road.go("specialist", "confirm-withdrawal", "withdrawn")
    assert "clinician@lakeside.example" in road.told()
    road.whole()


def test_a_decline_is_contested_and_somebody_else_answers(road: Road) -> None:
    road.write()
    road.go("lead", "decline", "declined", reason="not_indicated", advice="Ask the board.")
    road.go("clinician", "contest", "in_triage", text="The board has asked for it.")
    path, headers = f"/referrals/{road.now['id']}/complete-triage", if_match(road.now["version"])
    assert road.people["lead"].post(path, {}, headers=headers).status_code == 422
    road.go("deputy", "complete-triage", "ready")
    road.to_center().to_review().to_closed()
    road.whole()


def test_the_sender_of_a_duplicate_joins_the_one_that_goes_on(road: Road) -> None:
    double = Road.__new__(Road)
    double.__dict__ = dict(road.__dict__)
    road.write()
    double.write(routine(2, referring_clinician={"email": "clinician@hillcrest.example"}), who="other")
    double.go("coordinator", "cancel", "cancelled", reason="duplicate", duplicate_of=road.now["id"])
    road.go("coordinator", "join", "submitted", user=road.world.user_id("clinician@hillcrest.example"))
    road.to_center()
    assert "clinician@hillcrest.example" in road.told()
    read = road.people["other"].get(f"/referrals/{road.now['id']}")
    assert read.status_code == 404, "a system reads what is its organization's; the person reads in the dashboard"
    road.whole()


def test_an_opinion_is_amended_after_it_was_read(road: Road) -> None:
    road.write().to_center().to_review()
    road.go("specialist", "sign-opinion", "opinion_issued", **opinion())
    road.go("clinician", "acknowledge", "acknowledged", version=1, plan="follow")
    road.go("specialist", "amend-opinion", "opinion_issued", **opinion(text="The dose was wrong."))
    assert "clinician@lakeside.example" in road.told()
    path, headers = f"/referrals/{road.now['id']}/acknowledge", if_match(road.now["version"])
    assert road.people["clinician"].post(path, {"version": 1, "plan": "follow"}, headers=headers).status_code == 422
    road.go("clinician", "acknowledge", "acknowledged", version=2, plan="discuss")
    road.whole()


def test_when_the_referrer_has_left_the_answer_reaches_a_colleague(road: Road) -> None:
    road.write().to_center().to_review()
    with road.db.writing() as session:
        session.execute(update(User).where(User.email == "clinician@lakeside.example").values(active=False))
    road.go("specialist", "sign-opinion", "opinion_issued", **opinion())
    assert "colleague@lakeside.example" in road.told()
    road.whole()


def test_a_death_ends_what_is_open_and_an_opinion_is_delivered_all_the_same(road: Road) -> None:
    road.write().to_center().to_review()
    road.go("coordinator", "cancel", "cancelled", reason="deceased")
    assert {"specialist@summit.example", "clinician@lakeside.example"} <= road.told()
    road.write(routine(2)).to_center().to_review()
    road.go("specialist", "sign-opinion", "opinion_issued", **opinion())
    road.go("coordinator", "cancel", "cancelled", reason="deceased")
    answered = road.people["clinician"].get(f"/referrals/{road.now['id']}").json
    assert answered["opinion"]["version"] == 1
    road.whole()


def test_nobody_is_left_at_the_referrer_and_a_task_says_so(road: Road) -> None:
    road.write().to_center().to_review()
    with road.db.writing() as session:
        left = update(User).where(User.email.in_(["clinician@lakeside.example", "colleague@lakeside.example"]))
        session.execute(left.values(active=False))
    road.go("specialist", "sign-opinion", "opinion_issued", **opinion())
    road.told()
    with road.db.reading() as session:
        assert session.scalars(select(Task.kind)).all() == ["tell_referrer"]
    road.whole()
