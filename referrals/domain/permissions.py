"""Who may read what, and which scope lets a partner system take which step."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from referrals.domain.errors import Forbidden, PersonRequired
from referrals.domain.lifecycle import STEPS, StepRule
from referrals.domain.people import DELEGATED_PARTIES, Actor, Kind, Party, Role, Scope, parties_of_scopes


class Sees(StrEnum):
    """Which referrals. Drafts are seen by the referring organization only, whoever else sees "everything"."""

    NOTHING = "nothing"
    OWN_ORGANIZATION = "own organization"
    RECEIVED_BY_NETWORK = "received by the network"
    OFFERED_TO_CENTER = "offered to the center"
    EVERYTHING = "everything"


READERS: Mapping[tuple[Kind, Role], Sees] = MappingProxyType(
    {
        (Kind.PROVIDER, Role.CLINICIAN): Sees.OWN_ORGANIZATION,
        (Kind.PROVIDER, Role.ADMINISTRATOR): Sees.OWN_ORGANIZATION,
        (Kind.PROVIDER, Role.AUDITOR): Sees.OWN_ORGANIZATION,
        (Kind.NETWORK, Role.COORDINATOR): Sees.RECEIVED_BY_NETWORK,
        (Kind.NETWORK, Role.CLINICAL_LEAD): Sees.RECEIVED_BY_NETWORK,
        (Kind.NETWORK, Role.ADMINISTRATOR): Sees.RECEIVED_BY_NETWORK,
        (Kind.NETWORK, Role.AUDITOR): Sees.EVERYTHING,
        (Kind.CENTER, Role.CENTER_COORDINATOR): Sees.OFFERED_TO_CENTER,
        (Kind.CENTER, Role.SPECIALIST): Sees.OFFERED_TO_CENTER,
        (Kind.CENTER, Role.ADMINISTRATOR): Sees.OFFERED_TO_CENTER,
        (Kind.CENTER, Role.AUDITOR): Sees.OFFERED_TO_CENTER,
    }
)

# A partner system reads what its organization reads; its scopes are checked at the door.
CLIENT_READS: Mapping[Kind, Sees] = MappingProxyType(
    {
        Kind.PROVIDER: Sees.OWN_ORGANIZATION,
        Kind.NETWORK: Sees.RECEIVED_BY_NETWORK,
        Kind.CENTER: Sees.OFFERED_TO_CENTER,
    }
)

_WIDEST_FIRST = (Sees.EVERYTHING, Sees.RECEIVED_BY_NETWORK, Sees.OWN_ORGANIZATION, Sees.OFFERED_TO_CENTER)

# Only people and systems of the network; the clock never reads for anybody.
READS_INTERNAL_NOTES = frozenset({Sees.RECEIVED_BY_NETWORK, Sees.EVERYTHING})


class Readable(Protocol):
    """What must be known of a referral to say who may read it."""

    @property
    def network_id(self) -> UUID: ...
    @property
    def organization_id(self) -> UUID: ...
    @property
    def submitted_at(self) -> datetime | None: ...
    @property
    def centers(self) -> Collection[UUID]:
        """Organizations of the centers whose offer lives, that work on it, or that answered. Never a declined one."""
        ...


def sees(actor: Actor) -> Sees:
    """Which referrals the actor may read; the pathway turns it into the `WHERE` of every list."""
    if actor.clock:
        return Sees.RECEIVED_BY_NETWORK
    if actor.client_id is not None:
        return CLIENT_READS[actor.kind]
    mine = {READERS.get((actor.kind, role), Sees.NOTHING) for role in actor.roles}
    return next((wide for wide in _WIDEST_FIRST if wide in mine), Sees.NOTHING)


def may_read(actor: Actor, referral: Readable) -> bool:
    if actor.network_id != referral.network_id:
        return False
    received = referral.submitted_at is not None
    return {
        Sees.NOTHING: False,
        Sees.OWN_ORGANIZATION: referral.organization_id == actor.organization_id,
        Sees.RECEIVED_BY_NETWORK: received,
        Sees.OFFERED_TO_CENTER: received and actor.organization_id in referral.centers,
        Sees.EVERYTHING: received,
    }[sees(actor)]


def may_see_internal_notes(actor: Actor) -> bool:
    """Notes never leave the network; neither the referrer nor a center reads them."""
    return not actor.clock and sees(actor) in READS_INTERNAL_NOTES


# Where a party's organization is of this kind, its system needs this scope.
_DOOR_OF_PARTY: Mapping[Party, tuple[tuple[Kind, Scope], ...]] = MappingProxyType(
    {
        Party.R: ((Kind.PROVIDER, Scope.REFERRALS_WRITE),),
        Party.C: ((Kind.NETWORK, Scope.TRIAGE_WRITE),),
        Party.L: ((Kind.NETWORK, Scope.TRIAGE_WRITE),),
        Party.K: ((Kind.CENTER, Scope.REVIEWS_WRITE),),
        Party.S: ((Kind.CENTER, Scope.REVIEWS_WRITE),),
        Party.A: ((Kind.PROVIDER, Scope.REFERRALS_WRITE), (Kind.NETWORK, Scope.TRIAGE_WRITE)),
        Party.T: (),
    }
)

STEP_SCOPES: Mapping[str, Mapping[Kind, Scope]] = MappingProxyType(
    {
        name: MappingProxyType(dict(door for party in Party if party in rule.parties for door in _DOOR_OF_PARTY[party]))
        for name, rule in STEPS.items()
    }
)


def refuse_client_without_scope(step: str, actor: Actor) -> None:
    """A system needs the step's scope *and* the kind of organization that takes it."""
    if actor.client_id is None:
        return
    needed = STEP_SCOPES[step].get(actor.kind)
    if needed is None:
        raise Forbidden("wrong_kind", f"The step {step} is not taken by a {actor.kind}.")
    if needed not in actor.scopes:
        raise Forbidden("insufficient_scope", f"The step {step} needs the scope {needed}.")


def acting_parties(step: str, actor: Actor) -> frozenset[Party]:
    """As whom the actor takes this step.

    A system that named nobody for a step that needs a person stands for whomever it could have named, so that the
    table refuses first (403, 409) and `refuse_without_person` after it (422).
    """
    if _lacks_person(STEPS[step], actor):
        return parties_of_scopes(actor.kind, actor.scopes, DELEGATED_PARTIES)
    return actor.parties


def refuse_without_person(step: str, actor: Actor) -> None:
    if _lacks_person(STEPS[step], actor):
        raise PersonRequired(step)


def _lacks_person(rule: StepRule, actor: Actor) -> bool:
    return rule.person_required and actor.client_id is not None and not actor.is_person
