"""Erases whoever is due, one patient a transaction, and removes their files once that is committed."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
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


class Done(NamedTuple):
    """How many were erased, and whether nothing of them is left in the log either: while others read, that waits."""

    erased: int
    is_wiped: bool


def erase_each(database: Database, store: Store, waiting: Iterable[Due], cutoffs: Cutoffs, clock: Clock) -> Done:
    """Who is killed in between has lost nothing: whoever is erased is not due any more.

    Each run tries to wipe what all before it left in the log, also where nobody is due any more.
    """
    erased = sum(not each.is_held and _erased(database, store, each, cutoffs, clock) for each in waiting)
    return Done(erased, wipe(database))


def _erased(database: Database, store: Store, each: Due, cutoffs: Cutoffs, clock: Clock) -> bool:
    with database.writing() as session:
        files = erase(session, each.patient_id, cutoffs[each.network_id], clock(session))
    for key in files or ():
        with suppress(StorageFailed):  # the worker's clearing finds it
            store.remove(key)
    return files is not None
