"""Who may call what: tokens, scopes, kinds of organization, and the person a system speaks for."""

import pytest

from referrals.models.user import User
from tests.factories import routine, unknown_id


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "bearer nothing", "Bearer a b", "Bearer " + "x" * 600]
)
def test_without_a_good_token_nobody_is_anybody(stranger, header):
    headers = {} if header is None else {"Authorization": header}
    for path in (
        "/me",
        "/referrals",
        f"/referrals/{unknown_id()}",
        "/codes/icd10cm?q=pancreas",
        "/referrals/not-an-id",
    ):
        answer = stranger.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json["type"] == "/problems/unauthenticated"


def test_a_cookie_is_not_a_token(app, world, lakeside):
    browser = app.test_client()
    for name in ("session", "access_token", "Authorization"):
        browser.set_cookie(name, str(lakeside.token))
    assert browser.get("/api/v1/me").status_code == 401


def test_no_answer_under_the_api_sets_a_cookie(lakeside, stranger):
    for answer in (lakeside.get("/me"), stranger.get("/me"), stranger.get("/docs"), stranger.get("/openapi.json")):
        assert "Set-Cookie" not in answer.headers


def test_me_says_who_the_caller_is(partner, world):
    me = partner("lakeside", ("referrals:read",)).get("/me").json
    home = world.organizations["lakeside"]
    assert me["organization"] == {"id": str(home.id), "code": "lakeside", "name": home.name, "kind": "provider"}
    assert (me["scopes"], me["person"], me["client"]) == (["referrals:read"], None, "lakeside system")
    assert me["server_time"].endswith("Z")


def test_a_person_may_be_named_and_is_told_back(partner, world):
    me = partner("network", person="Coordinator@Network.example").get("/me").json
    assert me["person"] == {"id": world.user_id("coordinator@network.example"), "name": "Coordinator"}
    assert me["client"] == "network system"


@pytest.mark.parametrize(
    "person", ["nobody@network.example", "clinician@lakeside.example", "not an address", "", "a@b@c", "x" * 400]
)
def test_a_person_who_does_not_act_for_the_organization_is_forbidden(partner, person):
    answer = partner("network").get("/me", headers={"On-Behalf-Of": person})
    assert (answer.status_code, answer.json["code"]) == (403, "unknown_person")


def test_a_person_who_was_switched_off_is_forbidden(partner, db, world):
    with db.writing() as session:
        session.get(User, world.people["coordinator@network.example"].id).active = False
    assert partner("network", person="coordinator@network.example").get("/me").status_code == 403


def test_reading_needs_its_scope(partner):
    for scope, paths in {
        "referrals:read": ("/referrals", "/referrals/counts", f"/referrals/{unknown_id()}"),
        "patients:read": ("/patients", f"/patients/{unknown_id()}", f"/diagnoses/{unknown_id()}"),
        "policies:read": ("/policies", "/policies/2026.1"),
    }.items():
        others = tuple(each for each in ("referrals:read", "patients:read", "policies:read") if each != scope)
        for path in paths:
            answer = partner("lakeside", others).get(path)
            assert (answer.status_code, answer.json["code"]) == (403, "insufficient_scope"), path
            assert partner("lakeside", (scope,)).get(path).status_code in (200, 404)


@pytest.mark.parametrize("path", ["/me", "/users", "/organizations", "/codes/icd10cm?q=pancreas"])
def test_some_things_any_token_may_read(partner, path):
    assert partner("harbor", ("events:read",)).get(path).status_code == 200


def test_writing_a_referral_needs_scope_and_kind(partner):
    without = partner("lakeside", ("referrals:read", "triage:write")).post("/referrals", routine())
    assert (without.status_code, without.json["code"]) == (403, "insufficient_scope")
    for code in ("network", "summit"):
        answer = partner(code).post("/referrals", routine())
        assert (answer.status_code, answer.json["code"]) == (403, "wrong_kind")


def test_a_step_needs_the_scope_of_its_kind(partner, lakeside):
    referral = lakeside.create(routine())
    tries = {
        ("lakeside", ("triage:write", "reviews:write")): "withdraw",
        ("network", ("referrals:write", "reviews:write")): "cancel",
        ("summit", ("triage:write", "referrals:write")): "cancel",
        ("lakeside", ("referrals:write",)): "cancel",
        ("network", ("triage:write",)): "withdraw",
    }
    for (code, scopes), step in tries.items():
        answer = partner(code, scopes).take(step, referral, reason="other")
        assert answer.status_code == 403, (code, step, answer.json)


def test_a_scope_is_missed_before_it_is_known_whether_there_is_such_a_row(partner, lakeside):
    referral = lakeside.create(routine())
    poor = partner("lakeside", ("patients:read",))
    real, made_up = poor.get(f"/referrals/{referral['id']}"), poor.get(f"/referrals/{unknown_id()}")
    assert real.status_code == made_up.status_code == 403


def test_whoever_may_only_read_is_refused_to_rewrite_before_it_is_known_whether_there_is_such_a_row(partner, lakeside):
    referral = lakeside.create(routine())
    reader = partner("lakeside", ("referrals:read",))
    for each in (referral["id"], unknown_id()):
        answer = reader.patch(f"/referrals/{each}", {"summary": "x"})
        assert (answer.status_code, answer.json["code"]) == (403, "not_this_actor")


@pytest.mark.parametrize("step", ["claim", "assign-owner", "override", "decline"])
def test_steps_of_a_person_name_one(partner, lakeside, step, world):
    referral = lakeside.create(routine())
    bodies = {
        "claim": {},
        "assign-owner": {"user": world.user_id("coordinator@network.example")},
        "override": {"tier": "P3", "reason": "patient_safety", "text": "x", "expires_at": "2099-01-01T00:00:00Z"},
        "decline": {"reason": "administrative", "advice": "x"},
    }
    answer = partner("network").take(step, referral, **bodies[step])
    assert answer.status_code == 422, answer.json
    (error,) = answer.json["errors"]
    assert (error["parameter"], error["code"], answer.json["code"]) == (
        "On-Behalf-Of",
        "person_required",
        "person_required",
    )
    assert error["message"] == f"The step {step} needs a person: name one in On-Behalf-Of."


@pytest.mark.parametrize(("home", "status"), [("lakeside", 422), ("network", 422), ("hillcrest", 404), ("summit", 403)])
def test_a_system_that_names_nobody_stands_for_the_administrator_it_could_have_named(partner, lakeside, home, status):
    """Refused in the order of the contract: for the kind of organization, for the row, and only then for nobody named."""
    referral = lakeside.create(routine())
    answer = partner(home).take("mark-error", referral, text="x", second_person="lead@network.example")
    assert answer.status_code == status, answer.json


def test_a_person_without_the_role_is_forbidden(partner, lakeside):
    referral = lakeside.create(routine())
    for person in ("auditor@network.example", "admin@network.example"):
        assert partner("network", person=person).take("claim", referral).status_code == 403


def test_event_and_audit_know_client_and_person(partner, lakeside, world, db, coordinator):
    from sqlalchemy import select

    from referrals.models.trail import AuditEntry

    referral = lakeside.create(routine())
    assert coordinator.take("claim", referral).status_code == 200
    events = coordinator.get(f"/referrals/{referral['id']}/events").json["items"]
    claim = next(event for event in events if event["step"] == "claim")
    person, client = world.people["coordinator@network.example"], world.clients["network"]
    assert (claim["actor"]["user"], claim["actor"]["client"]) == (str(person.id), str(client.id))
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "claim")).one()
        assert (entry.user_id, entry.client_id, entry.ids) == (person.id, client.id, [referral["id"]])
