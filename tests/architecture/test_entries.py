"""The watch over a run sees what it says: a change that leaves no entry, and a form that nobody was seen to send."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response
from sqlalchemy import insert, update

from referrals.models.organization import ClientRefusal
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from tests.entries import SILENT, Entries, Watch

ENTRY = {"user_id": 1, "client_id": None, "action": "claim", "entity": "referral", "ids": ["1"]}
FORM = "/referrals/<referral_id>/claim"


def answered(watch: Watch, *written: tuple[type, dict[str, Any]], kept: bool = True) -> None:
    """One request that writes this in one transaction."""
    app = Flask("any")
    app.add_url_rule(FORM, "web.claim", lambda: "", methods=["POST"])
    connection: Any = SimpleNamespace(info={}, invalidated=False)
    with app.test_request_context("/referrals/1/claim", method="POST"):
        for table, row in written:
            statement = insert(table) if table is AuditEntry else update(table)
            watch.statement(connection, statement, [], row, {})
        (watch.commit if kept else watch.rollback)(connection)
        watch.answer(app, Response())


@pytest.mark.parametrize(
    ("written", "kept", "is_hit"),
    [
        ([(Referral, {})], True, True),
        ([(Referral, {}), (AuditEntry, ENTRY)], True, False),
        ([(Referral, {}), (AuditEntry, ENTRY | {"user_id": None})], True, True),
        ([(Referral, {}), (AuditEntry, ENTRY | {"ids": []})], True, True),
        ([(ClientRefusal, {})], True, False),
        ([(Referral, {})], False, False),
    ],
)
def test_a_change_is_seen_that_leaves_no_entry_of_who_did_what_with_which_row(written, kept: bool, is_hit: bool):
    watch = Watch()
    answered(watch, *written, kept=kept)
    assert watch.hits == ([f"POST {FORM} changed referral and left no entry of it"] if is_hit else [])
    assert watch.left == ({FORM} if (AuditEntry, ENTRY) in written else set())


@pytest.mark.parametrize(
    ("left", "wrong"),
    [
        ([FORM], []),
        ([], [f"no entry, or never taken: {FORM}"]),
        ([FORM, "/search"], ["is said to leave no entry: /search"]),
    ],
)
def test_a_form_that_was_never_taken_with_an_entry_fails_a_whole_run(monkeypatch: pytest.MonkeyPatch, left, wrong):
    monkeypatch.setenv("REFERRALS_REQUIRE_POSTGRES", "1")
    option = SimpleNamespace(keyword="")
    config: Any = SimpleNamespace(args_source=pytest.Config.ArgsSource.TESTPATHS, option=option)
    entries, session = Entries(config), SimpleNamespace(testsfailed=0, exitstatus=0)
    entries.pytest_testnodedown(SimpleNamespace(workeroutput={"entries": {"forms": [FORM, *SILENT], "left": left}}))
    entries.pytest_sessionfinish(session)
    assert (entries.wrong, session.exitstatus) == (wrong, bool(wrong))
