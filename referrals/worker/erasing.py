"""The worker's part in retention: erases by night whoever is due, where the deployment has set a period."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from referrals.boundary.erasing import due_everywhere, erase_each
from referrals.models.engine import Database
from referrals.models.storage import Store
from referrals.pathway.retention.due import cutoffs
from referrals.pathway.retention.leavers import age_out


def erase_nightly(
    database: Database, clock: Callable[[Session], datetime], store: Store | None, years: int | None
) -> int:
    """How many patients. What stays in the log while others read, the next night wipes. Where nobody has set a period, or the files are out of reach, nothing is erased."""
    if years is None or store is None:
        return 0
    with database.reading() as session:
        limits = cutoffs(session, clock(session), years)
        waiting = due_everywhere(session, limits)
    done = erase_each(database, store, waiting, limits, clock)
    with database.writing() as session:
        for network_id, cutoff in limits.items():
            age_out(session, network_id, cutoff)
    return done.erased
