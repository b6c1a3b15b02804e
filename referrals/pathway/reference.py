"""The next reference number of a network's year."""

from uuid import UUID

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from referrals.domain.reference import make_reference
from referrals.models.referral import ReferenceCounter


def next_reference(session: Session, network_id: UUID, year: int) -> str:
    """Locks the counter's row until the transaction ends, so that no number is given twice."""
    taken = session.execute(
        update(ReferenceCounter)
        .where(ReferenceCounter.network_id == network_id, ReferenceCounter.year == year)
        .values(last=ReferenceCounter.last + 1)
        .returning(ReferenceCounter.last)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if taken is None:
        taken = 1
        session.execute(insert(ReferenceCounter).values(network_id=network_id, year=year, last=taken))
    return make_reference(year, taken)
