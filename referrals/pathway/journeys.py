"""How far a patient is from each center, where the network has loaded a table of postal codes."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.distance import Point, km_between
from referrals.knowledge.postal_codes import SYSTEM, postal_key
from referrals.models.door import CodeTable, LoadedCode
from referrals.models.patient import Patient
from referrals.pathway.centers_facts import points_of


def km_to(session: Session, patient_id: UUID, centers: Collection[UUID]) -> Mapping[UUID, float]:
    """The centers that are not named lie nobody knows how far."""
    points = points_of(session, centers)
    home = home_of(session, patient_id) if points else None
    return {center: km_between(home, point) for center, point in points.items()} if home else {}


def home_of(session: Session, patient_id: UUID) -> Point | None:
    """Where the patient's postal code lies, by the table that was loaded last."""
    told = session.execute(select(Patient.country, Patient.postal_code).where(Patient.id == patient_id)).one()
    if not told.country or not told.postal_code:
        return None
    found = session.scalar(
        select(LoadedCode.display)
        .join(CodeTable, CodeTable.id == LoadedCode.table_id)
        .where(CodeTable.system == SYSTEM, LoadedCode.code == postal_key(told.country, told.postal_code))
        .order_by(CodeTable.loaded_at.desc(), CodeTable.id.desc())
        .limit(1)
    )
    return Point(*map(float, found.split())) if found else None
