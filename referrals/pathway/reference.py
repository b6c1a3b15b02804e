"""The next reference number of a network's year."""

from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from referrals.domain.reference import make_reference
from referrals.models.add_once import add_once
from referrals.models.referral import ReferenceCounter

_NEXT = (
    update(ReferenceCounter)
    .where(ReferenceCounter.network_id == bindparam("network"), ReferenceCounter.year == bindparam("of_year"))
    .values(last=ReferenceCounter.last + bindparam("wanted"))
    .returning(ReferenceCounter.last)
)


def next_reference(session: Session, network_id: UUID, year: int) -> str:
    return next_references(session, network_id, year, 1)[0]


def next_references(session: Session, network_id: UUID, year: int, count: int) -> list[str]:
    """Locks the counter's row until the transaction ends, so that no number is given twice.

    A count below none gives so many back, in the same transaction.
    """
    connection, counter = session.connection(), {"network": network_id, "of_year": year, "wanted": count}
    last = connection.execute(_NEXT, counter).scalar_one_or_none()
    if last is None:  # the first of its year, and perhaps not the only one to notice
        add_once(session, ReferenceCounter, [{"network_id": network_id, "year": year, "last": 0}])
        last = connection.execute(_NEXT, counter).scalar_one()
    return [make_reference(year, number) for number in range(last - count + 1, last + 1)]
