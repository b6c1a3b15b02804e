"""Puts the published cancer centers into a network's directory; whatever is there already is left as it is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.centers import Designation, Service
from referrals.domain.people import Kind
from referrals.knowledge.cancer_centers import CenterRow, cancer_centers
from referrals.models.center import Center
from referrals.models.organization import Network, Organization
from referrals.pathway.accounts import create_organization


def seed_centers(session: Session, network: Network, now: datetime) -> Sequence[UUID]:
    """The ids of those that were not there: as published, without expertise, places or services of our invention."""
    here = set(session.scalars(select(Organization.code).where(Organization.network_id == network.id)))
    return [_seeded(session, network.code, row, now) for row in cancer_centers() if row.code not in here]


def _seeded(session: Session, network: str, row: CenterRow, now: datetime) -> UUID:
    made = create_organization(session, row.name, row.code, Kind.CENTER, now, network=network)
    made.active = row.treats_patients
    center = session.get_one(Center, made.id)
    center.designation = Designation(row.designation)
    center.services = [Service.PEDIATRICS] if row.pediatric_only else []
    center.city, center.region, center.country = row.city, row.state, row.country
    center.lat, center.lon, center.source = row.lat, row.lon, row.source
    return made.id
