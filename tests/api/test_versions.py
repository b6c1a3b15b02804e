"""Every single resource says which version it is; a change says which version it means."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.partner import if_match, pointers
from tests.factories import packet, person, routine, unknown_id

READ_ONLY = {"version", "created_at", "updated_at"}


@pytest.fixture
def draft(lakeside):
    return lakeside.create(packet(submit=False))


def test_a_resource_answers_with_its_version(lakeside, draft):
    for path in (
        f"/referrals/{draft['id']}",
        f"/patients/{draft['patient']['id']}",
        f"/diagnoses/{draft['diagnosis']['id']}",
    ):
        answer = lakeside.get(path)
        assert answer.headers["ETag"] == f'"{answer.json["version"]}"'
    assert lakeside.get("/policies/2026.1").headers["ETag"] == '"2026.1"'


def test_creating_is_version_one_and_submitting_two(lakeside, draft):
    assert draft["version"] == 1
    submitted = lakeside.take("submit", draft)
    assert (submitted.headers["ETag"], submitted.json["version"]) == ('"2"', 2)
    assert lakeside.post("/referrals", packet(2)).headers["ETag"] == '"2"'


def test_a_step_and_a_patch_without_a_version_are_refused_and_change_nothing(lakeside, draft):
    patient_path = f"/patients/{draft['patient']['id']}"
    answers = [
        lakeside.post(f"/referrals/{draft['id']}/submit", {}),
        lakeside.call("PATCH", f"/referrals/{draft['id']}", {"summary": "x"}),
        lakeside.call("PATCH", patient_path, {"postal_code": "1"}),
        lakeside.call("PATCH", f"/diagnoses/{draft['diagnosis']['id']}", {"grade": "1"}),
    ]
    assert {answer.status_code for answer in answers} == {428}
    assert {answer.json["type"] for answer in answers} == {"/problems/precondition-required"}
    assert lakeside.get(f"/referrals/{draft['id']}").json == draft


@pytest.mark.parametrize("tag", ['"2"', 'W/"1"', "1", '"1x"', '""'])
def test_a_stale_or_weak_version_is_refused_and_changes_nothing(lakeside, draft, tag):
    answers = [
        lakeside.post(f"/referrals/{draft['id']}/submit", {}, headers={"If-Match": tag}),
        lakeside.call("PATCH", f"/referrals/{draft['id']}", {"summary": "x"}, headers={"If-Match": tag}),
    ]
    assert {answer.status_code for answer in answers} == {412}
    assert {answer.json["type"] for answer in answers} == {"/problems/stale"}
    assert lakeside.get(f"/referrals/{draft['id']}").json == draft


@pytest.mark.parametrize("tag", ["*", '"7", "1"', ' "1" '])
def test_any_version_or_one_of_several_may_be_meant(lakeside, draft, tag):
    answer = lakeside.post(f"/referrals/{draft['id']}/submit", {}, headers={"If-Match": tag})
    assert answer.status_code == 200


def test_refusals_come_in_their_order(partner, lakeside, hillcrest, coordinator):
    """401, 403, 404, 428, 412, 409, 422: what comes first is said, whatever else is wrong."""
    referral = lakeside.create(routine())
    path = f"/referrals/{referral['id']}/complete-triage"
    wrong = {"nonsense": 1}
    bad_person = partner("network", person="nobody@network.example")
    assert partner("network").call("POST", path, wrong, headers={"Authorization": "Bearer x"}).status_code == 401
    assert bad_person.post(path, wrong).status_code == 403
    assert hillcrest.post(path, wrong).status_code == 403
    assert coordinator.post(f"/referrals/{unknown_id()}/complete-triage", wrong).status_code == 404
    assert coordinator.post(path, wrong).status_code == 428
    assert coordinator.post(path, wrong, headers=if_match(1)).status_code == 412
    too_early = coordinator.post(path, wrong, headers=if_match(2))
    assert (too_early.status_code, too_early.json["referral_status"]) == (409, "submitted")
    claimed = coordinator.take("claim", referral).json
    assert coordinator.post(path, wrong, headers=if_match(claimed["version"])).status_code == 422


def test_a_patch_that_changes_nothing_makes_no_version_and_no_event(lakeside, draft):
    parts = ("patient", "diagnosis", "treatments", "purposes", "questions", "summary", "needed_by", "consent")
    same = {name: lakeside.get(f"/referrals/{draft['id']}").json[name] for name in parts}
    same["consent"] = {name: same["consent"][name] for name in ("given", "given_on")}
    for name in ("patient", "diagnosis"):
        same[name] = {field: value for field, value in same[name].items() if field not in READ_ONLY}
    answer = lakeside.patch(f"/referrals/{draft['id']}", same, version=1)
    assert (answer.status_code, answer.headers["ETag"], answer.json["version"]) == (200, '"1"', 1), answer.json
    lakeside.patch(f"/referrals/{draft['id']}", same | {"summary": "New"}, version=1)
    edits = lakeside.get(f"/referrals/{draft['id']}/events").json["items"]
    assert [(event["step"], event["data"]) for event in edits][1:] == [("edit", {"fields": ["summary"]})]


def test_a_row_that_is_not_there_is_told_before_what_is_wrong_with_the_address(lakeside, coordinator):
    referral = lakeside.create(routine())
    for path in (f"/referrals/{unknown_id()}", "/referrals/x", f"/referrals/{unknown_id()}/events"):
        assert lakeside.get(f"{path}?foo=1").status_code == 404
    assert lakeside.patch(f"/referrals/{unknown_id()}?foo=1", {"summary": "x"}).status_code == 404
    path = f"/referrals/{referral['id']}"
    for there in (path, f"{path}/events", "/referrals", "/me"):
        answer = lakeside.get(f"{there}?foo=1")
        assert (answer.status_code, pointers(answer)) == (422, ["foo"])
    early = coordinator.post(f"{path}/complete-triage?foo=1", {}, headers=if_match(referral["version"]))
    assert early.status_code == 409
    refused = coordinator.post(f"{path}/claim?foo=1", {}, headers=if_match(referral["version"]))
    assert (refused.status_code, pointers(refused)) == (422, ["foo"])
    assert lakeside.get(path).json == referral


@pytest.mark.parametrize("kind", ["patients", "diagnoses", "treatments"])
def test_of_two_who_rewrite_one_record_at_once_one_wins(lakeside, kind):
    referral = lakeside.create(packet())
    treated = lakeside.get(f"/diagnoses/{referral['diagnosis']['id']}/treatments").json["items"][0]
    ids = {
        "patients": referral["patient"]["id"],
        "diagnoses": referral["diagnosis"]["id"],
        "treatments": treated["id"],
    }
    patch = {"patients": {"language": "de"}, "diagnoses": {"grade": "1"}, "treatments": {"regimen": "X"}}[kind]
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(lakeside.patch, f"/{kind}/{ids[kind]}", patch, 1) for _ in range(4)]
        statuses = sorted(each.result().status_code for each in sent)
    assert statuses == [200, 412, 412, 412]


def test_an_address_with_an_empty_part_leads_nowhere(lakeside):
    answer = lakeside.call("GET", "/referrals//counts")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_of_two_who_claim_at_once_one_wins(partner, lakeside):
    referral = lakeside.create(routine())
    people = [
        partner("network", person=f"{name}@network.example") for name in ("coordinator", "second", "lead", "deputy")
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda person: person.take("claim", referral), people))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    winner = next(answer for answer in answers if answer.status_code == 200).json
    assert lakeside.get(f"/referrals/{referral['id']}").json["owner"] == winner["owner"]
    events = lakeside.get(f"/referrals/{referral['id']}/events").json["items"]
    assert [event["step"] for event in events] == ["create", "submit", "claim"]


def test_a_patients_record_changes_its_version_with_every_change(lakeside):
    made = lakeside.post("/patients", person())
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    path = f"/patients/{made.json['id']}"
    changed = lakeside.patch(path, {"postal_code": "10001"}, version=1)
    assert (changed.status_code, changed.headers["ETag"], changed.json["postal_code"]) == (200, '"2"', "10001")
    assert lakeside.patch(path, {"postal_code": "x"}, version=1).status_code == 412
