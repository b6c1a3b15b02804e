"""Condition changed: a referring clinician reports it, it is judged at once, and the page says what that changed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.condition import ConditionTold
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.domain import lifecycle
from referrals.domain.condition import condition_faults, facts_of_condition, tells_facts
from referrals.domain.errors import Refusal, Stale, refuse_unless_clean
from referrals.domain.lifecycle import Status
from referrals.domain.people import Party
from referrals.pathway.condition import STEP, report_condition
from referrals.pathway.record import Record, events_of, read_referral
from referrals.pathway.steps import situation_of
from referrals.web import paths
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.condition import condition_form
from referrals.web.forms.fields import Form
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.condition import changed_page
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.presenters.steps import CONDITION_EXPLAINS, CONDITION_LABEL
from referrals.web.records import whole
from referrals.web.typed import status_of, with_refusal
from referrals.web.visit import Visit, act, page, version_meant

condition = Blueprint("condition", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>/{paths.CONDITION_CHANGED}")

REFERRERS = frozenset({Party.R})
NOT_YOURS = "The referring clinician reports how the patient is. You can write a message."


def of_referrer(visit: Visit, referral_id: UUID) -> Record:
    visit.need(REFERRERS, NOT_YOURS)
    return read_referral(visit.session, visit.actor, referral_id)


def blank(record: Record) -> Form:
    own = record.referral
    return condition_form(own.id, own.version, record.facts.content.get("treatments"))


@condition.get("")
@page
def ask(visit: Visit, referral_id: UUID) -> Shown:
    record = of_referrer(visit, referral_id)
    lifecycle.take(STEP, Status(record.referral.status), visit.actor.parties, situation_of(record.referral))
    return drawn(visit, record, fill(blank(record), {}))


def drawn(visit: Visit, record: Record, form: Form, status: int = 200) -> Shown:
    answer = whole(record, visit.now)
    shown = FormPage(
        CONDITION_LABEL,
        form,
        Link(answer["reference"], paths.referral(record.referral.id)),
        explains=(CONDITION_EXPLAINS,),
        banner=banner(answer, visit.tiers, visit.moment),
    )
    return Shown("form.html", shown, Seen("referral", [record.referral.id]), status)


def typed_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    record = of_referrer(visit, referral_id)
    form = fill(blank(record), packet_from(blank(record), request.form))
    return drawn(visit, record, with_refusal(form, refusal), status_of(refusal))


@condition.post("")
@act(again=typed_again)
def report(visit: Visit, referral_id: UUID) -> Response:
    record, meant = of_referrer(visit, referral_id), version_meant()
    if record.referral.version != meant:
        raise Stale
    told = load(ConditionTold(), packet_from(blank(record), request.form))
    facts = record.facts.content
    refuse_unless_clean(condition_faults(told, facts, visit.moment.today))
    report_condition(visit.session, visit.actor, referral_id, told, body_of(visit, told, facts), visit.now, meant)
    visit.note("report-condition", [referral_id])
    return go(f"{paths.condition_changed(referral_id)}/told")


def body_of(visit: Visit, told: Mapping[str, Any], facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """As the API reads it: what it refuses there is refused here."""
    body = facts_of_condition(told, facts, f"{visit.actor.name}, referring clinician")
    return load(STEP_BODIES[STEP](), body, today=visit.moment.today) if tells_facts(body) else body


def last_change(visit: Visit, referral_id: UUID) -> Mapping[str, Any]:
    """What this person's last report has changed in the facts: what it wrote, it wrote at one time."""
    events = events_of(visit.session, referral_id)
    own = [each for each in events if each.at == events[-1].at and each.user_id == visit.actor.user_id]
    return next((each.data for each in own if each.step == STEP), {})


@condition.get("/told")
@page
def told(visit: Visit, referral_id: UUID) -> Shown:
    """What the last report has changed, in words."""
    record = of_referrer(visit, referral_id)
    answer = whole(record, visit.now)
    shown = changed_page(answer, last_change(visit, referral_id), visit.tiers)
    return Shown("problem.html", shown, Seen("referral", [referral_id]))
