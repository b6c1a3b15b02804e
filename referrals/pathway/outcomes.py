"""What follows an opinion: it is read, and what became of each recommendation is told, or nobody tells it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from referrals.domain.errors import FieldError, refuse_unless_clean
from referrals.domain.lifecycle import Status
from referrals.domain.opinion import ATTEMPTS_NEEDED, outcome_faults
from referrals.domain.vocabulary import ContactWith, OutcomeResult
from referrals.models.base import new_id
from referrals.models.contact import Contact
from referrals.models.opinion import Acknowledgement, Opinion, Outcome, Recommendation
from referrals.models.referral import Referral
from referrals.pathway.opinions import latest_opinion
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]
CLOSED, LINK, NO_RESPONSE = "closed", "link", "no_response"
# So long after an outcome was due, silence is written down as silence.
SILENT_AFTER = timedelta(days=28)
NOBODY = "Nobody"


def acknowledge(act: Act, referral: Referral, body: Body) -> Referral:
    """A clinician has read the latest version and says what they plan."""
    opinion = _latest(act.session, referral)
    if body["version"] != opinion.version:
        message = f"The latest version is {opinion.version}. Read that one."
        refuse_unless_clean([FieldError("/version", "version_is_latest", message)])
    act.session.add(
        Acknowledgement(
            id=new_id(),
            network_id=referral.network_id,
            opinion_id=opinion.id,
            user_id=act.actor.user_id,
            user_name=act.actor.name,
            plan=body["plan"],
            text=body.get("text"),
            at=act.now,
        )
    )
    data = {"opinion": opinion.version, "plan": body["plan"], "text": body.get("text")}
    advance(act, referral, "acknowledge", note=body.get("note"), data=data)
    return referral


def close(act: Act, referral: Referral, body: Body) -> Referral:
    """With an outcome for each recommendation, or with why none can be had. Unread only after documented attempts."""
    opinion = _latest(act.session, referral)
    numbered = recommendation_ids(act.session, opinion)
    found = [*outcome_faults([str(each) for each in numbered], body), *_undocumented(act.session, referral, opinion)]
    refuse_unless_clean(found)
    told = body.get("outcomes") or []
    teller = _Teller(CLOSED, act.actor.user_id, act.actor.name, act.now)
    act.session.add_all(
        _outcome(referral.network_id, UUID(each["recommendation"]), each["result"], each.get("reason"), teller)
        for each in told
    )
    data = {"opinion": opinion.version, "results": dict(Counter(each["result"] for each in told))}
    if why := body.get("unobtainable"):
        data["text"] = why
    advance(act, referral, "close", note=body.get("note"), data=data)
    return referral


def _undocumented(session: Session, referral: Referral, opinion: Opinion) -> Iterator[FieldError]:
    if Status(referral.status) is not Status.OPINION_ISSUED:
        return
    count = attempts_since(session, referral.id, opinion.signed_at)
    if count < ATTEMPTS_NEEDED:
        message = (
            f"Nobody has read the opinion. Record {ATTEMPTS_NEEDED} attempts to reach the referrer; {count} stand here."
        )
        yield FieldError("", "attempts_documented", message)


def attempts_since(session: Session, referral_id: UUID, since: datetime) -> int:
    """How often somebody tried to reach the referrer."""
    query = select(func.count()).where(
        Contact.referral_id == referral_id, Contact.counterpart == ContactWith.REFERRER, Contact.at >= since
    )
    return session.scalar(query) or 0


class _Teller:
    """Who says what became of it, how, and when."""

    def __init__(self, source: str, user_id: UUID | None, name: str, at: datetime) -> None:
        self.source, self.user_id, self.name, self.at = source, user_id, name, at


def _outcome(network_id: UUID, recommendation: UUID, result: str, reason: str | None, teller: _Teller) -> Outcome:
    return Outcome(
        id=new_id(),
        network_id=network_id,
        recommendation_id=recommendation,
        result=result,
        reason=reason,
        source=teller.source,
        user_id=teller.user_id,
        author_name=teller.name,
        at=teller.at,
    )


def told_by_link(
    session: Session, opinion: Opinion, result: OutcomeResult, who: tuple[UUID, str], now: datetime
) -> None:
    """The same answer for every recommendation, by somebody who did not sign in."""
    teller = _Teller(LINK, *who, now)
    session.add_all(
        _outcome(opinion.network_id, each, result, None, teller) for each in recommendation_ids(session, opinion)
    )


def record_no_response(session: Session, now: datetime) -> int:
    """Note where nobody has said anything four weeks after the outcome was due. It closes nothing.

    Answers with the number of referrals of which that was noted; noted once, it is not noted again.
    """
    found = session.scalars(
        select(Referral).where(
            Referral.status == Status.ACKNOWLEDGED,
            Referral.next_action_due_at <= now - SILENT_AFTER,
            _has_untold_advice(),
        )
    ).all()
    return sum(_note_silence(session, referral, now) for referral in found)


def _has_untold_advice() -> ColumnElement[bool]:
    """Some recommendation of the latest opinion has no outcome."""
    newer = aliased(Opinion)
    later = select(newer.id).where(newer.referral_id == Opinion.referral_id, newer.version > Opinion.version).exists()
    told = select(Outcome.id).where(Outcome.recommendation_id == Recommendation.id).exists()
    return (
        select(Recommendation.id)
        .join(Opinion, Opinion.id == Recommendation.opinion_id)
        .where(Opinion.referral_id == Referral.id, ~later, ~told)
        .exists()
    )


def _note_silence(session: Session, referral: Referral, now: datetime) -> bool:
    opinion = _latest(session, referral)
    untold = set(recommendation_ids(session, opinion)) - outcomes_of(session, opinion).keys()
    teller = _Teller(NO_RESPONSE, None, NOBODY, now)
    session.add_all(_outcome(referral.network_id, each, OutcomeResult.UNKNOWN, None, teller) for each in untold)
    return bool(untold)


def _latest(session: Session, referral: Referral) -> Opinion:
    found = latest_opinion(session, referral)
    if found is None:
        raise LookupError(f"{referral.reference} is {referral.status} without an opinion")
    return found


def recommendation_ids(session: Session, opinion: Opinion) -> Sequence[UUID]:
    """In the order in which they were given."""
    query = select(Recommendation.id).where(Recommendation.opinion_id == opinion.id).order_by(Recommendation.position)
    return session.scalars(query).all()


def outcomes_of(session: Session, opinion: Opinion) -> dict[UUID, Outcome]:
    """What was last told of each recommendation."""
    query = (
        select(Outcome)
        .join(Recommendation, Recommendation.id == Outcome.recommendation_id)
        .where(Recommendation.opinion_id == opinion.id)
        .order_by(Outcome.at, Outcome.id)
    )
    return {row.recommendation_id: row for row in session.scalars(query)}


def acknowledgements_of(session: Session, opinions: Iterable[UUID]) -> dict[UUID, Acknowledgement]:
    """Who has read which version."""
    query = select(Acknowledgement).where(Acknowledgement.opinion_id.in_(list(opinions)))
    return {row.opinion_id: row for row in session.scalars(query)}
