"""Seals the audit into a hash chain, so that a changed, removed or inserted entry is noticed and named."""

import hashlib
import hmac
import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.orm import Session

from referrals.models.trail import AuditEntry, AuditSeal

PURPOSE = b"referrals audit seal 1"
BEGINNING = "0" * 64
# Entries commit out of the order of their numbers. A transaction that is still open while this many later entries
# were sealed is not waited for; `verify` then names its entries as never sealed.
REACH_BACK = 20_000
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link. Kept somewhere else, it proves later that the chain up to here is still the same."""

    position: int
    digest: str


@dataclass(frozen=True, slots=True)
class Verification:
    checked: int
    head: Head
    unsealed: int
    broken: str | None


def sealing_key(secret: str) -> bytes:
    """A key of its own, so that what signs cookies cannot be mistaken for what seals the audit."""
    return hmac.new(secret.encode(), PURPOSE, hashlib.sha256).digest()


def seal(session: Session, key: bytes, limit: int = 500) -> int:
    """Add the next links. Two sealers at once cannot both: the position is the key of the row."""
    head = newest_head(session)
    links = []
    for entry in session.execute(_unsealed(session).order_by(AuditEntry.id).limit(limit)):
        head = Head(head.position + 1, _digest(key, head, entry))
        links.append(
            {"position": head.position, "entry_id": entry.id, "network_id": entry.network_id, "digest": head.digest}
        )
    if links:
        session.execute(insert(AuditSeal), links)
    return len(links)


def verify(session: Session, key: bytes, expected: Head | None = None) -> Verification:
    """Follow the chain from its beginning and stop at the first link that does not hold."""
    try:
        return _follow(session, key, expected, ROWS_AT_ONCE)
    except ValueError:  # somewhere a value is none that we ever wrote: go slowly, to name the row
        return _follow(session, key, expected, 1)


def _follow(session: Session, key: bytes, expected: Head | None, at_once: int) -> Verification:
    head, checked, problem = Head(0, BEGINNING), 0, None
    try:
        with closing(_links(session, at_once)) as links:
            for link in links:
                if problem := _problem(key, head, link) or _unexpected(link, expected):
                    break
                head, checked = Head(link.position, link.digest), checked + 1
    except ValueError:
        if at_once > 1:
            raise
        problem = f"the audit entry at position {head.position + 1} cannot be read"
    if problem is None and expected is not None and expected.position > head.position:
        problem = f"the chain ends at position {head.position}, before the expected one"
    return Verification(checked, head, _count_unsealed(session), problem)


def newest_head(session: Session) -> Head:
    newest = select(AuditSeal.position, AuditSeal.digest).order_by(AuditSeal.position.desc()).limit(1)
    row = session.execute(newest).first()
    return Head(row.position, row.digest) if row else Head(0, BEGINNING)


def _entry_columns() -> list[Any]:
    return list(AuditEntry.__table__.columns)


def _unsealed(session: Session) -> Select[Any]:
    newest = session.scalar(select(func.max(AuditSeal.entry_id))) or 0
    sealed = select(AuditSeal.position).where(AuditSeal.entry_id == AuditEntry.id).exists()
    return select(*_entry_columns()).where(AuditEntry.id > newest - REACH_BACK, ~sealed)


def _count_unsealed(session: Session) -> int:
    sealed = select(AuditSeal.position).where(AuditSeal.entry_id == AuditEntry.id).exists()
    return session.scalar(select(func.count()).select_from(AuditEntry).where(~sealed)) or 0


def _links(session: Session, at_once: int) -> Generator[Row[Any]]:
    query = (
        select(AuditSeal.position, AuditSeal.entry_id, AuditSeal.digest, *_entry_columns())
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id, isouter=True)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=at_once)
    )
    with session.execute(query) as links:
        yield from links


def _problem(key: bytes, before: Head, link: Row[Any]) -> str | None:
    if link.position != before.position + 1:
        return f"the link at position {before.position + 1} is missing"
    if link.id is None:
        return f"audit entry {link.entry_id} is missing (position {link.position})"
    if not hmac.compare_digest(link.digest, _digest(key, before, link)):
        return f"audit entry {link.entry_id} is not as it was sealed (position {link.position})"
    return None


def _unexpected(link: Row[Any], expected: Head | None) -> str | None:
    if expected is None or link.position != expected.position or link.digest == expected.digest:
        return None
    return f"the chain was written anew: position {link.position} is not the expected one"


def _digest(key: bytes, before: Head, entry: Row[Any]) -> str:
    told = json.dumps(_told(entry), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    message = f"{before.digest}|{before.position + 1}|{told}"
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def _told(entry: Row[Any]) -> dict[str, Any]:
    return {column.name: _plain(getattr(entry, column.name)) for column in _entry_columns()}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (int, str, list, dict)):
        return value
    return value.isoformat() if isinstance(value, datetime) else str(value)
