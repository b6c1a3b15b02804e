"""The one way out over HTTP: a host is looked up once, every address is judged, and a judged one is connected to."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from config import Settings
from referrals.boundary.outgoing_places import HTTPS, Target, Unreachable, rules_from

SECONDS = 15.0
SECONDS_TO_CONNECT = 5.0
MOST_ADDRESSES = 8
MOST_BYTES = 64 << 10

Place = tuple[Any, ...]
LookUp = Callable[[str, int], Sequence[Place]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def look_up(host: str, port: int) -> Sequence[Place]:
    """The places of a host, as the system's resolver knows them."""
    return [found[4] for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Outgoing:
    """Calls others: no redirects, no proxies, no cookies, no second look-up, all of it in `seconds`."""

    def __init__(
        self, settings: Settings, *, seconds: float = SECONDS, most_bytes: int = MOST_BYTES, look_up: LookUp = look_up
    ) -> None:
        self.rules = rules_from(settings)
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._look_up = look_up

    def refuse(self, url: str) -> None:
        """Raise Unreachable where the letters of a URL already tell that it is not called."""
        self.rules.target(url)

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, cut: bool = False
    ) -> Reply:
        """What the other side answers, a redirect as it stands. `cut`: of a body too large the beginning will do."""
        target = self.rules.target(url)
        until = time.monotonic() + self._seconds
        with _Watched(until) as watched, _told_apart(watched):
            connection = _connected(self._spoken(target, until), self._connect(target, until), watched)
            connection.request(method, target.path, body, {**headers, "Connection": "close"}, preload_content=False)
            return self._read(connection.getresponse(), cut)

    def _spoken(self, target: Target, until: float) -> "_Plain":
        seconds = max(0.001, until - time.monotonic())
        if target.scheme != HTTPS:
            return _Plain(target.host, target.port, timeout=seconds)
        return _Secured(
            target.host, target.port, timeout=seconds, server_hostname=target.host, ssl_context=self._trusted
        )

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """Read once: the system's list of authorities takes longer to read than most calls."""
        return ssl.create_default_context()

    def _connect(self, target: Target, until: float) -> socket.socket:
        places = within(until, lambda: self._look_up(target.host, target.port))
        self.rules.refuse_unless_allowed(target.host, [ip_address(place[0].partition("%")[0]) for place in places])
        for place in places[:MOST_ADDRESSES]:
            with contextlib.suppress(OSError):
                return _connected_socket(place, until)
        raise Unreachable("timeout" if time.monotonic() >= until else "closed")

    def _read(self, response: BaseHTTPResponse, cut: bool) -> Reply:
        with contextlib.closing(response):
            body = response.read(self._most_bytes + 1, decode_content=False)
        if len(body) > self._most_bytes and not cut:
            raise Unreachable("too_large")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Reply(response.status, headers, body[: self._most_bytes])


def within(until: float, ask: Callable[[], Sequence[Place]]) -> Sequence[Place]:
    """What a question brings that cannot be broken off, such as one to the resolver: then nobody waits for it."""
    answers: list[Sequence[Place]] = []

    def listen() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            answers.append(ask())

    asking = threading.Thread(target=listen, daemon=True)
    asking.start()
    asking.join(max(0.0, until - time.monotonic()))
    if asking.is_alive():
        raise Unreachable("timeout")
    if not answers or not answers[0]:
        raise Unreachable("no_such_host")
    return answers[0]


def _connected_socket(place: Place, until: float) -> socket.socket:
    """Connected to this very address: no name is looked up again on the way."""
    family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(max(0.001, min(SECONDS_TO_CONNECT, until - time.monotonic())))
        line.connect(place)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        line.close()
        raise
    return line


class _Watched:
    """Hangs up when the time is over, however slowly the other side dribbles: timeouts of a socket count anew."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.is_over = False
        self._held = contextlib.ExitStack()

    def __enter__(self) -> "_Watched":
        return self

    def __exit__(self, *problem: object) -> None:
        self._held.close()

    def over(self, line: socket.socket) -> None:
        """From now on. The copy of the line outlives its handshake, which takes the line itself away."""
        copy = line.dup()
        self._held.callback(copy.close)
        clock = threading.Timer(max(0.0, self.until - time.monotonic()), self._hang_up, [copy])
        clock.daemon = True
        self._held.callback(clock.cancel)
        clock.start()

    def closing(self, connection: HTTPConnection) -> None:
        self._held.callback(connection.close)

    def _hang_up(self, line: socket.socket) -> None:
        self.is_over = True
        with contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)


def _connected(connection: "_Plain", line: socket.socket, watched: _Watched) -> HTTPConnection:
    """A connection over a line that is there already; over TLS the certificate has to be that of the host's name."""
    connection.line = line
    watched.closing(connection)
    watched.over(line)
    connection.connect()
    return connection


class _Plain(HTTPConnection):
    """Connects by taking the line that it was given."""

    line: socket.socket

    def _new_conn(self) -> socket.socket:
        self.line.settimeout(self.timeout)
        return self.line


class _Secured(_Plain, HTTPSConnection):
    """The same with TLS over it."""


@contextlib.contextmanager
def _told_apart(watched: _Watched) -> Iterator[None]:
    """What went wrong, as one of our own codes: messages of libraries quote addresses and what was heard."""
    try:
        yield
    except Unreachable:
        raise
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as problem:
        raise Unreachable(_code(problem, watched)) from None
    if watched.is_over:
        raise Unreachable("timeout")


def _code(problem: BaseException, watched: _Watched) -> str:
    if watched.is_over or isinstance(problem, TimeoutError) or "timed out" in str(problem):
        return "timeout"
    is_tls = any(isinstance(each, ssl.SSLError) for each in (problem, *problem.args))
    return "tls" if is_tls else "closed"
