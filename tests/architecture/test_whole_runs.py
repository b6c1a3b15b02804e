"""A run that tested half of what it should cannot pass for a whole one."""

import os
import subprocess
import sys

import pytest

from tests.architecture.source import ROOT

A_TEST = "tests/models/test_sessions.py::test_a_writing_session_keeps_what_its_block_wrote"


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        command, cwd=ROOT, env={**kept, **environ}, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["in one process", "spread over workers"])
def test_a_run_without_postgresql_fails_where_postgresql_is_required(workers):
    done = run(f"{A_TEST}[sqlite]", *workers, REFERRALS_REQUIRE_POSTGRES="1")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "PostgreSQL was not tested" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("workers", [[], ["-n", "1"]], ids=["in one process", "spread over workers"])
def test_a_run_with_postgresql_passes(workers):
    done = run(A_TEST, *workers, REFERRALS_REQUIRE_POSTGRES="1")
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert "was not tested" not in done.stdout
    assert done.returncode == 0


def test_a_run_may_leave_postgresql_out_where_nobody_requires_it():
    assert run(f"{A_TEST}[sqlite]", REFERRALS_REQUIRE_POSTGRES="").returncode == 0
