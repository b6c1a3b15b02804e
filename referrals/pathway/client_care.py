"""What administrators do with partner systems: a new secret, keys, an end to all of it, and what they may."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, NotFound, Stale
from referrals.models.organization import ApiClient, Network, Organization
from referrals.pathway.client_proof import end_tokens
from referrals.pathway.clients import Keys, in_order
from referrals.pathway.secret_words import digest, new_secret

SHOWN = 500


@dataclass(frozen=True, slots=True)
class PartnerSystem:
    """A client with its organization; in a sandbox, that is the twin of one of the network `sandbox_of`."""

    client: ApiClient
    organization: Organization
    sandbox_of: UUID | None = None

    @property
    def home_id(self) -> UUID:
        """The network whose administrators look after it."""
        return self.sandbox_of or self.client.network_id


def partner_systems(session: Session, network_id: UUID, limit: int = SHOWN) -> list[PartnerSystem]:
    """Those of the network and of its sandbox, by organization and name."""
    query = _of(network_id).order_by(Organization.name, ApiClient.name, ApiClient.id).limit(limit)
    return _found(session, query)


def find_partner_system(session: Session, network_id: UUID, key: UUID, *, lock: bool = False) -> PartnerSystem:
    query = _of(network_id).where(ApiClient.id == key)
    found = _found(session, query.with_for_update(of=ApiClient) if lock else query)
    if not found:
        raise NotFound
    return found[0]


def find_by_client_id(session: Session, client_id: str) -> PartnerSystem:
    """As the terminal names it."""
    found = _found(session, _every().where(ApiClient.client_id == client_id).with_for_update(of=ApiClient))
    if not found:
        raise NotFound("There is no client with this id.")
    return found[0]


def _every() -> Any:
    return (
        select(ApiClient, Organization, Network.sandbox_of_id)
        .join(Organization, Organization.id == ApiClient.organization_id)
        .join(Network, Network.id == ApiClient.network_id)
    )


def _of(network_id: UUID) -> Any:
    return _every().where(or_(Network.id == network_id, Network.sandbox_of_id == network_id))


def _found(session: Session, query: Any) -> list[PartnerSystem]:
    rows = session.execute(query.execution_options(populate_existing=True))
    return [PartnerSystem(*row) for row in rows]


def refuse_outdated(client: ApiClient, version: int) -> None:
    """A secret that somebody else has just made must not end because a form was sent twice."""
    if client.version != version:
        raise Stale


def renew_secret(session: Session, client: ApiClient, overlap: timedelta, now: datetime) -> str:
    """A new secret, shown this once. The one before it holds on for a while; keys end at once."""
    secret = new_secret()
    keeps = client.secret_hash if overlap else None
    client.old_secret_hash, client.old_secret_until = keeps, now + overlap if keeps else None
    client.old_secret_used_at = client.secret_used_at if keeps else None
    client.secret_hash, client.secret_used_at = digest(secret), None
    client.jwks = client.jwks_url = None
    session.flush()
    return secret


def end_old_secret(client: ApiClient) -> None:
    if client.old_secret_hash is None:
        raise Conflict("There is no old secret to end.")
    client.old_secret_hash = client.old_secret_until = client.old_secret_used_at = None


def register_keys(client: ApiClient, keys: Keys) -> None:
    """From now on the system proves itself by these alone: a secret beside them would be the weaker way in."""
    client.jwks, client.jwks_url = keys.jwks, keys.url
    client.secret_hash = client.secret_used_at = None
    client.old_secret_hash = client.old_secret_until = client.old_secret_used_at = None


def switch_off(session: Session, client: ApiClient) -> None:
    """Its tokens die with it."""
    client.active = False
    session.flush()
    end_tokens(session, client.id)


def switch_on(client: ApiClient) -> None:
    client.active = True


def change_client(
    session: Session, client: ApiClient, name: str, scopes: Iterable[str], calls_per_minute: int | None
) -> None:
    """Tokens that were given for other scopes end at once."""
    granted: Sequence[str] = in_order(scopes)
    has_other_scopes = list(granted) != client.scopes
    client.name, client.scopes, client.calls_per_minute = name, list(granted), calls_per_minute
    session.flush()
    if has_other_scopes:
        end_tokens(session, client.id)
