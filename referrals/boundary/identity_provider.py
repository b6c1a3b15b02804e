"""The identity provider of this instance: where its doors are, where somebody is sent, and what it says of who came back.

Loaded when somebody uses single sign-on. Every call goes out as all others do, by `outgoing`.
"""

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from config import Settings
from referrals.boundary.id_tokens import Expected, kid_of, read_id_token, signing_keys
from referrals.boundary.outgoing import Outgoing, Reply
from referrals.boundary.outgoing_places import HTTP, HTTPS, Unreachable
from referrals.boundary.published_keys import PublishedKeys
from referrals.boundary.strict_json import read_object
from referrals.domain.errors import Refusal
from referrals.domain.single_sign_on import NotLetIn, Refused, Said
from referrals.pathway.single_sign_on import Asked, Attempt

WELL_KNOWN = "/.well-known/openid-configuration"
SCOPE = "openid email"
SECONDS = 5.0
KEPT, PAUSE = 3600.0, 5.0
JSON = {"Accept": "application/json"}
POST_SECRET = "client_secret_post"  # noqa: S105 - the name of a way


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses that the provider's own description names."""

    authorization: str
    token: str
    keys: str
    sign_out: str
    posts_secret: bool
    names_itself: bool


class IdentityProvider:
    """What this process knows of the provider. `clock` counts seconds and is never set back."""

    def __init__(self, settings: Settings, back: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`back` is our own address to which the provider sends people."""
        self.issuer = settings.oidc_issuer or ""
        self.name = settings.oidc_name
        self._settings = settings
        self._back = back
        self._clock = clock
        self._outgoing = Outgoing(settings, seconds=SECONDS)
        self._keys = PublishedKeys(self._outgoing, clock, signing_keys)
        self._asking = threading.Lock()
        self._known: tuple[float, Doors | None] = (0.0, None)

    def address(self, asked: Asked, *, anew: bool) -> str:
        """Where the browser is sent. `anew`: whoever is signed in there proves themselves all the same."""
        return str(
            prepare_grant_uri(
                self.doors().authorization,
                self._settings.oidc_client_id,
                "code",
                self._back,
                SCOPE,
                asked.state,
                nonce=asked.nonce,
                code_challenge=create_s256_code_challenge(asked.verifier),
                code_challenge_method="S256",
                prompt="login" if anew else None,
                max_age="0" if anew else None,
            )
        )

    def sign_out_address(self, back: str) -> str:
        """Where somebody ends their session with the provider, too; "" where it has no such page, or does not answer."""
        try:
            door = self.doors().sign_out
        except NotLetIn:
            return ""
        sent = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(door, sent)) if door else ""

    def refuse_mix_up(self, named: str | None) -> None:
        """An answer that another provider has given (RFC 9207)."""
        if named is None and not self.doors().names_itself:
            return
        if named != self.issuer:
            raise NotLetIn(Refused.MIXED_UP)

    def said(self, code: str, attempt: Attempt, now: datetime) -> Said:
        """Whom the provider names for this code."""
        answer = self._exchange(code, attempt.verifier)
        token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str) or not isinstance(access_token, str):
            raise NotLetIn(Refused.NO_TOKEN)
        expected = Expected(
            self.issuer,
            self._settings.oidc_client_id or "",
            attempt.nonce,
            self._settings.oidc_second_factor,
        )
        return read_id_token(token, self._keys_with(kid_of(token)), access_token, expected, now)

    def _keys_with(self, kid: str) -> Mapping[str, Any]:
        try:
            return self._keys.with_key(self.doors().keys, kid)
        except Unreachable:
            raise NotLetIn(Refused.UNREACHABLE) from None

    def _exchange(self, code: str, verifier: str) -> Mapping[str, Any]:
        doors = self.doors()
        headers = {**JSON, "Content-Type": "application/x-www-form-urlencoded"}
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": verifier,
        }
        name, secret = self._settings.oidc_client_id or "", self._settings.oidc_client_secret
        if secret and not doors.posts_secret:
            pair = f"{quote_plus(name)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            body |= {"client_id": name, **({"client_secret": secret} if secret else {})}
        reply = self._send("POST", doors.token, headers, urlencode(body).encode())
        if reply.status != 200:
            raise NotLetIn(Refused.NO_TOKEN)
        return _object(reply, Refused.NO_TOKEN)

    def doors(self) -> Doors:
        """Read once an hour. A provider that does not answer is left alone for a few seconds."""
        with self._asking:
            until, known = self._known
            if self._clock() < until:
                return _there(known)
            self._known = (self._clock() + PAUSE, known)
            reply = self._send("GET", self.issuer.rstrip("/") + WELL_KNOWN, JSON)
            if reply.status != 200:
                raise NotLetIn(Refused.UNREACHABLE)
            found = self._described(_object(reply, Refused.UNREACHABLE))
            self._known = (self._clock() + KEPT, found)
            return found

    def _described(self, document: Mapping[str, Any]) -> Doors:
        if document.get("issuer") != self.issuer:
            raise NotLetIn(Refused.MIXED_UP)
        ways = document.get("token_endpoint_auth_methods_supported")
        return Doors(
            authorization=self._page(document.get("authorization_endpoint")),
            token=self._page(document.get("token_endpoint")),
            keys=self._page(document.get("jwks_uri")),
            sign_out=self._page(document["end_session_endpoint"]) if document.get("end_session_endpoint") else "",
            posts_secret=isinstance(ways, list) and POST_SECRET in ways and "client_secret_basic" not in ways,
            names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _page(self, address: Any) -> str:
        schemes = (HTTPS,) if self._settings.in_production else (HTTPS, HTTP)
        if not isinstance(address, str) or not address.isascii() or not address.isprintable():
            raise NotLetIn(Refused.UNREACHABLE)
        parts = urlsplit(address)
        if parts.scheme not in schemes or not parts.netloc or "@" in parts.netloc:
            raise NotLetIn(Refused.UNREACHABLE)
        return address

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Reply:
        try:
            return self._outgoing.send(method, url, headers, body)
        except Unreachable:
            raise NotLetIn(Refused.UNREACHABLE) from None


def _there(known: Doors | None) -> Doors:
    if known is None:
        raise NotLetIn(Refused.UNREACHABLE)
    return known


def _object(reply: Reply, reason: Refused) -> dict[str, Any]:
    try:
        return read_object(reply.body)
    except Refusal:
        raise NotLetIn(reason) from None
