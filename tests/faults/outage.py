"""What the tests of outages share: a partner that goes on sending, and a small disk that can be filled."""

import http.client
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.trail import Event, Outbox, Receipt
from tests.factories import World, packet, token
from tests.faults.servers import Answering


class Sender:
    """One partner. `acknowledged` is what it was promised; `refused` counts the answers that said "not now"."""

    def __init__(self, database: Database, world: World, server: Answering) -> None:
        self.bearer = {"Authorization": f"Bearer {token(database, world, 'lakeside')}"}
        self.server = server
        self.number = 0
        self.acknowledged: set[str] = set()
        self.refused = 0

    def send(self) -> int:
        """The status of one more submission; a connection that breaks off counts as refused."""
        self.number += 1
        try:
            status, answer = self.server.answer("POST", "/api/v1/referrals", packet(self.number), self.bearer)
        except (OSError, http.client.HTTPException):
            self.refused += 1
            return 0
        if status == 201:
            self.acknowledged.add(answer["id"])
        else:
            assert status == 503, answer
            assert answer["type"] == "/problems/unavailable"
            self.refused += 1
        return status

    def read(self) -> int:
        return self.server.answer("GET", "/api/v1/referrals", headers=self.bearer)[0]

    def ready(self) -> int:
        return self.server.answer("GET", "/health/ready")[0]

    def live(self) -> int:
        return self.server.answer("GET", "/health/live")[0]


def nothing_is_lost(database: Database, sender: Sender) -> None:
    """What was acknowledged is there, and each referral that is there is whole."""
    with database.reading() as session:
        found = {str(each) for each in session.scalars(select(Referral.id))}
        assert sender.acknowledged <= found
        for model, each in ((Event, 2), (Outbox, 2), (Receipt, 1)):
            assert session.scalar(select(func.count()).select_from(model)) == each * len(found), model.__name__


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A disk of its own, mounted at `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted by this account: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """To its last byte, and free again afterwards."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 12)):
                pass
        except OSError:
            pass
    assert os.statvfs(disk).f_bavail == 0
    try:
        yield
    finally:
        ballast.unlink()
