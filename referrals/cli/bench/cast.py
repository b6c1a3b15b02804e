"""The organizations, people and partner systems of a bench, with tokens that outlive a long run."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.domain.people import Kind, Role, Scope
from referrals.models.organization import AccessToken, Organization
from referrals.pathway.accounts import create_organization, create_user
from referrals.pathway.clients import create_client
from referrals.pathway.secret_words import digest, new_secret

PROVIDERS, CENTERS, COORDINATORS, CLINICIANS = 12, 8, 10, 5
TOKEN_LIFE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Cast:
    """`clinicians` are those of each provider, in the order of `providers`."""

    network_id: UUID
    home: UUID
    providers: tuple[UUID, ...]
    centers: tuple[UUID, ...]
    coordinators: tuple[UUID, ...]
    clinicians: tuple[tuple[UUID, ...], ...]
    network_token: str
    provider_token: str


def call_in(session: Session, now: datetime) -> Cast:
    """Everybody who takes part, in an empty database."""
    home = create_organization(session, "Bench Network", "network", Kind.NETWORK, now)
    providers = [_organization(session, Kind.PROVIDER, number, now) for number in range(PROVIDERS)]
    centers = [_organization(session, Kind.CENTER, number, now) for number in range(CENTERS)]
    return Cast(
        network_id=home.network_id,
        home=home.id,
        providers=tuple(each.id for each in providers),
        centers=tuple(each.id for each in centers),
        coordinators=_people(session, home, Role.COORDINATOR, COORDINATORS, now),
        clinicians=tuple(_people(session, each, Role.CLINICIAN, CLINICIANS, now) for each in providers),
        network_token=_token(session, home, now),
        provider_token=_token(session, providers[0], now),
    )


def _organization(session: Session, kind: Kind, number: int, now: datetime) -> Organization:
    return create_organization(session, f"Bench {kind.title()} {number}", f"{kind}-{number}", kind, now)


def _people(session: Session, home: Organization, role: Role, count: int, now: datetime) -> tuple[UUID, ...]:
    made = [
        create_user(session, f"{role}.{number}@{home.code}.example", f"{role.title()} {number}", [role], home, now)
        for number in range(count)
    ]
    return tuple(each.id for each in made)


def _token(session: Session, home: Organization, now: datetime) -> str:
    client, _ = create_client(session, home, f"{home.name} system", Scope, now)
    token = new_secret()
    session.add(
        AccessToken(
            token_hash=digest(token),
            network_id=home.network_id,
            client_id=client.id,
            scopes=list(Scope),
            created_at=now,
            expires_at=now + TOKEN_LIFE,
        )
    )
    return token
