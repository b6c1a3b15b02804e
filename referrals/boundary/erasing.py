"""Erases whoever is due, one patient a transaction, and removes their files once that is committed."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.models.engine import Database
from referrals.models.scrubbing import wipe
from referrals.models.storage import StorageFailed, Store
from referrals.pathway.retention.due import Due, due
from referrals.pathway.retention.erasing import erase

Clock = Callable[[Session], datetime]
Cutoffs = Mapping[UUID, datetime]


def due_everywhere(session: Session, cutoffs: Cutoffs) -> list[Due]:
    return [each for network_id, cutoff in cutoffs.items() for each in due(session, network_id, cutoff)]


def erase_each(database: Database, store: Store, waiting: Iterable[Due], cutoffs: Cutoffs, clock: Clock) -> list[Due]:
    """Those who were erased. Who is killed in between has lost nothing: whoever is erased is not due any more.

    What they left in the log is wiped also where nobody is due any more.
    """
    done = [each for each in waiting if not each.is_held and _erased(database, store, each, cutoffs, clock)]
    wipe(database)
    return done


def _erased(database: Database, store: Store, each: Due, cutoffs: Cutoffs, clock: Clock) -> bool:
    with database.writing() as session:
        files = erase(session, each.patient_id, cutoffs[each.network_id], clock(session))
    for key in files or ():
        with suppress(StorageFailed):  # the worker's clearing finds it
            store.remove(key)
    return files is not None
