"""A referral of the network by the reference that somebody typed, whoever may read it: for break-glass and legal holds alone."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid
from referrals.domain.people import Actor
from referrals.domain.reference import parse_reference
from referrals.models.referral import Referral


def received_referral(session: Session, actor: Actor, typed: str) -> Referral:
    """The caller has asked before who may; refuses what is no reference, and what the network has not received."""
    try:
        reference = parse_reference(typed)
    except ValueError as problem:
        raise Invalid([FieldError("/reference", "invalid_reference", str(problem))]) from None
    query = select(Referral).where(
        Referral.network_id == actor.network_id, Referral.reference == reference, Referral.submitted_at.is_not(None)
    )
    referral = session.scalars(query).one_or_none()
    if referral is None:
        raise Invalid([FieldError("/reference", "unknown_reference", "No referral of the network has this reference.")])
    return referral
