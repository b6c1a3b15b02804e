"""Worker processes that a test may kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


# Everything is loaded once; each line that it is sent makes one worker more.
FORKED = """
import os, signal, sys
{script}
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in sys.stdin:
    if worker := os.fork():
        print(worker, flush=True)
        continue
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    work()
"""


def environ_of(settings: Mapping[str, str]) -> dict[str, str]:
    """What a process of the service is told: these settings, and none of the test's own."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("REFERRALS_")}
    usual = {"ENV": "test", "LOG_LEVEL": "ERROR"}
    return environ | {f"REFERRALS_{name}": value for name, value in (usual | dict(settings)).items()}


class Forked:
    """Workers that cost no start of their own."""

    def __init__(self, mother: subprocess.Popen[str]) -> None:
        self.mother = mother
        self.alive: set[int] = set()

    def start(self) -> int:
        """One more goes to work; its number."""
        assert self.mother.stdin
        assert self.mother.stdout
        self.mother.stdin.write("one\n")
        self.mother.stdin.flush()
        worker = int(self.mother.stdout.readline())
        self.alive.add(worker)
        return worker

    def kill(self, worker: int) -> None:
        self.alive.discard(worker)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


@contextmanager
def forked(script: str, settings: Mapping[str, str]) -> Iterator[Forked]:
    """`script` says what the function `work` does in each of them."""
    with subprocess.Popen(
        [sys.executable, "-c", FORKED.format(script=script)],
        cwd=ROOT,
        env=environ_of(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as mother:
        workers = Forked(mother)
        try:
            yield workers
        finally:
            for worker in tuple(workers.alive):
                workers.kill(worker)
            mother.kill()


class Workers:
    """Workers that stand ready, so that a kill does not cost the time of a start."""

    def __init__(self, script: str, settings: Mapping[str, str], count: int) -> None:
        self.environ = environ_of(settings)
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


def wait_until(condition, seconds: float = 60, moving=lambda: None) -> None:
    """So long at most, counted anew whenever `moving` tells something else: slow is not stuck."""
    deadline, last = time.monotonic() + seconds, moving()
    while not condition():
        if (reached := moving()) != last:
            deadline, last = time.monotonic() + seconds, reached
        assert time.monotonic() < deadline, "it does not get on"
        time.sleep(0.005)
