"""Opening a record outside one's scope: for which reasons, for how long, and what a review may find."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from referrals.domain.people import Actor, Kind, Role


class Ground(StrEnum):
    EMERGENCY = "emergency_care"
    PATIENT = "patients_request"
    LAW = "legal_duty"
    INCIDENT = "incident"


class Verdict(StrEnum):
    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


GROUND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Ground.EMERGENCY: "Emergency care",
        Ground.PATIENT: "The patient asks for it",
        Ground.LAW: "A legal duty",
        Ground.INCIDENT: "An incident is being looked into",
    }
)
VERDICT_WORDS: Mapping[str, str] = MappingProxyType(
    {Verdict.JUSTIFIED: "Justified", Verdict.NOT_JUSTIFIED: "Not justified"}
)
OPEN_FOR = timedelta(minutes=60)
SHORTEST_REASON, LONGEST_REASON = 20, 1000
REVIEWED_WITHIN = 3  # working days
ACTION = "break-glass"
# Under this name the audit keeps, with each entry, which record was open by break-glass.
MARK = "break_glass"

REVIEWERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


def may_break(actor: Actor) -> bool:
    """A person who administers any organization of the network; never a partner system."""
    return actor.is_person and actor.client_id is None and Role.ADMINISTRATOR in actor.roles


def may_review(actor: Actor) -> bool:
    return actor.client_id is None and actor.kind is Kind.NETWORK and bool(actor.roles & REVIEWERS)


def ends_at(opened_at: datetime) -> datetime:
    return opened_at + OPEN_FOR
