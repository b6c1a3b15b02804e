"""Entries of the audit as they are handed out: to partners, and as a sheet."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session

from referrals.boundary.sheets import sheet_line
from referrals.boundary.streams import looks
from referrals.domain.audit import action_words, entity_words
from referrals.domain.people import Actor
from referrals.pathway.audit import Asked, entries

HEAD = (
    *("number", "at", "user", "user_name", "client", "client_name", "organization"),
    *("action", "action_in_words", "entity", "entity_in_words", "ids", "request_id", "detail"),
)
AT_ONCE = 500


def entry_answer(row: Any) -> dict[str, Any]:
    return {
        "number": row.id,
        "at": row.at,
        "actor": {
            "user": _named(row.user_id, row.user_name),
            "client": _named(row.client_id, row.client_name),
            "organization": _named(row.organization_id, row.organization_name),
        },
        "action": row.action,
        "entity": row.entity,
        "ids": row.ids,
        "request_id": row.request_id,
        "detail": row.detail,
    }


def _named(key: Any, name: str | None) -> dict[str, Any] | None:
    return None if key is None else {"id": key, "name": name}


def sheet_pieces(actor: Actor, asked: Asked) -> Iterator[bytes]:
    """The whole list, the newest first, so many lines at a time."""

    def look(session: Session, after: tuple[datetime, int] | None) -> tuple[bytes, Any]:
        rows = entries(session, actor, asked, after, AT_ONCE)
        last = (rows[-1].at, rows[-1].id) if len(rows) == AT_ONCE else None
        return b"".join(sheet_line(_cells(row)) for row in rows), last

    return chain([sheet_line(HEAD)], looks(look))


def _cells(row: Any) -> tuple[object, ...]:
    return (
        row.id,
        row.at.isoformat(),
        row.user_id,
        row.user_name,
        row.client_id,
        row.client_name,
        row.organization_name,
        row.action,
        action_words(row.action),
        row.entity,
        entity_words(row.entity),
        " ".join(map(str, row.ids)),
        row.request_id,
        detail_words(row.detail),
    )


def detail_words(detail: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {_plain(value)}" for name, value in sorted(detail.items()))


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
