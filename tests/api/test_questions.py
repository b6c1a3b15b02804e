"""Questions through the JSON door: put, answered, given more time, gone on without; at each place of a referral."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.partner import Partner, codes
from tests.factories import World, diagnosis, packet, treatment, unknown_id

UNTOLD = {"diagnosis": diagnosis(disease_status=None, morphology=None), "treatments": None, "needed_by": None}
STATUS, CELLS = {"field": "/diagnosis/disease_status"}, {"field": "/diagnosis/morphology"}


def later(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def claimed(lakeside: Partner, coordinator: Partner) -> dict[str, Any]:
    return coordinator.take("claim", lakeside.create(packet(1, **UNTOLD))).json


def ask(by: Partner, referral: dict[str, Any], *items: dict[str, Any], blocking: bool = True, **more: Any) -> Any:
    return by.take("request-information", referral, asked="referrer", blocking=blocking, items=list(items), **more)


def given(referral: dict[str, Any], *answers: dict[str, Any]) -> list[dict[str, Any]]:
    items = referral["information_requests"][-1]["items"]
    return [{"item": item["id"], **answer} for item, answer in zip(items, answers, strict=True)]


WAY = ("in_triage", "ready", "offered", "accepted", "in_review")


@pytest.fixture
def travel(coordinator: Partner, partner: Any, world: World, claimed: dict[str, Any]) -> Any:
    """Takes the referral as far as this place on its way, and says who asks there."""
    specialist = world.user_id("specialist@summit.example")
    center = {"center": str(world.organizations["summit"].id), "unknown_acknowledged": True}
    summit = partner("summit", person="specialist@summit.example")
    steps = (
        (coordinator, "complete-triage", {}),
        (coordinator, "offer", center),
        (summit, "accept", {}),
        (summit, "start-review", {"specialist": specialist}),
    )

    def to(place: str) -> tuple[Partner, dict[str, Any]]:
        referral = claimed
        for who, step, body in steps[: WAY.index(place)]:
            answer = who.take(step, referral, **body)
            assert answer.status_code == 200, answer.text
            referral = answer.json
        return (summit if WAY.index(place) > 1 else coordinator), referral

    return to


@pytest.mark.parametrize("place", WAY)
def test_a_question_is_answered_where_it_was_put(lakeside, travel, place):
    asker, referral = travel(place)
    asked = ask(asker, referral, STATUS, {**CELLS, "required": False}, message="Before Friday", due_at=later(3))
    assert asked.status_code == 200, asked.text
    waits = asked.json
    assert (waits["status"], waits["core_status"]) == ("information_requested", "action_required")
    assert (waits["waiting_on"], waits["next_action"], waits["due_at"]) == (
        "referrer",
        "answer-information",
        referral["due_at"],
    )
    (question,) = waits["information_requests"]
    assert {
        "asked": "referrer",
        "blocking": True,
        "status": "open",
        "message": "Before Friday",
    }.items() <= question.items()
    assert question["due_at"] == waits["next_action_due_at"]
    assert [(item["field"], item["required"], item["answer"]) for item in question["items"]] == [
        ("/diagnosis/disease_status", True, None),
        ("/diagnosis/morphology", False, None),
    ]
    answers = given(waits, {"value": "refractory"}, {"value": " 8140/3 "})
    told = lakeside.take("answer-information", waits, answers=answers).json
    assert (told["status"], told["waiting_on"]) == (place, referral["waiting_on"])
    assert told["diagnosis"]["morphology"] == "8140/3"
    assert (told["diagnosis"]["disease_status"], told["priority"]["tier"]) == ("refractory", "P1")
    (question,) = told["information_requests"]
    assert question["status"] == "answered"
    assert question["items"][1]["answer"] == {"value": "8140/3"}
    assert "The priority changed from P2 Urgent to P1 Immediate." in question["changes"]
    events = lakeside.get(f"/referrals/{told['id']}/events").json["items"]
    assert [event["step"] for event in events[-2:]] == ["request-information", "answer-information"]
    assert events[-1]["data"]["changes"] == question["changes"]
    assert [facts["version"] for facts in lakeside.get(f"/referrals/{told['id']}/facts").json["items"]] == [1, 2]


def test_a_question_that_blocks_nothing_is_answered_by_the_way(lakeside, coordinator, claimed):
    asked = ask(coordinator, claimed, {"document": "pathology"}, {"text": "Who operated?"}, blocking=False).json
    assert (asked["status"], asked["waiting_on"]) == ("in_triage", "coordinator")
    answers = given(asked, {"unobtainable": "The laboratory has closed."}, {"value": "Dr Rey"})
    told = coordinator.take("answer-information", asked, answers=answers)
    assert codes(told) == {"/source": "source_named"}
    told = coordinator.take("answer-information", asked, answers=answers, source="Dr Rey, by phone").json
    assert told["information_requests"][0]["source"] == "Dr Rey, by phone"
    again = lakeside.take("answer-information", told, request=asked["information_requests"][0]["id"], answers=answers)
    assert codes(again) == {"/request": "request_is_open"}


def test_more_time_is_given_once_and_then_it_goes_on_without(coordinator, lead, claimed):
    asked = ask(coordinator, claimed, STATUS).json
    due_at = later(9)
    never = coordinator.take("extend", asked, due_at="9999-12-31T23:59:59Z", reason="x")
    assert (never.status_code, codes(never)) == (422, {"/due_at": "too_late"})
    extended = coordinator.take("extend", asked, due_at=due_at, reason="The laboratory is slow.").json
    assert extended["information_requests"][0]["extended"] is True
    assert extended["next_action_due_at"] == due_at
    assert codes(coordinator.take("extend", extended, due_at=later(19), reason="x")) == {"": "not_extended_before"}
    item = extended["information_requests"][0]["items"][0]["id"]
    went_on = lead.take("proceed-without", extended, reasons=[{"item": item, "reason": "It is lost."}]).json
    assert went_on["status"] == "in_triage"
    assert went_on["information_requests"][0]["status"] == "proceeded"
    assert went_on["information_requests"][0]["items"][0]["reason"] == "It is lost."


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"items": []}, {"/items": "has_items"}),
        ({"items": [{"field": "/diagnosis/shoe_size"}]}, {"/items/0/field": "invalid_choice"}),
        ({"items": [{"field": "/patient/birth_date"}]}, {"/items/0/field": "invalid_choice"}),
        ({"items": [STATUS, {**CELLS, "text": "x"}, {}]}, {"/items/1": "exactly_one", "/items/2": "exactly_one"}),
        ({"items": [STATUS], "due_at": "2020-01-01T00:00:00Z"}, {"/due_at": "has_due_time"}),
        ({"items": [STATUS], "due_at": "9999-12-31T23:59:59Z"}, {"/due_at": "too_late"}),
        ({"items": [{"field": "/diagnosis/grade"}], "due_at": "2020-01-01T00:00:00Z"}, {"/due_at": "has_due_time", "/blocking": "item_could_matter"}),
        ({"items": [STATUS, {**STATUS, "required": False}]}, {"/items/1": "repeated"}),
        ({"items": [{"document": "selfie"}], "asked": "nobody"}, {"/items/0/document": "invalid_choice", "/asked": "invalid_choice"}),
    ],
)  # fmt: skip
def test_a_question_that_does_not_hold_is_refused_by_its_fields(coordinator, claimed, body, wrong):
    answer = coordinator.take("request-information", claimed, **{"asked": "referrer", "blocking": True} | body)
    assert (answer.status_code, codes(answer)) == (422, wrong)


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("/diagnosis/morphology", "glandular", {"/answers/0/value": "unknown_code"}),
        ("/diagnosis/stage/m", 1, {"/answers/0/value": "invalid_type"}),
        ("/diagnosis/stage", {"em": "M1"}, {"/answers/0/value/em": "unknown_field"}),
        ("/diagnosis/stage", {}, {"/answers/0/value": "blank"}),
        ("/diagnosis/disease_status", "worse", {"/answers/0/value": "invalid_choice"}),
        ("/treatments", "none", {"/answers/0/value": "invalid_type"}),
        ("/treatments", [{"line": 1}], {"/answers/0/value/0/modality": "required"}),
        ("/patient/pregnant", "yes", {"/answers/0/value": "invalid_type"}),
        ("/diagnosis/biomarkers", [{"value": "x"}], {"/answers/0/value/0/name": "required"}),
        (None, ["words"], {"/answers/0/value": "invalid_type"}),
    ],
)
def test_an_answer_has_the_form_of_the_fact_that_it_tells(lakeside, coordinator, claimed, field, value, wrong):
    asked = ask(coordinator, claimed, {"field": field} if field else {"text": "x"}, {"text": "y"}, blocking=False).json
    answers = given(asked, {"value": value}, {"value": "z"})
    answer = lakeside.take("answer-information", asked, answers=answers[:1])
    assert answer.status_code == 422
    assert codes(answer).items() >= {**wrong, "/answers": "required_items_answered"}.items()
    assert codes(lakeside.take("answer-information", asked, answers=answers)) == wrong


def test_no_value_at_all_is_no_answer(lakeside, coordinator, claimed):
    asked = ask(coordinator, claimed, STATUS).json
    answer = lakeside.take("answer-information", asked, answers=given(asked, {"value": None}))
    assert (answer.status_code, codes(answer)) == (422, {"/answers/0/value": "required"})


def test_treatments_and_the_stage_are_told_whole(lakeside, coordinator, claimed):
    asked = ask(
        coordinator, claimed, {"field": "/treatments"}, {"field": "/diagnosis/stage"}, {"field": "/patient/pregnant"}
    ).json
    values = ([treatment()], {"group": "III", "m": "M0"}, False)
    told = lakeside.take(
        "answer-information", asked, answers=given(asked, *({"value": value} for value in values))
    ).json
    assert [row["regimen"] for row in told["treatments"]] == ["FOLFIRINOX"]
    assert told["diagnosis"]["stage"] == {"system": "AJCC8", "group": "III", "t": "T3", "n": "N1", "m": "M0"}


def test_what_is_refused_is_refused_in_the_order_of_the_contract(lakeside, hillcrest, coordinator, claimed):
    answers = [{"item": unknown_id(), "value": "x"}]
    assert hillcrest.take("answer-information", claimed, answers=answers).status_code == 404
    assert lakeside.take("answer-information", claimed, version=9, answers=answers).status_code == 412
    assert codes(lakeside.take("answer-information", claimed, answers=answers)) == {"/request": "request_is_open"}
    waits = ask(coordinator, claimed, STATUS).json
    assert ask(coordinator, waits, STATUS, blocking=False).status_code == 409
    assert lakeside.take("request-information", waits).status_code == 403
    ended = coordinator.take("cancel", waits, reason="other_route").json
    assert ended["information_requests"][0]["status"] == "closed"
    assert coordinator.take("extend", ended).status_code == 409
