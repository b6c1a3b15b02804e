"""Hypothesis lives the lives of referrals through the JSON door: any caller, any step, any order.

The step table alone says what must happen; after each step every invariant of the record is proven.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update

from referrals.domain import lifecycle
from referrals.domain.errors import Forbidden, NotAllowedNow
from referrals.domain.lifecycle import STEPS, Situation, Status
from referrals.domain.people import Party
from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.pathway.actions import ACTIONS
from referrals.pathway.integrity.check import prove
from referrals.pathway.offers import lapse_offers
from tests.api.partner import Partner, if_match
from tests.factories import World, packet, routine, treatment
from tests.opinions import opinion

NUMBERS = itertools.count(1)
KINDS: dict[str, Callable[..., dict[str, Any]]] = {
    "urgent": packet,
    "routine": routine,
    "in words": lambda number, **more: packet(
        number, diagnosis={"uncoded": True, "description": "A lump"}, treatments=[], needed_by=None, **more
    ),
}
# Who calls: the organization's client, the person it names, and the party of the step table that this makes.
CALLERS: dict[str, tuple[str, str | None, frozenset[Party]]] = {
    "system of the provider": ("lakeside", None, frozenset({Party.R})),
    "clinician": ("lakeside", "clinician@lakeside.example", frozenset({Party.R})),
    "another provider": ("hillcrest", None, frozenset({Party.R})),
    "coordinator": ("network", "coordinator@network.example", frozenset({Party.C})),
    "second coordinator": ("network", "second@network.example", frozenset({Party.C})),
    "lead": ("network", "lead@network.example", frozenset({Party.L})),
    "deputy": ("network", "deputy@network.example", frozenset({Party.L})),
    "administrator": ("network", "admin@network.example", frozenset({Party.A})),
    "center": ("summit", None, frozenset({Party.K, Party.S})),
    "specialist": ("summit", "specialist@summit.example", frozenset({Party.S})),
    "another center": ("harbor", None, frozenset({Party.K, Party.S})),
}
# A system that names nobody where a person is needed stands for whomever it could have named: 404 and 409 come first.
COULD_NAME = {"system of the provider": frozenset({Party.A}), "another provider": frozenset({Party.A})}
STRANGERS = frozenset({"another provider", "another center"})
AT_THE_CENTER = frozenset({"center", "specialist"})
AT_THE_PROVIDER = frozenset({"system of the provider", "clinician"})
# Who takes what is awaited, so that lives go on to their end and not only astray.
TAKES: dict[str, str] = {
    "submit": "clinician",
    "claim": "coordinator",
    "complete-triage": "coordinator",
    "offer": "coordinator",
    "accept": "center",
    "start-review": "specialist",
    "sign-opinion": "specialist",
    "confirm-withdrawal": "center",
    "acknowledge": "clinician",
    "close": "clinician",
    "answer-information": "clinician",
}


def body_of(step: str, world: World, number: int, referral: dict[str, Any]) -> dict[str, Any]:
    bodies = question_bodies(number, referral) | center_bodies(world, number) | opinion_bodies(referral)
    later = (datetime.now(UTC) + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    bodies |= {
        "update-facts": {
            "kind": "new_event",
            "source": "telephone",
            "reason": "a visit",
            "diagnosis": {"grade": str(number)},
            "treatments": [treatment(best_response=("PR", "PD")[number % 2])],
        },
        "override": {"tier": f"P{number % 4 + 1}", "reason": "patient_safety", "text": "because", "expires_at": later},
        "assign-owner": {"user": world.user_id("second@network.example")},
        "change-clinician": {"user": world.user_id(("clinician", "colleague")[number % 2] + "@lakeside.example")},
        "join": {"user": world.user_id("colleague@lakeside.example")},
        "decline": {"reason": ("administrative", "not_indicated")[number % 2], "advice": "Ask again."},
        "contest": {"text": "We disagree."},
        "reopen": {"text": "Once more."},
        "withdraw": {"reason": "patient_choice"},
        "request-withdrawal": {"reason": "patient_choice"},
        "cancel": {"reason": ("other_route", "deceased")[number % 2]},
        "mark-error": {"text": "The wrong patient.", "second_person": "lead@network.example"},
    }
    return bodies.get(step, {})


def center_bodies(world: World, number: int) -> dict[str, Any]:
    named = {"specialist": world.user_id("specialist@summit.example")}
    waived = {"late_acknowledged": True, "unknown_acknowledged": True, "exception_reason": "They know her."}
    reason = ("capacity", "incomplete", "other")[number % 3]
    return {
        "offer": {"center": str(world.organizations["summit"].id), **(waived if number % 4 else {})},
        "decline-offer": {"reason": reason},
        "return": {"reason": reason, "text": "We cannot."},
        "withdraw-offer": {"text": "A mistake."},
        "recall": {"text": "Too slow."},
        "start-review": named,
        "change-specialist": named,
        "interim-advice": {"text": "Stop the drug."},
    }


def opinion_bodies(referral: dict[str, Any]) -> dict[str, Any]:
    signed = referral["opinion"] or {"version": 1, "recommendations": []}
    outcomes = [{"recommendation": each["id"], "result": "followed"} for each in signed["recommendations"]]
    return {
        "sign-opinion": opinion(),
        "amend-opinion": opinion(text="A slip of the pen."),
        "acknowledge": {"version": signed["version"], "plan": "follow"},
        "close": {"outcomes": outcomes},
    }


def question_bodies(number: int, referral: dict[str, Any]) -> dict[str, Any]:
    """Every other question blocks; now and then an answer is given to what nobody asks any more."""
    item = ({"field": "/diagnosis/disease_status"}, {"text": "Where?"})[number // 2 % 2]
    asked = (referral["information_requests"] or [{"id": None, "items": []}])[-1]
    value = "refractory" if "field" in (asked["items"] or [{}])[0] else "here"
    answers = [{"item": each["id"], **({"value": value}, {"unobtainable": "x"})[number % 2]} for each in asked["items"]]
    due = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "request-information": {"asked": ("referrer", "payer")[number % 2], "blocking": number < 6, "items": [item]},
        "answer-information": {"request": asked["id"], "answers": answers, "source": "phone"},
        "proceed-without": {"reasons": [{"item": each["id"], "reason": "x"} for each in asked["items"]]},
        "extend": {"due_at": due, "reason": "x"},
    }


def is_hidden(referral: dict[str, Any], caller: str) -> bool:
    """A draft is its writer's own, a mistake the network's; a center knows what it was asked, and no other's."""
    status = Status(referral["status"])
    if caller in STRANGERS or (status is Status.DRAFT and caller not in AT_THE_PROVIDER):
        return True
    if status is Status.ENTERED_IN_ERROR:
        return caller in AT_THE_PROVIDER | AT_THE_CENTER
    return caller in AT_THE_CENTER and referral["center"] is None


def expected(step: str, referral: dict[str, Any], caller: str, situation: Situation) -> int:
    """What the table alone says of this step: refused for who, refused for when, or open as far as guards allow."""
    status, parties = Status(referral["status"]), CALLERS[caller][2]
    if STEPS[step].person_required:
        parties |= COULD_NAME.get(caller, frozenset())
    if not parties & STEPS[step].parties:
        return 403
    if is_hidden(referral, caller):
        return 404
    try:
        lifecycle.take(step, status, parties, situation)
    except NotAllowedNow:
        return 409
    except Forbidden:
        return 403
    return 200


@dataclass(frozen=True)
class Scene:
    """Where lives are lived: who may call, and the database behind them."""

    callers: dict[str, Partner]
    db: Database
    world: World


@pytest.fixture
def scene(partner: Callable[..., Partner], db: Database, world: World) -> Scene:
    callers = {name: partner(code, person=person) for name, (code, person, _) in CALLERS.items()}
    return Scene(callers, db, world)


class Lives(RuleBasedStateMachine):
    scene: Scene
    referrals = Bundle("referrals")

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, dict[str, Any]] = {}
        self.resumes: dict[str, Status] = {}

    @rule(target=referrals, kind=st.sampled_from(sorted(KINDS)), submit=st.booleans())
    def write(self, kind: str, submit: bool) -> Any:
        number = next(NUMBERS)
        made = self.scene.callers["system of the provider"].create(KINDS[kind](number, submit=submit))
        assert made["status"] == ("submitted" if submit else "draft")
        self.known[made["id"]] = made
        return made["id"]

    @rule(
        target=referrals,
        referral=referrals,
        step=st.sampled_from(sorted(ACTIONS)),
        caller=st.sampled_from(sorted(CALLERS)),
        number=st.integers(0, 7),
    )
    def take(self, referral: str, step: str, caller: str, number: int) -> Any:
        return self.attempt(referral, step, caller, number)

    @rule(referral=referrals, number=st.integers(0, 7), often=st.integers(3, 9))
    def go_on(self, referral: str, number: int, often: int) -> None:
        """Whoever's turn it is does what is awaited, some steps in a row."""
        for _ in range(often):
            if step := self.known[referral]["next_action"]:
                self.attempt(referral, step, TAKES[step], number)

    @rule(referral=referrals, number=st.integers(0, 7), data=st.data())
    def do_something_that_is_open(self, referral: str, number: int, data: st.DataObject) -> None:
        """Somebody takes one of the steps that they are offered."""
        caller = data.draw(st.sampled_from(sorted(CALLERS)))
        answer = self.scene.callers[caller].get(f"/referrals/{referral}")
        steps = [each["step"] for each in answer.json.get("steps", []) if each["step"] != "reopen"]
        if steps:
            self.attempt(referral, data.draw(st.sampled_from(steps)), caller, number)

    def attempt(self, referral: str, step: str, caller: str, number: int) -> Any:
        before = self.known[referral]
        body, headers = body_of(step, self.scene.world, number, before), if_match(before["version"])
        answer = self.scene.callers[caller].post(f"/referrals/{referral}/{step}", body, headers=headers)
        must = expected(step, before, caller, self.situation(before))
        if must == 404 and step == "undo" and before["status"] == "ready" and answer.status_code != 404:
            must = 200  # a center that has just declined no longer reads it, and may take that back
        if answer.status_code >= 400:
            allowed = {must} if must >= 400 else {403, 422}  # a proviso or a guard
            assert answer.status_code in allowed, (step, caller, before["status"], answer.text)
            return multiple()
        assert must == 200, (step, caller, before["status"])
        return self.taken(step, caller, before, answer.json)

    def situation(self, referral: dict[str, Any]) -> Situation:
        return Situation(self.resumes.get(referral["id"]), referral["next_action"] == "confirm-withdrawal")

    def taken(self, step: str, caller: str, before: dict[str, Any], after: dict[str, Any]) -> Any:
        if step == "reopen":
            assert (after["status"], after["version"], after["follows"]["id"]) == ("draft", 1, before["id"])
            self.known[after["id"]] = after
            return after["id"]
        status = self.landing(step, caller, before, after)
        assert (after["status"], after["version"]) == (status, before["version"] + 1)
        self.known[after["id"]] = after
        return multiple()

    def landing(self, step: str, caller: str, before: dict[str, Any], after: dict[str, Any]) -> Status:
        """Where the table leads; the newest question is the one that the step was about."""
        status, situation = Status(before["status"]), self.situation(before)
        newest = (after["information_requests"] or [{"blocking": False}])[-1]
        if step == "request-information" and newest["blocking"]:
            self.resumes[before["id"]] = status
        return lifecycle.take(step, status, CALLERS[caller][2], situation, blocking=newest["blocking"])

    @rule(referral=referrals)
    def the_time_to_answer_passes(self, referral: str) -> None:
        """The clock's own step. A center that is silent twice is paused; here somebody starts it again."""
        if self.known[referral]["status"] != Status.OFFERED:
            return
        now = datetime.now(UTC)
        with self.scene.db.writing() as session:
            for table, key in ((Referral, Referral.id), (Offer, Offer.referral_id)):
                session.execute(
                    update(table).where(key == UUID(referral)).values(respond_by=now - timedelta(minutes=1))
                )
            session.expire_all()
            assert lapse_offers(session, now) == 1
            session.execute(update(Center).values(paused_at=None))
        after = self.scene.callers["coordinator"].get(f"/referrals/{referral}").json
        assert (after["status"], after["center"], after["offers"][-1]["status"]) == ("ready", None, "lapsed")
        self.known[referral] = after

    @rule(referral=referrals, step=st.sampled_from(sorted(ACTIONS)))
    def take_with_a_stale_version(self, referral: str, step: str) -> None:
        before = self.known[referral]
        caller = self.scene.callers["clinician" if Party.R in STEPS[step].parties else "lead"]
        headers = if_match(before["version"] + 1)
        body = body_of(step, self.scene.world, 0, before)
        answer = caller.post(f"/referrals/{referral}/{step}", body, headers=headers)
        assert answer.status_code in (403, 404, 412), answer.text

    @rule(referral=referrals, words=st.text("abc", min_size=1, max_size=5))
    def rewrite(self, referral: str, words: str) -> None:
        before = self.known[referral]
        path = f"/referrals/{referral}"
        answer = self.scene.callers["clinician"].patch(path, {"summary": words}, version=before["version"])
        is_open = Status(before["status"]) in lifecycle.OPEN - lifecycle.ANSWERED
        hidden = is_hidden(before, "clinician")
        assert answer.status_code == (404 if hidden else 200 if is_open else 409), answer.text
        if is_open:
            written = words != before["summary"]
            assert (answer.json["summary"], answer.json["version"]) == (words, before["version"] + written)
            self.known[referral] = answer.json

    @rule(referral=consumes(referrals))
    def read_what_is_known(self, referral: str) -> None:
        known = self.known[referral]
        for name in CALLERS:
            answer = self.scene.callers[name].get(f"/referrals/{referral}")
            assert answer.status_code == (404 if is_hidden(known, name) else 200), name
        if is_hidden(known, "clinician"):
            return
        read = self.scene.callers["clinician"].get(f"/referrals/{referral}").json
        for name in (
            "status",
            "version",
            "due_at",
            "submitted_at",
            "updated_at",
            "waiting_on",
            "summary",
            "reference",
        ):
            assert read[name] == known[name], name
        events = self.scene.callers["clinician"].get(f"/referrals/{referral}/events?limit=200").json["items"]
        assert [event["version"] for event in events] == list(range(1, known["version"] + 1))
        assert events[-1]["to"] == known["status"]

    @invariant()
    def everything_holds(self) -> None:
        with self.scene.db.reading() as session:
            broken = [finding for finding in prove(session, datetime.now(UTC)) if not finding.holds]
        assert broken == []

    @invariant()
    def the_worklist_shows_who_waits(self) -> None:
        """Each open and received referral stands once in the network's list, and no other of ours does."""
        listed = [item["id"] for item in self.scene.callers["coordinator"].get("/referrals?limit=200").json["items"]]
        waiting = {each for each, known in self.known.items() if Status(known["status"]) in lifecycle.OPEN_RECEIVED}
        assert len(set(listed)) == len(listed)
        assert waiting <= set(listed)
        assert not (self.known.keys() - waiting) & set(listed)

    def teardown(self) -> None:
        """What is still open is ended, so that the next life's list is not full of this one's."""
        for referral, known in self.known.items():
            if Status(known["status"]) in lifecycle.OPEN:
                self.scene.callers["clinician"].post(
                    f"/referrals/{referral}/withdraw", {"reason": "other"}, headers=if_match("*")
                )


@pytest.mark.parametrize("lives", [4, pytest.param(60, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_whatever_is_done_in_whatever_order_the_table_and_the_invariants_hold(scene, lives):
    run_state_machine_as_test(
        type("TheseLives", (Lives,), {"scene": scene}),
        settings=settings(
            max_examples=lives,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
