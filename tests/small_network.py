"""A small network for tests: one provider and its coordinators, and packets that a clinician might send."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from referrals.domain.people import Actor, Kind, Role
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.pathway import intake
from referrals.pathway.accounts import actor_for_user, create_organization, create_user
from referrals.pathway.actions import take_step

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)

PACKET: Mapping[str, Any] = {
    "submit": True,
    "patient": {"given_name": "Ada", "family_name": "Example", "birth_date": "1961-03-02", "sex": "female"},
    "diagnosis": {
        "icd10cm": "C25.0",
        "morphology": "8500/3",
        "description": "Adenocarcinoma, head of pancreas",
        "certainty": "confirmed",
        "disease_status": "newly_diagnosed",
        "stage": {"system": "AJCC8", "group": "III"},
    },
    "treatments": [],
    "purposes": ["treatment_options"],
    "questions": ["Is there a trial?"],
    "consent": {"given": True, "given_on": "2026-01-20", "scope": ["share_with_centers"]},
}


@dataclass(frozen=True, slots=True)
class People:
    network: Organization
    lakeside: Organization
    clinician: Actor
    coordinator: Actor
    lead: Actor


def settle_down(session: Session, now: datetime = NOW - 60 * DAY) -> People:
    network = create_organization(session, "Network", "network", Kind.NETWORK, now)
    lakeside = create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, now)

    def person(word: str, role: Role, home: Organization) -> Actor:
        made = create_user(session, f"{word}@{home.code}.example", word.title(), [role], home, now)
        return actor_for_user(session, made)

    return People(
        network,
        lakeside,
        person("clinician", Role.CLINICIAN, lakeside),
        person("coordinator", Role.COORDINATOR, network),
        person("lead", Role.CLINICAL_LEAD, network),
    )


def packet(**changes: Any) -> dict[str, Any]:
    """A packet that is complete, with these members instead of its own."""
    return deepcopy(dict(PACKET)) | changes


def send(session: Session, people: People, now: datetime = NOW, **changes: Any) -> Referral:
    return intake.receive(session, people.clinician, packet(**changes), door="form", now=now)


def step(session: Session, actor: Actor, referral: Referral, name: str, now: datetime = NOW, **body: Any) -> Referral:
    return take_step(session, actor, referral.id, name, body, now)
