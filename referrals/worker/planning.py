"""The worker's part in plans: reads the queue in one look, works it out with no row held, and keeps the plan."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from referrals.models.engine import Database
from referrals.pathway.plans import Lease, claim, keep, note_progress
from referrals.pathway.queue_plan import read_queue, work_out

Clock = Callable[[Session], datetime]


def make_plan(database: Database, clock: Clock) -> int:
    """One plan that was asked for; none where nobody has asked."""
    with database.writing() as session:
        lease = claim(session, clock(session))
    if lease is None:
        return 0
    with database.reading() as session:
        read = read_queue(session, lease.network_id, clock(session))

    def tell(percent: int) -> None:
        _note(database, clock, lease, percent)

    worked = work_out(read, tell)
    with database.writing() as session:
        keep(session, lease, worked, clock(session))
    return 1


def _note(database: Database, clock: Clock, lease: Lease, percent: int) -> None:
    with database.writing() as session:
        note_progress(session, lease, percent, clock(session))
