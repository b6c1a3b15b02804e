"""Where patients come from, as far as the network has loaded a table of postal codes."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.distance import Point
from referrals.knowledge.postal_codes import SYSTEM, postal_key
from referrals.models.door import CodeTable, LoadedCode
from referrals.models.patient import Patient


def home_of(session: Session, patient_id: UUID) -> Point | None:
    """Where the patient's postal code lies, by the table that was loaded last."""
    told = session.execute(select(Patient.country, Patient.postal_code).where(Patient.id == patient_id)).one()
    key = key_of(told.country, told.postal_code)
    return points(session, {key}).get(key) if key else None


def key_of(country: str | None, postal_code: str | None) -> str:
    """How the table knows it; "" where one of the two is not told."""
    return postal_key(country, postal_code) if country and postal_code else ""


def points(session: Session, keys: Collection[str]) -> Mapping[str, Point]:
    """Where these postal codes lie. Those that the table does not know are left out."""
    if not keys:
        return {}
    newest = (
        select(CodeTable.id)
        .where(CodeTable.system == SYSTEM)
        .order_by(CodeTable.loaded_at.desc(), CodeTable.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(LoadedCode.code, LoadedCode.display).where(
        LoadedCode.table_id == newest, LoadedCode.code.in_(sorted(keys))
    )
    return {row.code: Point(*map(float, row.display.split())) for row in session.execute(query)}
