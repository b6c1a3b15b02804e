"""The organizations and people of the demo, exactly those that the contract with outside testers names."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from referrals.cli.start import DEMO_PASSWORD
from referrals.domain.people import Actor, Kind, Role
from referrals.models.organization import Network
from referrals.pathway.accounts import actor_for_user, create_organization, create_user

ZONE = "America/Chicago"

# The network comes first: it brings the network's row and its policy with it.
ORGANIZATIONS = (
    ("network", Kind.NETWORK, "Great Lakes Second Opinion Network (demo)"),
    ("lakeside", Kind.PROVIDER, "Lakeside Hospital (demo)"),
    ("hillcrest", Kind.PROVIDER, "Hillcrest Clinic (demo)"),
    ("summit", Kind.CENTER, "Summit Cancer Center (demo)"),
    ("harbor", Kind.CENTER, "Harbor Comprehensive Cancer Center (demo)"),
)
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


def build_places(session: Session, now: datetime) -> Mapping[str, Actor]:
    """Everything that has to stand before the first referral comes in. The people, by their addresses."""
    homes = {
        code: create_organization(session, name, code, kind, now, is_demo=True) for code, kind, name in ORGANIZATIONS
    }
    network = session.get_one(Network, homes["network"].network_id)
    network.zone = ZONE
    network.holidays = [day.isoformat() for year in (now.year - 1, now.year, now.year + 1) for day in holidays(year)]
    people = {}
    for email, name, role in PEOPLE:
        home = homes[email.partition("@")[2].partition(".")[0]]
        person = create_user(session, email, name, [role], home, now, password=DEMO_PASSWORD)
        people[email] = actor_for_user(session, person)
    return people


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
