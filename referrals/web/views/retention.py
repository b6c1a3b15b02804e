"""Legal holds: the network's administrators say whose data must not be erased, and why."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.paging import Place, seal, unseal
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.retention import HoldSent, LiftSent
from referrals.domain.errors import Conflict, Refusal
from referrals.domain.retention import HOLD, LEGAL_HOLD, LIFT, may_hold
from referrals.pathway.retention import holds
from referrals.web import paths
from referrals.web.forms.bind import packet_from
from referrals.web.forms.fields import Form
from referrals.web.forms.retention import hold_form, lift_form
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.retention import BACK, EXPLAINS, HoldsPage, hold_row, lift_title, lift_words
from referrals.web.typed import shown_again, status_of, with_refusal
from referrals.web.visit import Visit, act, page

retention = Blueprint("retention", __name__)

TITLE = "Set a legal hold"
ONE = f"{paths.LEGAL_HOLDS}/<hold_id>"


@retention.get(paths.LEGAL_HOLDS)
@page
def listed(visit: Visit) -> Shown:
    cursor = request.args.get("cursor", "")
    after = unseal(cursor, LEGAL_HOLD, visit.actor.organization_id).after[0] if cursor else None
    found = holds.listed(visit.session, visit.actor, after, holds.SHOWN + 1)
    rows, more = found[: holds.SHOWN], len(found) > holds.SHOWN
    following = seal(Place((rows[-1].LegalHold.id,), {}), LEGAL_HOLD, visit.actor.organization_id) if more else ""
    shown = HoldsPage(
        tuple(hold_row(row, visit.moment, may_lift=may_hold(visit.actor)) for row in rows),
        paths.LEGAL_HOLDS if cursor else "",
        paths.legal_holds(following) if following else "",
        notices(),
        paths.NEW_LEGAL_HOLD if may_hold(visit.actor) else "",
    )
    return Shown("legal_holds.html", shown, Seen(LEGAL_HOLD, [row.LegalHold.id for row in rows], "list"))


@retention.get(paths.NEW_LEGAL_HOLD)
@page
def ask(visit: Visit) -> Shown:
    holds.refuse_others(visit.actor)
    return asked(hold_form({"reference": request.args.get("reference", "")[:40]}))


def asked(form: Form, status: int = 200) -> Shown:
    return Shown("form.html", FormPage(TITLE, form, BACK, explains=EXPLAINS), status=status)


def ask_again(visit: Visit, refusal: Refusal) -> Shown:
    form = shown_again(visit.session, hold_form({}), request.form)
    return asked(with_refusal(form, refusal), status_of(refusal))


@retention.post(paths.NEW_LEGAL_HOLD)
@act(again=ask_again)
def set_hold(visit: Visit) -> Response:
    holds.refuse_others(visit.actor)
    sent = load(HoldSent(), packet_from(hold_form({}), request.form))
    hold = holds.set_hold(visit.session, visit.actor, sent, visit.now)
    visit.note(HOLD, [hold.id, hold.patient_id, hold.referral_id], LEGAL_HOLD)
    return go(paths.LEGAL_HOLDS, "The hold stands")


@retention.get(ONE)
@page
def one(visit: Visit, hold_id: UUID) -> Shown:
    return drawn(visit, hold_id, lift_form(hold_id))


def drawn(visit: Visit, hold_id: UUID, form: Form, status: int = 200) -> Shown:
    row = holds.one(visit.session, visit.actor, hold_id)
    if row.LegalHold.lifted_at is not None:
        raise Conflict("This hold was lifted before.")
    shown = FormPage(lift_title(row), form, BACK, explains=lift_words(row, visit.moment))
    return Shown("form.html", shown, Seen(LEGAL_HOLD, [hold_id]), status)


def lift_again(visit: Visit, refusal: Refusal, hold_id: UUID) -> Shown:
    form = shown_again(visit.session, lift_form(hold_id), request.form)
    return drawn(visit, hold_id, with_refusal(form, refusal), status_of(refusal))


@retention.post(ONE)
@act(again=lift_again)
def lift(visit: Visit, hold_id: UUID) -> Response:
    holds.one(visit.session, visit.actor, hold_id)
    sent = load(LiftSent(), packet_from(lift_form(hold_id), request.form))
    hold = holds.lift_hold(visit.session, visit.actor, hold_id, sent["reason"], visit.now)
    visit.note(LIFT, [hold.id, hold.patient_id, hold.referral_id], LEGAL_HOLD)
    return go(paths.LEGAL_HOLDS, "The hold is lifted")
