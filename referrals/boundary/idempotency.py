"""A POST that may be repeated: the first answer is kept with the work itself, and given again for the same call."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from flask import Response, request
from sqlalchemy import ColumnElement, Select, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from referrals.boundary.problems import Problem, bad_parameter
from referrals.domain.people import Actor
from referrals.models.door import IdempotencyKey
from referrals.models.vault import Locked, vault_of
from referrals.pathway.at_rest import ANSWER_IS_LOCKED, KEPT_ANSWER

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
KEPT = timedelta(days=30)
ABANDONED = timedelta(seconds=60)
KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Link")
_KEY = re.compile(r"[\x20-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Claim:
    """This call does the work. `at` marks the claim: whoever takes it over later carries another."""

    client_id: UUID
    key: str
    at: datetime


def key_sent() -> str | None:
    """The caller's key, with or without quotation marks around it."""
    sent = request.headers.getlist(HEADER)
    if not sent:
        return None
    key = sent[0].strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if len(sent) > 1 or not _KEY.fullmatch(key):
        raise _wrong("invalid_key", "Send one Idempotency-Key of 1 to 255 characters.")
    return key


def fingerprint(method: str, path: str, body: Any) -> str:
    """The same call looks the same, however its JSON is spaced or ordered."""
    canonical = orjson.dumps([method, path, body], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(canonical).hexdigest()


def claim(session: Session, actor: Actor, key: str, print_: str, now: datetime) -> Claim | Response:
    """The right to do the work, or the answer that was given before; refused while another call is at it."""
    mine = Claim(_client(actor), key, now)
    if _insert(session, actor, mine, print_):
        return mine
    row = session.execute(_row(mine).with_for_update()).scalar_one_or_none()
    if row is None:  # given back between the two statements
        raise _running()
    if row.created_at < now - KEPT:
        row.status, row.headers, row.body = None, None, None
        row.created_at, row.fingerprint = now, print_
        return mine
    return _repeat(session, row, mine, print_)


def _repeat(session: Session, row: IdempotencyKey, mine: Claim, print_: str) -> Claim | Response:
    if row.fingerprint != print_:
        raise _wrong("key_reused", "This key came with another request before. Use a new one.")
    if row.status is not None:
        return _answer(session, row)
    if row.created_at > mine.at - ABANDONED:
        raise _running()
    row.created_at = mine.at
    return mine


def _client(actor: Actor) -> UUID:
    if actor.client_id is None:
        raise TypeError("only a client's calls can be repeated")
    return actor.client_id


def _insert(session: Session, actor: Actor, mine: Claim, print_: str) -> bool:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "client_id": mine.client_id,
        "key": mine.key,
        "network_id": actor.network_id,
        "fingerprint": print_,
        "created_at": mine.at,
    }
    statement = insert(IdempotencyKey).values(row).on_conflict_do_nothing().returning(IdempotencyKey.key)
    return session.execute(statement).scalar_one_or_none() is not None


def _row(mine: Claim) -> Select[IdempotencyKey]:
    return select(IdempotencyKey).where(IdempotencyKey.client_id == mine.client_id, IdempotencyKey.key == mine.key)


def keep(session: Session, mine: Claim, answer: Response) -> None:
    """Store the answer beside the work. If somebody took the claim over meanwhile, all of it is undone.

    It may show a patient's number or a secret, so it lies locked in the place of this client.
    """
    body = vault_of(session).lock(answer.get_data(), KEPT_ANSWER, mine.client_id)
    headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
    kept = session.execute(
        update(IdempotencyKey)
        .where(*_held(mine))
        .values(
            status=answer.status_code,
            headers=headers | {ANSWER_IS_LOCKED: "yes"},
            body=body,
        )
    )
    if not isinstance(kept, CursorResult) or kept.rowcount != 1:
        raise _running()


def give_back(session: Session, mine: Claim) -> None:
    """Nothing came of it: the caller may try again with the same key."""
    session.execute(delete(IdempotencyKey).where(*_held(mine)))


def _held(mine: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        IdempotencyKey.client_id == mine.client_id,
        IdempotencyKey.key == mine.key,
        IdempotencyKey.created_at == mine.at,
        IdempotencyKey.status.is_(None),
    )


def _answer(session: Session, row: IdempotencyKey) -> Response:
    headers, body = dict(row.headers or {}), (row.body or "").encode()
    if headers.pop(ANSWER_IS_LOCKED, None):
        body = _opened(session, row)
    answer = Response(body, status=row.status)
    answer.headers.update(headers)
    answer.headers[REPLAYED] = "true"
    return answer


def _opened(session: Session, row: IdempotencyKey) -> bytes:
    try:
        return vault_of(session).open(row.body or "", KEPT_ANSWER, row.client_id)
    except Locked:
        detail = "The answer was kept, and can no longer be read. Look up what became of the call."
        raise Problem("conflict", detail) from None


def _running() -> Problem:
    detail = "A call with this key is still running. Repeat it in a moment to get its answer."
    return Problem("conflict", detail, headers={"Retry-After": "2"})


def _wrong(code: str, message: str) -> Problem:
    return bad_parameter(HEADER, code, message)
