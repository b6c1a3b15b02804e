"""Started together, stopped together: nothing is left running, whoever ends first."""

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SUPERVISE = """
import sys
from pathlib import Path
import click
from referrals.cli import start

folder = Path(sys.argv[1])
child = "import os, pathlib, signal, sys, time; {first}; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); {then}"
kinds = {
    "waits": child.format(first="pass", then="time.sleep(60)"),
    "clings": child.format(first="signal.signal(signal.SIGTERM, signal.SIG_IGN)", then="time.sleep(60)"),
    "fails": child.format(first="time.sleep(0.5)", then="sys.exit(3)"),
}
commands = {kind: [sys.executable, "-c", kinds[kind], str(folder / kind)] for kind in sys.argv[2:]}
start.SECONDS_TO_STOP = 1
try:
    with start.stoppable():
        start.supervise(
            commands,
            is_ready=lambda: all((folder / kind).exists() for kind in commands),
            announce=lambda: print("ready", flush=True),
        )
except click.ClickException as refusal:
    sys.exit(refusal.format_message())
"""

INTERRUPTED = """
import signal, subprocess

class Interrupted(subprocess.Popen):
    is_being_asked = False

    def poll(self):
        self.is_being_asked = True
        signal.raise_signal(signal.SIGINT)
        self.is_being_asked = False
        return super().poll()

    def wait(self, timeout=None):
        assert not self.is_being_asked, "whoever waits for it now waits for ever"
        return super().wait(timeout)

subprocess.Popen = Interrupted
"""


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Supervised:
    """A supervisor in a process of its own, over children that wait, cling or fail."""

    def __init__(self, folder: Path, *kinds: str, before: str = "") -> None:
        self.folder = folder
        command = [sys.executable, "-c", before + SUPERVISE, str(folder), *kinds]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def children(self) -> list[int]:
        return [int(file.read_text()) for file in self.folder.iterdir() if file.read_text()]

    def stop(self, name: signal.Signals) -> tuple[int, str]:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        self.process.send_signal(name)
        return self.end()

    def end(self) -> tuple[int, str]:
        printed, complaints = self.process.communicate(timeout=30)
        return self.process.returncode, printed + complaints


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[object]:
    started: list[Supervised] = []

    def begin(*kinds: str, before: str = "") -> Supervised:
        started.append(Supervised(tmp_path, *kinds, before=before))
        return started[-1]

    yield begin
    for supervised in started:
        supervised.process.kill()
        supervised.process.communicate()


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_process_and_is_a_success(supervise, name):
    supervised = supervise("waits", "clings")
    assert supervised.stop(name) == (0, "Stopped.\n")
    assert len(supervised.children()) == 2
    assert not any(is_running(child) for child in supervised.children())


def test_a_signal_in_the_middle_of_asking_for_a_process_stops_it_too(supervise):
    supervised = supervise("waits", before=INTERRUPTED)
    assert supervised.end() == (0, "Stopped.\n")
    assert not any(is_running(child) for child in supervised.children())


def test_when_one_process_ends_all_end_and_that_is_a_failure(supervise):
    supervised = supervise("waits", "fails")
    status, printed = supervised.end()
    assert status == 1
    assert "The fails ended with status 3: everything is stopped." in printed
    assert len(supervised.children()) == 2
    assert until(lambda: not any(is_running(child) for child in supervised.children()))


def test_a_taken_port_is_refused_before_anything_starts(app):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], port=taken.getsockname()[1])
        refused = app.test_cli_runner().invoke(args=["start", "--demo"])
    assert refused.exit_code == 1
    assert "is taken. Set REFERRALS_PORT" in refused.output
