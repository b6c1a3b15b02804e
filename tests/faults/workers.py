"""Worker processes that a test may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]


def environ_of(settings: Mapping[str, str]) -> dict[str, str]:
    """What a process of the service is told: these settings, and none of the test's own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REFERRALS_")}
    usual = {"ENV": "test", "LOG_LEVEL": "ERROR"}
    return environ | {f"REFERRALS_{name}": value for name, value in (usual | dict(settings)).items()}


class Workers:
    """One process loads everything; each worker is a copy of it, so that a kill does not cost the time of a start."""

    def __init__(self, script: str, settings: Mapping[str, str]) -> None:
        self.loaded = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=environ_of(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        os.killpg(self.loaded.pid, signal.SIGKILL)
        self.loaded.communicate()

    def take(self) -> int:
        """The process id of one more, which goes to work."""
        assert self.loaded.stdin
        assert self.loaded.stdout
        self.loaded.stdin.write(b"\n")
        self.loaded.stdin.flush()
        return int(self.loaded.stdout.readline())


def stand_ready() -> None:
    """In the process that has loaded everything: each line it is sent makes a worker, and only there this returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        if worker := os.fork():
            print(worker, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return
    sys.exit()


def kill(worker: int) -> None:
    """Returns when it is gone."""
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)
        while True:
            os.kill(worker, 0)
            time.sleep(0.002)


def wait_until(condition, seconds: float = 60, moving=lambda: None) -> None:
    """So long at most, counted anew whenever `moving` tells something else: slow is not stuck."""
    deadline, last = time.monotonic() + seconds, moving()
    while not condition():
        if (reached := moving()) != last:
            deadline, last = time.monotonic() + seconds, reached
        assert time.monotonic() < deadline, "it does not get on"
        time.sleep(0.005)
