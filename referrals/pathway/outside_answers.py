"""Answers of centers outside the network: nobody there has an account, so a person of the network records them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from referrals.domain import lifecycle
from referrals.domain.documents import HANDED_OUT
from referrals.domain.errors import FieldError, Forbidden, NotAllowedNow, refuse_unless_clean
from referrals.domain.lifecycle import STEPS, Status
from referrals.domain.outside import answer_faults, name_for
from referrals.domain.people import Actor, Kind, Party, Role
from referrals.models.center import Center
from referrals.models.document import Document
from referrals.models.offer import Offer
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.actions import take_step
from referrals.pathway.guards import not_interested
from referrals.pathway.offers import UNDOABLE, may_undo
from referrals.pathway.scope import find_referral
from referrals.pathway.steps import act_of, situation_of

Body = Mapping[str, Any]
RECORDERS = frozenset({Party.C, Party.L})
OF_A_CENTER = frozenset({Role.CENTER_COORDINATOR, Role.SPECIALIST})
# How it was said, beside what was said.
HEARD = ("said_by", "role", "said_on", "channel")
SAID: Mapping[str, tuple[str, ...]] = {
    "accept": ("expected_on",),
    "decline-offer": ("reason", "text"),
    "return": ("reason", "text"),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody of the network at the referral of an outside center."""

    session: Session
    actor: Actor
    referral: Referral
    center: Organization
    now: datetime

    def speaking(self, recorded: Mapping[str, Any] | None = None) -> Actor:
        """The side of the center for one call. Whatever it does names the person who records it."""
        return speaking_for(self.actor, self.center, recorded)


def speaking_for(actor: Actor, center: Organization, recorded: Mapping[str, Any] | None = None) -> Actor:
    return Actor(
        network_id=actor.network_id,
        organization_id=center.id,
        kind=Kind.CENTER,
        roles=OF_A_CENTER,
        user_id=actor.user_id,
        client_id=None,
        name=name_for(actor.name, center.name),
        recorded=recorded or {"by": actor.name},
    )


def refuse_others(actor: Actor) -> None:
    if actor.client_id is not None or not actor.parties & RECORDERS:
        raise Forbidden("not_this_actor", "A coordinator or a clinical lead records what an outside center says.")


def outside_center(session: Session, center_id: UUID | None) -> Organization | None:
    """The center, if it is outside the network."""
    return None if center_id is None else session.scalars(_outside(Organization.id == center_id)).one_or_none()


def outside_of(session: Session, network_id: UUID) -> frozenset[UUID]:
    """Every center that the network asks without having it in the network."""
    return frozenset(each.id for each in session.scalars(_outside(Organization.network_id == network_id)))


def _outside(*which: ColumnElement[bool]) -> Any:
    is_outside = Center.in_network.is_(False)
    return select(Organization).join(Center, Center.organization_id == Organization.id).where(is_outside, *which)


def desk_at(session: Session, actor: Actor, referral_id: UUID, step: str, now: datetime, *, lock: bool = True) -> Desk:
    """The referral for somebody who may record this step there now: 403, 404, 409, 422."""
    refuse_others(actor)
    referral = find_referral(session, actor, referral_id, lock=lock)
    lifecycle.take(step, Status(referral.status), STEPS[step].parties, situation_of(referral))
    center = outside_center(session, referral.center_id)
    if center is None:
        raise Forbidden("answers_for_itself", "This center is in the network: it answers for itself.")
    refuse_unless_clean(not_interested(act_of(session, actor, now), referral))
    return Desk(session, actor, referral, center, now)


def record_answer(
    session: Session, actor: Actor, referral_id: UUID, sent: Body, now: datetime, if_version: int | None = None
) -> Referral:
    """An acceptance, a refusal, or that they give it back: who said so, in what capacity, when, and by which way."""
    step = sent["answer"]
    desk = desk_at(session, actor, referral_id, step, now)
    today = act_of(session, actor, now).rules.calendar.local_date(now)
    refuse_unless_clean([*answer_faults(sent, today), *paper_faults(desk, sent.get("document"))])
    recorded = {
        "by": actor.name,
        **{name: sent[name] for name in HEARD},
        "document": str(sent["document"]) if sent.get("document") else None,
    }
    body = {name: sent[name] for name in SAID[step] if sent.get(name)}
    return take_step(session, desk.speaking(recorded), referral_id, step, body, now, if_version)


def paper_faults(desk: Desk, document_id: Any, kinds: Iterable[str] | None = None) -> Iterable[FieldError]:
    """What keeps a document from being the original: another referral's, set aside, damaged, or not yet scanned."""
    if document_id and paper_named(desk, document_id, kinds) is None:
        yield FieldError(
            "/document", "unknown", "Choose a document of this referral that can be opened. Attach it first."
        )


def paper_named(desk: Desk, document_id: Any, kinds: Iterable[str] | None = None) -> Document | None:
    found = papers_of(desk.session, desk.referral.id, kinds)
    return next((each for each in found if str(each.id) == str(document_id)), None)


def papers_of(session: Session, referral_id: UUID, kinds: Iterable[str] | None = None) -> list[Document]:
    """What can be shown as an original: not set aside, whole, and handed out."""
    query = select(Document).where(
        Document.referral_id == referral_id,
        Document.misfiled_at.is_(None),
        Document.damaged_at.is_(None),
        Document.scan.in_(HANDED_OUT),
    )
    if kinds is not None:
        query = query.where(Document.kind.in_(tuple(kinds)))
    return list(session.scalars(query.order_by(Document.id.desc())))


def undo_answer(
    session: Session, actor: Actor, referral_id: UUID, now: datetime, if_version: int | None = None
) -> Referral:
    """Whoever recorded it takes it back, as a center would: within ten minutes, and before anybody has gone on."""
    refuse_others(actor)
    referral = find_referral(session, actor, referral_id, lock=True)
    latest = select(Offer.center_id).where(Offer.referral_id == referral_id).order_by(Offer.number.desc()).limit(1)
    center = outside_center(session, session.scalar(latest))
    if center is None:
        raise NotAllowedNow("undo", referral.status)
    return take_step(session, speaking_for(actor, center), referral_id, "undo", {}, now, if_version)


def may_take_back(session: Session, actor: Actor, last: Event, now: datetime) -> bool:
    """Whether this person has just recorded it, and it is told to nobody yet."""
    if last.step not in UNDOABLE or last.user_id != actor.user_id or not actor.parties & RECORDERS:
        return False
    center = outside_center(session, last.organization_id)
    return center is not None and may_undo(speaking_for(actor, center), last, now)
