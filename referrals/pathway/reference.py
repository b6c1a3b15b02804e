"""The next reference number of a network's year."""

from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from referrals.domain.reference import make_reference
from referrals.models.referral import ReferenceCounter

_NEXT = (
    update(ReferenceCounter)
    .where(ReferenceCounter.network_id == bindparam("network"), ReferenceCounter.year == bindparam("of_year"))
    .values(last=ReferenceCounter.last + 1)
    .returning(ReferenceCounter.last)
)


def next_reference(session: Session, network_id: UUID, year: int) -> str:
    """Locks the counter's row until the transaction ends, so that no number is given twice."""
    connection, counter = session.connection(), {"network": network_id, "of_year": year}
    taken = connection.execute(_NEXT, counter).scalar_one_or_none()
    if taken is None:
        taken = 1
        connection.execute(insert(ReferenceCounter).values(network_id=network_id, year=year, last=taken))
    return make_reference(year, taken)
