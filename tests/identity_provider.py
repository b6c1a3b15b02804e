"""A real OpenID provider in a process of its own, and people who sign in there with nothing but HTTP."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.postgres import free_port


class Provider:
    """`knows` tells it about somebody; `sign_in` fills in its form and gives back where it sends the browser."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.issuer = f"http://127.0.0.1:{port}"

    def knows(self, subject: str, **claims: Any) -> None:
        """Every claim is signed as it stands here, also one that the provider would have set otherwise."""
        status, _, _ = self._call("PUT", f"/users/{subject}", json.dumps(claims), "application/json")
        assert status == 204

    def registers(self, back: str) -> tuple[str, str]:
        """The id and the secret of a client that people are sent back to there, and nowhere else."""
        status, _, answer = self._call(
            "POST", "/oauth2/clients", json.dumps({"redirect_uris": [back]}), "application/json"
        )
        assert status == 201
        client = json.loads(answer)
        return client["client_id"], client["client_secret"]

    def takes(self, address: str) -> bool:
        """Whether it shows its form for this address at all."""
        parts = urlsplit(address)
        return self._call("GET", f"{parts.path}?{parts.query}")[0] == 200

    def sign_in(self, address: str, subject: str) -> str:
        return self._form(address, {"sub": subject})

    def refuse(self, address: str) -> str:
        return self._form(address, {"action": "deny"})

    def _form(self, address: str, answers: dict[str, str]) -> str:
        parts = urlsplit(address)
        assert (parts.hostname, parts.port) == ("127.0.0.1", self.port)
        path = f"{parts.path}?{parts.query}"
        assert "Authorize Client" in self._call("GET", path)[2]
        _, location, _ = self._call("POST", path, urlencode(answers), "application/x-www-form-urlencoded")
        return location

    def _call(self, method: str, path: str, body: str | None = None, kind: str = "") -> tuple[int, str, str]:
        line = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request(method, path, body, {"Content-Type": kind} if kind else {})
            answer = line.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            line.close()

    def is_up(self) -> bool:
        try:
            return self._call("GET", "/.well-known/openid-configuration")[0] == 200
        except OSError:
            return False


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider(free_port())
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(provider.port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while not provider.is_up():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.05)
        yield provider
    finally:
        process.terminate()
        process.wait(10)
