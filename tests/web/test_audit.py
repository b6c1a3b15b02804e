"""The audit on its page, as a sheet and at the JSON door: each reader sees what they answer for, and is seen."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from referrals.models.trail import AuditEntry
from referrals.pathway.seals import seal, sealing_key
from tests import factories
from tests.api.partner import Partner

AUDITOR, ADMIN = "auditor@network.example", "admin@lakeside.example"


@pytest.fixture
def told(db, visitor, send):
    """A referral that its clinician and a coordinator have read, and a stranger in vain; sealed."""
    referral = send()
    for email in ("clinician@lakeside.example", "coordinator@network.example", "clinician@hillcrest.example"):
        visitor(email).get(f"/referrals/{referral.id}", headers={"X-Request-ID": f"of-{email.partition('@')[0]}"})
    with db.writing() as session:
        seal(session, sealing_key("key"))
    return referral


def entries(db, action):
    with db.reading() as session:
        return session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)).all()


def test_an_auditor_of_the_network_finds_who_opened_a_referral_and_is_found_themselves(visitor, told, db):
    guest = visitor(AUDITOR).get(f"/admin/audit?record={told.reference.lower()}")
    for words in ("Lakeside", "Denied: address", "endpoint: web.referral.show", "Hillcrest", told.reference):
        assert words in guest.words, words
    assert "Ada" not in guest.words
    looked = entries(db, "list")[-1]
    assert (looked.entity, str(told.id) in looked.ids) == ("audit", True)
    assert "No entry fits" in guest.get("/admin/audit?action=purge").words
    assert "web.referral.show" in guest.get("/admin/audit?action=denied&entity=address").words
    assert "Request of-coordinator" in guest.get("/admin/audit?request=of-coordinator").words
    assert "No entry fits" in guest.get("/admin/audit?until=2020-01-01").words
    by_name = guest.get("/admin/audit?action=sign-in").words
    assert by_name.count("Auditor") > by_name.count("Request"), "who signed in is named, not numbered"


def test_an_organization_reads_of_its_own_people_only(visitor, told, db):
    guest = visitor(ADMIN).get("/admin/audit")
    assert "Lakeside Hospital" in guest.words
    assert "Hillcrest" not in guest.words
    assert "Second Opinion Network" not in guest.page.words.partition("Entries")[2]
    assert "Proofs" not in guest.words


@pytest.mark.parametrize("email", ["clinician@lakeside.example", "coordinator@network.example", "lead@network.example"])
def test_nobody_else_reads_the_audit(visitor, email):
    assert visitor(email).get("/admin/audit").status == 403
    assert visitor(email).get("/admin/audit.csv").status == 403


@pytest.mark.parametrize(
    "odd", ["record=SO-26-0000001-X", "record=Ada", "from=2026-13-01", "user=me", "from=2020-01-01"]
)
def test_what_cannot_be_asked_is_said_on_the_page(visitor, told, odd):
    guest = visitor(AUDITOR).get(f"/admin/audit?{odd}")
    assert (guest.status, "The list could not be narrowed" in guest.words) == (422, True)


def test_the_list_goes_on_page_by_page_and_its_sheet_holds_all_of_it(visitor, told, db, world):
    with db.writing() as session:
        session.add_all(
            AuditEntry(
                network_id=world.network_id, at=datetime.now(UTC), action="read", entity="patient", ids=[], detail={}
            )
            for _ in range(60)
        )
    guest = visitor(AUDITOR).get("/admin/audit?entity=patient")
    assert guest.page.words.count("Read: patient") == 50
    guest.follow_link("Next page")
    assert guest.page.words.count("Read: patient") == 10
    assert guest.get(f"{guest.at}&action=read").status == 422
    lines = visitor(AUDITOR).get("/admin/audit.csv?entity=patient").answer.text.splitlines()
    assert (len(lines), lines[0].split(",")[:3]) == (61, ["number", "at", "user"])
    (exported,) = entries(db, "export")
    assert (exported.entity, exported.detail["filters"]) == ("audit", ["entity"])


def test_a_partner_system_reads_as_far_as_its_organization_answers(app, db, world, told):
    network = Partner(app, factories.token(db, world, "network"))
    seen = network.get(f"/audit?record={told.id}&limit=2").json
    assert [each["action"] for each in seen["items"]] == ["denied", "read"]
    assert seen["items"][1]["actor"]["organization"]["name"] == "Regional Second Opinion Network"
    more = network.get(seen["next"].partition("/api/v1")[2]).json
    assert [each["ids"] for each in more["items"]] == [[str(told.id)]]
    lakeside = Partner(app, factories.token(db, world, "lakeside"))
    assert {each["actor"]["organization"]["name"] for each in lakeside.get("/audit").json["items"]} == {
        "Lakeside Hospital"
    }
    assert Partner(app, factories.token(db, world, "network", ("referrals:read",))).get("/audit").status_code == 403
    assert lakeside.get("/audit?from=2020-01-01").json["errors"][0]["code"] == "too_many_days"


def test_everyone_who_saw_a_patient_is_told_with_what_they_opened(visitor, told, db, app, world):
    Partner(app, factories.token(db, world, "lakeside")).get(f"/referrals/{told.id}")
    visitor("clinician@lakeside.example").get("/referrals").get(f"/referrals/{told.id}/letter")
    with db.writing() as session:
        seal(session, sealing_key("key"))
    here = f"/referrals/{told.id}/seen-by"
    for email in (ADMIN, AUDITOR):
        guest = visitor(email).get(f"/referrals/{told.id}")
        shown = guest.follow_link("Who saw this patient").words.partition("Organization First Last")[2]
        assert guest.at == here
        for words in ("Clinician", "Coordinator", "lakeside system", "Seen in a list: referral (1)", "Letter opened"):
            assert words in shown, words
        assert "Hillcrest" not in shown  # asked in vain, and saw nothing
    assert visitor("clinician@lakeside.example").get(here).status == 403
    assert visitor("coordinator@network.example").get(here).status == 403
    assert visitor("clinician@hillcrest.example").get(here).status == 404
    assert [entry.ids for entry in entries(db, "seen-by")] == [[str(told.id)]] * 2
