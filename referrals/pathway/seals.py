"""Seals the audit into a hash chain, so that a changed, removed or inserted entry is noticed and named."""

import hashlib
import hmac
import json
from collections.abc import Collection, Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.orm import Session

from referrals.models.audit import AuditSubject
from referrals.models.keys import DERIVED, Keys, Purpose
from referrals.models.trail import AuditEntry, AuditSeal

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


def sealing_key(secret: str) -> Keys:
    """Where there are no key files: a key of its own, which follows from the secret."""
    return Keys(secret)


def seal(session: Session, keys: Keys, limit: int = 500) -> int:
    """Add the next links. Two sealers at once cannot both: the position is the key of the row."""
    head = newest_head(session)
    links, named = [], []
    key = keys.current(Purpose.SEAL)
    for entry in session.execute(_unsealed(session).order_by(AuditEntry.id).limit(limit)):
        head = Head(head.position + 1, _digest(key.secret, head, entry))
        links.append(
            {
                "position": head.position,
                "entry_id": entry.id,
                "network_id": entry.network_id,
                "digest": head.digest,
                "key_id": None if key.id == DERIVED else key.id,
            }
        )
        named += _subjects(entry)
    if links:
        session.execute(insert(AuditSeal), links)
    if named:
        session.execute(insert(AuditSubject), named)
    return len(links)


def _subjects(entry: Row[Any]) -> list[dict[str, Any]]:
    """What the entry names, to be found by. What is no id names nothing."""
    ids = dict.fromkeys(_as_ids(entry.ids))
    return [{"entity_id": each, "entry_id": entry.id, "network_id": entry.network_id} for each in ids]


def _as_ids(words: Collection[Any]) -> Iterator[UUID]:
    for word in words:
        with suppress(ValueError):
            yield UUID(str(word))


def verify(session: Session, keys: Keys, expected: Collection[Head] = ()) -> Verification:
    """Follow the chain from its beginning and stop at the first link that does not hold.

    `expected` are heads that were noted earlier: the chain must still hold each of them.
    """
    try:
        return _follow(session, keys, expected, ROWS_AT_ONCE)
    except ValueError:  # somewhere a value is none that we ever wrote: go slowly, to name the row
        return _follow(session, keys, expected, 1)


def _follow(session: Session, keys: Keys, expected: Collection[Head], at_once: int) -> Verification:
    head, checked, problem, held = Head(0, BEGINNING), 0, None, _Held(keys)
    digests = _digests(expected)
    try:
        with closing(_links(session, at_once)) as links:
            for link in links:
                if problem := _problem(held, head, link) or _unexpected(link, digests):
                    break
                head, checked = Head(link.position, link.digest), checked + 1
    except ValueError:
        if at_once > 1:
            raise
        problem = f"the audit entry at position {head.position + 1} cannot be read"
    if problem is None and max(digests, default=0) > head.position:
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
        select(AuditSeal.position, AuditSeal.entry_id, AuditSeal.digest, AuditSeal.key_id, *_entry_columns())
        .join(AuditEntry, AuditEntry.id == AuditSeal.entry_id, isouter=True)
        .order_by(AuditSeal.position)
        .execution_options(yield_per=at_once)
    )
    with session.execute(query) as links:
        yield from links


class _Held:
    """The keys that seals name. Once there were key files none is made from the secret any more: who knows that
    alone cannot write the chain on.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys, self._known, self._is_filed = keys, dict[str, bytes](), False

    def secret_for(self, key_id: str | None) -> bytes | None:
        self._is_filed = self._is_filed or key_id is not None
        if key_id is None and self._is_filed:
            return None
        name = key_id or DERIVED
        if name not in self._known and (key := self._keys.named(Purpose.SEAL, name)):
            self._known[name] = key.secret
        return self._known.get(name)


def _problem(held: _Held, before: Head, link: Row[Any]) -> str | None:
    if link.position != before.position + 1:
        return f"the link at position {before.position + 1} is missing"
    if link.id is None:
        return f"audit entry {link.entry_id} is missing (position {link.position})"
    key = held.secret_for(link.key_id)
    if key is None:
        return (
            f"the key of the seal at position {link.position} ({link.key_id or 'an older one'}) is not to be used here"
        )
    if not hmac.compare_digest(link.digest, _digest(key, before, link)):
        return f"audit entry {link.entry_id} is not as it was sealed (position {link.position})"
    return None


def _digests(expected: Collection[Head]) -> Mapping[int, set[str]]:
    """By position, every digest that was noted there: two that differ cannot both hold."""
    noted: dict[int, set[str]] = {}
    for head in expected:
        noted.setdefault(head.position, set()).add(head.digest)
    return noted


def _unexpected(link: Row[Any], digests: Mapping[int, set[str]]) -> str | None:
    if digests.get(link.position, {link.digest}) == {link.digest}:
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
