"""Counts the attacks and faults of a run over all its processes, and tells at its end whether they came to nothing."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import request_finished

from tests.attacks import kind_of
from tests.canaries import LOOKED_THROUGH, WATCH

COUNTED = ("attack", "fault")


class Counts:
    """Of one process; with workers, the one that gathers what they send."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.tests: Counter[tuple[str, str]] = Counter()
        self.failed: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.kills = 0
        self.looked: Counter[str] = Counter()
        self.hits: list[str] = []

    def pytest_sessionstart(self) -> None:
        request_finished.connect(WATCH.answer, weak=False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if kind := kind_of(item.nodeid):
                item.add_marker(pytest.mark.attack(kind))
                item.user_properties.append(("attack", kind))
            elif item.get_closest_marker("faults"):
                item.user_properties.append(("fault", Path(item.path).stem.removeprefix("test_").replace("_", " ")))
                item.user_properties.append(("kills", kills_of(item)))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        before, at_hand = WATCH.answers, WATCH.at_hand
        try:
            result = yield
        finally:
            item.user_properties.append(("requests", WATCH.answers - before))
        assert not item.get_closest_marker("attack") or WATCH.at_hand == at_hand, "an attack went past every server"
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown" and not self.gathers(report):
            WATCH.log(report.capstderr)
        told = dict(report.user_properties)
        for sort in COUNTED:
            if sort in told and (report.when == "call" or report.failed):
                self.failed[sort] += report.failed
                self.tests[sort, told[sort]] += report.when == "call" and report.passed
                self.requests[sort] += sum(number for name, number in report.user_properties if name == "requests")
                self.kills += told.get("kills", 0)

    def gathers(self, report: pytest.TestReport) -> bool:
        """Whether it was a worker who ran the test, and looks through what was written."""
        return hasattr(report, "node")

    def pytest_testnodedown(self, node: object) -> None:
        sent = getattr(node, "workeroutput", {}).get("canaries")
        if sent:
            self.looked.update(sent["looked"])
            self.hits += sent["hits"]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workerinput"):
            self.config.workeroutput["canaries"] = {"looked": dict(WATCH.looked), "hits": WATCH.hits}
            return
        self.looked.update(WATCH.looked)
        self.hits += WATCH.hits
        if self.hits:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.tests and not self.failed and not self.hits:
            return
        terminalreporter.section("attacks and faults", sep="-", red=bool(self.hits or any(self.failed.values())))
        for line in self.lines():
            terminalreporter.write_line(line)

    def lines(self) -> Iterator[str]:
        if "not long" not in (self.config.getoption("-m") or ""):
            yield from (f"  {sort}: {number:>5}  {kind}" for (sort, kind), number in sorted(self.tests.items()))
        yield from filter(
            None, (self.sentence("attack", "nobody was let in"), self.sentence("fault", "nothing was lost"))
        )
        found = ", ".join(f"{self.looked[kind]:,} {kind}" for kind in LOOKED_THROUGH)
        yield f"canaries: {len(self.hits)} hits in {found}"
        yield from (f"  {hit}" for hit in self.hits[:20])

    def sentence(self, sort: str, good: str) -> str:
        numbers = [number for (each, _), number in self.tests.items() if each == sort]
        if not numbers and not self.failed[sort]:
            return ""
        more = f", {self.kills:,} kills" if sort == "fault" else f", {self.requests[sort]:,} requests"
        outcome = f"{self.failed[sort]} FAILED" if self.failed[sort] else good
        return f"{sort}s: {sum(numbers):,} tests of {len(numbers)} kinds{more}: {outcome}"


def kills_of(item: pytest.Item) -> int:
    called = getattr(item, "callspec", None)
    return int(called.params.get("kills", 0)) if called else 0
