"""Questions of a referral as they are read: each with its items, the open ones, and those that are late."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError
from referrals.domain.questions import Proposed, RequestStatus, is_choice_due, proposed
from referrals.domain.vocabulary import AskedParty
from referrals.models.question import InformationItem, InformationRequest
from referrals.pathway.assessment import judgement_of
from referrals.pathway.rules import Rules
from referrals.pathway.steps import Blocking


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its items in their order."""

    request: InformationRequest
    items: tuple[InformationItem, ...]

    @property
    def is_open(self) -> bool:
        return self.request.status == RequestStatus.OPEN

    @property
    def required(self) -> tuple[InformationItem, ...]:
        return tuple(item for item in self.items if item.required)

    @property
    def blocking(self) -> Blocking | None:
        """What the steps must know of it, where it holds the referral up."""
        row = self.request
        return Blocking(AskedParty(row.asked), row.due_at, row.created_at) if row.blocking else None

    def is_choice_due(self, now: datetime) -> bool:
        row = self.request
        return is_choice_due(blocking=row.blocking, is_open=self.is_open, choice_at=row.choice_at, now=now)


def questions_of(session: Session, referral_id: UUID) -> list[Asked]:
    """Every question of the referral, the oldest first, in one statement."""
    return list(_asked(session, InformationRequest.referral_id == referral_id))


def questions_of_all(session: Session, referral_ids: Collection[UUID]) -> Mapping[UUID, list[Asked]]:
    """The same of many referrals, in one statement too."""
    found = defaultdict(list)
    for asked in _asked(session, InformationRequest.referral_id.in_(referral_ids)):
        found[asked.request.referral_id].append(asked)
    return found


def _asked(session: Session, of: ColumnElement[bool]) -> Iterator[Asked]:
    query = (
        select(InformationRequest, InformationItem)
        .join(InformationItem, InformationItem.request_id == InformationRequest.id)
        .where(of)
        .order_by(InformationRequest.created_at, InformationRequest.id, InformationItem.position)
    )
    for request, pairs in groupby(session.execute(query), key=lambda row: row[0]):
        yield Asked(request, tuple(item for _, item in pairs))


def blocking_question(session: Session, referral_id: UUID) -> Asked:
    """The one that the referral waits for; there is one as long as information is requested."""
    return next(each for each in questions_of(session, referral_id) if each.is_open and each.request.blocking)


def question_meant(asked: Iterable[Asked], named: Any) -> tuple[Asked | None, list[FieldError]]:
    """The question that an answer is for, or what keeps it from being answered. Alone it need not be named."""
    known = list(asked)
    if named is None:
        return _only_one([each for each in known if each.is_open])
    found = next((each for each in known if str(each.request.id) == str(named)), None)
    if found is None:
        return None, [FieldError("/request", "unknown", "This referral has no question with this id.")]
    if not found.is_open:
        return None, [FieldError("/request", "request_is_open", "This question is not open any more.")]
    return found, []


def _only_one(found: Sequence[Asked]) -> tuple[Asked | None, list[FieldError]]:
    if len(found) == 1:
        return found[0], []
    message = "Several questions are open: name one." if found else "No question is open."
    return None, [FieldError("/request", "required" if found else "request_is_open", message)]


def proposed_items(content: Mapping[str, Any], submitted_at: datetime, rules: Rules) -> tuple[Proposed, ...]:
    """What a question is prefilled with: what is missing and could change the tier or which center may answer."""
    return proposed(judgement_of(rules, submitted_at, content))


def questions_past_due(session: Session, now: datetime, limit: int = 100) -> Sequence[InformationRequest]:
    """Open questions whose due time was missed, the longest first. `choice_at` is the second due time of one that
    holds its referral up: once that has passed, too, somebody must choose.
    """
    query = (
        select(InformationRequest)
        .where(InformationRequest.status == RequestStatus.OPEN, InformationRequest.due_at <= now)
        .order_by(InformationRequest.due_at, InformationRequest.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def asking_the_referrer(session: Session, referral_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Of these referrals those with an open question to the referrer, and when the first of its answers is due."""
    query = (
        select(InformationRequest.referral_id, InformationRequest.due_at)
        .where(
            InformationRequest.referral_id.in_(referral_ids),
            InformationRequest.status == RequestStatus.OPEN,
            InformationRequest.asked == AskedParty.REFERRER,
        )
        .order_by(InformationRequest.due_at.desc())
    )
    return {row[0]: row[1] for row in session.execute(query)}
