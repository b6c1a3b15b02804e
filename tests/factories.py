"""A network for tests: organizations, people of every role, partner systems with every scope, packets to send."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from referrals.domain.people import Actor, Kind, Role, Scope
from referrals.domain.tumor_family import family_labels
from referrals.models.base import Base, new_id
from referrals.models.center import Center, Expertise
from referrals.models.engine import Database
from referrals.models.organization import AccessToken, ApiClient, Organization
from referrals.models.user import User
from referrals.pathway.accounts import actor_for_user, create_organization, create_user
from referrals.pathway.clients import actor_for_client, create_client, issue_token
from referrals.pathway.passwords import hash_password

PASSWORD = "a long enough password"

ORGANIZATIONS: Mapping[str, tuple[str, Kind]] = {
    "network": ("Regional Second Opinion Network", Kind.NETWORK),
    "lakeside": ("Lakeside Hospital", Kind.PROVIDER),
    "hillcrest": ("Hillcrest Clinic", Kind.PROVIDER),
    "summit": ("Summit Cancer Center", Kind.CENTER),
    "harbor": ("Harbor Cancer Institute", Kind.CENTER),
}
PEOPLE: Mapping[str, Role] = {
    "clinician@lakeside.example": Role.CLINICIAN,
    "colleague@lakeside.example": Role.CLINICIAN,
    "admin@lakeside.example": Role.ADMINISTRATOR,
    "clinician@hillcrest.example": Role.CLINICIAN,
    "coordinator@network.example": Role.COORDINATOR,
    "second@network.example": Role.COORDINATOR,
    "lead@network.example": Role.CLINICAL_LEAD,
    "deputy@network.example": Role.CLINICAL_LEAD,
    "admin@network.example": Role.ADMINISTRATOR,
    "auditor@network.example": Role.AUDITOR,
    "coordinator@summit.example": Role.CENTER_COORDINATOR,
    "specialist@summit.example": Role.SPECIALIST,
    "specialist@harbor.example": Role.SPECIALIST,
}
ALL_SCOPES = tuple(Scope)


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class World:
    """Who there is. Names are the codes and addresses of the demo."""

    organizations: dict[str, Organization] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, ApiClient] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def network_id(self) -> UUID:
        return self.organizations["network"].network_id

    def user_id(self, email: str) -> str:
        return str(self.people[email].id)


def settle(session: Session, now: datetime | None = None) -> World:
    """Five organizations, people of each role, and a client of each organization that has every scope."""
    began = now or datetime.now(UTC) - timedelta(days=90)
    world = World()
    for code, (name, kind) in ORGANIZATIONS.items():
        world.organizations[code] = create_organization(session, name, code, kind, began)
    for email, role in PEOPLE.items():
        home = world.organizations[email.partition("@")[2].removesuffix(".example")]
        person = create_user(session, email, email.partition("@")[0].title(), [role], home, began)
        person.password_hash = password_hash()
        world.people[email] = person
    for code, home in world.organizations.items():
        world.clients[code], world.secrets[code] = create_client(session, home, f"{code} system", ALL_SCOPES, began)
        if home.kind == Kind.CENTER:
            profile(session, home, began)
    session.flush()
    return world


# Both treat adults from afar; only the first has a team, trials and expertise enough for rare cancers.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "summit": ("adults", "multidisciplinary_team", "trials", "remote"),
    "harbor": ("adults", "pediatrics", "remote"),
}
LEVEL: Mapping[str, float] = {"summit": 0.8, "harbor": 0.4}
PLACES = 20


def profile(session: Session, home: Organization, now: datetime, level: float | None = None) -> Center:
    """A center that can be asked, with the same expertise in every family."""
    center = session.get_one(Center, home.id)
    center.services = list(SERVICES.get(home.code, SERVICES["summit"]))
    center.languages, center.places, center.updated_at = ["en"], PLACES, now
    center.designation = "comprehensive" if home.code == "summit" else None
    session.add_all(
        Expertise(
            id=new_id(),
            network_id=home.network_id,
            center_id=home.id,
            family=family,
            level=LEVEL.get(home.code, 0.8) if level is None else level,
        )
        for family in family_labels()
    )
    return center


_SETTLED: dict[datetime | None, tuple[World, dict[str, list[dict[str, Any]]]]] = {}
_FILLED = ("network", "policy", "organization", "user_account", "membership", "api_client", "center", "expertise")


def settled(session: Session, now: datetime | None = None) -> World:
    """The same network as `settle` makes, its rows copied from the first that was made: a tenth of the time."""
    tables = [Base.metadata.tables[name] for name in _FILLED]
    if now not in _SETTLED:
        world = settle(session, now)
        rows = {table.name: [dict(row) for row in session.execute(select(table)).mappings()] for table in tables}
        _SETTLED[now] = world, rows
    else:
        world, rows = _SETTLED[now]
        for table in tables:
            session.execute(insert(table), rows[table.name])
    return World(dict(world.organizations), dict(world.people), dict(world.clients), dict(world.secrets))


def token(database: Database, world: World, code: str, scopes: Iterable[str] = ALL_SCOPES) -> str:
    """A token of an organization's client, as `/oauth/token` would give it, but for hours: long tests outlive others."""
    now = datetime.now(UTC)
    with database.writing() as session:
        issued = issue_token(session, world.clients[code], tuple(scopes), now)
        own = AccessToken.client_id == world.clients[code].id
        session.execute(update(AccessToken).where(own).values(expires_at=now + timedelta(hours=9)))
        return issued.token


def person_actor(session: Session, world: World, email: str) -> Actor:
    return actor_for_user(session, world.people[email])


def client_actor(world: World, code: str) -> Actor:
    return actor_for_client(world.clients[code], world.organizations[code])


def days_ago(number: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=number)).isoformat()


def in_days(number: int) -> str:
    return days_ago(-number)


def packet(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The whole referral of api.md, of patient `number`; `changes` replace members of it."""
    return deepcopy(
        {
            "external_reference": f"EHR-2026-{number}",
            "submit": True,
            "patient": patient(number),
            "diagnosis": diagnosis(),
            "treatments": [treatment()],
            "purposes": ["treatment_options"],
            "questions": ["Is there a second-line option or a trial?"],
            "summary": None,
            "performance_status": {"ecog": 1, "date": days_ago(12)},
            "other_conditions": [],
            "needed_by": {"date": in_days(20), "kind": "treatment_start"},
            "preferences": {"remote": True, "center": None, "max_distance_km": None, "language": "en"},
            "referring_clinician": {"email": "clinician@lakeside.example"},
            "consent": {
                "given": True,
                "given_on": days_ago(4),
                "given_by": "patient",
                "scope": ["share_with_centers"],
                "centers": None,
                "until": None,
            },
        }
        | changes
    )


def patient(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The patient of a packet."""
    return person(number, pregnant=False) | changes


def person(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The same as a record of its own."""
    return {
        "identifiers": [{"system": "urn:oid:2.16.840.1.113883.4.1", "value": f"999-00-{number:04}"}],
        "given_name": "Ada",
        "family_name": "Example",
        "birth_date": "1961-03-02",
        "sex": "female",
        "language": "en",
        "interpreter_needed": False,
        "postal_code": "94110",
        "country": "US",
        "contact": {"email": None, "phone": None},
        "deceased_on": None,
    } | changes


def diagnosis(**changes: Any) -> dict[str, Any]:
    return {
        "icd10cm": "C25.0",
        "topography": "C25.0",
        "morphology": "8140/3",
        "grade": "2",
        "laterality": None,
        "description": "Adenocarcinoma, head of pancreas",
        "diagnosed_on": days_ago(110),
        "basis": "histology",
        "certainty": "confirmed",
        "stage": {"system": "AJCC8", "group": "IV", "t": "T3", "n": "N1", "m": "M1"},
        "metastatic_sites": ["liver"],
        "disease_status": "progression",
        "unusual_presentation": None,
        "other_codes": ["C78.7"],
        "biomarkers": [{"name": "KRAS", "value": "G12D"}],
        "first_opinion": {"organization": "lakeside", "name": None},
    } | changes


def treatment(**changes: Any) -> dict[str, Any]:
    return {
        "line": 1,
        "modality": "chemotherapy",
        "regimen": "FOLFIRINOX",
        "intent": "palliative",
        "status": "given",
        "started_on": days_ago(95),
        "ended_on": days_ago(22),
        "best_response": "PD",
        "stop_reason": "progression",
    } | changes


def routine(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A referral that meets no criterion: an early breast cancer, treated once, that nobody hurries."""
    return packet(number, needed_by=None, treatments=[], diagnosis=early_breast(), **changes)


def early_breast() -> dict[str, Any]:
    return {
        "icd10cm": "C50.411",
        "morphology": "8500/3",
        "description": "Invasive carcinoma, right breast",
        "diagnosed_on": days_ago(30),
        "basis": "histology",
        "certainty": "confirmed",
        "stage": {"system": "AJCC8", "group": "I", "m": "M0"},
        "disease_status": "newly_diagnosed",
    }


def unknown_id() -> str:
    """An id in its right form that no row has."""
    return str(new_id())
