"""The worker's part in imports: some seconds at one file in each round, batch by batch, so that no other job waits long."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO

import structlog
from sqlalchemy.orm import Session

from referrals.boundary.importing.importer import Importer
from referrals.boundary.importing.lines import Line, LineReceipt, Mark, read_lines
from referrals.boundary.importing.rows import read_rows, sheet_from
from referrals.domain.imports import BATCH, ImportFault
from referrals.models.engine import Database
from referrals.models.storage import Harmed, Missing, StorageFailed, Store
from referrals.pathway.import_work import Lease, LeaseLost, claim, finish, lay_down, note

log = structlog.get_logger("referrals.worker")

Clock = Callable[[Session], datetime]
# How long one round may be at an import.
SLICE = 8.0


def take_in_some(
    database: Database,
    clock: Clock,
    store: Store | None,
    seconds: float = SLICE,
    is_stopped: Callable[[], bool] = bool,
) -> int:
    """Some batches of one import. None is left to do in this round, so that the others have their turn.

    A worker that is told to stop does so between two batches.
    """
    if store is None:
        return 0
    with database.writing() as session:
        now = clock(session)
        lease = claim(session, now)
    if lease is not None:
        try:
            _Turn(database, lease, now).take(store, lambda spent: spent >= seconds or is_stopped())
        except LeaseLost:
            log.info("import goes on elsewhere or was called off")
    return 0


class _Turn:
    """One worker's time at one import. The database's clock is asked once; the seconds since then are counted here."""

    def __init__(self, database: Database, lease: Lease, now: datetime) -> None:
        self.database, self.lease, self.began_at = database, lease, now
        self.began = time.monotonic()

    def now(self) -> datetime:
        return self.began_at + timedelta(seconds=time.monotonic() - self.began)

    def take(self, store: Store, is_over: Callable[[float], bool]) -> None:
        try:
            with store.open(self.lease.key, self.lease.begun[1]) as file:
                is_done = self._read(file, is_over)
        except (Missing, Harmed):
            self._end(ImportFault.FILE_GONE)
        except StorageFailed:  # it comes back: that is no fault of the import
            log.warning("import waits for the storage")
            self._lay_down()
        else:
            self._end(None) if is_done else self._lay_down()

    def _read(self, file: BinaryIO, is_over: Callable[[float], bool]) -> bool:
        """Whether the file is read to its end."""
        importer = Importer(self.database, self.lease.actor, self.now, None, self._note)
        lines = self._lines(file)
        while batch := list(islice(lines, BATCH)):
            importer.take(batch)
            if is_over(time.monotonic() - self.began):
                return False
        return True

    def _lines(self, file: BinaryIO) -> Iterator[Line]:
        begun, today = Mark(*self.lease.begun), self.now().date()
        if self.lease.sheet is None:
            return read_lines(file, begun, today)
        return read_rows(file, sheet_from(self.lease.sheet), begun, today)

    def _note(self, session: Session, lines: Sequence[Line], receipts: Sequence[LineReceipt]) -> None:
        note(session, self.lease, receipts, lines[-1].mark, self.now())

    def _end(self, fault: ImportFault | None) -> None:
        with self.database.writing() as session:
            finish(session, self.lease, fault, self.now())

    def _lay_down(self) -> None:
        with self.database.writing() as session:
            lay_down(session, self.lease, self.now())
