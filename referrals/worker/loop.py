"""The worker's round: every job in turn, each in its own transaction, until somebody says stop."""

import random
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import structlog
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from referrals.models.engine import Database, is_unavailable
from referrals.models.keys import Keys
from referrals.pathway.mail import Stationery
from referrals.worker.jobs import JOBS, Clock, Errand, Job, Outing, Shift
from referrals.worker.mail import Send
from referrals.worker.papers import Papers
from referrals.worker.webhooks import Postmen

log = structlog.get_logger("referrals.worker")

# One job may not keep the others waiting: what it leaves is done in the next round.
BATCHES_A_ROUND = 50


def database_clock(session: Session) -> datetime:
    """The database's clock rules, so that workers on several machines agree."""
    if session.get_bind().dialect.name == "postgresql":
        return session.scalars(select(func.now())).one().astimezone(UTC)
    text = session.scalars(select(func.strftime("%Y-%m-%dT%H:%M:%f", literal("now")))).one()
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@dataclass(slots=True)
class Worker:
    database: Database
    sealing_key: Keys
    papers: Papers | None = None
    clock: Clock = database_clock
    jobs: Sequence[Job | Errand] = JOBS
    mail: Stationery | None = None
    post: Send | None = None
    chance: Callable[[], float] = random.random
    postmen: Postmen | None = None
    checkpoints: Path | None = None
    retention_years: int | None = None
    stopped: Event = field(default_factory=Event)
    _next: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.postmen:
            self.postmen.stopped = self.stopped

    def run(self, seconds: float) -> None:
        """Rounds until `stopped` is set; a stop is noticed between two transactions."""
        log.info("worker started")
        while not self.stopped.is_set():
            self.round()
            self.stopped.wait(seconds)
        self.close()
        log.info("worker stopped")

    def close(self) -> None:
        """What is on its way arrives first."""
        if self.postmen:
            self.postmen.close()

    def round(self) -> bool:
        """Every job that is due, once through. False when one of them failed; the others still had their turn."""
        went_well = [self._attempt(job) for job in self.jobs if not self.stopped.is_set()]
        return all(went_well)

    def _attempt(self, job: Job | Errand) -> bool:
        try:
            self._work(job)
        except Exception as problem:  # whatever it is, the other jobs must go on
            _tell(job, problem)
            return False
        return True

    def _work(self, job: Job | Errand) -> None:
        done = 0
        for _ in range(BATCHES_A_ROUND):
            count = self._batch(job)
            done += count
            if not count or self.stopped.is_set():
                break
        if done:
            log.info("worker job done", job=job.name, count=done)

    def _batch(self, job: Job | Errand) -> int:
        return self._run(job) if isinstance(job, Errand) else self._act(job)

    def _run(self, errand: Errand) -> int:
        with self.database.reading() as session:
            now = self.clock(session)
        if self._rests(errand, now):
            return 0
        self._rest(errand, now)  # also where it fails: what takes minutes is not begun again at once
        count = errand.run(
            Outing(
                self.database, self.clock, self.mail, self.post, self.chance,
                self.papers, self.stopped.is_set, self.postmen, self.checkpoints,
                self.retention_years,
            )
        )  # fmt: skip
        if count:
            self._next.pop(errand.name)
        return count

    def _act(self, job: Job) -> int:
        found = self._look(job) if job.look else None
        if job.look and not found:
            return 0
        with self.database.writing() as session:
            now = self.clock(session)
            if self._rests(job, now):
                return 0
            count = job.act(Shift(session, now, self.sealing_key, self.mail, found))
        if not count:
            self._rest(job, now)
        return count

    def _look(self, job: Job) -> Any:
        """What the job finds to do, without holding up a writer; nothing, where this worker has no files."""
        if job.look is None or self.papers is None:
            return None
        with self.database.reading() as session:
            now = self.clock(session)
            found = None if self._rests(job, now) else job.look(self.papers, session, now)
        if not found and not self._rests(job, now):
            self._rest(job, now)
        return found

    def _rests(self, job: Job | Errand, now: datetime) -> bool:
        """Never longer than the job's own time: a clock that was ahead and is put back would else stop it for as long."""
        due = self._next.get(job.name, now)
        return now < due <= now + (job.every or timedelta(0))

    def _rest(self, job: Job | Errand, now: datetime) -> None:
        self._next[job.name] = now + job.every if job.every else now


def _tell(job: Job | Errand, problem: Exception) -> None:
    """The kind of the problem and its place. Its words may quote a row, and rows hold patients."""
    if is_unavailable(problem):
        log.warning("worker waits for the database", job=job.name)
        return
    frame = traceback.extract_tb(problem.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
    log.error("worker job failed", job=job.name, kind=type(problem).__qualname__, where=place)
