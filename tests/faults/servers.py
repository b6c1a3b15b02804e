"""Real web servers in processes of their own, as `make run` and as production start them."""

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.workers import Workers, environ_of, kill, wait_until

ROOT = Path(__file__).parents[2]
SECRET = "a secret that all starts share"
WAITRESS = "waitress --listen={address} --threads=8"
GUNICORN = "gunicorn --worker-class gthread --workers 1 --threads 8 --bind {address}"


class Answering:
    """A real web server, at an address of this machine unless said otherwise."""

    host = "127.0.0.1"
    patience = 30.0

    def __init__(self, port: int) -> None:
        self.port = port

    def is_listening(self) -> bool:
        try:
            self.answer("GET", "/health/live")
        except OSError:
            return False
        return True

    def answer(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{self.host}:{self.port}{path}",
            data,
            {"Content-Type": "application/json"} | (headers or {}),
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=self.patience) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)


class Server(Answering):
    """In a process of its own."""

    def __init__(self, database_url: str, folder: Path, command: str = WAITRESS, **more: str) -> None:
        super().__init__(free_port())
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command.format(address=f"127.0.0.1:{self.port}").split(), "wsgi:app"],
            cwd=ROOT,
            env=environ_of(more | settings_of(database_url, folder)),
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: self.process.poll() is not None or self.is_listening())
        assert self.process.poll() is None, "the server does not start"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Let it end its own workers too."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


# One after the other at one address, each a copy of a process that has loaded everything.
COPIES = """
import waitress
from referrals.app import create_app
from tests.faults.workers import stand_ready

stand_ready()
waitress.serve(create_app(), listen="127.0.0.1:{port}", threads=8)
"""


class Copy(Answering):
    """A copy of a process that has loaded everything: a kill does not cost the time of a start."""

    def __init__(self, loaded: Workers, port: int) -> None:
        super().__init__(port)
        self.process = loaded.take()
        wait_until(self.is_listening)

    def kill(self) -> None:
        kill(self.process)


@contextmanager
def copies(database_url: str, folder: Path) -> Iterator[Callable[[], Copy]]:
    """Starts a server: one after the other, all at one address."""
    port = free_port()
    with Workers(COPIES.format(port=port), settings_of(database_url, folder)) as loaded:
        yield lambda: Copy(loaded, port)


def settings_of(database_url: str, folder: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_url,
        "DATA_DIR": str(folder),
        "CALLS_PER_MINUTE": "1000000",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
