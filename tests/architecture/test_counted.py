"""What a run says of itself at its end is true: it looks where it says, counts what ran, and a patient found fails it."""

import re
from types import SimpleNamespace

import pytest
from flask import Flask, Response

from tests.architecture.source import ROOT
from tests.attacks import KIND_AT
from tests.canaries import Watch
from tests.counted import Counts
from tests.factories import person

NUMBER = person(7)["identifiers"][0]["value"]


def at(place: str) -> bool:
    """Whether there is such a file, or such a test in it."""
    file, _, test = place.partition("::")
    path = ROOT / file
    return path.exists() and (not test or f"def {test}(" in path.read_text())


def test_every_attack_that_is_counted_is_there():
    assert [place for place in KIND_AT if not at(place)] == []


@pytest.mark.parametrize(
    ("page", "hits"),
    [
        ('<a href="/referrals?q=Ada">Ada Example</a>', 1),
        (f'<form action="/search?number={NUMBER}">', 1),
        ('<a href="/referrals?q=Ada%20Example">', 1),
        ('<input value="Ada"><a href="/referrals/1">Ada Example, 1961-03-02</a><p title="Ada">', 0),
        ('<a href="/codes?q=Adamantinoma">', 0),
    ],
)
def test_a_patient_in_an_address_of_a_page_is_found_and_one_on_the_page_is_not(page: str, hits: int):
    watch = Watch()
    with Flask("any").test_request_context("/"):
        watch.answer(None, Response(page, mimetype="text/html"))
    assert len(watch.hits) == hits, watch.hits
    assert watch.looked["addresses"] == len(re.findall("href|action", page))


def test_a_patient_is_found_wherever_it_may_not_be():
    watch = Watch()
    watch.log('{"event": "request", "q": "1961-03-02"}\n{"event": "request"}\n')
    watch.look("letters", "Subject: About Ada")
    watch.look("webhook bodies", f'{{"number": "{NUMBER}"}}')
    with Flask("any").test_request_context("/metrics"):
        watch.answer(None, Response('referrals_open{name="Canaria"} 1'))
        watch.answer(None, Response(headers={"Location": "/referrals?q=Ada+Example"}))
    assert len(watch.hits) == 5
    assert watch.looked["log lines"] == 2


@pytest.mark.parametrize("hits", [[], ["letters: Ada"]])
def test_a_patient_that_a_worker_found_fails_the_run(hits: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.counted.WATCH", Watch())
    counts, session = Counts(SimpleNamespace(getoption=lambda _: "not long")), SimpleNamespace(exitstatus=0)
    counts.pytest_testnodedown(SimpleNamespace(workeroutput={"canaries": {"looked": {"letters": 3}, "hits": hits}}))
    counts.pytest_sessionfinish(session)
    assert session.exitstatus == len(hits)
    assert f"canaries: {len(hits)} hits in 0 log lines, 0 metrics pages, 0 addresses, 3 letters" in "\n".join(
        counts.lines()
    )


def test_an_attack_that_got_through_is_told():
    counts = Counts(SimpleNamespace(getoption=lambda _: "not long"))
    told = [("attack", "guessing"), ("requests", 40)]
    report = {"when": "call", "user_properties": told, "capstderr": "", "node": None}
    counts.pytest_runtest_logreport(SimpleNamespace(passed=True, failed=False, **report))
    assert next(counts.lines()) == "attacks: 1 tests of 1 kinds, 40 requests: nobody was let in"
    counts.pytest_runtest_logreport(SimpleNamespace(passed=False, failed=True, **report))
    assert next(counts.lines()) == "attacks: 1 tests of 1 kinds, 80 requests: 1 FAILED"
