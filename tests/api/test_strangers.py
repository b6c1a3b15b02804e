"""Strangers walk every route of the application: whoever may not know of a row learns nothing about it."""

import itertools
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from referrals.api.openapi import path_of, routes
from referrals.domain.audit import DENIED
from referrals.domain.people import Kind
from referrals.models.trail import AuditEntry
from referrals.pathway.accounts import create_organization
from referrals.pathway.clients import create_client, issue_token
from tests.api.partner import Partner, if_match
from tests.databases import in_turn
from tests.factories import ALL_SCOPES, PEOPLE, packet, routine, unknown_id
from tests.papers import form

FOREIGN = ("hillcrest", "summit", "harbor")
PEOPLE_ABROAD = [(home, person) for person in PEOPLE for home in FOREIGN if person.endswith(f"@{home}.example")]
HIDDEN = {401, 403, 404}
IDS = ("referral_id", "patient_id", "diagnosis_id", "treatment_id", "center_id", "offer_id", "document_id")
IDS += ("contact_id", "plan_id")
IDS += ("message_id",)
IDS += ("import_id",)
IDS += ("subscription_id", "delivery_id")
# What everybody in the network may know of.
KNOWN_TO_ALL = ("{center_id}",)


@pytest.fixture
def things(lakeside, coordinator):
    """A submitted referral, a draft, one at a center, and the rows around them: an id for every kind of address."""
    referral = lakeside.create(packet(1))
    center, offer = offered_to_ridge(coordinator, lakeside.create(routine(3)))
    treatment = lakeside.get(f"/diagnoses/{referral['diagnosis']['id']}/treatments").json["items"][0]
    call = {"with": "patient", "channel": "phone", "outcome": "reached"}
    return {
        "contact_id": lakeside.post(f"/referrals/{referral['id']}/contacts", call).json["id"],
        "referral_id": referral["id"],
        "patient_id": referral["patient"]["id"],
        "diagnosis_id": referral["diagnosis"]["id"],
        "treatment_id": treatment["id"],
        "document_id": lakeside.post(f"/referrals/{referral['id']}/documents", **form()).json["id"],
        "message_id": lakeside.post(f"/referrals/{referral['id']}/messages", {"text": "Any news?"}).json["id"],
        "subscription_id": (subscription := subscribed(lakeside)),
        "delivery_id": lakeside.post(f"/subscriptions/{subscription}/test").json["id"],
        "version": "2026.1",
        "system": "icd10cm",
        "center_id": center,
        "offer_id": offer,
        "plan_id": coordinator.post("/assignments", {}).json["id"],
        "import_id": lakeside.post("/imports", data=b"{}", content_type="application/x-ndjson").json["id"],
        "draft": lakeside.create(packet(2, submit=False))["id"],
    }


def subscribed(caller) -> str:
    wish = {"url": "https://hooks.example.org/", "topics": ["referral.*"]}
    return caller.post("/subscriptions", wish).json["id"]


def offered_to_ridge(coordinator, referral) -> tuple[str, str]:
    """A center that is nobody's in these tests, and an offer to it."""
    ridge = {"code": "ridge", "name": "Ridge", "services": ["adults", "remote"], "places": 5}
    center = coordinator.post("/centers", ridge).json["id"]
    for step in ("claim", "complete-triage"):
        referral = coordinator.take(step, referral).json
    asked = coordinator.take("offer", referral, center=center, exception_reason="The only one there is.")
    return center, asked.json["offers"][0]["id"]


def methods(rule) -> list[str]:
    return sorted(rule.methods - {"HEAD", "OPTIONS"})


def addresses(app):
    """Every method and path with a contract."""
    return [(method, path_of(rule), contract) for rule, contract, _ in routes(app) for method in methods(rule)]


def call(caller, method, path, contract):
    headers = if_match("*") if contract.needs_version else {}
    body = form() if contract.carries else {"json": {}} if contract.takes else {}
    return caller.call(method, path, headers=headers, **body)


def named(path: str, things) -> str:
    for name, value in things.items():
        path = path.replace("{" + name + "}", value)
    return path


def nameless(path: str) -> str:
    """The same address with ids that no row has."""
    for name in IDS:
        path = path.replace("{" + name + "}", unknown_id())
    return path.replace("{version}", "2026.1").replace("{system}", "icd10cm")


def said(answer):
    """All of an answer but the id of its request."""
    return answer.status_code, {name: value for name, value in answer.json.items() if name != "instance"}


def test_without_a_token_every_route_says_the_same(app, stranger, things):
    walked = 0
    for method, path, contract in addresses(app):
        real = call(stranger, method, named(path, things), contract)
        assert real.status_code == 401, (method, path)
        assert said(real) == said(call(stranger, method, nameless(path), contract))
        walked += 1
    assert walked > 35


@pytest.mark.parametrize(
    ("databases", "code", "person"),
    in_turn([*((code, None) for code in FOREIGN), *PEOPLE_ABROAD], everywhere={None}),
    indirect=["databases"],
)
def test_another_organization_cannot_tell_a_row_from_no_row(app, db, partner, things, code, person):
    """Its system by itself, and in the name of somebody of each role that it has."""
    foreign = partner(code, person=person)
    walked, denials = 0, set()
    for method, path, contract in addresses(app):
        if "_id}" not in path or any(known in path for known in KNOWN_TO_ALL):
            continue
        real = call(foreign, method, named(path, things), contract)
        assert real.status_code in HIDDEN, (method, path, real.text)
        assert said(real) == said(call(foreign, method, nameless(path), contract)), (method, path)
        denials.add(real.headers["X-Request-ID"])
        walked += 1
    assert walked > 25
    with db.reading() as session:
        assert denials <= set(session.scalars(select(AuditEntry.request_id).where(AuditEntry.action == DENIED)))


def test_the_network_cannot_tell_a_draft_from_no_row(app, partner, things, coordinator, lead):
    for caller in (partner("network"), coordinator, lead, partner("network", person="auditor@network.example")):
        for method, path, contract in addresses(app):
            if "{referral_id}" not in path:
                continue
            real = call(caller, method, named(path, things | {"referral_id": things["draft"]}), contract)
            assert real.status_code in HIDDEN, (method, path, real.text)
            assert said(real) == said(call(caller, method, nameless(path), contract)), (method, path)


def test_lists_show_nothing_of_others(partner, lakeside, things):
    for code in FOREIGN:
        caller = partner(code)
        for path in ("/referrals?status=all", "/patients"):
            assert caller.get(path).json["items"] == []
        assert caller.post("/referrals/search", {"q": "Example"}).json["items"] == []
        assert caller.post("/patients/search", {"q": "999-00-0001"}).json["items"] == []
        counts = caller.get("/referrals/counts?status=all").json
        assert {each["count"] for each in counts["by_status"].values()} == {0}
    assert len(lakeside.get("/referrals").json["items"]) == 3


def test_another_network_sees_nothing_though_it_has_every_scope(app, db, things, lakeside):
    now = datetime.now(UTC)
    with db.writing() as session:
        elsewhere = create_organization(session, "Elsewhere", "elsewhere", Kind.NETWORK, now)
        client, _ = create_client(session, elsewhere, "elsewhere", ALL_SCOPES, now)
        token = issue_token(session, client, ALL_SCOPES, now).token
    other = Partner(app, token)
    assert other.get("/me").json["organization"]["code"] == "elsewhere"
    assert other.get("/referrals?status=all").json["items"] == []
    assert [each["code"] for each in other.get("/organizations").json["items"]] == ["elsewhere"]
    for method, path, contract in addresses(app):
        if "_id}" in path:
            assert call(other, method, named(path, things), contract).status_code in HIDDEN, (method, path)


def test_a_malformed_id_is_a_row_that_does_not_exist(app, lakeside, things):
    for method, path, contract in addresses(app):
        if "_id}" not in path or (contract.scope is None and not contract.steps and method != "PATCH"):
            continue
        unknown = call(lakeside, method, nameless(path), contract)
        for odd in (
            "1",
            "not-an-id",
            "{018f3a5e-0000-7000-8000-000000000000}",
            "018f3a5e000070008000000000000000",
            "%00",
            "é",
        ):
            spoiled = path
            for name in IDS:
                spoiled = spoiled.replace("{" + name + "}", odd)
            assert said(call(lakeside, method, spoiled, contract)) == said(unknown), (method, path, odd)


def test_the_walk_knows_every_parameter_of_every_address(app, things):
    names = {name for rule, _, _ in routes(app) for name in rule.arguments}
    assert names <= things.keys()


def test_steps_of_others_are_refused_before_anything_is_known(partner, things):
    """A center's system takes no step of the network: 403 whether or not there is such a referral."""
    for code, step in itertools.product(FOREIGN, ("claim", "complete-triage", "cancel", "override", "decline")):
        caller = partner(code)
        answers = [
            caller.post(f"/referrals/{each}/{step}", {}, headers=if_match("*"))
            for each in (things["referral_id"], unknown_id())
        ]
        assert {answer.status_code for answer in answers} == {403}
        assert said(answers[0]) == said(answers[1])


def test_a_referral_that_a_center_was_not_offered_is_nothing_to_it(partner, lakeside):
    lakeside.create(routine(5))
    assert partner("summit", person="specialist@summit.example").get("/referrals?status=all").json["items"] == []
