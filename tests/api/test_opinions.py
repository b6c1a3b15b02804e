"""From the desk of a specialist to a closed referral, as partner systems do it through the JSON door."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from referrals.models.referral import Referral
from tests.api.partner import codes, if_match, pointers
from tests.factories import packet
from tests.opinions import SPECIALIST, bring_to_review, opinion, revising

READER = "clinician@lakeside.example"


@pytest.fixture
def summit(partner):
    return partner("summit", person=SPECIALIST)


@pytest.fixture
def clinician(partner):
    return partner("lakeside", person=READER)


@pytest.fixture
def reviewed(db, world, lakeside, summit):
    """A referral on the specialist's desk, as the center reads it."""
    made = lakeside.create(packet())
    with db.writing() as session:
        referral = session.get_one(Referral, UUID(made["id"]))
        bring_to_review(session, world, referral, datetime.now(UTC))
    return summit.get(f"/referrals/{made['id']}").json


@pytest.fixture
def signed(reviewed, summit):
    answer = summit.take("sign-opinion", reviewed, **revising())
    assert answer.status_code == 200, answer.text
    return answer.json


def acknowledge(caller, referral, version, plan="follow", **more):
    body = {"version": version, "plan": plan, **more}
    return caller.post(f"/referrals/{referral['id']}/acknowledge", body, headers=if_match(referral["version"]))


def test_from_the_desk_of_the_specialist_to_closed(reviewed, summit, clinician, coordinator):
    path = f"/referrals/{reviewed['id']}"
    assert reviewed["opinion"] is None
    assert summit.get(f"{path}/opinion").status_code == 404
    body = revising(dissent="One of us would wait.")
    done = summit.take("sign-opinion", reviewed, **body).json
    assert (done["status"], done["core_status"], done["next_action"]) == ("opinion_issued", "answered", "acknowledge")

    answer = clinician.get(f"{path}/opinion")
    told = answer.json
    assert answer.headers["ETag"] == '"1"'
    assert {name: told[name] for name in ("short_answer", "plain_summary", "dissent")} == {
        name: body[name] for name in ("short_answer", "plain_summary", "dissent")
    }
    assert told["findings"][0] == body["findings"][0]
    assert [set(each) for each in told["recommendations"]] == [{"id", "kind", "text", "strength", "urgency"}] * 2
    assert told["authors"][0]["name"]
    assert told == clinician.get(path).json["opinion"]

    read = acknowledge(clinician, done, 1, "partly", text="We discuss it with her.").json
    assert (read["status"], read["next_action"]) == ("acknowledged", "close")
    outcomes = [
        {"recommendation": told["recommendations"][0]["id"], "result": "followed"},
        {"recommendation": told["recommendations"][1]["id"], "result": "not", "reason": "No tissue could be had."},
    ]
    closed = clinician.take("close", read, outcomes=outcomes).json
    assert (closed["status"], closed["waiting_on"], closed["opinion"]) == ("closed", None, told)
    events = coordinator.get(f"{path}/events").json["items"]
    assert [each["step"] for each in events[-3:]] == ["sign-opinion", "acknowledge", "close"]


def test_an_amended_opinion_is_read_again_and_the_old_one_stays(signed, summit, clinician):
    path = f"/referrals/{signed['id']}/opinion"
    first = clinician.get(path).json
    read = acknowledge(clinician, signed, 1).json
    amended = summit.take("amend-opinion", read, **opinion(text="The panel came back."))
    assert amended.json["status"] == "opinion_issued"
    assert (clinician.get(path).json["version"], clinician.get(path).json["amends"]) == (2, "The panel came back.")
    assert clinician.get(f"{path}?version=1").json == first
    assert clinician.get(f"{path}?version=3").status_code == 404
    assert pointers(clinician.get(f"{path}?version=first")) == ["version"]
    assert codes(acknowledge(clinician, amended.json, 1)) == {"/version": "version_is_latest"}
    assert acknowledge(clinician, amended.json, 2).json["status"] == "acknowledged"


def test_a_person_signs_and_a_clinician_reads(reviewed, signed, partner, summit):
    assert partner("summit").take("amend-opinion", signed, **opinion(text="x")).json["code"] == "person_required"
    assert acknowledge(partner("lakeside"), signed, 1).json["code"] == "person_required"
    for code, person in (("lakeside", "admin@lakeside.example"), ("summit", "coordinator@summit.example")):
        caller = partner(code, person=person)
        assert acknowledge(caller, signed, 1).status_code == 403
        assert caller.take("amend-opinion", signed, **opinion(text="x")).status_code == 403
    assert summit.take("sign-opinion", signed, **opinion()).json["referral_status"] == "opinion_issued"


FAULTY = [
    (
        {"findings": [{**revising()["findings"][0], "revised": {"stage": {"t": "T2"}, "mood": 1}}]},
        "/findings/0/revised/mood",
    ),
    ({"findings": [{"axis": "stage", "revised": {"icd10cm": "C25.0"}}]}, "/findings/0/revised/icd10cm"),
    ({"answers": [{"question": 0, "text": ""}]}, "/answers/0/question"),
    ({"recommendations": [{"kind": "prayer"}]}, "/recommendations/0/kind"),
    ({"identity_confirmed": True}, "/identity_confirmed"),
]


def test_a_faulty_opinion_is_told_where(reviewed, summit):
    for changes, pointer in FAULTY:
        answer = summit.take("sign-opinion", reviewed, **opinion(**changes))
        assert (answer.status_code, pointer in pointers(answer)) == (422, True), (pointer, answer.text)


def test_a_revised_diagnosis_stands_in_the_record_and_stays_as_it_was_signed(signed, lakeside, summit):
    patient = signed["patient"]["id"]
    original, revised = lakeside.get(f"/patients/{patient}/diagnoses").json["items"]
    assert (revised["revises"], revised["icd10cm"], original["icd10cm"]) == (original["id"], "C25.4", "C25.0")
    assert lakeside.patch(f"/diagnoses/{revised['id']}", {"grade": "3"}).status_code == 409
    treatment = {"modality": "surgery"}
    assert lakeside.post(f"/diagnoses/{revised['id']}/treatments", treatment).status_code == 409
    follow = packet(external_reference="next", patient={"id": patient}, diagnosis={"id": revised["id"]}, submit=False)
    del follow["treatments"]
    draft = lakeside.create(follow)
    patched = lakeside.patch(f"/referrals/{draft['id']}", {"diagnosis": {"grade": "3"}})
    assert patched.status_code == 200, patched.text
    assert patched.json["diagnosis"]["grade"] == "3"
    assert lakeside.get(f"/diagnoses/{revised['id']}").json == revised


def test_the_opinion_is_kept_as_the_same_document_each_time(signed, lakeside, hillcrest):
    name = {"given_name": "Řehoř Ειρήνη", "family_name": "Жданова-Wąs 张"}
    answer = lakeside.patch(f"/patients/{signed['patient']['id']}", name)
    assert answer.status_code == 200, answer.text
    path = f"/referrals/{signed['id']}/opinion.pdf"
    first = lakeside.get(path)
    assert (first.status_code, first.mimetype, first.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert first.headers["Content-Disposition"] == f'attachment; filename="{signed["reference"]}-opinion-1.pdf"'
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert lakeside.get(path).data == first.data
    assert lakeside.get(f"{path}?version=2").status_code == 404
    assert hillcrest.get(path).status_code == 404
    assert b"DejaVuSans" in first.data


def test_calls_are_written_down_and_read_by_those_who_made_them(signed, clinician, coordinator, summit, lakeside):
    path = f"/referrals/{signed['id']}/contacts"
    call = {"with": "referrer", "channel": "phone", "outcome": "told_and_read_back", "person": "Dr Rey"}
    made = coordinator.post(path, call)
    assert made.status_code == 201, made.text
    assert coordinator.get(made.headers["Location"]).json == made.json
    lakeside.post(path, {"with": "patient", "channel": "letter", "outcome": "left_message"})
    ahead = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert codes(coordinator.post(path, {**call, "at": ahead})) == {"/at": "in_the_future"}
    assert codes(coordinator.post(path, {"with": "nobody"})).keys() == {"/with", "/channel", "/outcome"}
    assert [each["with"] for each in coordinator.get(path).json["items"]] == ["referrer", "patient"]
    assert [each["with"] for each in clinician.get(path).json["items"]] == ["patient"]
    assert summit.get(path).json["items"] == []
    page = coordinator.get(f"{path}?limit=1").json
    assert [each["with"] for each in coordinator.get(page["next"]).json["items"]] == ["patient"]
