"""Files of referrals in the dashboard: sent without a script, followed, called off, and what was refused told."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask

from referrals.models.engine import Database
from referrals.worker.importing import take_in_some
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
LAKESIDE, HILLCREST = "clinician@lakeside.example", "clinician@hillcrest.example"
TABLE = b"external_reference,patient_family_name,patient_given_name\nA1,Example,Ada\n,Example,Bo\n"


@pytest.fixture
def databases(databases_of, request):
    """What is tested lies above the databases."""
    request.node.user_properties.append(("database", "sqlite"))
    return databases_of("sqlite")


def send(guest: Visitor, content: bytes, name: str = "referrals.csv") -> Visitor:
    data = {"file": (BytesIO(content), name), "csrf_token": guest.token()}
    answer = guest.http.post("/imports", data=data, content_type="multipart/form-data")
    guest._take(answer, "/imports")
    return guest.get(answer.headers["Location"]) if answer.status_code == 303 else guest


def test_a_file_is_sent_and_followed_to_the_lines_that_were_refused(app: Flask, visitor: Come, db: Database) -> None:
    guest = visitor(LAKESIDE)
    assert guest.get("/imports").status == 200
    assert send(guest, TABLE).status == 200
    assert "0 of 2 lines are read" in guest.words
    place = guest.at
    take_in_some(db, lambda session: datetime.now(UTC), app.extensions["archive"].store)
    assert "All 2 lines were read" in guest.get(place).words
    assert "No number of its own" in guest.words
    assert "Without your own reference" in guest.words
    rows = guest.http.get(f"{place}/receipts.csv?outcome=refused").text.splitlines()
    assert (len(rows), rows[1].split(",")[:2]) == (2, ["3", "refused"])
    assert guest.http.get(f"{place}/receipts.csv?outcome=odd").status_code == 404
    assert guest.post(f"{place}/cancel").status == 409
    for path in (place, f"{place}/receipts.csv"):
        assert visitor(HILLCREST).get(path).status == 404


def test_what_is_no_file_of_referrals_is_told_at_the_form(visitor: Come) -> None:
    guest = visitor(LAKESIDE)
    guest.get("/imports")
    for content, said in (
        (b"", "The file says nothing"),
        (TABLE.replace(b"patient_family_name", b"Surname"), "Surname: There is no such column"),
        (b"Ada,Example,1961-03-02\n", "The first line must name the columns"),
    ):
        assert send(guest, content).status == 422
        assert said in guest.words
    assert send(guest, b"", "").status == 422
    assert "Choose a file" in guest.words
    assert visitor("admin@lakeside.example").get("/imports").status == 403


def test_a_file_that_waits_can_be_called_off(visitor: Come) -> None:
    guest = send(visitor(LAKESIDE), b'{"external_reference": "1"}', "referrals.ndjson")
    place = guest.at
    guest.post(f"{place}/cancel")
    assert "Called off" in guest.get(place).words
