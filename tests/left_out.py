"""Tests whose tool is not on this machine are left out with one loud line, or fail where the tool is required."""

import os
import shutil

import pytest


class LeftOut:
    """Those that are marked `marker` need one of the commands `tools`; `REFERRALS_REQUIRE_<MARKER>=1` requires it."""

    def __init__(self, marker: str, *tools: str) -> None:
        self.marker, self.tools, self.number = marker, tools, 0

    def is_missing(self) -> bool:
        required = os.environ.get(f"REFERRALS_REQUIRE_{self.marker.upper()}") == "1"
        return not required and not any(map(shutil.which, self.tools))

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        left_out = [item for item in items if item.get_closest_marker(self.marker)] if self.is_missing() else []
        items[:] = [item for item in items if item not in left_out]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            self.number = len(left_out)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.number:
            line = f"No {self.tools[0]} on the PATH: {self.number} tests are left out. Install it to run them."
            terminalreporter.section(line, sep="!", red=True)
