"""Whoever has the database or the folder of documents reads no number of a patient, no document and no kept answer."""

from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from referrals.models.door import IdempotencyKey
from referrals.models.patient import PatientIdentifier
from referrals.models.vault import Locked
from tests.api.test_imports import lines, send, work
from tests.factories import packet, patient
from tests.papers import PDF, form

__all__ = ["work"]
CANARY = "CANARY-7781-FINCH"
SYSTEM = "urn:oid:2.16.840.1.113883.4.1"


def numbered(number, value, **changes):
    return patient(number, identifiers=[{"system": SYSTEM, "value": value}], **changes)


def bytes_of(database) -> bytes:
    """All that a dump would hold, or all that lies on the disk."""
    if database.engine.dialect.name == "sqlite":
        file = Path(str(database.engine.url.database))
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    with database.engine.connect() as connection:
        tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = [row for table in tables for row in connection.scalars(text(f'SELECT t::text FROM "{table}" t'))]
    return "\n".join(rows).encode()


def test_no_canary_lies_open_anywhere_and_everything_comes_back(app, lakeside, hillcrest, coordinator, work, db):
    sent = packet(1, patient=numbered(1, CANARY))
    keyed = {"Idempotency-Key": "once"}
    referral = lakeside.post("/referrals", sent, headers=keyed)
    assert referral.status_code == 201, referral.text
    made = lakeside.post(f"/referrals/{referral.json['id']}/documents", **form(PDF + CANARY.encode() * 9_000))
    assert send(lakeside, lines(packet(2, patient=numbered(2, f"{CANARY}-2")))).status_code == 202
    work()
    elsewhere = hillcrest.create(packet(3, patient=numbered(3, CANARY), referring_clinician=None))

    assert CANARY.encode() not in bytes_of(db)
    folder = app.config["SETTINGS"].data_dir / "documents"
    files = [each.read_bytes() for each in folder.rglob("*") if each.is_file()]
    assert len(files) == 2
    assert not any(CANARY.encode() in content or PDF in content for content in files)

    again = lakeside.post("/referrals", sent, headers=keyed)
    assert (again.data, again.headers["Idempotency-Replayed"]) == (referral.data, "true")
    assert lakeside.get(f"/documents/{made.json['id']}/content").data.endswith(CANARY.encode())
    for reader, found in ((lakeside, [referral.json["id"]]), (coordinator, [referral.json["id"], elsewhere["id"]])):
        items = reader.get(f"/referrals?q={CANARY}&sort=submitted_at").json["items"]
        assert [each["id"] for each in items] == found
    assert [each["identifiers"][0]["value"] for each in lakeside.get(f"/patients?q={CANARY}-2").json["items"]] == [
        f"{CANARY}-2"
    ]
    assert lakeside.get("/patients?q=CANARY").json["items"] == []
    follow = lakeside.create(packet(4, patient=numbered(1, CANARY)))
    assert follow["patient"]["id"] == referral.json["patient"]["id"]
    with db.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM identity_check")) == 1


def test_a_ciphertext_that_was_put_into_another_row_does_not_open(lakeside, db):
    for number in (1, 2):
        keyed = {"Idempotency-Key": f"key {number}"}
        assert lakeside.post("/referrals", packet(number), headers=keyed).status_code == 201
    with db.writing() as session:
        one, other = session.scalars(select(PatientIdentifier).order_by(PatientIdentifier.id)).all()
        session.execute(update(PatientIdentifier).where(PatientIdentifier.id == one.id).values(locked=other.locked))
        session.execute(update(IdempotencyKey).values(body=one.locked))
    with db.reading() as session:
        swapped = session.get_one(PatientIdentifier, one.id)
        with pytest.raises(Locked):
            _ = swapped.number
    again = lakeside.post("/referrals", packet(1), headers={"Idempotency-Key": "key 1"})
    assert (again.status_code, "can no longer be read" in again.json["detail"]) == (409, True)
