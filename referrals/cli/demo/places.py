"""The organizations and people of the demo: those that the contract with outside testers names, and one center more."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from referrals.cli.demo.entries import INVENTED, state_entry
from referrals.cli.demo.placing import state_places
from referrals.cli.start import DEMO_PASSWORD
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.tumor_family import family_labels
from referrals.models.base import new_id
from referrals.models.center import Center, Expertise
from referrals.models.organization import Network, Organization
from referrals.pathway.accounts import actor_for_user, create_organization, create_user

ZONE = "America/Chicago"

# The network comes first: it brings the network's row and its policy with it.
ORGANIZATIONS = (
    ("network", Kind.NETWORK, "Great Lakes Second Opinion Network (demo)"),
    ("lakeside", Kind.PROVIDER, "Lakeside Hospital (demo)"),
    ("hillcrest", Kind.PROVIDER, "Hillcrest Clinic (demo)"),
    ("summit", Kind.CENTER, "Summit Cancer Center (demo)"),
    ("harbor", Kind.CENTER, "Harbor Comprehensive Cancer Center (demo)"),
    ("prairie", Kind.CENTER, "Prairie Tumor Institute (demo)"),
)
REGIONS: Mapping[str, str] = {"lakeside": "Minnesota", "hillcrest": "Wisconsin"}
PEOPLE = (
    ("clinician@lakeside.example", "Dr. Lena Torvald", Role.CLINICIAN),
    ("clinician@hillcrest.example", "Dr. Samir Rao", Role.CLINICIAN),
    ("coordinator@network.example", "Cora Delgado", Role.COORDINATOR),
    ("lead@network.example", "Dr. Miles Abernathy", Role.CLINICAL_LEAD),
    ("admin@network.example", "Ada Whitmore", Role.ADMINISTRATOR),
    ("auditor@network.example", "Otis Grant", Role.AUDITOR),
    ("coordinator@summit.example", "Sunniva Moe", Role.CENTER_COORDINATOR),
    ("specialist@summit.example", "Dr. Priya Venkat", Role.SPECIALIST),
    ("specialist@harbor.example", "Dr. Hugo Lindgren", Role.SPECIALIST),
)

# What the demo's centers state of themselves. All of it is invented, and the evidence says so.
EXPERT, LEARNING = 0.85, 0.2
SERVICES = ("adults", "multidisciplinary_team", "trials", "pathology_review", "remote")
CENTERS: Mapping[str, Mapping[str, Any]] = {
    "summit": {
        "designation": "comprehensive", "services": (*SERVICES, "molecular_board"), "languages": ("en", "es", "pl"),
        "city": "Minneapolis", "region": "Minnesota", "places": 60,
    },
    "harbor": {
        "designation": "comprehensive", "services": (*SERVICES, "pediatrics"), "languages": ("en", "es", "fr", "vi"),
        "city": "Milwaukee", "region": "Wisconsin", "places": 60,
    },
    # Outside the network: everybody can read about it, nobody there signs in, and it has no place to give.
    "prairie": {
        "designation": "clinical", "services": ("adults", "pathology_review"), "languages": ("en",),
        "city": "Omaha", "region": "Nebraska", "places": 0,
    },
}  # fmt: skip
# Each family has one expert among the two of the network; the other lacks the expertise. Harbor treats children, too.
EXPERT_AT_HARBOR = frozenset(
    {"sarcoma", "leukemia", "lymphoma", "cns", "eye", "endocrine", "testis", "skin", "breast", "prostate"}
)


def build_places(session: Session, now: datetime) -> Mapping[str, Actor]:
    """Everything that has to stand before the first referral comes in. The people, by their addresses."""
    homes = {
        code: create_organization(session, name, code, kind, now, is_demo=True) for code, kind, name in ORGANIZATIONS
    }
    for code, region in REGIONS.items():
        homes[code].region = region
    network = session.get_one(Network, homes["network"].network_id)
    network.zone = ZONE
    network.holidays = [day.isoformat() for year in (now.year - 1, now.year, now.year + 1) for day in holidays(year)]
    for code, stated in CENTERS.items():
        state_center(session, homes[code], stated, now)
        state_entry(session, homes[code], homes["hillcrest"], now)
    people = {}
    for email, name, role in PEOPLE:
        home = homes[email.partition("@")[2].partition(".")[0]]
        person = create_user(session, email, name, [role], home, now, password=DEMO_PASSWORD)
        people[email] = actor_for_user(session, person)
    state_places(session, people["coordinator@network.example"], homes, now)
    return people


def state_center(session: Session, home: Organization, stated: Mapping[str, Any], now: datetime) -> None:
    center = session.get_one(Center, home.id)
    center.designation, center.places = stated["designation"], stated["places"]
    center.services, center.languages = list(stated["services"]), list(stated["languages"])
    center.city, center.region, center.country = stated["city"], stated["region"], "US"
    center.in_network, center.updated_at = home.code != "prairie", now
    session.add_all(
        Expertise(
            id=new_id(),
            network_id=home.network_id,
            center_id=home.id,
            family=family,
            level=level,
            evidence=INVENTED,
        )
        for family, level in expertise_of(home.code).items()
    )


def expertise_of(code: str) -> Mapping[str, float]:
    if code == "prairie":
        return {"eye": EXPERT}
    families = family_labels()
    return {each: EXPERT if (each in EXPERT_AT_HARBOR) == (code == "harbor") else LEARNING for each in families}


def holidays(year: int) -> list[date]:
    """Days on which nobody works there: some fixed, some by weekday."""
    return [
        date(year, 1, 1),
        _last_monday(year, 5),
        date(year, 7, 4),
        _nth(year, 9, weekday=0, number=1),
        _nth(year, 11, weekday=3, number=4),
        date(year, 12, 25),
    ]


def _nth(year: int, month: int, *, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=last.weekday())
