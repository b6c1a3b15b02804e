"""Offers: one center is asked at a time, its place is held, and its answer moves the referral on or back."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from referrals.domain.centers import UNDO_WITHIN, OfferStatus, Service, monday_of
from referrals.domain.deadlines import Segment, segment_due, within_promise
from referrals.domain.errors import FieldError, Forbidden, refuse, refuse_unless_clean
from referrals.domain.matching import Fit, judge_center
from referrals.domain.people import Actor, clock_actor
from referrals.domain.vocabulary import Tier
from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.trail import Event, Outbox
from referrals.pathway.fallbacks import against_fallbacks, end_fallbacks, fallbacks_of, names_of
from referrals.pathway.guards import not_interested
from referrals.pathway.matching import Ask, calendar_of, candidates, needs_of
from referrals.pathway.offer_guards import against
from referrals.pathway.pausing import pause_if_silent
from referrals.pathway.places import GIVEN_AWAY, Week, board, lock_places
from referrals.pathway.standing_offer import confirm, held_offer
from referrals.pathway.steps import Act, act_of, advance

Body = Mapping[str, Any]

# What an answer is, and can be taken back.
UNDOABLE = ("accept", "decline-offer")


def offer(act: Act, referral: Referral, body: Body) -> Referral:
    """Ask one center: its place is reserved, and it must answer in time."""
    center = _center_named(act, referral, body)
    ask = Ask(act.session, referral, act.rules, act.now)
    needs = needs_of(ask)
    fit = judge_center(candidates(ask, needs, only=center.organization_id)[0], needs)
    faults = [*against(fit, body), *_respond_by_faults(act, body), *against_fallbacks(ask, needs, body)]
    refuse_unless_clean([*not_interested(act, referral), *faults])
    chain = _chain(act, referral, body)
    row = _new_offer(act, referral, center, fit, body, needs.line)
    act.session.add_all([row, *fallbacks_of(act, referral, row, body)])
    referral.center_id, referral.respond_by = row.center_id, row.respond_by
    advance(act, referral, "offer", note=body.get("note"), data=_said(fit.center.name, row, **chain))
    return referral


def _chain(act: Act, referral: Referral, body: Body) -> dict[str, Any]:
    """What the network's timeline keeps: who is to be asked next, or who had approved that this center is."""
    if act.actor.clock:
        return {"approved_by": act.actor.approved_by}
    end_fallbacks(act.session, referral.id, act.now)
    names = names_of(act.session, body.get("then") or ())
    return {"then": names} if names else {}


def _center_named(act: Act, referral: Referral, body: Body) -> Center:
    found = lock_places(act.session, UUID(str(body["center"])))
    if found is None or found.network_id != referral.network_id:
        refuse("/center", "unknown", "No center of the network has this id.")
    return found


def _respond_by_faults(act: Act, body: Body) -> Iterator[FieldError]:
    wanted = body.get("respond_by")
    if wanted is not None and wanted <= act.now:
        yield FieldError("/respond_by", "in_the_past", "The center needs time to answer: this has passed.")


def _new_offer(act: Act, referral: Referral, center: Center, fit: Fit, body: Body, line: Service | None) -> Offer:
    calendar = calendar_of(center, act.rules)
    week = fit.center.free_week or monday_of(act.rules.calendar.local_date(act.now))
    usual = segment_due(act.now, Tier(referral.tier or Tier.P4), Segment.OFFER, act.rules.policy, calendar)
    return Offer(
        id=new_id(),
        network_id=referral.network_id,
        referral_id=referral.id,
        center_id=center.organization_id,
        number=_next_number(act.session, referral.id),
        status=OfferStatus.LIVE,
        week=week,
        line=line,
        respond_by=within_promise(body.get("respond_by") or usual, referral.due_at, act.now),
        expected_at=fit.center.expected_at,
        facts_version=referral.facts_version,
        explanation={"because": fit.because, "score": fit.score, "terms": dict(fit.terms), "findings": _words(fit)},
        exception_reason=body.get("exception_reason"),
        overbook_reason=body.get("overbook_reason") if fit.center.free_week is None else None,
        late_acknowledged=bool(body.get("late_acknowledged")),
        unknown_acknowledged=bool(body.get("unknown_acknowledged")),
        offered_at=act.now,
        offered_by=act.actor.name,
        panel=[],
        version=1,
    )


def _words(fit: Fit) -> list[str]:
    """What was waived or acknowledged, so that the center sees it, too."""
    return [finding.because for finding in fit.findings]


def _next_number(session: Session, referral_id: UUID) -> int:
    last = session.scalar(select(func.max(Offer.number)).where(Offer.referral_id == referral_id))
    return (last or 0) + 1


def _said(center: str, row: Offer, **more: Any) -> dict[str, Any]:
    """What the timeline keeps of an offer."""
    return {"center": str(row.center_id), "center_name": center, "offer": row.number, **more}


def own_offer(act: Act, referral: Referral) -> Offer:
    """The live or accepted offer, which must be the acting center's own."""
    row = held_offer(act.session, referral.id)
    if row is None or row.center_id != act.actor.organization_id:
        refuse("", "offer_is_own", "Another center has been asked.")
    return row


def name_of(session: Session, center_id: UUID) -> str:
    return session.scalars(select(Organization.name).where(Organization.id == center_id)).one()


def accept(act: Act, referral: Referral, body: Body) -> Referral:
    """The center takes it: the place is used, and whatever had moved meanwhile is confirmed by it."""
    row = own_offer(act, referral)
    expected = body.get("expected_on")
    day = date.fromisoformat(expected) if expected else None
    today = act.rules.calendar.local_date(act.now)
    if day is not None and day < today:
        refuse("/expected_on", "in_the_past", "The answer is expected on a day to come.")
    _answer(act, row, OfferStatus.ACCEPTED)
    row.expected_on = day
    confirm(row, referral)
    data = _said(name_of(act.session, row.center_id), row, expected_on=expected)
    _hold_back(act, referral, advance(act, referral, "accept", note=body.get("note"), data=data))
    return referral


def decline_offer(act: Act, referral: Referral, body: Body) -> Referral:
    """The center says no, with a reason: its place is free again, and the referral waits for another."""
    row = own_offer(act, referral)
    data = _said(name_of(act.session, row.center_id), row, reason=body["reason"])
    let_go(act, referral, row, OfferStatus.DECLINED, reason=body["reason"], text=body.get("text"))
    _hold_back(act, referral, advance(act, referral, "decline-offer", note=body.get("note"), data=data))
    return referral


def withdraw_offer(act: Act, referral: Referral, body: Body) -> Referral:
    row = held_offer(act.session, referral.id)
    if row is None:
        raise Forbidden("no_offer", "There is no offer to take back.")
    data = _said(name_of(act.session, row.center_id), row, text=body["text"])
    let_go(act, referral, row, OfferStatus.WITHDRAWN, text=body["text"])
    end_fallbacks(act.session, referral.id, act.now)
    advance(act, referral, "withdraw-offer", note=body.get("note"), data=data)
    return referral


def lapse(act: Act, referral: Referral, body: Body) -> Referral:
    """The clock's: the center has not answered in time. Two in a row pause the center."""
    row = held_offer(act.session, referral.id)
    if row is None or row.respond_by > act.now:
        refuse("", "respond_by_passed", "The center still has time to answer.")
    let_go(act, referral, row, OfferStatus.LAPSED)
    paused = pause_if_silent(act, row.center_id)
    data = _said(name_of(act.session, row.center_id), row, center_paused=paused)
    advance(act, referral, "lapse", data=data)
    return referral


def lapse_offers(session: Session, now: datetime, limit: int = 20) -> int:
    """Lapse what was not answered in time; a referral that somebody is working on is left for the next round."""
    silent = (
        select(Referral)
        .where(Referral.status == "offered", Referral.respond_by <= now)
        .order_by(Referral.respond_by, Referral.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session.scalars(silent).all()
    for referral in found:
        lapse(act_of(session, clock_actor(referral.network_id), now), referral, {})
        session.flush()
    return len(found)


def let_go(
    act: Act,
    referral: Referral,
    row: Offer,
    status: OfferStatus,
    *,
    reason: str | None = None,
    text: str | None = None,
) -> None:
    """The offer ends: its place is free, and the center no longer reads the referral."""
    row.status, row.ended_at = status, act.now
    row.reason, row.text = reason, text
    row.reconfirm = None
    if status in (OfferStatus.DECLINED, OfferStatus.RETURNED):
        row.answered_at, row.answered_by, row.recorded = act.now, act.actor.name, recorded(act)
    referral.center_id = referral.respond_by = None


def release(act: Act, referral: Referral) -> dict[str, str]:
    """The referral ends: whichever center was asked or is working is let go. Which, for the event, so that it is told."""
    row = held_offer(act.session, referral.id)
    if row is None:
        return {}
    let_go(act, referral, row, OfferStatus.WITHDRAWN)
    return {"center": str(row.center_id)}


def _answer(act: Act, row: Offer, status: OfferStatus) -> None:
    row.status, row.answered_at, row.answered_by, row.recorded = status, act.now, act.actor.name, recorded(act)


def recorded(act: Act) -> dict[str, Any] | None:
    """How the answer of a center outside the network came to be known."""
    return dict(act.actor.recorded) if act.actor.recorded else None


def _hold_back(act: Act, referral: Referral, event: Event) -> None:
    """Nobody is told before it is certain that the answer stands."""
    act.session.flush()
    held = update(Outbox).where(Outbox.event_id == event.id).values(held_until=act.now + UNDO_WITHIN)
    act.session.execute(held)


def undo(act: Act, referral: Referral, body: Body) -> Referral:
    """The center takes its last answer back, as long as nobody has heard of it or gone on from it."""
    last = _last_event(act, referral)
    refuse_unless_clean(_against_undoing(act.actor, last, act.now))
    row = _answered_offer(act, referral)
    if row.status == OfferStatus.DECLINED:
        refuse_unless_clean(_place_was_given_away(act, row))
    row.status, row.answered_at, row.answered_by, row.ended_at = OfferStatus.LIVE, None, None, None
    row.reason = row.text = row.expected_on = row.recorded = None
    referral.center_id, referral.respond_by = row.center_id, row.respond_by
    event = advance(
        act,
        referral,
        "undo",
        note=body.get("note"),
        data=_said(name_of(act.session, row.center_id), row, undid=last.step),
    )
    act.session.flush()
    told = update(Outbox).where(Outbox.event_id.in_([last.id, event.id])).values(done_at=act.now)
    act.session.execute(told)
    return referral


def may_undo(actor: Actor, last: Event, now: datetime) -> bool:
    """Whether this is still their own last answer, and told to nobody."""
    return not _against_undoing(actor, last, now)


def _last_event(act: Act, referral: Referral) -> Event:
    query = select(Event).where(Event.referral_id == referral.id).order_by(Event.version.desc()).limit(1)
    return act.session.scalars(query).one()


def _against_undoing(actor: Actor, last: Event, now: datetime) -> list[FieldError]:
    if last.step not in UNDOABLE:
        return [FieldError("", "no_step_since", "Somebody has gone on from your answer.")]
    own = last.user_id == actor.user_id and last.organization_id == actor.organization_id
    if not own:
        return [FieldError("", "own_answer", "Somebody else gave this answer.")]
    if now > last.at + UNDO_WITHIN:
        return [FieldError("", "within_10_minutes", "An answer can be undone for 10 minutes.")]
    return []


def _answered_offer(act: Act, referral: Referral) -> Offer:
    query = select(Offer).where(Offer.referral_id == referral.id).order_by(Offer.number.desc()).limit(1)
    return act.session.scalars(query).one()


def _place_was_given_away(act: Act, row: Offer) -> list[FieldError]:
    lock_places(act.session, row.center_id)
    if row.overbook_reason or _places_of(act, row.center_id, row.week).free_for(row.line):
        return []
    return [FieldError("", "place_is_left", GIVEN_AWAY)]


def _places_of(act: Act, center_id: UUID, week: date) -> Week:
    usual = act.session.scalars(select(Center.places).where(Center.organization_id == center_id)).one()
    return board(act.session, {center_id: usual}, [week])[center_id][0]
