"""Who can see what, in words: what each role and each partner system reads, and which steps it may take."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from referrals.domain.lifecycle import STEPS
from referrals.domain.people import PARTY_OF, SCOPE_WORDS, Kind, Role, Scope, parties_of_scopes
from referrals.domain.permissions import CLIENT_READS, READERS, Sees
from referrals.domain.step_words import STEP_WORDS

SEES_WORDS: Mapping[Sees, str] = MappingProxyType(
    {
        Sees.NOTHING: "No referral",
        Sees.OWN_ORGANIZATION: "Every referral of its own organization, drafts too",
        Sees.RECEIVED_BY_NETWORK: "Every referral that the network has received, internal notes too; no drafts",
        Sees.OFFERED_TO_CENTER: "Referrals that were offered to the center, as long as they are with it or it has answered them",
        Sees.EVERYTHING: "Every referral that the network has received, internal notes too; no drafts",
    }
)


def role_reads(kind: Kind, role: Role) -> str:
    return SEES_WORDS[READERS.get((kind, role), Sees.NOTHING)]


def role_steps(kind: Kind, role: Role) -> tuple[str, ...]:
    """The steps that the role may take somewhere, in the words of their buttons."""
    party = PARTY_OF.get((kind, role))
    return tuple(STEP_WORDS[name].label for name, rule in STEPS.items() if party in rule.parties and name in STEP_WORDS)


def system_reads(kind: Kind, scopes: Iterable[str]) -> str:
    return SEES_WORDS[CLIENT_READS[kind] if Scope.REFERRALS_READ in set(scopes) else Sees.NOTHING]


def system_steps(kind: Kind, scopes: Iterable[str]) -> tuple[str, ...]:
    """By itself, without naming a person."""
    parties = parties_of_scopes(kind, frozenset(scopes))
    return tuple(
        STEP_WORDS[name].label for name, rule in STEPS.items() if parties & rule.parties and name in STEP_WORDS
    )


def scope_words(scopes: Iterable[str]) -> str:
    return "; ".join(SCOPE_WORDS[scope] for scope in scopes)
