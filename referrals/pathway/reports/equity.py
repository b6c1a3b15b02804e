"""Reads who waited how long, and how far from the center they live, one row after the other."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import and_, select

from referrals.domain.distance import Point, km_between
from referrals.domain.reports import equity as figures
from referrals.domain.reports.equity import Had
from referrals.domain.vocabulary import Tier
from referrals.models.center import Center
from referrals.models.opinion import Opinion
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.pathway.journeys import key_of, points
from referrals.pathway.reports.ask import AT_ONCE, Ask, Told


def equity(ask: Ask) -> Told:
    """Three statements: where patients live, where that is, and what became of each."""
    return Told(figures.parts(figures.cells_of(_had(ask, _homes(ask)), ask.now), ask.tiers))


def _homes(ask: Ask) -> Mapping[str, Point]:
    query = (
        select(Patient.country, Patient.postal_code)
        .join(Referral, Referral.patient_id == Patient.id)
        .where(ask.received, Patient.postal_code.is_not(None))
        .distinct()
    )
    keys = {key_of(row.country, row.postal_code) for row in ask.session.execute(query)}
    return points(ask.session, keys - {""})


def _had(ask: Ask, homes: Mapping[str, Point]) -> Iterator[Had]:
    """The first version of an opinion is when the patient was answered."""
    query = (
        select(
            Referral.tier, Referral.patient_sex, Referral.status, Referral.submitted_at, Referral.due_at,
            Patient.language, Patient.country, Patient.postal_code, Center.lat, Center.lon, Opinion.signed_at,
        )
        .join(Patient, Patient.id == Referral.patient_id)
        .outerjoin(Center, Center.organization_id == Referral.center_id)
        .outerjoin(Opinion, and_(Opinion.referral_id == Referral.id, Opinion.version == 1))
        .where(ask.received)
    )  # fmt: skip
    for row in ask.session.execute(query, execution_options={"yield_per": AT_ONCE}):
        km = _km(row, homes)
        yield Had(
            Tier(row.tier), row.language, row.patient_sex, km,
            row.status, row.submitted_at, row.due_at, row.signed_at,
        )  # fmt: skip


def _km(row: Any, homes: Mapping[str, Point]) -> float | None:
    home = homes.get(key_of(row.country, row.postal_code))
    if home is None or row.lat is None or row.lon is None:
        return None
    return km_between(home, Point(row.lat, row.lon))
