"""What the worker does for partner systems, measured in this process: taking in files, numbering events, sending webhooks."""

import hashlib
import io
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL
from typing import BinaryIO

import orjson
import urllib3
from sqlalchemy import func, select

from config import Settings, settings_from
from referrals.boundary import clock
from referrals.boundary.files import open_archive
from referrals.boundary.importing.lines import BEGINNING
from referrals.boundary.key_files import keys_of
from referrals.cli.bench.receiver import listening
from referrals.cli.bench.report import Beside, Figure
from referrals.cli.bench.served import HOST, KEYS, PROJECT, environment_of, held
from referrals.cli.bench.subjects import new_packets
from referrals.domain.imports import ImportForm
from referrals.domain.people import Actor
from referrals.domain.webhooks import signed_headers
from referrals.models.engine import Database
from referrals.models.organization import ApiClient, Organization
from referrals.models.vault import Vault
from referrals.models.webhook import WebhookDelivery as Delivery
from referrals.pathway.clients import actor_for_client
from referrals.pathway.feed import number_events
from referrals.pathway.imports import Arrived, ask_for_import, find_import, put_away
from referrals.pathway.webhook_fanout import fan_out
from referrals.pathway.webhooks import subscribe
from referrals.worker.importing import take_in_some
from referrals.worker.webhooks import HEADERS, postmen_of

PROVIDER = "provider-0"
IMPORTED, WARM_UP, ENDPOINTS = 1_000, 50, 2
TOPIC = "referral.submitted"
SECRET = secrets.token_urlsafe(32)
WORKER = (sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--seconds", "0.5")
SECONDS_TO_WORK = 300


@dataclass(frozen=True, slots=True)
class Partner:
    """One provider's system, and a worker's view of its database. `cpu` tells the seconds used so far, the database's too."""

    kind: str
    url: str
    database: Database
    vault: Vault
    settings: Settings
    actor: Actor
    cpu: Callable[[], float]


@contextmanager
def partner(kind: str, url: str, folder: Path, database_cpu: Callable[[], float]) -> Iterator[Partner]:
    told = {
        "ENV": "test",
        "SECRET_KEY": SECRET,
        "OUTGOING_ALLOW": HOST,
        "DATA_DIR": str(folder),
        "KEY_DIR": str(folder.parent / KEYS),
    }
    settings = settings_from({f"REFERRALS_{name}": value for name, value in told.items()})
    vault = Vault(keys_of(settings))
    database = Database(url, vault=vault)
    with database.reading() as session:
        home = session.scalars(select(Organization).where(Organization.code == PROVIDER)).one()
        client = session.scalars(select(ApiClient).where(ApiClient.organization_id == home.id)).one()
    try:
        yield Partner(
            kind,
            url,
            database,
            vault,
            settings,
            actor_for_client(client, home),
            lambda: time.process_time() + database_cpu(),
        )
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class Work:
    """`memory`: MiB of a worker that has done some of it in a process of its own."""

    rates: list[Figure]
    sending: Beside
    memory: float


def measured(of: Partner) -> Work:
    """In this order: what is imported is what there is to number and to send."""
    with listening(of.settings.data_dir) as port:
        _subscribe(of, port)
        _import(of, WARM_UP)
        _number(of)
        _send(of)
        rates = [_import(of, IMPORTED), _number(of)]
        return Work(rates, _sending(of, port), memory_of_worker(of))


def memory_of_worker(of: Partner) -> float:
    """Of a worker that has taken in a file, told of it, and done whatever else there was to do."""
    status = ask(of, IMPORTED)
    environment = environment_of(of.url, of.settings.data_dir, SECRET_KEY=SECRET, OUTGOING_ALLOW=HOST)
    with subprocess.Popen(WORKER, cwd=PROJECT, env=environment, stdout=DEVNULL, stderr=DEVNULL) as process:
        try:
            until = time.monotonic() + SECONDS_TO_WORK
            while not status().startswith("done"):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the worker does not get on: {status()}")
                time.sleep(0.5)
            return held(process.pid)
        finally:
            process.kill()


def file_of(count: int) -> BinaryIO:
    return io.BytesIO(b"".join(orjson.dumps(packet) + b"\n" for packet in islice(new_packets(), count)))


def ask(of: Partner, count: int) -> Callable[[], str]:
    """A file of so many referrals, sent as over the API; what has become of it."""
    source, store = file_of(count), open_archive(of.settings).store
    size = source.seek(0, io.SEEK_END)
    arrived = Arrived(ImportForm.NDJSON, source, size, hashlib.sha256(b"").hexdigest(), count, None, BEGINNING)
    kept = put_away(of.actor, arrived, store)
    with of.database.writing() as session:
        ask_for_import(session, of.actor, kept, clock.now())

    def status() -> str:
        with of.database.reading() as session:
            run = find_import(session, of.actor, kept.id)
            return f"{run.status}, {run.accepted} accepted"

    return status


def _import(of: Partner, count: int) -> Figure:
    """The worker's own path: a file under a lease, batch by batch, each line with its receipt."""
    status, store = ask(of, count), open_archive(of.settings).store
    began = time.process_time()
    take_in_some(of.database, lambda session: clock.now(), store, seconds=float("inf"))
    taken = time.process_time() - began
    if status() != f"done, {count} accepted":
        raise RuntimeError(f"an import of {count} lines ended so: {status()}")
    return Figure(f"import of whole referrals, {of.kind}", count / taken, "/s a core", 300, at_least=True)


def _number(of: Partner) -> Figure:
    """Of worker and database together."""
    began, count = of.cpu(), 0
    while True:
        with of.database.writing() as session:
            done = number_events(session)
        if not done:
            return Figure(f"numbering of events, {of.kind}", count / max(of.cpu() - began, 1e-9), "/s a core")
        count += done


def _subscribe(of: Partner, port: int) -> None:
    with of.database.writing() as session:
        for number in range(ENDPOINTS):
            wish = {"url": f"http://{HOST}:{port}/{number}", "topics": [TOPIC]}
            subscribe(session, of.actor, wish, of.vault, clock.now())


def _send(of: Partner) -> list[float]:
    """Everything that is due; the seconds of a core that each message took the worker."""
    began, before = time.process_time(), _count(of, "done")
    while True:
        with of.database.writing() as session:
            if not fan_out(session, clock.now()):
                break
    postmen = postmen_of(of.settings)
    while _count(of, "waiting") + _count(of, "leased"):
        postmen.round(of.database, lambda session: clock.now(), lambda: 0.5)
    postmen.close()
    sent = _count(of, "done") - before
    return [(time.process_time() - began) / sent]


def _count(of: Partner, state: str) -> int:
    with of.database.reading() as session:
        return session.scalar(select(func.count()).where(Delivery.state == state)) or 0


def _sending(of: Partner, port: int) -> Beside:
    own = _send(of)
    count = _count(of, "done")
    floor = _bare(f"http://{HOST}:{port}/floor", count)
    return Beside(
        f"a webhook message : a bare signed POST, {of.kind}", own, floor, None, is_same=_count(of, "dead") == 0
    )


def _bare(url: str, count: int) -> list[float]:
    """As many signed messages over one connection that stays open, without a database."""
    pool, secret, now = urllib3.PoolManager(), b"0" * 32, clock.now()
    body = orjson.dumps(
        {"type": TOPIC, "timestamp": now, "data": {"id": "0" * 36, "referral": "0" * 36, "sequence": 1}}
    )
    began = time.process_time()
    for number in range(count):
        headers = HEADERS | signed_headers(f"msg_{number:032}", now + timedelta(seconds=number), body, [secret])
        if pool.request("POST", url, body=body, headers=headers, retries=False).status != 200:
            raise RuntimeError("the receiver does not take it")
    taken = time.process_time() - began
    pool.clear()
    return [taken / count]
