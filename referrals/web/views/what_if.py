"""What if: the priority that other facts would give, beside the present one. Nothing is stored, nobody is told."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, request

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import Case
from referrals.domain.errors import Invalid, NotFound, Refusal
from referrals.pathway.packets import merge
from referrals.pathway.record import Record, read_referral
from referrals.pathway.what_if import judge_case
from referrals.web import paths
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form
from referrals.web.forms.stepping import supposed, what_if_form
from referrals.web.look_up import CodeToChoose, settled, titled
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.presenters.what_if import Outcome, WhatIfPage, compare
from referrals.web.records import whole
from referrals.web.typed import shown_again, wants_more, with_refusal
from referrals.web.views.worklist import refuse_other_readers
from referrals.web.visit import Visit, page

what_if = Blueprint("what_if", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>/what-if")


@what_if.get("")
@page
def ask(visit: Visit, referral_id: UUID) -> Shown:
    record = judged(visit, referral_id)
    return drawn(visit, record, titled(fill(what_if_form(referral_id), record.facts.content)))


@what_if.post("")
@page
def look(visit: Visit, referral_id: UUID) -> Shown:
    """Judges what was typed over what stands. The page may be asked as often as one likes."""
    record = judged(visit, referral_id)
    form = what_if_form(referral_id)
    typed = shown_again(visit.session, fill(form, {}), request.form)
    if wants_more():
        return drawn(visit, record, typed)
    try:
        packet = packet_from(form, settled(fill(form, {}), request.form), keep_blank=True)
        case = merge(record.facts.content, supposed(record.facts.content, packet))
        return drawn(visit, record, typed, outcome(visit, record, load(Case(), case, today=visit.moment.today)))
    except (Invalid, CodeToChoose) as refusal:
        return refused(visit, record, typed, refusal)


def judged(visit: Visit, referral_id: UUID) -> Record:
    refuse_other_readers(visit)
    record = read_referral(visit.session, visit.actor, referral_id)
    if record.assessment is None:
        raise NotFound
    return record


def outcome(visit: Visit, record: Record, case: Mapping[str, Any]) -> Outcome:
    """Both judged now, by the same rules: what differs comes from the facts alone."""
    before = judge_case(visit.session, visit.actor.network_id, load(Case(), record.facts.content), visit.now)
    after = judge_case(visit.session, visit.actor.network_id, case, visit.now)
    return compare(before.to_json(), after.to_json(), visit.tiers)


def refused(visit: Visit, record: Record, typed: Form, refusal: Refusal) -> Shown:
    return drawn(visit, record, with_refusal(typed, refusal), status=422)


def drawn(visit: Visit, record: Record, form: Form, found: Outcome | None = None, status: int = 200) -> Shown:
    answer = whole(record, visit.now)
    back = Link(answer["reference"], paths.referral(answer["id"]))
    shown = WhatIfPage(banner(answer, visit.tiers, visit.moment), form, found, back)
    return Shown("what_if.html", shown, Seen("referral", [record.referral.id]), status)
