"""Real web servers in processes of their own, as `make run` and as production start them."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.faults.workers import environ_of

ROOT = Path(__file__).parents[2]
SECRET = "a secret that all starts share"
WAITRESS = "waitress --listen={address} --threads=8"
GUNICORN = "gunicorn --worker-class gthread --workers 1 --threads 8 --bind {address}"


class Server:
    """A real web server, in a process of its own."""

    def __init__(self, database_url: str, folder: Path, command: str = WAITRESS, **more: str) -> None:
        self.port = free_port()
        settings = more | {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": database_url,
            "DATA_DIR": str(folder),
            "CALLS_PER_MINUTE": "1000000",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command.format(address=f"127.0.0.1:{self.port}").split(), "wsgi:app"],
            cwd=ROOT,
            env=environ_of(settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.wait_until_it_listens()

    def wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.answer("GET", "/health/live")
            except OSError:
                time.sleep(0.05)
            else:
                return
        pytest.fail("the server does not start")

    def answer(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data,
            {"Content-Type": "application/json"} | (headers or {}),
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Let it end its own workers too."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
