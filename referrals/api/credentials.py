"""How a partner system shows at the token door who it is: a secret by HTTP Basic or in the form, or a signed assertion."""

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from urllib.parse import unquote_plus

from flask import Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from referrals.api.call import to_json
from referrals.boundary import assertions, limits
from referrals.boundary.outgoing_places import Unreachable
from referrals.boundary.paging import address_of
from referrals.boundary.problems import Problem
from referrals.boundary.published_keys import PublishedKeys
from referrals.domain.partner_systems import Doubt
from referrals.models.engine import Database
from referrals.pathway.client_proof import InvalidClient, Known, Proven, find_known, prove_by_secret

FORM = "application/x-www-form-urlencoded"
FORM_LIMIT = 64 << 10
TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address

Form = Mapping[str, str]


class Refused(Exception):
    """An error in the form of RFC 6749."""

    def __init__(
        self, error: str, description: str, status: int = 400, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(error)
        self.error, self.description, self.status, self.headers = error, description, status, headers

    def response(self) -> Response:
        answer = answered({"error": self.error, "error_description": self.description}, self.status)
        answer.headers.update(dict(self.headers))
        if self.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="referrals"'
        return answer


def answered(body: Mapping[str, object] | None, status: int = 200) -> Response:
    answer = Response(b"" if body is None else to_json(body), status=status, mimetype="application/json")
    if body is None:
        del answer.headers["Content-Type"]  # nothing has no form
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Pragma"] = "no-cache"
    return answer


def refuse_too_many(database: Database, now: datetime) -> None:
    """Whoever guesses secrets has as few tries at each address of this door as at all of them."""
    limit = current_app.config["SETTINGS"].token_requests_per_minute
    try:
        limits.admit(database, f"token:{request.remote_addr}", limit, now)
    except Problem as problem:
        raise Refused("temporarily_unavailable", problem.detail, problem.status, problem.headers) from problem


def form_sent() -> Form:
    request.max_content_length = FORM_LIMIT
    if request.mimetype != FORM:
        raise Refused("invalid_request", f"Send {FORM}.")
    try:
        sent = dict(request.form.lists())
    except RequestEntityTooLarge as error:
        raise Refused("invalid_request", f"Send at most {FORM_LIMIT:,} bytes.", 413) from error
    if any(len(values) > 1 for values in sent.values()):
        raise Refused("invalid_request", "A parameter was sent twice.")
    return {name: values[0] for name, values in sent.items()}


def prove(database: Database, form: Form, now: datetime) -> Proven:
    """The client that this request comes from. No transaction is open while its keys are fetched."""
    header = request.headers.get("Authorization")
    ways = [header is not None, "client_secret" in form, "client_assertion" in form]
    if sum(ways) > 1:
        raise Refused("invalid_request", "Show who you are once: by header, by client_secret or by client_assertion.")
    if "client_assertion" in form:
        return _by_assertion(database, form, now)
    client_id, secret = _secret_shown(form, header)
    with database.reading() as session:
        return prove_by_secret(session, client_id, secret, now)


def _by_assertion(database: Database, form: Form, now: datetime) -> Proven:
    if form.get("client_assertion_type") != assertions.TYPE:
        raise Refused("invalid_request", f"With client_assertion send client_assertion_type={assertions.TYPE}.")
    assertion = assertions.read_assertion(form["client_assertion"])
    with database.reading() as session:
        known = find_known(session, assertion.client_id)
    if known is None:
        raise InvalidClient
    if form.get("client_id", known.client.client_id) != known.client.client_id:
        raise known.doubted(Doubt.WRONG_SUBJECT)
    assertions.refuse_header(assertion, known)
    return assertions.prove(assertion, known, _keys_of(known, assertion.kid), address_of(TOKEN_PATH), now)


def _keys_of(known: Known, kid: str) -> Mapping[str, object]:
    published: PublishedKeys = current_app.extensions["published_keys"]
    if known.client.jwks_url is None:
        return known.client.jwks or {"keys": []}
    try:
        return published.with_key(known.client.jwks_url, kid)
    except Unreachable:
        raise known.doubted(Doubt.KEYS_UNREACHABLE) from None


def _secret_shown(form: Form, header: str | None) -> tuple[str, str]:
    """By HTTP Basic or in the body."""
    if header is not None:
        shown = _basic(header)
    elif form.get("client_id") and "client_secret" in form:
        shown = form["client_id"], form["client_secret"]
    else:
        raise Refused(
            "invalid_client", "Show client id and secret, by HTTP Basic or in the body, or a client_assertion.", 401
        )
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
