"""The shipped nginx in front of gunicorn: TLS, limits, callers who dawdle, and what a caller says about itself."""

import http.client
import json
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from referrals.models.engine import Database
from tests.databases import Databases
from tests.factories import packet, settle, token
from tests.faults.servers import GUNICORN, Server, free_port
from tests.faults.workers import wait_until

pytestmark = [pytest.mark.nginx, pytest.mark.faults, pytest.mark.timeout(180)]
SHIPPED = Path(__file__).parents[2] / "docs/deploy/nginx.conf"
HOST = "referrals.example.org"
JSON = "application/json"
HTTP = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/referrals.conf;
}}
"""


@dataclass
class Answer:
    status: int
    headers: Message
    body: bytes


@dataclass
class Proxy:
    """nginx with the shipped configuration; only ports, folders and the patience with dawdlers are the test's own."""

    folder: Path
    tls: int
    plain: int
    bearer: dict[str, str]

    def context(self, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED if newest else context.minimum_version
        context.maximum_version = newest or context.maximum_version
        if newest:
            context.set_ciphers("ALL:@SECLEVEL=0")
        return context

    def line(self, newest: ssl.TLSVersion | None = None) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.tls), timeout=30)
        try:
            return self.context(newest).wrap_socket(raw, server_hostname=HOST)
        except OSError:
            raw.close()
            raise

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        with closing(http.client.HTTPConnection(HOST)) as connection, self.line() as connection.sock:
            connection.request(method, path, body, {"Host": HOST} | (headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    @property
    def log(self) -> str:
        return (self.folder / "referrals.log").read_text()


def around(folder: Path) -> str:
    """What Debian's own nginx.conf is to the shipped file. Root stays root: pytest's folders are closed to others."""
    return HTTP.format(folder=folder, user="user root;" if os.geteuid() == 0 else "")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def certificate(folder: Path) -> None:
    """As a hospital's own authority would give out."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def fitted(folder: Path, service: int, tls: int, plain: int) -> str:
    """The shipped file with this machine's ports and folders. Dawdlers are let go sooner, so that nobody waits for it."""
    text = re.sub(r"^ *listen \[::\].*\n", "", SHIPPED.read_text(), flags=re.MULTILINE)
    for shipped, ours in (
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("127.0.0.1:8000", f"127.0.0.1:{service}"),
        ("/etc/referrals/tls", str(folder)),
        ("/var/log/nginx", str(folder)),
        ("client_header_timeout 10s", "client_header_timeout 1s"),
        ("client_body_timeout 15s", "client_body_timeout 1s"),
    ):
        assert shipped in text, shipped
        text = text.replace(shipped, ours)
    return text


@pytest.fixture(scope="module")
def proxy(databases_of: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    url, folder = databases_of("sqlite").fresh(), tmp_path_factory.mktemp("nginx")
    database = Database(url)
    with database.writing() as session:
        world = settle(session)
    server = Server(url, folder / "data", GUNICORN, TRUSTED_PROXIES="1", TOKEN_REQUESTS_PER_MINUTE="5")
    tls, plain = free_port(), free_port()
    certificate(folder)
    (folder / "referrals.conf").write_text(fitted(folder, server.port, tls, plain))
    (folder / "nginx.conf").write_text(around(folder))
    command = [str(shutil.which("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bearer = {"Authorization": f"Bearer {token(database, world, 'lakeside')}"}
    try:
        wait_until(lambda: is_open(tls))
        yield Proxy(folder, tls, plain, bearer)
    finally:
        running.terminate()
        running.wait(timeout=30)
        server.end()
        database.close()


def test_a_referral_goes_in_over_tls_and_the_answer_forbids_anything_else(proxy: Proxy):
    answer = proxy.ask(
        "POST", "/api/v1/referrals", json.dumps(packet()).encode(), proxy.bearer | {"Content-Type": JSON}
    )
    assert answer.status == 201
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.headers["Location"].startswith(f"https://{HOST}/")
    assert "Server" not in answer.headers or not re.search(r"\d", answer.headers["Server"])


def without_tls(proxy: Proxy, path: str) -> tuple[int, str | None]:
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=30)) as connection:
        connection.request("GET", path, headers={"Host": HOST})
        answer = connection.getresponse()
        return answer.status, answer.headers["Location"]


def test_without_tls_people_are_led_to_it_and_systems_are_refused_so_that_somebody_notices(proxy: Proxy):
    assert without_tls(proxy, "/worklist") == (308, f"https://{HOST}/worklist")
    assert {without_tls(proxy, path) for path in ("/api/v1/me", "/oauth/token", "/metrics")} == {(403, None)}


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("old", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_tls_is_refused(proxy: Proxy, old: ssl.TLSVersion):
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on OpenSSL; that the new one works is shown above
        proxy.line(old)


def test_another_host_gets_no_answer(proxy: Proxy):
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        proxy.ask("GET", "/", headers={"Host": "evil.example"})


def test_a_caller_that_claims_another_address_is_counted_by_its_own(proxy: Proxy):
    statuses = []
    for number in range(7):
        claims = {"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"}
        form = claims | {"Content-Type": "application/x-www-form-urlencoded"}
        statuses.append(proxy.ask("POST", "/oauth/token", b"grant_type=client_credentials", form).status)
    assert statuses[-1] == 429


def test_a_body_beyond_the_limit_is_refused_in_words_that_a_system_reads(proxy: Proxy):
    answer = proxy.ask("POST", "/api/v1/referrals", b" " * (2 << 20), proxy.bearer | {"Content-Type": JSON})
    assert (answer.status, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(answer.body)["type"] == "/problems/too-large"


def test_a_file_may_be_larger_than_other_bodies(proxy: Proxy):
    sent = {"Content-Type": "application/x-ndjson"}
    answer = proxy.ask("POST", "/api/v1/imports", b'{"x": "' + b"y" * (3 << 20) + b'"}\n', proxy.bearer | sent)
    assert answer.status == 202, answer.body


def test_callers_who_dawdle_are_let_go_and_keep_nobody_waiting(proxy: Proxy):
    """Many more of them than the service has threads; somebody else is served at once."""
    head = f"POST /api/v1/referrals HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    body = head + b"Content-Length: 100000\r\nContent-Type: application/json\r\n\r\n{"
    dawdlers: list[ssl.SSLSocket] = []
    with ExitStack() as lines:
        for begun in (head, body) * 30:
            dawdlers.append(line := lines.enter_context(proxy.line()))
            line.settimeout(10)
            line.sendall(begun)
        assert proxy.ask("GET", "/health/live").status == 200
        assert not any(select.select(dawdlers, [], [], 0)[0]), "they are still there while somebody else is served"
        ends = [line.recv(4096) for line in dawdlers]
    assert {heard for heard in ends if b" 408 " not in heard} <= {b""}


def test_the_monitoring_s_page_is_not_there_from_outside(proxy: Proxy):
    assert proxy.ask("GET", "/metrics", headers={"Authorization": "Bearer x"}).status == 404


def test_what_people_look_for_is_in_no_log_of_the_proxy(proxy: Proxy):
    proxy.ask("GET", "/search?q=Zephyrine+Quillfeather", headers={"Referer": f"https://{HOST}/search?q=Zephyrine"})
    wait_until(lambda: "/search" in proxy.log)
    everything = "".join(file.read_text(errors="replace") for file in proxy.folder.glob("*.log"))
    assert "Zephyrine" not in everything


def test_a_service_that_is_away_is_not_now_for_systems(proxy: Proxy):
    """Asked of a second nginx whose service is not there."""
    folder = proxy.folder / "away"
    folder.mkdir()
    for name in ("fullchain.pem", "key.pem"):
        shutil.copy(proxy.folder / name, folder / name)
    tls = free_port()
    (folder / "referrals.conf").write_text(fitted(folder, free_port(), tls, free_port()))
    (folder / "nginx.conf").write_text(around(folder))
    running = subprocess.Popen(
        [str(shutil.which("nginx")), "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: is_open(tls))
        answer = Proxy(folder, tls, 0, {}).ask("GET", "/api/v1/me")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert json.loads(answer.body)["type"] == "/problems/unavailable"
    finally:
        running.terminate()
        running.wait(timeout=30)
