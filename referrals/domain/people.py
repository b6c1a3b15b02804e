"""Who acts: kinds of organization, roles, and the parties of the step table that they make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    PROVIDER = "provider"
    NETWORK = "network"
    CENTER = "center"


class Role(StrEnum):
    CLINICIAN = "clinician"
    COORDINATOR = "coordinator"
    CLINICAL_LEAD = "clinical_lead"
    CENTER_COORDINATOR = "center_coordinator"
    SPECIALIST = "specialist"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Party(StrEnum):
    """The letters of the step table."""

    R = "R"
    C = "C"
    L = "L"
    K = "K"
    S = "S"
    A = "A"
    T = "T"


class Scope(StrEnum):
    REFERRALS_READ = "referrals:read"
    REFERRALS_WRITE = "referrals:write"
    TRIAGE_WRITE = "triage:write"
    REVIEWS_WRITE = "reviews:write"
    CENTERS_READ = "centers:read"
    CENTERS_WRITE = "centers:write"
    PATIENTS_READ = "patients:read"
    PATIENTS_WRITE = "patients:write"
    POLICIES_READ = "policies:read"
    POLICIES_WRITE = "policies:write"
    EVENTS_READ = "events:read"
    WEBHOOKS_WRITE = "webhooks:write"
    AUDIT_READ = "audit:read"


SCOPE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Scope.REFERRALS_READ: "Read referrals",
        Scope.REFERRALS_WRITE: "Send and change referrals (for a provider)",
        Scope.TRIAGE_WRITE: "Triage, place and decide (for the network)",
        Scope.REVIEWS_WRITE: "Answer offers and review (for a center)",
        Scope.CENTERS_READ: "Read the directory of centers",
        Scope.CENTERS_WRITE: "Change the directory of centers",
        Scope.PATIENTS_READ: "Read patients’ records",
        Scope.PATIENTS_WRITE: "Change patients’ records",
        Scope.POLICIES_READ: "Read priority policies",
        Scope.POLICIES_WRITE: "Change priority policies",
        Scope.EVENTS_READ: "Follow what happens",
        Scope.WEBHOOKS_WRITE: "Subscribe to notices",
        Scope.AUDIT_READ: "Read the audit",
    }
)

PARTY_NAMES: Mapping[Party, str] = MappingProxyType(
    {
        Party.R: "a clinician of the referring organization",
        Party.C: "a coordinator",
        Party.L: "a clinical lead",
        Party.K: "a coordinator of the center",
        Party.S: "a specialist of the center",
        Party.A: "an administrator",
        Party.T: "the clock",
    }
)

# A role counts only in its own kind of organization: a clinician of the network is nobody's referrer.
PARTY_OF: Mapping[tuple[Kind, Role], Party] = MappingProxyType(
    {
        (Kind.PROVIDER, Role.CLINICIAN): Party.R,
        (Kind.NETWORK, Role.COORDINATOR): Party.C,
        (Kind.NETWORK, Role.CLINICAL_LEAD): Party.L,
        (Kind.CENTER, Role.CENTER_COORDINATOR): Party.K,
        (Kind.CENTER, Role.SPECIALIST): Party.S,
        (Kind.PROVIDER, Role.ADMINISTRATOR): Party.A,
        (Kind.NETWORK, Role.ADMINISTRATOR): Party.A,
    }
)

# What a client's scope lets it be by itself, and what it lets a person be in whose name the client speaks.
CLIENT_PARTIES: Mapping[tuple[Kind, str], frozenset[Party]] = MappingProxyType(
    {
        (Kind.PROVIDER, Scope.REFERRALS_WRITE): frozenset({Party.R}),
        (Kind.NETWORK, Scope.TRIAGE_WRITE): frozenset({Party.C}),
        (Kind.CENTER, Scope.REVIEWS_WRITE): frozenset({Party.K, Party.S}),
    }
)
DELEGATED_PARTIES: Mapping[tuple[Kind, str], frozenset[Party]] = MappingProxyType(
    {
        (Kind.PROVIDER, Scope.REFERRALS_WRITE): frozenset({Party.R, Party.A}),
        (Kind.NETWORK, Scope.TRIAGE_WRITE): frozenset({Party.C, Party.L, Party.A}),
        (Kind.CENTER, Scope.REVIEWS_WRITE): frozenset({Party.K, Party.S}),
    }
)


def parties_of_roles(kind: Kind, roles: frozenset[Role]) -> frozenset[Party]:
    return frozenset(PARTY_OF[kind, role] for role in roles if (kind, role) in PARTY_OF)


def parties_of_scopes(
    kind: Kind, scopes: frozenset[str], table: Mapping[tuple[Kind, str], frozenset[Party]] = CLIENT_PARTIES
) -> frozenset[Party]:
    return frozenset(party for scope in scopes for party in table.get((kind, scope), ()))


CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a partner system (with or without a person it speaks for), or the clock.

    The clock `carries_out` what a person, by the name of `approved_by`, has decided for a case that has now come.
    `recorded`: what a person of the network writes down for a center that cannot answer here, as its event keeps it.
    `opened` are referrals that the person has opened by break-glass and still may read; never more than read.
    """

    network_id: UUID
    organization_id: UUID | None
    kind: Kind
    roles: frozenset[Role]
    user_id: UUID | None
    client_id: UUID | None
    name: str
    scopes: frozenset[str] = frozenset()
    clock: bool = False
    other_organizations: frozenset[UUID] = frozenset()
    carries_out: frozenset[Party] = frozenset()
    approved_by: str = ""
    recorded: Mapping[str, Any] | None = field(default=None, compare=False)
    opened: frozenset[UUID] = frozenset()

    @property
    def parties(self) -> frozenset[Party]:
        if self.clock:
            return frozenset({Party.T}) | self.carries_out
        if self.client_id is None:
            return parties_of_roles(self.kind, self.roles)
        if self.user_id is None:
            return parties_of_scopes(self.kind, self.scopes)
        allowed = parties_of_scopes(self.kind, self.scopes, DELEGATED_PARTIES)
        return parties_of_roles(self.kind, self.roles) & allowed

    @property
    def is_person(self) -> bool:
        return self.user_id is not None

    @property
    def organizations(self) -> frozenset[UUID]:
        """Every organization that the person belongs to, the one acted for among them."""
        own = frozenset() if self.organization_id is None else frozenset({self.organization_id})
        return own | self.other_organizations


def clock_actor(
    network_id: UUID,
    approved_by: str = "",
    carries_out: frozenset[Party] = frozenset(),
    bound_by: frozenset[UUID] = frozenset(),
) -> Actor:
    """The clock of one coordinating network: it lapses, reminds and reassesses, and is nobody's colleague.

    Where it carries out what somebody approved, it is `bound_by` the organizations to which that person belongs.
    """
    return Actor(
        network_id=network_id,
        organization_id=None,
        kind=Kind.NETWORK,
        roles=frozenset(),
        user_id=None,
        client_id=None,
        name=CLOCK,
        clock=True,
        other_organizations=bound_by,
        carries_out=carries_out,
        approved_by=approved_by,
    )
