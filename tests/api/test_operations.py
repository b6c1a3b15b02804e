"""What operators and security people look for: request ids, quiet logs, headers, limits, health, outages."""

import json
import logging
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, ProgrammingError

from referrals.models.trail import AuditEntry, Beat
from tests.api.partner import Partner
from tests.factories import diagnosis, packet, patient, person, routine, token, unknown_id

CANARY = {
    "given_name": "Zephyrine",
    "family_name": "Quillfeather",
    "postal_code": "ZQ-90417",
    "contact": {"email": "zephyrine@quillfeather.example", "phone": "+1-555-7319-442"},
    "identifiers": [{"system": "urn:canary", "value": "CANARY-58213"}],
}
STRINGS = ("Zephyrine", "Quillfeather", "ZQ-90417", "7319-442", "CANARY-58213", "Tessellated", "1961-03-02")


class Lines(logging.Handler):
    """Everything that is logged, as it would be written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.formatter = next(
            each.formatter for each in logging.getLogger().handlers if type(each).__name__ == "JsonLines"
        )
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def lines(app):
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("sent", ["abc", "A-z_09" * 10, "x" * 64])
def test_a_request_id_is_echoed(lakeside, stranger, sent):
    for caller in (lakeside, stranger):
        answer = caller.get("/me", headers={"X-Request-ID": sent})
        assert answer.headers["X-Request-ID"] == sent
    assert answer.json["instance"] == f"/requests/{sent}"


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "ä", "a\tb", '"x"', "../x"])
def test_a_request_id_of_another_form_is_replaced(stranger, sent):
    answer = stranger.get("/me", headers={"X-Request-ID": sent})
    made = answer.headers["X-Request-ID"]
    assert made != sent
    assert made.isalnum()
    assert answer.json["instance"].endswith(made)


def test_each_request_has_one_line_with_its_route_and_nothing_of_its_address(lakeside, lines):
    lakeside.get(f"/patients/{unknown_id()}", headers={"X-Request-ID": "trace-me"})
    (line,) = [json.loads(each) for each in lines if "trace-me" in each]
    assert (line["route"], line["status"], line["method"]) == ("/api/v1/patients/<patient_id>", 404, "GET")
    assert line["client"]
    assert set(line) <= {
        "method", "route", "status", "ms", "organization", "client", "user", "event", "request_id", "logger", "level", "timestamp",
    }  # fmt: skip


def test_no_patient_is_in_a_log_or_in_an_address_that_we_make(app, lakeside, coordinator, lines, monkeypatch):
    answers = []
    for number in (1, 2):
        sent = packet(
            number,
            patient=patient(number, **CANARY),
            diagnosis=diagnosis(unusual_presentation="Tessellated"),
            questions=["Tessellated?"],
            external_reference=f"c{number}",
        )
        answers.append(lakeside.post("/referrals", sent))
    answers.append(lakeside.post("/referrals", packet(3, patient=patient(3, **CANARY | {"birth_date": "1999-01-01"}))))
    answers.append(lakeside.post("/referrals", packet(4, patient=CANARY | {"Quillfeather": 1})))
    answers.append(
        lakeside.call("POST", "/referrals", data=b'{"Zephyrine', headers={"Content-Type": "application/json"})
    )
    for caller in (lakeside, coordinator):
        answers.append(caller.get("/referrals?q=Quillfeather&limit=1"))
        answers.append(caller.get("/patients?q=CANARY-58213&limit=1"))
        answers.append(caller.post("/referrals/search", {"q": "Zephyrine", "limit": 1}))
        answers.append(caller.get(answers[-1].json["next"]))
        answers.append(caller.get("/referrals?Quillfeather=Zephyrine"))
        answers.append(caller.get("/patients/Quillfeather"))
        answers.append(caller.get("/Quillfeather/Zephyrine"))
    monkeypatch.setattr("referrals.api.patients.patients_found", explode)
    answers.append(lakeside.get("/patients?q=Zephyrine"))
    assert answers[-1].status_code == 500
    written = "\n".join(lines)
    assert written.count('"request"') == len(answers)
    addresses = [answer.headers.get(name, "") for answer in answers for name in ("Location", "Link")]
    addresses += [str((answer.get_json(silent=True, force=True) or {}).get("next", "")) for answer in answers]
    for string in STRINGS:
        assert string not in written
        assert not [address for address in addresses if string in address]


def explode(*given, **more):
    raise ProgrammingError(
        "SELECT 'Zephyrine'", {"q": "Quillfeather"}, ValueError("Key (name)=(Zephyrine) exists")
    ) from KeyError("Tessellated")


def test_refusals_never_repeat_what_was_sent(lakeside):
    spoiled = patient(1, **CANARY | {"sex": "Quillfeather", "birth_date": "Zephyrine", "language": "CANARY-58213 x"})
    answer = lakeside.post("/referrals", packet(patient=spoiled, purposes=["Tessellated"]))
    assert answer.status_code == 422
    for string in STRINGS:
        assert string not in answer.text


def test_every_answer_forbids_what_it_does_not_need(lakeside, stranger):
    for answer in (lakeside.get("/me"), stranger.get("/me"), stranger.get("/docs"), stranger.get("/health/live")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert lakeside.get("/me").headers["Cache-Control"] == "no-store"
    secure = lakeside.get("https://localhost/api/v1/me")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Strict-Transport-Security" not in lakeside.get("/me").headers


def test_a_client_has_so_many_calls_a_minute(start_app, world, db):
    app = start_app(calls_per_minute=5)
    caller, other = Partner(app, token(db, world, "lakeside")), Partner(app, token(db, world, "hillcrest"))
    with time_machine.travel(datetime.now(UTC), tick=False):
        answers = [caller.get("/me") for _ in range(7)]
        assert other.get("/me").status_code == 200
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert [answer.headers["RateLimit"].split(";")[1] for answer in answers[:5]] == ["r=4", "r=3", "r=2", "r=1", "r=0"]
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=5;w=60'
    refused = answers[-1]
    assert refused.json["type"] == "/problems/rate-limited"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"default";r=0')


def test_who_looked_is_written_down_with_what_was_shown(lakeside, coordinator, db, world):
    referral = lakeside.create(routine())
    coordinator.get("/referrals")
    coordinator.get(f"/referrals/{referral['id']}", headers={"X-Request-ID": "this-one"})
    coordinator.get(f"/patients/{referral['patient']['id']}")
    coordinator.get(f"/referrals/{referral['id']}/facts")
    with db.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    told = [(entry.action, entry.entity, entry.ids) for entry in entries]
    assert told == [
        ("create", "referral", [referral["id"]]),
        ("list", "referral", [referral["id"]]),
        ("read", "referral", [referral["id"]]),
        ("read", "patient", [referral["patient"]["id"]]),
        ("read-facts", "referral", [referral["id"]]),
    ]
    assert entries[2].request_id == "this-one"
    assert {entry.user_id for entry in entries[1:]} == {world.people["coordinator@network.example"].id}


def test_what_shows_no_patient_is_not_audited(lakeside, db):
    for path in ("/me", "/users", "/organizations", "/codes/icd10cm?q=x", "/policies", "/referrals/counts"):
        assert lakeside.get(path).status_code == 200
    assert lakeside.post("/assess", {"diagnosis": {"icd10cm": "C61"}}).status_code == 200
    with db.reading() as session:
        assert session.scalars(select(AuditEntry)).all() == []


def test_health_needs_no_token(stranger, db):
    assert stranger.get("/health/live").json == {"status": "up"}
    ready = stranger.get("/health/ready")
    assert (ready.status_code, ready.json["status"], ready.json["worker"]) == (200, "ready", {"last_beat_at": None})
    with db.writing() as session:
        session.add(Beat(process="worker", at=datetime(2026, 11, 18, 9, 30, tzinfo=UTC)))
    assert stranger.get("/health/ready").json["worker"] == {"last_beat_at": "2026-11-18T09:30:00Z"}


def test_a_database_without_the_schema_is_not_ready(start_app, fresh_database_url):
    answer = start_app(database_url=fresh_database_url).test_client().get("/health/ready")
    assert (answer.status_code, answer.json["schema"]) == (503, "behind")
    assert int(answer.headers["Retry-After"]) > 0


def test_without_a_database_the_answer_is_503_and_says_when_to_come_back(app, stranger, lakeside, monkeypatch):
    def gone(*given, **more):
        raise OperationalError("SELECT 1", {}, ConnectionError("gone"), connection_invalidated=True)

    monkeypatch.setattr("sqlalchemy.orm.Session.execute", gone)
    monkeypatch.setattr("referrals.api.health.is_usable", gone)
    for answer in (lakeside.get("/me"), lakeside.post("/referrals", packet()), stranger.get("/health/ready")):
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    assert lakeside.get("/me").json["type"] == "/problems/unavailable"
    assert stranger.get("/health/live").status_code == 200


def test_a_failure_of_ours_says_nothing_but_where_to_look(lakeside, monkeypatch, lines):
    monkeypatch.setattr("referrals.api.patients.identifiers_of", lambda *given: {}["Zephyrine Quillfeather"])
    answer = lakeside.post("/patients", person(1), headers={"X-Request-ID": "look-here"})
    assert (answer.status_code, answer.json["type"]) == (500, "/problems/internal")
    assert answer.json["instance"] == "/requests/look-here"
    (failure,) = [json.loads(each) for each in lines if '"failure"' in each]
    assert (failure["kind"], failure["request_id"]) == ("builtins.KeyError", "look-here")
    assert "Zephyrine" not in json.dumps(failure)
    assert lakeside.get("/patients").json["items"] == []
