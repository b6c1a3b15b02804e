"""What the demo's centers state of themselves in the directory. All of it is invented, and says so."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from referrals.knowledge.cancer_centers import cancer_centers
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.known_center import CenterConflict, Trial
from referrals.models.organization import Organization

INVENTED = "Invented for the demo."
LOOKED_AT = timedelta(days=12)
CHECKED_BY: Mapping[str, str] = {"summit": "Sunniva Moe", "harbor": "Cora Delgado", "prairie": "Cora Delgado"}
TRIALS: Mapping[str, tuple[tuple[str, str, tuple[str, ...], int, int | None], ...]] = {
    "summit": (
        ("DEMO-0001", "A new drug after two lines of treatment", ("hepatobiliary_pancreatic", "colorectal"), -200, None),
        ("DEMO-0002", "Radiation in fewer sessions", ("thoracic",), -700, -60),
    ),
    "harbor": (("DEMO-0003", "Cell therapy for sarcoma that came back", ("sarcoma",), -90, 400),),
    "prairie": (),
}  # fmt: skip


def state_entry(session: Session, home: Organization, referrer: Organization, now: datetime) -> None:
    """Where it lies, whom to ask, its trials, and one conflict that is over."""
    center, today = session.get_one(Center, home.id), now.date()
    center.lat, center.lon = city_point(center.city)
    center.url, center.source = f"https://{home.code}.example", INVENTED
    center.checked_on, center.checked_by = (now - LOOKED_AT).date(), CHECKED_BY[home.code]
    center.sites = [{"name": "Main house", "city": center.city, "region": center.region, "country": center.country}]
    center.contacts = contacts_of(home.code)
    session.add_all(trials_of(home, today))
    if home.code == "summit":
        session.add(past_conflict(home, referrer, today))


def city_point(city: str | None) -> tuple[float | None, float | None]:
    """As published, where a published center lies in the same city."""
    return next(((row.lat, row.lon) for row in cancer_centers() if row.city == city), (None, None))


def contacts_of(code: str) -> list[dict[str, Any]]:
    office = {"role": "Referral office", "email": f"referrals@{code}.example", "hours": "Monday to Friday, 8 to 17"}
    return [
        office,
        {"role": "Oncologist on call", "email": f"oncall@{code}.example", "hours": "Always", "urgent": True},
    ]


def trials_of(home: Organization, today: date) -> list[Trial]:
    return [
        Trial(
            id=new_id(),
            network_id=home.network_id,
            center_id=home.id,
            registry_id=number,
            title=title,
            families=list(families),
            opened_on=today + timedelta(days=opened),
            closed_on=None if closed is None else today + timedelta(days=closed),
            source=INVENTED,
        )
        for number, title, families, opened, closed in TRIALS[home.code]
    ]


def past_conflict(home: Organization, referrer: Organization, today: date) -> CenterConflict:
    return CenterConflict(
        id=new_id(),
        network_id=home.network_id,
        center_id=home.id,
        organization_id=referrer.id,
        reason=f"Both belonged to one owner. {INVENTED}",
        from_day=today - timedelta(days=900),
        until_day=today - timedelta(days=200),
    )
