"""Lets one of several workers do what the others would only do a second time."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def is_alone(session: Session, lock: int) -> bool:
    """Whether nobody else holds this lock; it is ours until the transaction ends. `lock`: a number of our own."""
    if session.get_bind().dialect.name != "postgresql":
        return True  # one writer at a time, and what was done is seen before it is done again
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(lock))))
