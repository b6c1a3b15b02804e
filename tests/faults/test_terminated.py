"""The web server is asked to end in the middle of a request: what was begun is finished and answered, and nothing new is begun."""

import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from referrals.models.engine import Database
from tests.factories import settle
from tests.faults.outage import Sender, nothing_is_lost
from tests.faults.servers import GUNICORN, Server
from tests.faults.workers import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


@contextmanager
def held_up(database: Database) -> Iterator[None]:
    """Whoever writes has to wait meanwhile."""
    url = database.engine.url
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(str(url.database), isolation_level=None) as somebody:
            somebody.execute("BEGIN IMMEDIATE")
            yield
            somebody.execute("ROLLBACK")
        somebody.close()
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as somebody:
        somebody.execute("LOCK TABLE referral IN EXCLUSIVE MODE")
        yield


def test_what_was_begun_is_answered_before_the_server_ends(database: Database, database_url: str, tmp_path: Path):
    with database.writing() as session:
        world = settle(session)
    server = Server(database_url, tmp_path, GUNICORN)
    try:
        sender = Sender(database, world, server)
        assert sender.send() == 201
        with ThreadPoolExecutor(1) as pool:
            with held_up(database):
                begun = pool.submit(sender.send)
                time.sleep(0.5)  # the request has arrived and waits
                server.process.send_signal(signal.SIGTERM)
                time.sleep(0.3)
                assert not begun.done()
            assert begun.result(timeout=30) == 201
        assert server.process.wait(timeout=30) == 0
        wait_until(lambda: not server.is_listening())
    finally:
        server.kill()
    assert len(sender.acknowledged) == 2
    nothing_is_lost(database, sender)
