"""One page from triage to a center: the triage is completed and the offer made, both or neither."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.domain.errors import NotAllowedNow, Refusal, Stale
from referrals.domain.lifecycle import STEPS
from referrals.pathway.actions import refuse_actor, take_step
from referrals.pathway.record import Record, read_referral
from referrals.web import paths
from referrals.web.asking import ASKING, answered_with
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form
from referrals.web.forms.stepping import step_form
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.form_page import Conflict, FormPage
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.presenters.steps import PLACE, PLACE_EXPLAINS, PLACE_LABEL
from referrals.web.records import whole
from referrals.web.typed import shown_again, status_of, with_refusal, with_version
from referrals.web.views.steps import clash, open_for
from referrals.web.visit import Visit, act, page, version_meant

placing = Blueprint("placing", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>")

TRIAGE, OFFER = "complete-triage", "offer"


@placing.get(f"/{PLACE}")
@page
def ask(visit: Visit, referral_id: UUID) -> Shown:
    refuse_actor(OFFER, visit.actor)
    record = open_for(visit, TRIAGE, referral_id)
    return drawn(visit, record, blank(visit, record))


def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    form = shown_again(visit.session, blank(visit, record), request.form)
    if isinstance(refusal, NotAllowedNow | Stale):
        return drawn(visit, record, form, status_of(refusal), clash(visit, OFFER, refusal, record, form))
    return drawn(visit, record, with_version(with_refusal(form, refusal), version_meant()), status_of(refusal))


@placing.post(f"/{PLACE}")
@act(again=again)
def answer(visit: Visit, referral_id: UUID) -> Response:
    refuse_actor(OFFER, visit.actor)
    record = read_referral(visit.session, visit.actor, referral_id)
    if record.referral.version != version_meant():
        raise Stale
    typed = packet_from(blank(visit, record), request.form)
    body = answered_with(OFFER, visit, record, typed)
    triaged = take_step(visit.session, visit.actor, referral_id, TRIAGE, {}, visit.now, record.referral.version)
    offered = take_step(visit.session, visit.actor, referral_id, OFFER, body, visit.now, triaged.version)
    visit.note(TRIAGE, [referral_id])
    visit.note(OFFER, [referral_id])
    return go(paths.referral(referral_id), f"{STEPS[OFFER].happened}: {offered.reference}")


def blank(visit: Visit, record: Record) -> Form:
    groups = ASKING[OFFER].groups
    shown = groups(visit, record) if groups else ()
    return fill(step_form(PLACE, record.referral.id, record.referral.version, PLACE_LABEL, shown), {})


def drawn(visit: Visit, record: Record, form: Form, status: int = 200, conflict: Conflict | None = None) -> Shown:
    answer = whole(record, visit.now)
    shown = FormPage(
        PLACE_LABEL,
        form,
        Link(answer["reference"], paths.referral(answer["id"])),
        explains=(PLACE_EXPLAINS,),
        banner=banner(answer, visit.tiers, visit.moment),
        conflict=conflict,
    )
    return Shown("form.html", shown, Seen("referral", [record.referral.id]), status)
