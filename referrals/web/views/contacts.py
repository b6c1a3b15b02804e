"""Calls and letters about a referral: what was tried, and a form for the next."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.opinion_answers import contact_answer
from referrals.boundary.schemas.contacts import Contact as ContactSent
from referrals.boundary.schemas.fields import load
from referrals.domain.errors import Refusal
from referrals.domain.people import Party
from referrals.pathway.contacts import contacts_of, record_contact
from referrals.pathway.record import Record, read_referral
from referrals.web import paths
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form
from referrals.web.forms.opinion import CONTACT
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.notices import Link
from referrals.web.presenters.opinion import ContactsPage, contact_entry
from referrals.web.presenters.referral import banner
from referrals.web.records import whole
from referrals.web.typed import shown_again, status_of, with_refusal
from referrals.web.visit import Visit, act, page

contacts = Blueprint("contacts", __name__, url_prefix=f"{paths.MY_REFERRALS}/<referral_id>/contacts")

WRITERS = frozenset({Party.R, Party.C, Party.L, Party.K, Party.S})
NOT_YOURS = "Calls and letters are written down by those who look after the referral."


@contacts.get("")
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    return drawn(visit, record, blank(referral_id) if visit.actor.parties & WRITERS else None)


def blank(referral_id: UUID) -> Form:
    action = paths.referral(referral_id, "contacts")
    return fill(Form(action, "Write it down", CONTACT, cancel_href=paths.referral(referral_id)), {})


def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    form = with_refusal(shown_again(visit.session, blank(referral_id), request.form), refusal)
    return drawn(visit, record, form, status_of(refusal))


@contacts.post("")
@act(again=again)
def add(visit: Visit, referral_id: UUID) -> Response:
    visit.need(WRITERS, NOT_YOURS)
    record = read_referral(visit.session, visit.actor, referral_id)
    sent = load(ContactSent(), packet_from(blank(referral_id), request.form))
    row = record_contact(visit.session, visit.actor, record.referral, sent, visit.now)
    visit.note("create", [row.id], "contact")
    return go(paths.referral(referral_id, "contacts"), "Written down")


def drawn(visit: Visit, record: Record, form: Form | None, status: int = 200) -> Shown:
    answer = whole(record, visit.now)
    rows = contacts_of(visit.session, visit.actor, record.referral.id)
    shown = ContactsPage(
        banner(answer, visit.tiers, visit.moment),
        tuple(contact_entry(contact_answer(row), visit.moment) for row in reversed(rows)),
        form,
        Link(answer["reference"], paths.referral(answer["id"])),
        notices(),
    )
    return Shown("contacts.html", shown, Seen("referral", [record.referral.id], "read-contacts"), status)
