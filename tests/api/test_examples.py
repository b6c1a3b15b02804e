"""Each example of the documentation is sent to a real application, and each answer that it shows is what comes back."""

import json
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from referrals.api import examples
from referrals.domain.people import Scope
from referrals.models.engine import Database
from referrals.models.trail import AuditEntry
from tests import factories
from tests.api.example_walk import TODAY, Walk, walk_all
from tests.api.partner import BASE, Partner, if_match
from tests.api.record_examples import ANSWERS, recorded
from tests.entries import is_whole

# What is sent and leaves no entry, and why.
SILENT = {"judgement-assess": "it judges what is sent, reads nothing and keeps nothing"}


@pytest.fixture
def today():
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def world(db, today):
    with db.writing() as session:
        return factories.settled(session, TODAY)


def shape(value: Any) -> Any:
    """What kind of thing stands where, whatever it says."""
    if isinstance(value, dict):
        return {key: shape(below) for key, below in value.items()}
    return [shape(below) for below in value] if isinstance(value, list) else type(value).__name__


def unseen(walk: Walk, db: Database) -> set[str]:
    """Operations that take something, and of which the audit does not say who did what with which row."""
    with db.reading() as session:
        entries = session.execute(select(AuditEntry.__table__)).mappings().all()
    noted = {entry["request_id"] for entry in entries if is_whole(entry)}
    taking = {name for name, (method, _, _) in walk.operations.items() if method != "GET"}
    return {name for name in taking if walk.answers[name].headers["X-Request-ID"] not in noted}


def test_every_example_is_taken_noted_and_answered_as_the_documentation_shows(app, db, world):
    walk = Walk(app, db, world)
    walk_all(walk)
    assert set(walk.operations) <= set(walk.answers), "a new route needs a place on the walk"
    assert unseen(walk, db) == SILENT.keys()
    kept = json.loads(ANSWERS.read_text())
    assert shape(recorded(walk)) == shape(kept), "record the answers anew: python -m tests.api.record_examples"


# What is sent to meet each of the problems, as whom, and which example of it that is.
MET = (
    ("malformed", "not-json", "lakeside", "POST", "/assess", {"data": b"{", "content_type": "application/json"}),
    ("unauthenticated", "no-token", None, "GET", "/me", {}),
    ("unauthenticated", "old-token", "old", "GET", "/me", {}),
    ("forbidden", "scope", "narrow", "GET", "/patients", {}),
    ("forbidden", "kind", "summit", "POST", "/referrals/{referral_id}/claim", {"json": {}, "headers": if_match(1)}),
    ("forbidden", "person", "lakeside", "GET", "/me", {"headers": {"On-Behalf-Of": "nobody@lakeside.example"}}),
    ("not-found", "unknown", "hillcrest", "GET", "/referrals/{referral_id}", {}),
    ("conflict", "known", "lakeside", "POST", "/referrals", {"json": "the same"}),
    (
        "conflict",
        "not-now",
        "network",
        "POST",
        "/referrals/{referral_id}/withdraw-offer",
        {"json": {"text": "Why"}, "headers": if_match(2)},
    ),
    ("stale", "changed", "lakeside", "PATCH", "/referrals/{referral_id}", {"json": {}, "headers": if_match(9)}),
    ("unsupported-media-type", "form", "lakeside", "POST", "/assess", {"data": "{}", "content_type": "text/plain"}),
    ("validation", "body", "lakeside", "POST", "/referrals", {"json": "without a day"}),
    ("validation", "parameter", "lakeside", "GET", "/referrals?limit=1000", {}),
    ("validation", "person", "network", "POST", "/referrals/{referral_id}/claim", {"json": {}, "headers": if_match(2)}),
    ("precondition-required", "version", "lakeside", "PATCH", "/referrals/{referral_id}", {"json": {}}),
)


def test_problems_are_met_as_the_documentation_shows_them(app, db, world):
    tokens = {code: factories.token(db, world, code) for code in ("lakeside", "hillcrest", "network", "summit")}
    tokens |= {"narrow": factories.token(db, world, "lakeside", [Scope.REFERRALS_READ]), "old": "unknown"}
    sent = examples.sent("referrals-create")
    made = Partner(app, tokens["lakeside"]).create(sent)
    lacking = sent | {"consent": {"given": True, "given_by": "patient", "scope": []}, "external_reference": "EHR-2"}
    bodies = {"the same": sent, "without a day": lacking | {"patient": sent["patient"] | {"birth_date": "1961-13-02"}}}
    for word, example, code, method, path, options in MET:
        json_sent = options.get("json")
        filled = options | ({"json": bodies[json_sent]} if isinstance(json_sent, str) else {})
        caller = Partner(app, tokens.get(code or ""))
        answer = caller.call(method, BASE + path.replace("{referral_id}", made["id"]), **filled)
        shown = examples.refused(word)[example]["problem"]
        met = {
            name: value for name, value in answer.json.items() if name not in ("type", "title", "status", "instance")
        }
        assert answer.json["type"] == f"/problems/{word}", answer.text
        assert met == (shown | {"referral": made["id"]} if "referral" in shown else shown)
