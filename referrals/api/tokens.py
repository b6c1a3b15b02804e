"""Where a partner system shows its secret and is given a short-lived token (OAuth 2 client credentials)."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from urllib.parse import unquote_plus

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from referrals.api.call import to_json
from referrals.boundary import clock, limits
from referrals.boundary.problems import Problem
from referrals.models.engine import Database
from referrals.pathway.clients import InvalidClient, InvalidScope, IssuedToken, issue_token, prove_client, scopes_asked

tokens = Blueprint("oauth", __name__, url_prefix="/oauth")

GRANT = "client_credentials"
FORM = "application/x-www-form-urlencoded"
FORM_LIMIT = 64 << 10


class Refused(Exception):
    """An error in the form of RFC 6749."""

    def __init__(
        self, error: str, description: str, status: int = 400, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(error)
        self.error, self.description, self.status, self.headers = error, description, status, headers

    def response(self) -> Response:
        answer = _answer({"error": self.error, "error_description": self.description}, self.status)
        answer.headers.update(dict(self.headers))
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="referrals"'
        return answer


@tokens.post("/token")
def issue() -> Response:
    """Trade a client's id and secret for a bearer token."""
    database: Database = current_app.extensions["database"]
    now = clock.now()
    try:
        _refuse_too_many(database, now)
        form = _form()
        client_id, secret = _credentials(form)
        with database.reading() as session:
            client = prove_client(session, client_id, secret)
        scopes = scopes_asked(client, form.get("scope"))
        with database.writing() as session:
            token = issue_token(session, client, scopes, now)
    except Refused as refused:
        return refused.response()
    except InvalidClient as refusal:
        return Refused("invalid_client", refusal.message, 401).response()
    except InvalidScope as refusal:
        return Refused("invalid_scope", refusal.message).response()
    return _answer(_token(token), 200)


def _refuse_too_many(database: Database, now: datetime) -> None:
    limit = current_app.config["SETTINGS"].token_requests_per_minute
    try:
        limits.admit(database, f"token:{request.remote_addr}", limit, now)
    except Problem as problem:
        raise Refused("temporarily_unavailable", problem.detail, problem.status, problem.headers) from problem


def _token(issued: IssuedToken) -> dict[str, object]:
    return {
        "access_token": issued.token,
        "token_type": "Bearer",
        "expires_in": issued.seconds,
        "scope": " ".join(issued.scopes),
    }


def _form() -> dict[str, str]:
    request.max_content_length = FORM_LIMIT
    if request.mimetype != FORM:
        raise Refused("invalid_request", f"Send {FORM}.")
    try:
        sent = dict(request.form.lists())
    except RequestEntityTooLarge as error:
        raise Refused("invalid_request", f"Send at most {FORM_LIMIT:,} bytes.", 413) from error
    if any(len(values) > 1 for values in sent.values()):
        raise Refused("invalid_request", "A parameter was sent twice.")
    form = {name: values[0] for name, values in sent.items()}
    if not form.get("grant_type"):
        raise Refused("invalid_request", "Send grant_type.")
    if form["grant_type"] != GRANT:
        raise Refused("unsupported_grant_type", f"Only {GRANT} is supported.")
    return form


def _credentials(form: Mapping[str, str]) -> tuple[str, str]:
    """By HTTP Basic or in the body, and by one of them only."""
    header = request.headers.get("Authorization")
    in_body = "client_secret" in form
    if header is not None and in_body:
        raise Refused("invalid_request", "Show the secret once: in the header or in the body.")
    if header is not None:
        shown = _basic(header)
    elif in_body and form.get("client_id"):
        shown = form["client_id"], form["client_secret"]
    else:
        raise Refused("invalid_client", "Show client id and secret, by HTTP Basic or in the body.", 401)
    if not all(word.isprintable() for word in shown):  # no database looks for what cannot be written
        raise InvalidClient
    return shown


def _basic(header: str) -> tuple[str, str]:
    kind, _, encoded = header.partition(" ")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        text = ""
    client_id, colon, secret = text.partition(":")
    if kind.lower() != "basic" or not colon:
        raise Refused("invalid_client", "The Authorization header is not HTTP Basic.", 401)
    return unquote_plus(client_id), unquote_plus(secret)


def _answer(body: Mapping[str, object], status: int) -> Response:
    answer = Response(to_json(body), status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Pragma"] = "no-cache"
    return answer
