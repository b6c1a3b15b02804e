"""Two web servers of different make over one database: what one has begun the other knows, and neither is led astray."""

import socket
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete, func, select

from config import Settings
from referrals.models.door import IdempotencyKey, RateCounter
from referrals.models.engine import Database
from referrals.models.referral import Referral
from tests.databases import Databases
from tests.factories import World, packet, settle, token
from tests.faults.servers import GUNICORN, WAITRESS, Server
from tests.web.html import read

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

HOST = b"Host: localhost\r\n"
POST = b"POST /oauth/token HTTP/1.1\r\n" + HOST
SECOND = b"POST /api/v1/referrals HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n"
ODD_REQUESTS = {
    "a length and chunks": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
    "chunks by another name": POST + b"Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + SECOND,
    "a negative length": POST + b"Content-Length: -1\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +4\r\n\r\na=bc",
    "a length in other digits": POST + "Content-Length: ٣\r\n\r\nabc".encode(),
    "a blank before the colon": POST + b"Content-Length : 4\r\n\r\na=bc",
    "a chunk of no size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    "a chunk that is larger than it says": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "a chunk of very many bytes": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 40 + b"\r\nabc",
    "a body that breaks off": POST + b"Content-Length: 1000\r\n\r\na",
    "a huge header": POST + b"X-Large: " + b"x" * 400_000 + b"\r\n\r\n",
    "very many headers": POST + b"X-Many: x\r\n" * 30_000 + b"\r\n",
    "a very long address": b"GET /" + b"x" * 400_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in a header": POST + b"X-Odd: a\0b\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "a method of no name": b"{} / HTTP/1.1\r\n" + HOST + b"\r\n",
    "TRACE": b"TRACE /api/v1/me HTTP/1.1\r\n" + HOST + b"Cookie: secret\r\n\r\n",
    "an address of another host": b"GET http://elsewhere.example/nothing HTTP/1.1\r\n" + HOST + b"\r\n",
}


# What a server says of a way to send a body that it has never heard of.
NOT_IMPLEMENTED = 501


def statuses(server: Server, request: bytes) -> list[int]:
    """Of every answer that comes back; none where the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as caller:
        heard = bytearray()
        with suppress(OSError):
            caller.sendall(request)
            caller.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            while piece := caller.recv(65536):
                heard += piece
    return [int(line[9:12]) for line in bytes(heard).splitlines() if line.startswith(b"HTTP/1.")]


@pytest.fixture(scope="module")
def database(databases_of: Callable[[str], Databases]) -> Iterator[Database]:
    """Of the engine that several processes share."""
    databases = databases_of("postgresql")
    url = databases.fresh()
    opened = Database(url)
    yield opened
    opened.close()
    databases.forget(url)


@pytest.fixture(scope="module")
def world(database: Database) -> World:
    with database.writing() as session:
        return settle(session)


@pytest.fixture(scope="module")
def servers(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Server]]:
    url, folder = database.engine.url.render_as_string(hide_password=False), tmp_path_factory.mktemp("servers")
    started = [Server(url, folder, command) for command in (WAITRESS, GUNICORN)]
    yield started
    for server in started:
        server.end()


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest) -> None:
    request.node.user_properties.append(("database", "postgresql"))


def test_an_odd_request_is_refused_or_hung_up_on_and_no_second_one_hides_in_it(
    database: Database, servers: list[Server]
) -> None:
    for server in servers:
        for name, request in ODD_REQUESTS.items():
            heard = statuses(server, request)
            assert len(heard) <= 1, (name, heard)
            assert all(400 <= status < 500 or status == NOT_IMPLEMENTED for status in heard), (name, heard)
        assert server.answer("GET", "/health/live")[0] == 200
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_one_key_at_once_at_two_servers_is_worked_for_once(
    database: Database, servers: list[Server], world: World
) -> None:
    headers = {"Authorization": f"Bearer {token(database, world, 'lakeside')}", "Idempotency-Key": "one"}

    def send(number: int) -> tuple[int, str]:
        status, answer = servers[number % 2].answer("POST", "/api/v1/referrals", packet(1), headers)
        return status, answer.get("id", "")

    with ThreadPoolExecutor(8) as pool:
        said = set(pool.map(send, range(16)))
    done = {made for status, made in said if status == 201}
    assert {status for status, _ in said} <= {201, 409}
    assert {send(0), send(1)} == {(201, made) for made in done}
    with database.reading() as session:
        assert {str(made) for made in session.scalars(select(Referral.id))} == done
        assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == len(done) == 1


def test_guesses_at_two_servers_are_counted_together(
    database: Database, servers: list[Server], world: World, record_property: Callable[[str, object], None]
) -> None:
    """Of passwords for one account and of secrets for one client's token: the limit is one for both processes."""
    settings = Settings()
    with ThreadPoolExecutor(8) as pool:
        begin_a_minute(database)
        passwords = list(pool.map(lambda number: guess_password(servers[number % 2]), range(30)))
        begin_a_minute(database)
        client = str(world.clients["lakeside"].id)
        tokens = list(pool.map(lambda number: guess_secret(servers[number % 2], client), range(80)))
    record_property("requests", len(passwords) + len(tokens))
    assert Counter(passwords) == {422: settings.sign_ins_per_minute, 429: 30 - settings.sign_ins_per_minute}
    assert Counter(tokens) == {401: settings.token_requests_per_minute, 429: 80 - settings.token_requests_per_minute}


def begin_a_minute(database: Database) -> None:
    """With nothing counted, and not so late in a minute that the guesses would be counted in two."""
    if (late := time.time() % 60) > 45:
        time.sleep(60.1 - late)
    with database.writing() as session:
        session.execute(delete(RateCounter))


def guess_password(server: Server) -> int:
    """One wrong password through the form, as a browser of its own."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/", timeout=30) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        token = dict(read(answer.read().decode()).forms[0].fields)["csrf_token"]
    fields = {"csrf_token": token, "email": "lead@network.example", "password": "not the password"}
    return status_of(server, "/sign-in", fields, {"Cookie": cookie})


def guess_secret(server: Server, client: str) -> int:
    fields = {"grant_type": "client_credentials", "client_id": client, "client_secret": "guessed"}
    return status_of(server, "/oauth/token", fields, {})


def status_of(server: Server, path: str, fields: dict[str, str], headers: dict[str, str]) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", urlencode(fields).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
