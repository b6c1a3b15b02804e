"""Writes into the audit what somebody was denied: an address that they asked for in vain, at either door, or a token."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, request
from sqlalchemy.exc import SQLAlchemyError

from referrals.boundary import clock
from referrals.boundary.refused_calls import Refusals
from referrals.boundary.schemas.fields import uuid_of
from referrals.boundary.trace import current_request_id
from referrals.domain.audit import DENIED
from referrals.domain.people import Actor
from referrals.domain.second_factor import Happening
from referrals.models.engine import Database
from referrals.pathway.trail import record_audit

FORBIDDEN, NOT_FOUND = 403, 404
# So many of one actor are written one by one in a minute by one process; of more, each time that they have doubled.
ONE_BY_ONE = 300

log = logging.getLogger(__name__)


def note_denied(answer: Response) -> Response:
    """After each request, when its transaction is undone. Of the address only its ids are kept, never what was sent."""
    actor: Actor | None = g.get("actor")
    if actor is not None and _is_denial(answer.status_code):
        _note("denials", actor, DENIED, "address", _ids_in_address(), _detail(answer.status_code))
    return answer


def note_unproven(client: Actor, client_id: UUID, doubt: str) -> None:
    """A partner system that did not prove who it is, and gets no token. It may be anybody: counted apart from what it did."""
    _note("unproven", client, Happening.SIGN_IN_FAILED, "client", [client_id], {"reason": doubt})


def _is_denial(status: int) -> bool:
    """An address that leads nowhere, or whose only fault is a word of it, denies nothing to anybody."""
    asks_for_row = any(name.endswith("_id") for name in request.view_args or ())
    return status == FORBIDDEN or (status == NOT_FOUND and asks_for_row)


def _ids_in_address() -> list[UUID]:
    named = (request.view_args or {}).items()
    return [found for name, text in named if name.endswith("_id") and (found := uuid_of(str(text)))]


def _detail(status: int) -> dict[str, Any]:
    word, code = g.get("problem") or ("", "")
    return {"method": request.method, "endpoint": request.endpoint, "status": status, "reason": code or word}


def _note(kind: str, actor: Actor, action: str, entity: str, ids: Sequence[UUID], detail: dict[str, Any]) -> None:
    """The caller has its answer whatever becomes of the entry."""
    counted: Refusals = current_app.extensions[kind]
    now = clock.now()
    times = counted.due((actor.network_id, actor.user_id, actor.client_id), now)
    if not times:
        return
    told = detail | ({"times": times} if times > 1 else {})
    database: Database = current_app.extensions["database"]
    try:
        with database.writing() as session:
            record_audit(session, actor, action, entity, ids, now, current_request_id(), **told)
    except SQLAlchemyError:
        log.warning("what somebody was denied could not be noted")
