"""Two machines over one PostgreSQL, each with a web server and a worker. One is cut off from the network and comes back: the other goes on, nothing is lost, nothing is told twice."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, make_url, select, update

from referrals.domain.mail import LEASE
from referrals.models import schema
from referrals.models.delivery import Delivery
from referrals.models.engine import Database
from referrals.models.keys import KeyFolder, Keys
from referrals.models.referral import Referral
from referrals.models.trail import Outbox
from referrals.models.vault import Vault
from referrals.pathway.integrity.check import prove
from tests.factories import World, packet, settle, token
from tests.faults.servers import SECRET, Answering
from tests.faults.workers import ROOT, environ_of, wait_until
from tests.postgres import OPTIONS, Cluster, postgres_cluster
from tests.worker.post_office import PostOffice

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
NET = "10.231.77"
HERE = f"{NET}.1"
BRIDGE = f"rf{os.getpid()}"
PORT = 8000
WEB = ("gunicorn", "--workers=1", "--threads=4", f"--bind=0.0.0.0:{PORT}", "wsgi:app")
WORKER = ("flask", "--app", "wsgi", "worker", "--seconds", "0.2")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def can_make_hosts() -> bool:
    """Only an account that may make networks has hosts of its own."""
    with suppress(OSError, subprocess.CalledProcessError):
        ip("netns", "add", f"{BRIDGE}x")
        ip("netns", "del", f"{BRIDGE}x")
        return True
    return False


@dataclass
class Host(Answering):
    """A machine of its own: a network namespace with one cable."""

    number: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    patience = 4.0

    def __post_init__(self) -> None:
        super().__init__(PORT)
        self.host = f"{NET}.{self.number}"

    @property
    def name(self) -> str:
        return f"{BRIDGE}n{self.number}"

    @property
    def cable(self) -> str:
        return f"{BRIDGE}c{self.number}"

    def plug_in(self) -> None:
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("link", "set", self.cable, "master", BRIDGE, "up")
        for words in (
            ["addr", "add", f"{self.host}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["link", "set", "lo", "up"],
        ):
            ip("-n", self.name, *words)

    def start(self, settings: dict[str, str]) -> None:
        for words in (WEB, WORKER):
            command = ["ip", "netns", "exec", self.name, sys.executable, "-m", *words]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self.processes.append(
                subprocess.Popen(command, cwd=ROOT, env=environ_of(settings), start_new_session=True, **quiet)
            )
        wait_until(self.is_listening)

    def cut(self) -> None:
        ip("link", "set", self.cable, "down")

    def heal(self) -> None:
        ip("link", "set", self.cable, "up")

    def is_ready(self) -> bool:
        with suppress(OSError):
            return self.answer("GET", "/health/ready")[0] == 200
        return False

    def is_whole(self) -> bool:
        return all(process.poll() is None for process in self.processes)

    def end(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        with suppress(subprocess.CalledProcessError):
            ip("netns", "del", self.name)


@contextmanager
def network() -> Iterator[list[Host]]:
    hosts = [Host(2), Host(3)]
    ip("link", "add", BRIDGE, "type", "bridge")
    try:
        ip("addr", "add", f"{HERE}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for host in hosts:
            host.plug_in()
        yield hosts
    finally:
        for host in hosts:
            host.end()
        ip("link", "del", BRIDGE)


@contextmanager
def database_for_all() -> Iterator[str]:
    options = (
        *(option for option in OPTIONS if not option.startswith(("listen", "synchronous"))),
        f"listen_addresses=127.0.0.1,{HERE}",
    )
    with postgres_cluster(options) as cluster:
        let_in(cluster)
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE hospital")
        url = make_url(cluster.url).set(host=HERE, database="hospital").render_as_string(hide_password=False)
        schema.upgrade(url)
        yield url


def let_in(cluster: Cluster) -> None:
    with (cluster.data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {NET}.0/24 trust\n")
    with psycopg.connect(cluster.url) as connection:
        connection.execute("SELECT pg_reload_conf()")


class Caller(threading.Thread):
    """A partner of one host: sends referrals, and the network takes them, until it is told to stop."""

    def __init__(self, host: Host, database: Database, world: World, number: int) -> None:
        super().__init__(daemon=True)
        self.host, self.number = host, number
        self.sender = {"Authorization": f"Bearer {token(database, world, 'lakeside')}"}
        network = {"Authorization": f"Bearer {token(database, world, 'network')}"}
        self.coordinator = network | {"On-Behalf-Of": "coordinator@network.example"}
        self.acknowledged: set[str] = set()
        self.claimed: set[str] = set()
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            self.number += 2
            with suppress(OSError, ValueError):  # cut off: nobody answers
                self.send()

    def send(self) -> None:
        status, made = self.host.answer("POST", "/api/v1/referrals", packet(self.number), self.sender)
        if status == 503:
            return
        assert status == 201, made
        self.acknowledged.add(made["id"])
        meant = self.coordinator | {"If-Match": f'"{made["version"]}"'}
        if self.host.answer("POST", f"/api/v1/referrals/{made['id']}/claim", {}, meant)[0] == 200:
            self.claimed.add(made["id"])


def waiting(database: Database) -> int:
    with database.reading() as session:
        told = session.scalar(select(func.count()).select_from(Outbox).where(Outbox.done_at.is_(None)))
        return int(told or 0) + int(session.scalar(select(func.count()).where(Delivery.state != "done")) or 0)


@pytest.fixture
def two_hosts(tmp_path: Path) -> Iterator[tuple[list[Host], Database, PostOffice, World]]:
    if not can_make_hosts():
        pytest.skip("this account may not make network namespaces")
    with ExitStack() as stack:
        hosts = stack.enter_context(network())
        url = stack.enter_context(database_for_all())
        database = Database(url, vault=Vault(Keys(SECRET, KeyFolder(tmp_path / "keys"))))
        stack.callback(database.close)
        office = PostOffice()
        office.hostname = HERE
        office.start()
        stack.callback(office.stop)
        with database.writing() as session:
            world = settle(session)
        settings = {
            "SECRET_KEY": SECRET,
            "DATABASE_URL": url,
            "DATA_DIR": str(tmp_path),
            "CALLS_PER_MINUTE": "1000000",
            "SMTP_URL": f"smtp://{HERE}:{office.port}",
            "MAIL_FROM": "mail@referrals.example",
            "BASE_URL": "https://referrals.example",
        }
        for host in hosts:
            host.start(settings)
        yield hosts, database, office, world


def test_one_machine_is_cut_off_and_the_other_goes_on(
    two_hosts: tuple[list[Host], Database, PostOffice, World], request: pytest.FixtureRequest
):
    request.node.user_properties.append(("database", "postgresql"))
    (one, other), database, office, world = two_hosts
    callers = [Caller(one, database, world, 0), Caller(other, database, world, 1)]
    for caller in callers:
        caller.start()
    wait_until(lambda: all(len(caller.claimed) > 5 for caller in callers))

    other.cut()
    before, letters = len(callers[0].claimed), len(office.letters)
    wait_until(lambda: len(callers[0].claimed) > before + 20)
    wait_until(lambda: len(office.letters) > letters + 5)
    assert one.is_ready()
    assert not other.is_ready()

    healed_at = datetime.now(UTC)
    other.heal()
    wait_until(other.is_ready)
    before = len(callers[1].claimed)
    wait_until(lambda: len(callers[1].claimed) > before + 5)
    assert one.is_whole()
    assert other.is_whole(), "nobody had to start it again"
    for caller in callers:
        caller.enough.set()
        caller.join()
    let_leases_run_out(database, healed_at)
    nothing_is_told_twice(database, office, callers)


def let_leases_run_out(database: Database, healed_at: datetime) -> None:
    """The two minutes of what was on its way when the cable was cut. Both workers live, and keep what they hold now."""
    before = Delivery.lease_until < healed_at + LEASE
    with database.writing() as session:
        session.execute(update(Delivery).where(Delivery.state == "leased", before).values(lease_until=healed_at))


def nothing_is_told_twice(database: Database, office: PostOffice, callers: list[Caller]) -> None:
    wait_until(lambda: waiting(database) == 0, moving=lambda: waiting(database))
    with database.reading() as session:
        kept = set(session.scalars(select(Delivery.message_id)))
    arrived = Counter(str(letter["Message-ID"]) for letter in office.letters)
    assert set(arrived) == kept
    # A worker that was cut off in the middle of a letter cannot know that it arrived; another one sends it again.
    assert max(arrived.values()) <= 2
    assert sum(count - 1 for count in arrived.values()) <= 1
    acknowledged = callers[0].acknowledged | callers[1].acknowledged
    claimed = callers[0].claimed | callers[1].claimed
    with database.reading() as session:
        found = {str(each.id): each for each in session.scalars(select(Referral))}
        assert acknowledged <= set(found)
        assert claimed <= {key for key, each in found.items() if each.status == "in_triage"}
        assert [finding for finding in prove(session, datetime.now(UTC)) if not finding.holds] == []
