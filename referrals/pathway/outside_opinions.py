"""The opinion of a center outside the network: transcribed from its original, compared by a second person, signed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.centers import HOLDING
from referrals.domain.errors import Conflict, FieldError, Stale, refuse, refuse_unless_clean
from referrals.domain.lifecycle import ANSWERED, Status, is_interested
from referrals.domain.outside import ORIGINAL_KINDS, against_signing_off, original_faults
from referrals.domain.people import Actor
from referrals.domain.tasks import TaskKind
from referrals.models.base import new_id
from referrals.models.offer import Offer
from referrals.models.opinion import OpinionDraft
from referrals.models.outside import OutsideOpinion
from referrals.models.referral import Referral
from referrals.pathway.actions import take_step
from referrals.pathway.guards import interested_organizations, organizations_of
from referrals.pathway.opinion_drafts import draft_of, save_draft
from referrals.pathway.opinions import latest_opinion, opinion_faults
from referrals.pathway.outside_answers import Desk, desk_at, paper_faults, paper_named, refuse_others
from referrals.pathway.packets import current_facts
from referrals.pathway.recipients import colleagues
from referrals.pathway.scope import find_referral
from referrals.pathway.standing_offer import held_offer
from referrals.pathway.steps import Act, act_of
from referrals.pathway.tasks import NewTask, close_kinds, raise_task

Body = Mapping[str, Any]
SIGN, AMEND = "sign-opinion", "amend-opinion"
NOBODY_ELSE = "Nobody else in the network can compare it: an administrator has to name a second coordinator or lead."


def name_original(
    session: Session, actor: Actor, referral_id: UUID, sent: Body, now: datetime, if_version: int | None = None
) -> OutsideOpinion:
    """Who signed the original, when, and where it is. The review begins with it; named anew, its specialist changes."""
    refuse_others(actor)
    desk = desk_at(session, actor, referral_id, _step_of(find_referral(session, actor, referral_id)), now)
    today = act_of(session, actor, now).rules.calendar.local_date(now)
    refuse_unless_clean([*original_faults(sent, today), *paper_faults(desk, sent["document"], ORIGINAL_KINDS)])
    row = _unsigned(session, desk.referral) or _begun(desk)
    known = (row.specialist, row.title)
    row.writers = sorted({*row.writers, str(actor.user_id)})
    row.specialist, row.title = sent["specialist"], sent.get("title")
    row.signed_on = date.fromisoformat(sent["signed_on"])
    row.document_id, row.document_sha256 = _original(desk, sent["document"])
    row.handed_version = None
    _close(desk)
    if if_version is not None and desk.referral.version != if_version:
        raise Stale
    if known != (row.specialist, row.title):
        _name_specialist(desk, row)
    session.add(row)
    session.flush()
    return row


def _step_of(referral: Referral) -> str:
    """What naming an original is: the beginning of the review, another specialist, or an amendment that is to come."""
    if Status(referral.status) in ANSWERED:
        return AMEND
    return "change-specialist" if referral.status == Status.IN_REVIEW else "start-review"


def signing_step(referral: Referral) -> str:
    return AMEND if Status(referral.status) in ANSWERED else SIGN


def _name_specialist(desk: Desk, row: OutsideOpinion) -> None:
    named, step = {"id": str(row.id), "name": row.specialist, "title": row.title}, _step_of(desk.referral)
    if step == AMEND:
        return
    speaker = desk.speaking({"by": desk.actor.name, **told_of(row)})
    take_step(desk.session, speaker, desk.referral.id, step, {"outside_specialist": named}, desk.now)


def _begun(desk: Desk) -> OutsideOpinion:
    offer = held_offer(desk.session, desk.referral.id)
    if offer is None:
        raise Conflict("No center holds this referral.")
    return OutsideOpinion(
        id=new_id(),
        network_id=desk.referral.network_id,
        referral_id=desk.referral.id,
        offer_id=offer.id,
        writers=[],
        recorded_by_id=desk.actor.user_id,
        recorded_by=desk.actor.name,
        recorded_at=desk.now,
        version=1,
    )


def _original(desk: Desk, document_id: Any) -> tuple[UUID, str]:
    paper = paper_named(desk, document_id, ORIGINAL_KINDS)
    if paper is None:
        refuse("/document", "unknown", "The original has gone. Attach it again, and name it anew.")
    return paper.id, paper.sha256


def told_of(row: OutsideOpinion) -> dict[str, Any]:
    """What is said of an original wherever its opinion is."""
    return {
        "specialist": {"name": row.specialist, "title": row.title},
        "signed_on": row.signed_on.isoformat(),
        "original": {"document": str(row.document_id), "sha256": row.document_sha256},
    }


def transcript_of(session: Session, referral: Referral) -> OutsideOpinion | None:
    """The newest original that the standing offer is answered with."""
    query = (
        select(OutsideOpinion)
        .join(Offer, Offer.id == OutsideOpinion.offer_id)
        .where(OutsideOpinion.referral_id == referral.id, Offer.status.in_(HOLDING))
        .order_by(OutsideOpinion.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def is_waiting(row: OutsideOpinion | None, draft: OpinionDraft | None) -> bool:
    """Handed in, and neither signed nor written on since."""
    if row is None or draft is None or row.opinion_id is not None:
        return False
    return row.handed_version == draft.version


def writer_of(session: Session, actor: Actor, referral_id: UUID, now: datetime, *, lock: bool = False) -> Actor:
    """Who transcribes: the side of the center, as long as there is an original to transcribe."""
    desk = _desk(session, actor, referral_id, now, lock=lock)
    _standing(session, desk.referral)
    return desk.speaking()


def save_transcript(act: Act, referral: Referral, content: Mapping[str, Any], meant: int) -> OpinionDraft:
    """As any draft is saved; whoever wrote some of it will not be the one who compares it."""
    row = _standing(act.session, referral)
    row.writers = sorted({*row.writers, str(act.actor.user_id)})
    return save_draft(act, referral, content, meant)


def _desk(session: Session, actor: Actor, referral_id: UUID, now: datetime, *, lock: bool = True) -> Desk:
    refuse_others(actor)
    step = signing_step(find_referral(session, actor, referral_id))
    return desk_at(session, actor, referral_id, step, now, lock=lock)


def _unsigned(session: Session, referral: Referral) -> OutsideOpinion | None:
    row = transcript_of(session, referral)
    return row if row is not None and row.opinion_id is None else None


def _standing(session: Session, referral: Referral) -> OutsideOpinion:
    row = _unsigned(session, referral)
    if row is None:
        raise Conflict("Say first who signed the original, and where it is.")
    return row


def hand_in(session: Session, actor: Actor, referral_id: UUID, draft_version: int, now: datetime) -> OutsideOpinion:
    """The transcription is complete: a named second person is asked to compare it with the original."""
    desk = _desk(session, actor, referral_id, now)
    row = _standing(session, desk.referral)
    if is_waiting(row, _same_draft(session, desk.referral, draft_version)):
        return row
    writers = {*row.writers, str(actor.user_id)}
    second = _second_person(desk, writers)
    if second is None:
        refuse("", "second_person", NOBODY_ELSE)
    _close(desk)
    row.writers, row.handed_version = sorted(writers), draft_version
    row.recorded_by_id, row.recorded_by, row.recorded_at = _person(actor), actor.name, now
    row.note = row.sent_back_by = row.sent_back_at = None
    session.flush()
    due = desk.referral.next_action_due_at
    new = NewTask(TaskKind.COMPARE_OPINION, second, str(new_id()), due_at=due if due and due > now else None)
    raise_task(session, desk.referral, new, now)
    return row


def _person(actor: Actor) -> UUID:
    if actor.user_id is None:
        raise ValueError("somebody without an account records nothing")
    return actor.user_id


def _second_person(desk: Desk, writers: set[str]) -> UUID | None:
    """A lead before a coordinator; nobody who wrote any of it, and nobody with a stake in the answer."""
    session, referral = desk.session, desk.referral
    stakes = interested_organizations(session, referral)
    others = (each for each in colleagues(session, referral.network_id, desk.now.date()) if str(each) not in writers)
    return next((each for each in others if not is_interested(organizations_of(session, each), stakes)), None)


def _same_draft(session: Session, referral: Referral, meant: int) -> OpinionDraft:
    draft = draft_of(session, referral)
    if draft is None or draft.version != meant:
        raise Stale
    return draft


def _close(desk: Desk) -> None:
    close_kinds(desk.session, (TaskKind.COMPARE_OPINION, TaskKind.CORRECT_OPINION), desk.referral.id, desk.now)


def handed_in(session: Session, referral: Referral, draft_version: int) -> OutsideOpinion:
    row = _standing(session, referral)
    _same_draft(session, referral, draft_version)
    if row.handed_version != draft_version:
        raise Conflict("It has been written on since. It can be compared once it is handed in again.")
    return row


def send_back(
    session: Session, actor: Actor, referral_id: UUID, note: str, draft_version: int, now: datetime
) -> OutsideOpinion:
    """It is not what the original says: whoever handed it in puts it right."""
    desk = _desk(session, actor, referral_id, now)
    row = handed_in(session, desk.referral, draft_version)
    refuse_unless_clean(_of_another(row, actor))
    _close(desk)
    raise_task(session, desk.referral, NewTask(TaskKind.CORRECT_OPINION, row.recorded_by_id, str(new_id())), now)
    row.handed_version = None
    row.note, row.sent_back_by, row.sent_back_at = note, actor.name, now
    session.flush()
    return row


def _of_another(row: OutsideOpinion, actor: Actor) -> list[FieldError]:
    return list(against_signing_off(writers_of(row), str(actor.user_id), compared=True))


def writers_of(row: OutsideOpinion) -> set[str]:
    return {*row.writers, str(row.recorded_by_id)}


@dataclass(frozen=True, slots=True)
class Compared:
    """What the second person had before them, and whether they say that they have compared it."""

    draft_version: int
    is_said: bool
    if_version: int | None = None


def sign_off(
    session: Session, actor: Actor, referral_id: UUID, body: Body, compared: Compared, now: datetime
) -> Referral:
    """A second person has compared it: only now it is signed, for the center, with both their names under the seal."""
    desk = _desk(session, actor, referral_id, now)
    row = handed_in(session, desk.referral, compared.draft_version)
    refuse_unless_clean(
        [
            *against_signing_off(writers_of(row), str(actor.user_id), compared=compared.is_said),
            *opinion_faults(act_of(session, actor, now), desk.referral, _facts(desk), body),
        ]
    )
    if _original(desk, row.document_id) != (row.document_id, row.document_sha256):
        raise Conflict("The original is not the file that was named. Name it anew.")
    speaker = desk.speaking({"by": row.recorded_by, "checked_by": actor.name, **told_of(row)})
    _name_author(desk, row)
    step = signing_step(desk.referral)
    taken = take_step(session, speaker, referral_id, step, body, now, compared.if_version)
    signed = latest_opinion(session, taken)
    row.checked_by_id, row.checked_by, row.checked_at = actor.user_id, actor.name, now
    row.opinion_id = signed.id if signed else None
    _close(desk)
    session.flush()
    return taken


def _name_author(desk: Desk, row: OutsideOpinion) -> None:
    """Whoever signed this original, which may be another than the first."""
    offer = held_offer(desk.session, desk.referral.id)
    if offer is not None:
        offer.outside_specialist = {"id": str(row.id), "name": row.specialist, "title": row.title}


def _facts(desk: Desk) -> dict[str, Any]:
    content: dict[str, Any] = current_facts(desk.session, desk.referral).content
    return content
