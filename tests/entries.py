"""Watches every request of a run, at both doors: whoever changes a row leaves an entry of it, in the same transaction."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask, has_request_context, request, request_finished
from sqlalchemy import Connection, Delete, Engine, Insert, Update, event
from werkzeug.wrappers import Response

# What a request may write without an entry, and why there is nothing to note.
BESIDE: Mapping[str, str] = {
    "client_refusal": "what a system was refused: the row is the record of it",
    "feed_end": "the feed gives numbers to what has happened already",
    "idempotency_key": "the answer that a repeat gets; the work itself has its entry",
    "outbox": "the feed gives numbers to what has happened already",
    "passkey_challenge": "a question that a browser has yet to answer",
    "rate_counter": "how often somebody tried",
    "receipt": "what became of an intake: the row is the record of it, and never changes",
    "sign_on_attempt": "a question that a provider has yet to answer",
    "user_session": "a sign of life, or half a session; going in and out, and ending one, have their entries",
    "/me/security/app authenticator_app": "a seed that counts for nothing until a code of it has been shown",
    "/sign-in/passkey passkey": "how often it was used: the sign-in that follows has the entry",
}
# Forms of the dashboard that leave no entry when they are taken, and why.
SILENT: Mapping[str, str] = {
    "/me/organization": "for whom somebody acts stands in the cookie, and in each entry of what they do then",
    "/me/prove/passkey/ask": BESIDE["passkey_challenge"],
    "/me/prove/single-sign-on": BESIDE["sign_on_attempt"],
    "/me/security/app": BESIDE["/me/security/app authenticator_app"],
    "/me/security/passkeys/ask": BESIDE["passkey_challenge"],
    "/search": "leads to the page of what was found, which says what it shows",
    "/sign-in/passkey/ask": BESIDE["passkey_challenge"],
    "/sign-in/single-sign-on": BESIDE["sign_on_attempt"],
}
CHANGED, LEFT = "tests.changed", "tests.left"


def is_whole(entry: Mapping[str, Any]) -> bool:
    """Whether it says who did what with which row."""
    return bool((entry["user_id"] or entry["client_id"]) and entry["action"] and entry["entity"] and entry["ids"])


class Watch:
    """Of one process: transactions that changed something unseen, and the forms whose success left an entry."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.forms: set[str] = set()
        self.left: set[str] = set()

    def statement(self, connection: Connection, statement: Any, many: Any, one: Any, options: Any) -> None:
        if not isinstance(statement, (Insert, Update, Delete)) or not has_request_context():
            return
        table = statement.table.name
        if table == "audit_entry":
            connection.info.setdefault(LEFT, []).extend(many or [one])
        else:
            connection.info.setdefault(CHANGED, set()).add(table)

    def commit(self, connection: Connection) -> None:
        changed, left = connection.info.pop(CHANGED, ()), connection.info.pop(LEFT, [])
        if not has_request_context():
            return
        rule, whole = str(request.url_rule), any(map(is_whole, left))
        unseen = sorted(table for table in changed if not BESIDE.keys() & {table, f"{rule} {table}"})
        if unseen and not whole:
            self.hits.append(f"{request.method} {rule} changed {', '.join(unseen)} and left no entry of it")
        request.environ[LEFT] = request.environ.get(LEFT, False) or whole

    def rollback(self, connection: Connection) -> None:
        if connection.invalidated:  # it died: what was noted of it is gone with it
            return
        connection.info.pop(CHANGED, None)
        connection.info.pop(LEFT, None)

    def answer(self, sender: Flask, response: Response, **_: Any) -> None:
        if not self.forms:
            rules = (rule for rule in sender.url_map.iter_rules() if rule.endpoint.startswith("web."))
            self.forms = {rule.rule for rule in rules if "POST" in (rule.methods or ())}
        if request.method == "POST" and response.status_code < 400 and request.environ.get(LEFT):
            self.left.add(str(request.url_rule))


class Entries:
    """Fails the test in which something was changed unseen, and a whole run in which a form never left an entry."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.watch = Watch()
        self.wrong: list[str] | None = None

    def pytest_sessionstart(self) -> None:
        event.listen(Engine, "before_execute", self.watch.statement)
        event.listen(Engine, "commit", self.watch.commit)
        event.listen(Engine, "rollback", self.watch.rollback)
        request_finished.connect(self.watch.answer, weak=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """What a test left that failed by itself is not laid at the door of the next one."""
        self.watch.hits.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        result = yield
        assert not self.watch.hits, "\n".join(self.watch.hits)
        return result

    def pytest_testnodedown(self, node: object) -> None:
        sent = getattr(node, "workeroutput", {}).get("entries", {"forms": (), "left": ()})
        self.watch.forms.update(sent["forms"])
        self.watch.left.update(sent["left"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workerinput"):
            self.config.workeroutput["entries"] = {"forms": [*self.watch.forms], "left": [*self.watch.left]}
        elif self.is_whole_run() and not session.testsfailed:
            self.wrong = [*self.faults()]
            session.exitstatus = pytest.ExitCode.TESTS_FAILED if self.wrong else session.exitstatus

    def is_whole_run(self) -> bool:
        all_of_them = self.config.args_source is pytest.Config.ArgsSource.TESTPATHS and not self.config.option.keyword
        return all_of_them and os.environ.get("REFERRALS_REQUIRE_POSTGRES") == "1"

    def faults(self) -> Iterator[str]:
        left, forms = self.watch.left, self.watch.forms
        yield from (f"no entry, or never taken: {form}" for form in sorted(forms - left - SILENT.keys()))
        yield from (
            f"is said to leave no entry: {form}" for form in sorted(SILENT.keys() & left | SILENT.keys() - forms)
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.wrong:
            terminalreporter.section("forms and their entries in the audit", sep="!", red=True)
            terminalreporter.write_line("\n".join(self.wrong))
        elif self.wrong is not None:
            number = len(self.watch.left & self.watch.forms)
            terminalreporter.write_line(f"entries: {number} forms were taken, and each change left its entry")
