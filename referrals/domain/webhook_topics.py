"""What a partner can subscribe to: a name for each step in its past form, and what they may be narrowed to."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from referrals.domain.lifecycle import CREATE, EDIT
from referrals.domain.statuses import Status
from referrals.domain.vocabulary import Tier

EVERY, TEST = "referral.*", "webhook.test"
_FAMILY = "referral."
_PAST: Mapping[str, str] = {
    CREATE: "created",
    EDIT: "edited",
    "submit": "submitted",
    "claim": "claimed",
    "release": "released",
    "request-information": "information_requested",
    "answer-information": "information_answered",
    "proceed-without": "proceeded_without",
    "update-facts": "facts_updated",
    "complete-triage": "triage_completed",
    "decline": "declined",
    "contest": "contested",
    "offer": "offered",
    "accept": "accepted",
    "decline-offer": "offer_declined",
    "lapse": "offer_lapsed",
    "withdraw-offer": "offer_withdrawn",
    "start-review": "review_started",
    "change-specialist": "specialist_changed",
    "return": "returned",
    "recall": "recalled",
    "interim-advice": "interim_advice_given",
    "undo": "answer_undone",
    "extend": "extended",
    "sign-opinion": "opinion_signed",
    "amend-opinion": "opinion_amended",
    "acknowledge": "acknowledged",
    "close": "closed",
    "withdraw": "withdrawn",
    "request-withdrawal": "withdrawal_requested",
    "confirm-withdrawal": "withdrawal_confirmed",
    "cancel": "cancelled",
    "change-clinician": "clinician_changed",
    "join": "clinician_joined",
    "mark-error": "marked_in_error",
    "reopen": "reopened",
    "reassess": "reassessed",
    "override": "priority_overridden",
    "assign-owner": "owner_assigned",
}
TOPIC_OF_STEP: Mapping[str, str] = MappingProxyType({step: f"{_FAMILY}{past}" for step, past in _PAST.items()})
TOPICS: tuple[str, ...] = (EVERY, *TOPIC_OF_STEP.values())

# What a subscription may be narrowed to, and the words or ids that each knows.
FILTERS: Mapping[str, Collection[str] | None] = MappingProxyType(
    {"to": tuple(Status), "tier": tuple(Tier), "organization": None, "center": None}
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event as far as partners are told of it: ids and words of published lists, nothing of any patient."""

    id: UUID
    sequence: int
    referral_id: UUID
    reference: str
    step: str
    from_status: str | None
    to_status: str
    at: datetime
    tier: str | None
    organization_id: UUID | None
    center_id: UUID | None

    @property
    def topic(self) -> str:
        return TOPIC_OF_STEP[self.step]

    @property
    def _facts(self) -> Mapping[str, Any]:
        return {"to": self.to_status, "tier": self.tier, "organization": self.organization_id, "center": self.center_id}

    def is_wanted(self, topics: Iterable[str], filters: Mapping[str, Collection[str]]) -> bool:
        """Of one of these topics, and within every filter."""
        wanted = set(topics)
        facts = self._facts
        is_topic = EVERY in wanted or self.topic in wanted
        return is_topic and all(str(facts[name]) in values for name, values in filters.items())
