"""Where a partner system is given a short-lived token, and gives one back (OAuth 2: RFC 6749, 7009, 7523)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from referrals.api.credentials import Refused, answered, form_sent, prove, refuse_too_many
from referrals.boundary import clock
from referrals.boundary.denials import note_unproven
from referrals.boundary.refused_calls import route, write_down
from referrals.boundary.trace import current_request_id
from referrals.domain.second_factor import Happening
from referrals.models.engine import Database
from referrals.pathway.client_proof import InvalidClient, Known, Proven, accept, issue_to, revoke_token
from referrals.pathway.client_record import Refused as RefusedCall
from referrals.pathway.clients import InvalidScope, IssuedToken, scopes_asked
from referrals.pathway.trail import record_audit

tokens = Blueprint("oauth", __name__, url_prefix="/oauth")

GRANT = "client_credentials"

View = Callable[[Database, datetime], Response]


def in_words_of_oauth(view: View) -> Callable[[], Response]:
    """Every refusal in the form of RFC 6749; that of a client who is known is noted for its administrators."""

    @wraps(view)
    def serve() -> Response:
        database: Database = current_app.extensions["database"]
        now = clock.now()
        try:
            refuse_too_many(database, now)
            return view(database, now)
        except Refused as refused:
            return refused.response()
        except InvalidClient as refusal:
            if refusal.client is not None and refusal.doubt is not None:
                note(refusal.client, 401, refusal.code, refusal.doubt)
                note_unproven(refusal.client.actor, refusal.client.client.id, refusal.doubt)
            return Refused(refusal.code, refusal.message, 401).response()

    return serve


@tokens.post("/token")
@in_words_of_oauth
def issue(database: Database, now: datetime) -> Response:
    """Trade what proves a client for a bearer token."""
    form = form_sent()
    if not form.get("grant_type"):
        raise Refused("invalid_request", "Send grant_type.")
    if form["grant_type"] != GRANT:
        raise Refused("unsupported_grant_type", f"Only {GRANT} is supported.")
    proven = prove(database, form, now)
    try:
        scopes = scopes_asked(proven.client, form.get("scope"))
    except InvalidScope as refusal:
        note(proven.known, 400, refusal.code)
        raise Refused(refusal.code, refusal.message) from None
    with database.writing() as session:
        token = issue_to(session, proven, scopes, now)
        record(session, proven, Happening.SIGNED_IN, now)
    return answered(_token(token))


@tokens.post("/revoke")
@in_words_of_oauth
def revoke(database: Database, now: datetime) -> Response:
    """Give a token back. One that is unknown is no error: it opens nothing either way."""
    form = form_sent()
    if not form.get("token"):
        raise Refused("invalid_request", "Send token.")
    proven = prove(database, form, now)
    with database.writing() as session:
        accept(session, proven, now)
        was_theirs = revoke_token(session, proven.client.id, form["token"])
        record(session, proven, Happening.SIGNED_OUT if was_theirs else Happening.PROVEN, now)
    return answered(None)


def record(session: Session, proven: Proven, happening: Happening, now: datetime) -> None:
    """A token is to a system what a session is to a person."""
    actor, ids = proven.known.actor, [proven.client.id]
    record_audit(session, actor, happening, "client", ids, now, current_request_id(), by=proven.by)


def note(known: Known, status: int, problem: str, code: str = "") -> None:
    client = known.client
    write_down(RefusedCall(client.network_id, client.id, request.method, route(), status, problem, code))


def _token(issued: IssuedToken) -> dict[str, object]:
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": " ".join(issued.scopes),
    }
