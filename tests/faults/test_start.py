"""The whole service as a person starts it: `flask --app wsgi start --demo`, on a machine that has never seen it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


class Service:
    """One start of the service, over a data folder that outlives it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("REFERRALS_")}
        settings = {"ENV": "development", "PORT": str(self.port), "DATA_DIR": str(folder), "BASE_URL": ""}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "start", "--demo"],
            cwd=ROOT,
            env=environ | {f"REFERRALS_{name}": value for name, value in settings.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        # A service that hangs is ended, so that reading what it printed ends too.
        self.patience = threading.Timer(240, self.process.kill)
        self.patience.start()
        self.printed: list[str] = []

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed.append(line)
            if "Ctrl-C stops everything" in line:
                return
        pytest.fail("".join(self.printed))

    def answer(self, path: str) -> tuple[int, bytes]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.status, response.read()

    def stop(self, name: signal.Signals) -> int:
        self.process.send_signal(name)
        rest, _ = self.process.communicate(timeout=60)
        self.printed.append(rest)
        return self.process.returncode

    def children(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in listed.stdout.split()]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for every start here: the demo is loaded once."""
    return tmp_path_factory.mktemp("service") / "data"


@pytest.fixture
def start(folder: Path) -> Iterator[object]:
    started: list[Service] = []

    def begin() -> Service:
        started.append(Service(folder))
        started[-1].wait_until_ready()
        return started[-1]

    yield begin
    for service in started:
        service.patience.cancel()
        service.process.send_signal(signal.SIGTERM)
        service.process.communicate(timeout=60)


def test_the_first_start_loads_the_demo_the_second_keeps_it_and_nothing_is_left_running(start):
    first = start()
    printed = "".join(first.printed)
    assert f"http://127.0.0.1:{first.port}" in printed
    assert "coordinator@network.example" in printed
    assert "second-opinion-demo" in printed
    status, body = first.answer("/health/ready")
    assert (status, json.loads(body)["status"]) == (200, "ready")
    assert first.stop(signal.SIGINT) == 0

    second = start()
    assert "coordinator@network.example" in "".join(second.printed)
    children = second.children()
    assert len(children) == 2
    assert second.stop(signal.SIGTERM) == 0
    assert not any(is_running(child) for child in children)


def test_the_service_ends_when_its_web_server_or_its_worker_dies(start):
    for turn in (0, 1):
        service = start()
        children = service.children()
        os.kill(children[turn], signal.SIGKILL)
        rest, _ = service.process.communicate(timeout=60)
        assert service.process.returncode == 1
        assert "everything is stopped" in rest
        assert not any(is_running(child) for child in children)
