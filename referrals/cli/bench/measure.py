"""Measures calls over one kept-alive connection, every kind of call in turn, so that a noisy machine is noisy to all."""

import random
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

import orjson

from referrals.cli.bench.served import HOST, Served, Usage

WARM_UP = 25


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: bytes | None = None


@dataclass(slots=True)
class Caller:
    """One connection to one server, with one token."""

    served: Served
    token: str
    connection: HTTPConnection | None = None

    def call(self, request: Request) -> tuple[int, bytes]:
        try:
            return self._call(request)
        except (HTTPException, OSError):
            self.close()
            return self._call(request)

    def _call(self, request: Request) -> tuple[int, bytes]:
        if self.connection is None:
            self.connection = HTTPConnection(HOST, self.served.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        self.connection.request(request.method, request.path, request.body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def close(self) -> None:
        if self.connection is not None:
            with suppress(OSError):
                self.connection.close()
        self.connection = None


@dataclass(slots=True)
class Subject:
    """One kind of call. `request` makes the next one."""

    name: str
    caller: Caller
    request: Callable[[], Request]
    status: int = 200
    seconds: list[float] = field(default_factory=list)
    web: float = 0.0
    database: float = 0.0

    def once(self) -> float:
        request = self.request()
        began = time.perf_counter()
        status, body = self.caller.call(request)
        taken = time.perf_counter() - began
        if status != self.status:
            raise RuntimeError(f"{self.name}: answered with {status}: {body[:500].decode(errors='replace')}")
        return taken

    def turn(self, calls: int) -> None:
        before = self.caller.served.usage()
        self.seconds += [self.once() for _ in range(calls)]
        self.note(self.caller.served.usage() - before)

    def note(self, used: Usage) -> None:
        self.web += used.web
        self.database += used.database

    @property
    def median(self) -> float:
        """Milliseconds."""
        return statistics.median(self.seconds) * 1000

    @property
    def slowest_of_hundred(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[-1] * 1000

    @property
    def web_cpu(self) -> float:
        return self.web / len(self.seconds) * 1000

    @property
    def database_cpu(self) -> float:
        return self.database / len(self.seconds) * 1000

    @property
    def cpu(self) -> float:
        return self.web_cpu + self.database_cpu


def interleave(subjects: Sequence[Subject], rounds: int, calls: int, progress: Callable[[], None]) -> None:
    """Every subject in every round, each round in another order."""
    chance = random.Random(1)  # noqa: S311 - an order, no secret
    for subject in subjects:
        for _ in range(WARM_UP):
            subject.once()
    for _ in range(rounds):
        for subject in chance.sample(subjects, len(subjects)):
            subject.turn(calls)
        progress()


def walk(caller: Caller, path: str, pages: int) -> str:
    """The address of the page that many pages on, or of the last full one, as a client gets there."""
    reached = path
    for _ in range(pages - 1):
        status, body = caller.call(Request("GET", path))
        if status != 200:
            raise RuntimeError(f"walking: answered with {status}")
        answer = orjson.loads(body)
        if answer["next"] is None:
            break
        reached, path = path, answer["next"].partition(f":{caller.served.port}")[2]
    else:
        return path
    return reached
