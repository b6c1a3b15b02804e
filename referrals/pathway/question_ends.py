"""Questions that nobody answers any more: the referral has ended, or has left the center that asked."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, or_, true, update
from sqlalchemy.orm import Session

from referrals.domain.lifecycle import AT_CENTER, BEFORE_OPINION, Status
from referrals.domain.people import Party
from referrals.domain.questions import RequestStatus
from referrals.models.question import InformationRequest
from referrals.models.referral import Referral

_WITH_A_CENTER: Collection[Status] = AT_CENTER | {Status.OFFERED}
_OF_THE_CENTER = (Party.K, Party.S)


def close_questions(session: Session, referral: Referral, before: Status, now: datetime) -> None:
    """Close what the step that has just led away from `before` leaves without anybody to read an answer."""
    over = _over(before, Status(referral.status))
    if over is None:
        return
    open_ones = (InformationRequest.referral_id == referral.id, InformationRequest.status == RequestStatus.OPEN)
    closed = {"status": RequestStatus.CLOSED, "ended_at": now}
    with session.no_autoflush:  # the event of this step is still to be written
        session.execute(update(InformationRequest).where(*open_ones, over).values(closed))


def _over(before: Status, after: Status) -> ColumnElement[bool] | None:
    if before in BEFORE_OPINION and after not in BEFORE_OPINION:
        return true()
    if before in _WITH_A_CENTER and after is Status.READY:
        return or_(InformationRequest.blocking, InformationRequest.party.in_(_OF_THE_CENTER))
    return None
