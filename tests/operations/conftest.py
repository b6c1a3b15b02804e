"""What operators put around the service. Where nginx is missing its tests are left out, loudly, or fail if it is required."""

import os
import shutil

import pytest

REQUIRED = os.environ.get("REFERRALS_REQUIRE_NGINX") == "1"
LEFT_OUT = "No nginx on the PATH: the tests behind it are left out. Install one to run them."
MISSING = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if REQUIRED or shutil.which("nginx"):
        return
    left_out = [item for item in items if item.get_closest_marker("nginx")]
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        config.stash[MISSING] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash.get(MISSING, 0):
        terminalreporter.section(LEFT_OUT, sep="!", red=True)
