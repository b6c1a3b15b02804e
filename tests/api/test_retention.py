"""What was erased answers so to partner systems, at every address, and lists go on."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from referrals.api.openapi import path_of, routes
from referrals.models.referral import Referral
from referrals.pathway.retention.erasing import erase
from tests.api.test_strangers import call, methods
from tests.factories import packet


def test_an_erased_referral_answers_410_and_its_lists_go_on(app, db, lakeside):
    made = lakeside.create(packet(1))
    lakeside.create(packet(2))
    assert lakeside.take("withdraw", made, reason="patient_choice").status_code == 200
    with db.writing() as session:
        patient = session.scalars(select(Referral.patient_id).where(Referral.reference == made["reference"])).one()
        assert erase(session, patient, datetime.now(UTC) + timedelta(days=1), datetime.now(UTC)) is not None
    seen = set()
    for rule, contract, _ in routes(app):
        path = path_of(rule)
        for method in methods(rule):
            if "{" in path.replace("{referral_id}", ""):
                continue
            answer = call(lakeside, method, path.replace("{referral_id}", made["id"]), contract)
            assert answer.status_code < 500, (method, path)
            if "{referral_id}" in path:
                assert answer.status_code >= 400, (method, path)
                seen.add(answer.status_code)
    gone = lakeside.get(f"/referrals/{made['id']}")
    assert (gone.status_code, gone.json["code"], "was erased on" in gone.json["detail"]) == (410, "erased", True)
    shown = lakeside.get(f"/patients/{patient}").json
    assert (shown["family_name"][:9], shown["given_name"]) == ("Erased on", None)
    again = lakeside.post("/referrals", packet(3, patient={"id": str(patient)}))
    assert (again.status_code, 410 in seen) == (422, True)
