"""What every test may ask for."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings as hypothesis_settings

from tests.application import app, settings, start_app
from tests.counted import Counts
from tests.databases import database, database_url, databases, databases_of, fresh_database_url
from tests.entries import Entries
from tests.left_out import LeftOut
from tests.worked_out_once import work_out_once

# A setting of the person who runs the tests must not change what is tested.
for name in [
    name for name in os.environ if name.startswith("REFERRALS_") and not name.startswith("REFERRALS_REQUIRE_")
]:
    del os.environ[name]
os.environ["REFERRALS_ENV"] = "test"

# A busy machine is no counterexample. `make test-long` searches further.
CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
hypothesis_settings.register_profile("suite", **CALM)
hypothesis_settings.register_profile("long", max_examples=2_000, **CALM)
hypothesis_settings.load_profile("suite")

work_out_once()

POSTGRES_PASSED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[POSTGRES_PASSED] = 0
    config.pluginmanager.register(PostgresWatch(config), "postgres-watch")
    config.pluginmanager.register(Counts(config), "counts")
    config.pluginmanager.register(Entries(config), "entries")
    config.pluginmanager.register(LeftOut("sqlmap", "sqlmap"), "without-sqlmap")


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: looking it through for garbage took a twelfth of every test."""
    gc.collect()
    gc.freeze()


class PostgresWatch:
    """Counts the tests that passed on PostgreSQL, so that a run without any cannot pass for a whole one."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed and ("database", "postgresql") in map(tuple, report.user_properties):
            self.config.stash[POSTGRES_PASSED] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.was_missed():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.was_missed():
            terminalreporter.section("PostgreSQL was not tested", sep="!", red=True)

    def was_missed(self) -> bool:
        on_worker = hasattr(self.config, "workerinput")
        required = os.environ.get("REFERRALS_REQUIRE_POSTGRES") == "1"
        return required and not on_worker and not self.config.stash[POSTGRES_PASSED]
