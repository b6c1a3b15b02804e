"""Partner systems as callers: their short-lived tokens, and whom they speak for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Forbidden, Invalid, Refusal
from referrals.domain.people import Actor, Kind, Role, Scope
from referrals.models.base import new_id
from referrals.models.organization import AccessToken, ApiClient, Organization
from referrals.models.user import Membership, User
from referrals.pathway.accounts import folded
from referrals.pathway.secret_words import digest, new_secret

TOKEN_LIFE = timedelta(minutes=5)


class InvalidScope(Refusal):
    """A scope was asked for that this client was never given."""

    code = "invalid_scope"


@dataclass(frozen=True, slots=True)
class IssuedToken:
    token: str
    scopes: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token speaks for, and how often a minute; nothing where the limit is everybody's."""

    actor: Actor
    calls_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Keys:
    """The public keys of a system: the set itself, or the address where it is published."""

    jwks: dict[str, Any] | None = None
    url: str | None = None


def create_client(
    session: Session,
    organization: Organization,
    name: str,
    scopes: Iterable[str],
    now: datetime,
    *,
    keys: Keys | None = None,
    key: UUID | None = None,
) -> tuple[ApiClient, str]:
    """A client and its secret, which is never shown again; one with `keys` has none, and the secret is empty."""
    secret = "" if keys else new_secret()
    client = ApiClient(
        id=key or new_id(),
        network_id=organization.network_id,
        organization_id=organization.id,
        client_id=f"{organization.code[:24]}-{new_secret()[:12]}",
        name=name,
        secret_hash=digest(secret) if secret else None,
        jwks=keys.jwks if keys else None,
        jwks_url=keys.url if keys else None,
        scopes=list(in_order(scopes)),
        active=True,
        created_at=now,
    )
    session.add(client)
    session.flush()
    return client, secret


def in_order(scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes that were named, each once, in the order of the list; an unknown one is refused."""
    asked = set(scopes)
    unknown = asked - set(Scope)
    if unknown:
        raise Invalid([FieldError("/scopes", "invalid_choice", f"Known scopes are {', '.join(Scope)}.")])
    return tuple(scope for scope in Scope if scope in asked)


def scopes_asked(client: ApiClient, asked: str | None) -> tuple[str, ...]:
    """What a token will allow: all that the client may, or the part of it that was asked for."""
    wanted = (asked or "").split()
    if not wanted:
        return tuple(client.scopes)
    if set(wanted) - set(client.scopes):
        raise InvalidScope("The client was not given every scope that it asks for.")
    return in_order(wanted)


def issue_token(session: Session, client: ApiClient, scopes: Sequence[str], now: datetime) -> IssuedToken:
    """A new token. What the client let expire is forgotten on the way."""
    session.execute(delete(AccessToken).where(AccessToken.client_id == client.id, AccessToken.expires_at <= now))
    token = new_secret()
    session.add(
        AccessToken(
            token_hash=digest(token),
            network_id=client.network_id,
            client_id=client.id,
            scopes=list(scopes),
            created_at=now,
            expires_at=now + TOKEN_LIFE,
        )
    )
    session.flush()
    return IssuedToken(token, tuple(scopes), int(TOKEN_LIFE.total_seconds()))


# Made once: every call of a partner begins with it.
_TOKEN_CHECK = (
    select(
        ApiClient.id,
        ApiClient.name,
        ApiClient.network_id,
        ApiClient.calls_per_minute,
        Organization.id.label("organization_id"),
        Organization.kind,
        AccessToken.scopes,
    )
    .join_from(AccessToken, ApiClient, ApiClient.id == AccessToken.client_id)
    .join(Organization, Organization.id == ApiClient.organization_id)
    .where(
        AccessToken.token_hash == bindparam("token_hash"),
        AccessToken.expires_at > bindparam("now"),
        ApiClient.active,
        Organization.active,
    )
)


def caller_for_token(session: Session, token: str, now: datetime) -> Caller | None:
    """Whom a bearer token speaks for: one statement, on every call."""
    row = session.execute(_TOKEN_CHECK, {"token_hash": digest(token), "now": now}).one_or_none()
    if row is None:
        return None
    actor = _actor(row.id, row.name, row.network_id, row.organization_id, row.kind, row.scopes)
    return Caller(actor, row.calls_per_minute)


def actor_for_client(client: ApiClient, organization: Organization) -> Actor:
    """The client itself, with every scope that it was given."""
    return _actor(client.id, client.name, client.network_id, organization.id, organization.kind, client.scopes)


def _actor(
    client_id: UUID, name: str, network_id: UUID, organization_id: UUID, kind: str, scopes: Iterable[str]
) -> Actor:
    return Actor(
        network_id=network_id,
        organization_id=organization_id,
        kind=Kind(kind),
        roles=frozenset(),
        user_id=None,
        client_id=client_id,
        name=name,
        scopes=frozenset(scopes),
    )


def speak_for(session: Session, actor: Actor, email: str) -> Actor:
    """The client in the name of an active person of its own organization; events and audit record both."""
    query = (
        select(User.id, User.name, Membership.organization_id, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(User.email == folded(email), User.active, User.network_id == actor.network_id)
    )
    held = session.execute(query).all()
    roles = frozenset(Role(row.role) for row in held if row.organization_id == actor.organization_id)
    if not roles:
        raise Forbidden("unknown_person", "On-Behalf-Of names nobody who acts for this organization.")
    return replace(
        actor,
        user_id=held[0].id,
        name=held[0].name,
        roles=roles,
        other_organizations=frozenset(row.organization_id for row in held) - {actor.organization_id},
    )
