"""Moves everything that lies locked to the current keys, a little at a time, and tells what lies under which key."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Row, Table, func, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals.models.keys import DERIVED, Keys, Purpose
from referrals.models.organization import Network
from referrals.models.patient import PatientIdentifier
from referrals.models.storage import Missing, StorageFailed
from referrals.models.storage.locked import LockedStore
from referrals.models.trail import AuditSeal
from referrals.pathway.at_rest import LOCKED_COLUMNS, Locked, LockedColumn, Vault, begins
from referrals.pathway.scanning import OURS

ROWS_AT_ONCE = 200
BLIND, FILES, SEALS = "patient_identifier.blind", "files", "audit_seal.digest"
# What has no key, and what names one that is not here.
PLAIN, UNKNOWN = "none", "unknown"

After = Sequence[Any] | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of a few rows; `stuck` are the ids of those that stayed, `after` is where the next turn begins, None where there is nothing left to look at."""

    moved: int
    stuck: tuple[str, ...]
    after: After


def relock_some(session: Session, column: LockedColumn, vault: Vault, after: After) -> Turn:
    """A row that does not open, or whose number stands in another row, stays as it is: it goes on to be counted."""
    columns = {*column.key, column.row, column.locked, *column.beside}
    query = select(*columns).where(column.waits(vault.keys)).order_by(*column.key).limit(ROWS_AT_ONCE)
    rows = session.execute(query.where(tuple_(*column.key) > tuple_(*after)) if after else query).all()
    stuck = tuple(str(getattr(row, column.row.key)) for row in rows if not _relock(session, column, row, vault))
    last = [getattr(rows[-1], each.key) for each in column.key] if len(rows) == ROWS_AT_ONCE else None
    return Turn(len(rows) - len(stuck), stuck, last)


def _relock(session: Session, column: LockedColumn, row: Row[Any], vault: Vault) -> bool:
    """Only if nobody has written there meanwhile. It is the same row in its own version: nobody's edit is lost."""
    table: Table = column.locked.class_.__table__
    same = [table.c[each.key] == getattr(row, each.key) for each in column.key]
    same += [table.c[each].is_not_distinct_from(getattr(row, each)) for each in _texts(column)]
    try:
        with session.begin_nested():
            done = session.execute(update(table).where(*same).values(**column.anew(row, vault)))
    except (Locked, IntegrityError):
        return False
    return isinstance(done, CursorResult) and done.rowcount == 1


def _texts(column: LockedColumn) -> list[str]:
    """What is compared is the ciphertext, or the number itself where there is none yet."""
    numbers = ["value"] if column.locked is PatientIdentifier.locked else []
    return [column.locked.key, *numbers]


def relock_file(store: LockedStore, key: str) -> bool:
    try:
        return store.relock(key)
    except Missing:  # cleared away meanwhile
        return True
    except StorageFailed:
        return False


def files_under_old_keys(session: Session, store: LockedStore, now: datetime) -> Iterator[str]:
    current = store.current_key()
    return (key for key, key_id in _files(session, store, now) if key_id != current)


def _files(session: Session, store: LockedStore, now: datetime) -> Iterator[tuple[str, str]]:
    """Only what is surely ours: others may keep things in the same place."""
    networks = {str(each) for each in session.scalars(select(Network.id))}
    for key in store.keys(now + timedelta(days=1)):
        found = OURS.fullmatch(key)
        if found and found["document"] and found["network"] in networks:
            try:
                yield key, store.key_of(key)
            except Missing:
                continue


def count_by_key(session: Session, keys: Keys) -> dict[str, dict[str, int]]:
    """How many rows of each column lie under each key. The blind index and the seals have keys of their own."""
    found = {column.name: _counted(session, column, keys) for column in LOCKED_COLUMNS}
    blinds = {key.id: begins(PatientIdentifier.blind, f"{key.id}:") for key in keys.all(Purpose.INDEX)}
    found[BLIND] = _by(session, PatientIdentifier, PatientIdentifier.blind.is_not(None), blinds)
    seals = select(func.coalesce(AuditSeal.key_id, DERIVED), func.count()).group_by(AuditSeal.key_id)
    return found | {SEALS: {str(row[0]): row[1] for row in session.execute(seals)}}


def count_files(session: Session, store: LockedStore, now: datetime) -> dict[str, int]:
    return dict(Counter(key_id or PLAIN for _, key_id in _files(session, store, now)))


def _counted(session: Session, column: LockedColumn, keys: Keys) -> dict[str, int]:
    ids = [DERIVED, *(key.id for key in keys.all(Purpose.DATA) if key.id != DERIVED)]
    tests = {PLAIN: column.is_plain(), **{key_id: column.is_of(key_id) for key_id in ids}}
    return _by(session, column.locked.class_, column.locked.is_not(None) | column.is_plain(), tests)


def _by(session: Session, table: Any, kept: Any, tests: Mapping[str, Any]) -> dict[str, int]:
    """The rows that pass each test, and those that pass none."""
    counts = [func.count().filter(test) for test in tests.values()]
    total, *numbers = session.execute(select(func.count().filter(kept), *counts).select_from(table)).one()
    found = dict(zip(tests, numbers, strict=True)) | {UNKNOWN: total - sum(numbers)}
    return {name: number for name, number in found.items() if number}


def uses_of(key_id: str, counted: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Where something still lies under this key."""
    return {name: by_key[key_id] for name, by_key in counted.items() if by_key.get(key_id)}


def remaining(counted: Mapping[str, Mapping[str, int]], keys: Keys) -> dict[str, int]:
    """What is to be moved yet. A seal keeps the key that it was made with: what was sealed must not be sealed anew."""
    current = {keys.current(Purpose.DATA).id, keys.current(Purpose.INDEX).id}
    return {
        name: left
        for name, by_key in counted.items()
        if name != SEALS and (left := sum(number for key_id, number in by_key.items() if key_id not in current))
    }
