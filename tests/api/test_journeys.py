"""Whole lives of referrals through the JSON door, step by step, by those who may take them."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.partner import codes, if_match, pointers
from tests.factories import diagnosis, in_days, packet, routine, treatment, unknown_id

OVERRIDE = {"reason": "clinical_judgement", "text": "Her pain is getting worse."}


def later(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def steps_of(referral) -> set[str]:
    return {each["step"] for each in referral["steps"]}


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.fixture
def claimed(lakeside, coordinator):
    return done(coordinator.take("claim", lakeside.create(routine())))


def test_from_a_draft_to_ready(lakeside, coordinator):
    draft = lakeside.create(packet(submit=False))
    assert coordinator.get(f"/referrals/{draft['id']}").status_code == 404
    draft = done(lakeside.patch(f"/referrals/{draft['id']}", {"questions": ["And surgery?"]}, version=draft["version"]))
    assert draft["questions"] == ["And surgery?"]
    submitted = done(lakeside.take("submit", draft, note="Thank you."))
    assert submitted["status"] == "submitted"
    read = coordinator.get(f"/referrals/{draft['id']}").json
    assert {"claim", "cancel"} <= steps_of(read)
    claimed = done(coordinator.take("claim", read))
    assert (claimed["status"], claimed["owner"]["name"]) == ("in_triage", "Coordinator")
    assert claimed["next_action"] == "complete-triage"
    ready = done(coordinator.take("complete-triage", claimed))
    assert (ready["status"], ready["waiting_on"]) == ("ready", "coordinator")
    events = coordinator.get(f"/referrals/{draft['id']}/events").json["items"]
    assert [(event["step"], event["from"], event["to"]) for event in events] == [
        ("create", None, "draft"),
        ("edit", "draft", "draft"),
        ("submit", "draft", "submitted"),
        ("claim", "submitted", "in_triage"),
        ("complete-triage", "in_triage", "ready"),
    ]
    assert [event["version"] for event in events] == [1, 2, 3, 4, 5]
    assert events[2]["note"] == "Thank you."


def test_every_step_that_is_offered_has_its_address(claimed, coordinator):
    for each in claimed["steps"]:
        assert each["href"] == f"/api/v1/referrals/{claimed['id']}/{each['step']}"
        answer = coordinator.post(each["href"], {"nonsense": 1}, headers=if_match(claimed["version"]))
        assert answer.status_code == 422, each


def test_claimed_and_put_back(claimed, coordinator):
    released = done(coordinator.take("release", claimed))
    assert (released["status"], released["owner"]) == ("submitted", None)
    again = coordinator.take("release", released)
    assert (again.status_code, again.json["referral_status"]) == (409, "submitted")


def test_new_facts_are_judged_at_once_and_the_old_ones_stay(claimed, lakeside, coordinator):
    assert claimed["priority"]["tier"] == "P4"
    body = {
        "kind": "new_event",
        "source": "CT of today",
        "reason": "Liver metastases found",
        "diagnosis": {"stage": {"m": "M1", "group": "IV"}, "disease_status": "progression"},
        "treatments": [treatment(modality="hormone", regimen=None)],
    }
    updated = done(coordinator.take("update-facts", claimed, **body))
    assert updated["status"] == "in_triage"
    assert updated["priority"]["tier"] == "P1"
    assert updated["diagnosis"]["stage"] == {"system": "AJCC8", "group": "IV", "m": "M1"}
    assert updated["due_at"] < claimed["due_at"]
    versions = coordinator.get(f"/referrals/{claimed['id']}/facts").json["items"]
    assert [(each["version"], each["kind"]) for each in versions] == [(1, "initial"), (2, "new_event")]
    assert versions[0]["diagnosis"]["stage"]["m"] == "M0"
    assert (versions[1]["source"], versions[1]["reason"]) == ("CT of today", "Liver metastases found")
    judged = lakeside.get(f"/referrals/{claimed['id']}/assessments").json["items"]
    assert [(each["number"], each["facts_version"], each["tier"]) for each in judged] == [(1, 1, "P4"), (2, 2, "P1")]
    assert judged[1]["changes"]


def test_facts_are_refused_by_their_fields(claimed, coordinator):
    base = {"kind": "correction", "source": "x", "reason": "y"}
    for more, pointer in (
        ({"diagnosis": {"icd10cm": "nope"}}, "/diagnosis/icd10cm"),
        ({"diagnosis": {"stage": {"q": 1}}}, "/diagnosis/stage/q"),
        ({"diagnosis": {"icd10cm": None}}, "/diagnosis/icd10cm"),
        ({"treatments": [{}]}, "/treatments/0/modality"),
        ({"treatments": [treatment(started_on=in_days(4), ended_on=None)]}, "/treatments/0/started_on"),
        ({}, ""),
    ):
        answer = coordinator.take("update-facts", claimed, **base, **more)
        assert (answer.status_code, pointers(answer)) == (422, [pointer]), more
    assert codes(coordinator.take("update-facts", claimed, diagnosis={"grade": "3"})).keys() == {
        "/kind",
        "/source",
        "/reason",
    }


def test_a_person_sets_another_tier_and_the_computed_one_stays_visible(claimed, coordinator, lakeside):
    moved = done(coordinator.take("override", claimed, tier="P3", expires_at=later(14), **OVERRIDE))
    assert moved["priority"]["tier"] == "P3"
    override = moved["priority"]["override"]
    assert (override["tier"], override["computed_tier"], override["author"]) == ("P3", "P4", "Coordinator")
    assert moved["due_at"] < claimed["due_at"]
    listed = lakeside.get("/referrals").json["items"][0]
    assert (listed["tier"], listed["due_at"]) == ("P3", moved["due_at"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"tier": "P0"}, "/tier"),
        ({"tier": "P3", "reason": "because"}, "/reason"),
        ({"tier": "P3", "text": ""}, "/text"),
        ({"tier": "P3", "text": "x" * 4001}, "/text"),
        ({"tier": "P3", "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"tier": "P3", "expires_at": "soon"}, "/expires_at"),
        ({"tier": "P3", "expires_at": later(40)}, "/expires_at"),
    ],
)
def test_an_override_that_does_not_hold_is_refused(claimed, coordinator, body, pointer):
    answer = coordinator.take("override", claimed, **({"expires_at": later(14)} | OVERRIDE | body))
    assert (answer.status_code, pointers(answer)) == (422, [pointer])


def test_an_owner_is_assigned_by_name(claimed, coordinator, world):
    second = world.user_id("second@network.example")
    assigned = done(coordinator.take("assign-owner", claimed, user=second))
    assert assigned["owner"] == {"id": second, "name": "Second"}
    for nobody in (unknown_id(), world.user_id("clinician@lakeside.example")):
        answer = coordinator.take("assign-owner", assigned, user=nobody)
        assert (answer.status_code, pointers(answer)) == (422, ["/user"])


def test_declined_contested_and_taken_up_by_somebody_else(claimed, lakeside, lead, partner):
    declined = done(lead.take("decline", claimed, reason="not_indicated", advice="Ask your local board."))
    assert (declined["status"], declined["core_status"]) == ("declined", "ended")
    assert (declined["waiting_on"], declined["next_action_due_at"]) == (None, None)
    assert lakeside.take("contest", declined).status_code == 422
    contested = done(lakeside.take("contest", declined, text="The board has no specialist."))
    assert (contested["status"], contested["owner"]) == ("in_triage", None)
    other = partner("network", person="deputy@network.example")
    assert "complete-triage" in steps_of(other.get(f"/referrals/{claimed['id']}").json)
    again = lead.take("decline", contested, reason="not_indicated", advice="Still no.")
    assert (again.status_code, [error["code"] for error in again.json["errors"]]) == (422, ["declined_before"])
    done(other.take("complete-triage", contested))


def test_a_coordinator_declines_for_administrative_reasons_only(claimed, coordinator):
    clinical = coordinator.take("decline", claimed, reason="not_indicated", advice="x")
    assert clinical.status_code == 403
    assert coordinator.take("decline", claimed, reason="administrative", advice="Sent twice.").status_code == 200


def test_canceled_as_a_duplicate_and_begun_anew(claimed, lakeside, coordinator):
    living = lakeside.create(routine(1, external_reference="living"))
    for body, pointer in (
        ({"reason": "duplicate"}, "/duplicate_of"),
        ({"reason": "duplicate", "duplicate_of": claimed["id"]}, "/duplicate_of"),
        ({"reason": "duplicate", "duplicate_of": unknown_id()}, "/duplicate_of"),
        ({"reason": "boredom"}, "/reason"),
    ):
        answer = coordinator.take("cancel", claimed, **body)
        assert (answer.status_code, pointers(answer)) == (422, [pointer]), body
    canceled = done(coordinator.take("cancel", claimed, reason="duplicate", duplicate_of=living["id"]))
    assert canceled["status"] == "cancelled"
    fresh = lakeside.take("reopen", canceled, text="She wants to know after all.")
    draft = done(fresh, 201)
    assert fresh.headers["Location"].endswith(draft["id"])
    assert (draft["status"], draft["version"], draft["follows"]["id"]) == ("draft", 1, canceled["id"])
    assert (draft["questions"], draft["consent"], draft["external_reference"]) == (claimed["questions"], None, None)
    assert lakeside.get(f"/referrals/{claimed['id']}").json["status"] == "cancelled"


def test_withdrawn_by_the_referrer(claimed, lakeside):
    withdrawn = done(lakeside.take("withdraw", claimed, reason="patient_choice"))
    assert (withdrawn["status"], steps_of(withdrawn)) == ("withdrawn", {"reopen"})


def test_another_clinician_takes_over(claimed, lakeside, world):
    colleague = world.user_id("colleague@lakeside.example")
    changed = done(lakeside.take("change-clinician", claimed, user=colleague))
    assert changed["referring_clinician"] == {"email": "colleague@lakeside.example"}
    assert changed["version"] == claimed["version"] + 1


def test_judged_again_by_the_same_facts_nothing_moves(claimed, coordinator):
    again = done(coordinator.take("reassess", claimed))
    assert (again["priority"]["tier"], again["due_at"]) == (claimed["priority"]["tier"], claimed["due_at"])


def test_questions_change_until_there_is_an_opinion_and_clinical_facts_by_their_step(claimed, lakeside):
    path = f"/referrals/{claimed['id']}"
    changed = done(
        lakeside.patch(
            path,
            {"questions": ["Other?"], "summary": " Short. ", "preferences": {"remote": False}},
            version=claimed["version"],
        )
    )
    assert (changed["questions"], changed["summary"]) == (["Other?"], "Short.")
    assert changed["preferences"] == claimed["preferences"] | {"remote": False}
    for name, value in (
        ("diagnosis", {"grade": "3"}),
        ("treatments", []),
        ("patient", {"sex": "male"}),
        ("consent", None),
    ):
        answer = lakeside.patch(path, {name: value})
        assert (answer.status_code, pointers(answer)) == (422, [f"/{name}"])
    assert pointers(lakeside.patch(path, {"questions": []})) == ["/questions"]
    assert pointers(lakeside.patch(path, {"status": "closed"})) == ["/status"]


@pytest.mark.parametrize("asked", [None, {"date": in_days(30)}, {"date": in_days(30), "kind": "surgery"}])
def test_only_the_referrer_puts_the_day_off_and_it_never_stands_without_its_kind(lakeside, coordinator, asked):
    referral = lakeside.create(packet())
    path = f"/referrals/{referral['id']}"
    refused = coordinator.patch(path, {"needed_by": asked})
    assert (refused.status_code, codes(refused)) == (422, {"/needed_by/date": "only_the_referrer"})
    assert coordinator.get(path).json["needed_by"] == referral["needed_by"]
    assert coordinator.get(path).json["version"] == referral["version"]
    nearer = {"date": in_days(10), "kind": "surgery"}
    assert done(coordinator.patch(path, {"needed_by": nearer}))["needed_by"] == nearer
    put_off = done(lakeside.patch(path, {"needed_by": asked}))["needed_by"]
    assert put_off == (None if asked is None else nearer | asked)
    assert done(coordinator.patch(path, {"summary": "Still moves."}))["needed_by"] == put_off


def test_a_draft_may_be_rewritten_whole(lakeside):
    draft = lakeside.create(packet(submit=False))
    patch = {
        "patient": {"family_name": " Changed ", "contact": {"phone": "+1 555 0100"}},
        "diagnosis": diagnosis(icd10cm="C61", topography=None, morphology=None, stage=None),
        "treatments": None,
        "needed_by": None,
        "consent": {"given_by": "guardian"},
    }
    changed = done(lakeside.patch(f"/referrals/{draft['id']}", patch, version=1))
    assert changed["patient"]["family_name"] == "Changed"
    assert changed["patient"]["contact"] == {"email": None, "phone": "+1 555 0100"}
    assert changed["patient"]["given_name"] == "Ada"
    assert (changed["diagnosis"]["icd10cm"], "stage" in changed["diagnosis"]) == ("C61", False)
    assert (changed["treatments"], changed["needed_by"]) == (None, None)
    assert changed["consent"] == draft["consent"] | {"given_by": "guardian"}
    assert lakeside.get(f"/referrals/{draft['id']}").json == changed


def test_an_ended_referral_is_not_rewritten(claimed, lakeside):
    withdrawn = done(lakeside.take("withdraw", claimed, reason="other"))
    answer = lakeside.patch(f"/referrals/{withdrawn['id']}", {"summary": "x"})
    assert (answer.status_code, answer.json["referral_status"]) == (409, "withdrawn")
    wrong = lakeside.patch(f"/referrals/{withdrawn['id']}", {"summary": 5})
    assert wrong.status_code == 409


@pytest.mark.parametrize("step", ["lapse", "fly"])
def test_what_only_the_clock_takes_and_what_is_no_step_have_no_address(claimed, coordinator, step):
    answer = coordinator.take(step, claimed)
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")
