"""Check your answers, send the referral, and what happens next."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint
from werkzeug.wrappers import Response

from referrals.domain.errors import Invalid, NotFound, Refusal
from referrals.domain.lifecycle import Status
from referrals.domain.people import Party
from referrals.knowledge import icd10cm, icdo3
from referrals.pathway.actions import take_step
from referrals.pathway.record import Record, events_of, read_referral
from referrals.web import paths
from referrals.web.drafts import against_sending, draft_packet
from referrals.web.not_done import not_done
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.check_answers import SentPage, check_page
from referrals.web.presenters.documents import attached_section
from referrals.web.presenters.referral import banner, standing
from referrals.web.presenters.tags import full_name, tier_tag
from referrals.web.presenters.turn import read_aloud
from referrals.web.records import stands_since, whole
from referrals.web.views.documents import section
from referrals.web.views.topics import NOT_YOURS, REFERRERS
from referrals.web.visit import Visit, act, page, version_meant

sending = Blueprint("sending", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")

NAMES = {"icd10cm": icd10cm.display, "morphology": icdo3.morphology_label}


@sending.get("/check")
@page
def check(visit: Visit, referral_id: UUID) -> Shown | Response:
    """Whoever comes back here after sending is shown what became of it."""
    visit.need(REFERRERS, NOT_YOURS)
    record = read_referral(visit.session, visit.actor, referral_id)
    return drawn(visit, record) if record.referral.status == Status.DRAFT else go(paths.referral(referral_id))


def drawn(visit: Visit, record: Record, was_refused: bool = False, status: int = 200) -> Shown:
    packet = draft_packet(visit.session, record, visit.now)
    about = banner(packet, visit.tiers, visit.moment)
    lacking = against_sending(packet, visit.rules, visit.now)
    clinician = record.clinician
    names = {**NAMES, "referring_clinician": lambda email: clinician.name if clinician else None}
    page_of_answers = check_page(packet, about, lacking, names, was_refused)
    attached = attached_section(section(visit, record))
    shown = replace(page_of_answers, sections=(*page_of_answers.sections, attached))
    return Shown("check_answers.html", shown, Seen("referral", [record.referral.id]), status)


def lacks_something(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    if not isinstance(refusal, Invalid):
        return not_done(visit, refusal, referral_id)
    record = read_referral(visit.session, visit.actor, referral_id)
    return drawn(visit, record, was_refused=True, status=422)


@sending.post("/submit")
@act(again=lacks_something)
def submit(visit: Visit, referral_id: UUID) -> Response:
    meant = version_meant()
    take_step(visit.session, visit.actor, referral_id, "submit", {"door": "form"}, visit.now, if_version=meant)
    visit.note("submit", [referral_id])
    return go(paths.referral(referral_id, "sent"))


@sending.get("/sent")
@page
def sent(visit: Visit, referral_id: UUID) -> Shown:
    """The number to quote, and who does what by when."""
    record = read_referral(visit.session, visit.actor, referral_id)
    if record.referral.submitted_at is None or not visit.actor.parties & {Party.R}:
        raise NotFound
    answer = whole(record, visit.now, stands_since(events_of(visit.session, referral_id)))
    return Shown("sent.html", sent_page(visit, answer, record), Seen("referral", [referral_id]))


def sent_page(visit: Visit, answer: dict[str, Any], record: Record) -> SentPage:
    own = record.referral
    return SentPage(
        reference=own.reference,
        name=full_name(answer["patient"]),
        tier=tier_tag(own.tier, visit.tiers, own.provisional, override=record.override is not None),
        reasons=tuple(own.reasons),
        promised=f"Promised by {visit.moment.at(own.due_at)}" if own.due_at else "",
        aloud=read_aloud(standing(answer), visit.moment),
        href=paths.referral(own.id),
        letter_href=paths.letter(own.id),
    )
