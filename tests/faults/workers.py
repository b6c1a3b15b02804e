"""Worker processes that a test may kill."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Workers:
    """Workers that stand ready, so that a kill does not cost the time of a start."""

    def __init__(self, script: str, settings: Mapping[str, str], count: int) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("REFERRALS_")}
        usual = {"ENV": "test", "LOG_LEVEL": "ERROR"}
        self.environ = environ | {f"REFERRALS_{name}": value for name, value in (usual | dict(settings)).items()}
        self.script = script
        self.left = count
        self.next = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        self.left -= 1
        return subprocess.Popen(
            [sys.executable, "-c", self.script],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def take(self) -> subprocess.Popen[bytes]:
        """The one that is ready goes to work, and another is made ready meanwhile."""
        ready = self.next
        assert ready.stdout
        assert ready.stdin
        assert ready.stdout.readline() == b"ready\n"
        if self.left:
            self.next = self.start()
        ready.stdin.write(b"\n")
        ready.stdin.flush()
        return ready


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    worker.communicate()


def wait_until(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not get on"
        time.sleep(0.005)
