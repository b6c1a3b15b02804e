"""How a partner system proves who it is: by its secret, the old one beside it for a while, or an assertion used once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from referrals.domain.errors import Refusal
from referrals.domain.partner_systems import Doubt, Proof
from referrals.domain.people import Actor
from referrals.models.organization import AccessToken, ApiClient, ClientAssertion, Organization
from referrals.pathway.clients import IssuedToken, actor_for_client, issue_token
from referrals.pathway.secret_words import digest, matches, new_secret

_NOBODYS = digest(new_secret())
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class InvalidClient(Refusal):
    """A client that is not believed. The caller is not told why; `doubt` is for the administrators of `client`."""

    code = "invalid_client"

    def __init__(self, doubt: Doubt | None = None, client: "Known | None" = None) -> None:
        super().__init__("The client is unknown, or what it shows does not prove that it is this client.")
        self.doubt, self.client = doubt, client


@dataclass(frozen=True, slots=True)
class Known:
    """A client that somebody says to be. It may have been switched off."""

    client: ApiClient
    organization: Organization

    @property
    def is_active(self) -> bool:
        return self.client.active and self.organization.active

    @property
    def actor(self) -> Actor:
        return actor_for_client(self.client, self.organization)

    def doubted(self, doubt: Doubt) -> InvalidClient:
        return InvalidClient(doubt, self)


@dataclass(frozen=True, slots=True)
class Proven:
    """A client that is believed, and by what. An assertion counts once: its `jti` is kept until it has expired."""

    known: Known
    by: Proof
    jti: str = ""
    until: datetime | None = None

    @property
    def client(self) -> ApiClient:
        return self.known.client


def find_known(session: Session, client_id: str) -> Known | None:
    query = (
        select(ApiClient, Organization)
        .join(Organization, Organization.id == ApiClient.organization_id)
        .where(ApiClient.client_id == client_id)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Known(*row)


def prove_by_secret(session: Session, client_id: str, secret: str, now: datetime) -> Proven:
    """The client that knows this secret. The comparison is made whether or not there is such a client."""
    known = find_known(session, client_id)
    client = known.client if known else None
    is_new = matches((client and client.secret_hash) or _NOBODYS, secret)
    is_old = matches((client and client.old_secret_hash) or _NOBODYS, secret)
    if known is None or client is None:
        raise InvalidClient
    if not is_new and not is_old:
        raise known.doubted(Doubt.WRONG_SECRET if client.secret_hash else Doubt.KEY_EXPECTED)
    if not known.is_active:
        raise known.doubted(Doubt.SWITCHED_OFF)
    if not is_new and (client.old_secret_until is None or client.old_secret_until <= now):
        raise known.doubted(Doubt.OLD_SECRET_ENDED)
    return Proven(known, Proof.SECRET if is_new else Proof.OLD_SECRET)


def issue_to(session: Session, proven: Proven, scopes: Sequence[str], now: datetime) -> IssuedToken:
    """A token for what was shown. Whoever switches the client off meanwhile takes this token back, too."""
    accept(session, proven, now)
    return issue_token(session, proven.client, scopes, now)


def accept(session: Session, proven: Proven, now: datetime) -> None:
    """Note the use, under a lock on the client: what was taken back since it was proven does not count any more."""
    used = {_USED[proven.by]: now} if proven.by in _USED else {}
    still = update(ApiClient).where(ApiClient.id == proven.client.id, ApiClient.active, _stands(proven))
    if not _is_done(session, still.values(last_used_at=now, **used).returning(ApiClient.id)):
        raise proven.known.doubted(Doubt.SWITCHED_OFF)
    if proven.by is Proof.KEY:
        _spend(session, proven)


_USED = {Proof.SECRET: "secret_used_at", Proof.OLD_SECRET: "old_secret_used_at"}


def _stands(proven: Proven) -> ColumnElement[bool]:
    """Still proves itself by what it has shown."""
    client = proven.client
    if proven.by is Proof.SECRET:
        return ApiClient.secret_hash == client.secret_hash
    if proven.by is Proof.OLD_SECRET:
        return ApiClient.old_secret_hash == client.old_secret_hash
    return or_(ApiClient.jwks.is_not(None), ApiClient.jwks_url.is_not(None))


def _spend(session: Session, proven: Proven) -> None:
    """Of all processes that are shown one assertion, one takes it."""
    insert: Any = _INSERT[session.get_bind().dialect.name](ClientAssertion)
    row = {
        "client_id": proven.client.id,
        "jti_hash": digest(proven.jti),
        "network_id": proven.client.network_id,
        "until": proven.until,
    }
    if not _is_done(session, insert.values(row).on_conflict_do_nothing().returning(ClientAssertion.client_id)):
        raise proven.known.doubted(Doubt.REPLAYED)


def _is_done(session: Session, statement: Any) -> bool:
    return session.execute(statement, execution_options={"synchronize_session": False}).first() is not None


def revoke_token(session: Session, client_id: UUID, token: str) -> bool:
    """Take back one token of this client; False for one that is unknown, or another's, and left as it is."""
    own = (AccessToken.token_hash == digest(token), AccessToken.client_id == client_id)
    return session.scalar(delete(AccessToken).where(*own).returning(AccessToken.client_id)) is not None


def end_tokens(session: Session, client_id: UUID) -> None:
    session.execute(delete(AccessToken).where(AccessToken.client_id == client_id))
