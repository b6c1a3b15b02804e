"""A network administrator sets a legal hold with a reason, lifts it with another, and both are kept."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from referrals.models.retention import LegalHold
from referrals.models.trail import AuditEntry

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
