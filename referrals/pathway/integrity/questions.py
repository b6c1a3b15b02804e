"""The invariant of questions: a referral waits for exactly the blocking question that is open."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from referrals.domain.lifecycle import Status
from referrals.domain.questions import RequestStatus
from referrals.models.question import InformationRequest
from referrals.models.referral import Referral
from referrals.pathway.integrity.finding import Break, Invariant, Look


def waiting_for_another_question(look: Look) -> Iterator[Break]:
    """One blocking question is open, and the status to return to is known, exactly where information is requested."""
    blocking = (
        select(InformationRequest.referral_id, func.count().label("open"))
        .where(InformationRequest.status == RequestStatus.OPEN, InformationRequest.blocking)
        .group_by(InformationRequest.referral_id)
        .subquery()
    )
    count = func.coalesce(blocking.c.open, 0)
    waits = Referral.status == Status.INFORMATION_REQUESTED
    query = (
        select(Referral.reference, Referral.status, Referral.resume_status, count.label("open"))
        .join(blocking, blocking.c.referral_id == Referral.id, isouter=True)
        .where(
            or_(
                and_(waits, or_(count != 1, Referral.resume_status.is_(None))),
                and_(~waits, or_(count != 0, Referral.resume_status.is_not(None))),
            )
        )
    )
    for row in look.rows(query):
        yield Break(
            row.reference,
            f"is {row.status}, returns to {row.resume_status}, and has {row.open} open questions that hold it up",
        )


QUESTIONS = (
    Invariant(
        "questions",
        "At most one open blocking question, exactly where information is requested and a status to return to is known",
        InformationRequest,
        waiting_for_another_question,
    ),
)
