"""The least that each answer can cost: bare views over the bare driver, hung on the service by the bench alone.

Behind the same token check they send the statements that the service itself sends, recorded from one real call,
and write the rows down with orjson.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request
from sqlalchemy import select

from referrals.boundary import clock
from referrals.boundary.identity import identify
from referrals.cli.bench.trace import FreshReplay, Replay, Trace, bare_connection, traced
from referrals.models.assessment import Policy
from referrals.models.base import new_id
from referrals.models.engine import Database
from referrals.models.organization import ApiClient, Network, Organization
from referrals.models.user import User
from referrals.models.vault import vault_of

PREFIX = "/bench/floor"
floors = Blueprint("floors", __name__, url_prefix=PREFIX)
_mine = threading.local()
_traces: dict[tuple[str, str], Trace] = {}
_recorded_packets: dict[str, dict[str, Any]] = {}
_recording = threading.Lock()


def check_token() -> None:
    """What every call of the service begins with."""
    with database().reading() as session:
        identify(session, clock.now())


def database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


@floors.get("/empty")
def empty() -> Response:
    check_token()
    return Response(b"{}", mimetype="application/json")


@floors.get("/read")
def read() -> Response:
    """The statements of `GET path`, and nothing else."""
    check_token()
    path = request.args["path"]
    replay = _replay(f"GET {path}", lambda: _reading(path))
    return Response(orjson.dumps(replay.play(), default=str), mimetype="application/json")


@floors.post("/create")
def create() -> Response:
    """The statements of `POST /referrals`, with new ids each time."""
    check_token()
    body = orjson.loads(request.get_data())
    replay = _replay("POST", lambda: _writing(body))
    return Response(orjson.dumps(replay.play(), default=str), status=201, mimetype="application/json")


def _replay(name: str, record: Callable[[], Replay]) -> Replay:
    """One for each thread, because a connection serves one call at a time."""
    held: dict[str, Replay] = _mine.__dict__.setdefault("replays", {})
    if name not in held:
        with _recording:
            held[name] = record()
    return held[name]


def _reading(path: str) -> Replay:
    return Replay(_recorded("GET", path), bare_connection(database()), is_postgresql=_is_postgresql())


def _writing(body: dict[str, Any]) -> Replay:
    packet = _recorded_packets.setdefault("POST", renumbered(body, f"recorded-{new_id().hex}"))
    return FreshReplay(
        _recorded("POST", "/api/v1/referrals", packet),
        bare_connection(database()),
        is_postgresql=_is_postgresql(),
        known=_known(),
        unique=[packet["external_reference"], *_numbers(packet)],
    )


def _numbers(packet: dict[str, Any]) -> list[str]:
    """The numbers of a patient as a statement may hold them: as they are, and as their blind index."""
    numbers = [each["value"] for each in packet["patient"]["identifiers"]]
    with database().reading() as session:
        network_id = session.scalars(select(Network.id)).one()
        return [*numbers, *(blind for each in numbers for blind in vault_of(session).indexes(network_id, each))]


def renumbered(body: dict[str, Any], number: str) -> dict[str, Any]:
    """The same referral of another patient."""
    identifiers = [each | {"value": f"{each['value']}-{number}"} for each in body["patient"]["identifiers"]]
    return body | {
        "external_reference": f"{body['external_reference']}-{number}",
        "patient": body["patient"] | {"identifiers": identifiers},
    }


def _is_postgresql() -> bool:
    return database().engine.dialect.name == "postgresql"


def _recorded(method: str, path: str, packet: dict[str, Any] | None = None) -> Trace:
    """One real call, made here. One before it warms the process up, so that only what each call sends is kept."""
    if (method, path) not in _traces:
        _call(method, path, packet and renumbered(packet, f"warm-{new_id().hex}"))
        with traced(database()) as found:
            _call(method, path, packet)
        _traces[method, path] = found
    return _traces[method, path]


def _call(method: str, path: str, packet: dict[str, Any] | None) -> None:
    answer = current_app.test_client().open(
        path, method=method, json=packet, headers={"Authorization": request.headers["Authorization"]}
    )
    if answer.status_code not in (200, 201):
        raise RuntimeError(f"{method} was answered with {answer.status_code}: there is nothing to replay")


def _known() -> frozenset[str]:
    """The ids that were there before: everything else in a recorded call was made by it."""
    with database().reading() as session:
        tables: Iterable[Any] = (Network, Policy, Organization, User, ApiClient)
        return frozenset(each.hex for table in tables for each in session.scalars(select(table.id)))
