"""A legal hold is set and lifted with a reason, and kept; what was erased says so on every page."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from referrals.models.referral import Referral
from referrals.models.retention import LegalHold
from referrals.models.trail import AuditEntry
from referrals.pathway.retention.erasing import erase
from tests.databases import in_turn
from tests.web import scenery as scene

KEEPER, AUDITOR = "admin@network.example", "auditor@network.example"
REASON = "The district court asks for the file."
HOLDS = "/admin/legal-holds"


def test_a_hold_is_set_from_the_referral_and_lifted_once_each_with_a_reason(visitor, send, db):
    referral, guest = send(), visitor(KEEPER)
    guest.get(f"/referrals/{referral.id}").follow_link("Set a legal hold")
    guest.press("Set the hold", reason="Too short.")
    assert (guest.status, "at least 20 characters" in guest.words) == (422, True)
    guest.press("Set the hold", reason=REASON)
    assert (guest.at, REASON in guest.words) == (HOLDS, True)
    again = visitor(KEEPER).get(f"{HOLDS}/new?reference={referral.reference}")
    again.press("Set the hold", reason=REASON)
    assert (again.status, "A hold stands already" in again.words) == (409, True)
    seen = visitor(AUDITOR).get(HOLDS)
    assert (REASON in seen.words, "Lift it" in seen.words, "Set a hold" in seen.words) == (True, False, False)
    guest.get(HOLDS).follow_link(f"Lift it for {referral.reference}")
    lifting = guest.at
    guest.press("Lift the hold", reason="The court has decided the matter.")
    assert (guest.at, "Lifted by Admin" in guest.words, "Lift it" in guest.words) == (HOLDS, True, False)
    assert guest.get(lifting).status == 409
    with db.reading() as session:
        said = session.execute(select(AuditEntry.action, AuditEntry.ids).where(AuditEntry.entity == "legal_hold")).all()
        assert {"set-hold", "lift-hold", "list"} <= {row.action for row in said}
        assert all(str(referral.id) in row.ids for row in said if row.action == "set-hold")


@pytest.mark.parametrize("email", ["coordinator@network.example", "admin@lakeside.example", AUDITOR])
def test_nobody_else_sets_a_hold(visitor, send, email):
    referral, guest = send(), visitor(email)
    assert guest.get(f"{HOLDS}/new").status == 403
    assert guest.post(f"{HOLDS}/new", {"reference": referral.reference, "reason": REASON}).status == 403
    assert (guest.get(HOLDS).status == 200) == (email == AUDITOR)


def test_the_database_keeps_a_hold_as_it_was_set(visitor, send, db):
    visitor(KEEPER).get(f"{HOLDS}/new?reference={send().reference}").press("Set the hold", reason=REASON)
    for change in ({"reason": "x"}, {"set_by": "x"}):
        with pytest.raises(DBAPIError, match="kept as it was set"), db.writing() as session:
            session.execute(update(LegalHold).values(change))
    with pytest.raises(DBAPIError, match="kept as it was set"), db.writing() as session:
        session.delete(session.scalars(select(LegalHold)).one())


@pytest.fixture
def erased(app, db, world):
    """One of each thing that an address can name; the patient of the declined referral is erased."""
    scenery = scene.build(db, world, app.extensions["archive"])
    with db.writing() as session:
        referral = session.get_one(Referral, scenery.referrals["declined"])
        later = datetime.now(UTC) + timedelta(days=1)
        assert erase(session, referral.patient_id, later, datetime.now(UTC)) is not None
    return scenery


WALKERS = ("lead@network.example", "clinician@lakeside.example")


@pytest.mark.parametrize(("databases", "email"), in_turn((each,) for each in WALKERS), indirect=["databases"])
def test_every_page_of_an_erased_referral_says_so_in_plain_words(app, visitor, erased, db, email):
    guest, said = visitor(email), set()
    for method in ("GET", "POST"):
        for rule in scene.rules(app, method):
            if method == "POST" and "referral_id" not in rule.arguments:
                continue
            answer = guest.http.open(
                scene.address(rule, erased.arguments("declined")),
                method=method,
                data={"version": "1", "csrf_token": guest.token()} if method == "POST" else None,
            )
            assert answer.status_code < 500, (method, rule.rule)
            if method == "GET" and rule.arguments == {"referral_id"}:
                said.add(answer.status_code)
                assert answer.status_code != 200, rule.rule
                assert answer.status_code != 410 or "was erased on" in answer.text
    assert 410 in said
    listed = visitor(email).get("/worklist" if email.endswith("network.example") else "/referrals")
    assert listed.status == 200
