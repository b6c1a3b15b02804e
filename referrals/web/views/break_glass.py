"""Break-glass: an administrator opens one record outside their scope, with a reason; somebody else reviews it."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.paging import Place, seal, unseal
from referrals.boundary.schemas.break_glass import BreakGlassSent, ReviewSent
from referrals.boundary.schemas.fields import load
from referrals.domain.audit import DENIED
from referrals.domain.break_glass import ACTION
from referrals.domain.errors import Refusal
from referrals.pathway import break_glass as glasses
from referrals.web import paths
from referrals.web.forms.bind import packet_from
from referrals.web.forms.break_glass import ask_form, review_form
from referrals.web.forms.fields import Form
from referrals.web.pages import Seen, Shown, frame_of, go, notices
from referrals.web.presenters.break_glass import EXPLAINS, GlassesPage, glass_page, glass_row
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.typed import shown_again, status_of, with_refusal
from referrals.web.visit import Visit, act, page

break_glass = Blueprint("break_glass", __name__)

ENTITY = "break_glass"
TITLE = "Open a record outside your scope"
ONE = f"{paths.BREAK_GLASS_REVIEW}/<glass_id>"


@break_glass.get(paths.BREAK_GLASS)
@page
def ask(visit: Visit) -> Shown:
    glasses.refuse_other_breakers(visit.actor)
    return asked(visit, ask_form())


def asked(visit: Visit, form: Form, seen: Seen | None = None, status: int = 200) -> Shown:
    back = Link("Start", frame_of(visit.person).home)
    return Shown("form.html", FormPage(TITLE, form, back, explains=EXPLAINS), seen, status)


def ask_again(visit: Visit, refusal: Refusal) -> Shown:
    """What did not open is written down, too: references are not for guessing."""
    form = with_refusal(shown_again(visit.session, ask_form(), request.form), refusal)
    return asked(visit, form, Seen(ENTITY, (), DENIED), status_of(refusal))


@break_glass.post(paths.BREAK_GLASS)
@act(again=ask_again)
def open_record(visit: Visit) -> Response:
    glasses.refuse_other_breakers(visit.actor)
    sent = load(BreakGlassSent(), packet_from(ask_form(), request.form))
    glass = glasses.break_glass(visit.session, visit.actor, sent, visit.now)
    visit.note(ACTION, [glass.referral_id])
    return go(paths.referral(glass.referral_id))


@break_glass.get(paths.BREAK_GLASS_REVIEW)
@page
def listed(visit: Visit) -> Shown:
    glasses.refuse_other_reviewers(visit.actor)
    cursor = request.args.get("cursor", "")
    after = unseal(cursor, ENTITY, visit.actor.organization_id).after[0] if cursor else None
    found = glasses.listed(visit.session, visit.actor, after, glasses.SHOWN + 1)
    rows, more = found[: glasses.SHOWN], len(found) > glasses.SHOWN
    following = seal(Place((rows[-1].BreakGlass.id,), {}), ENTITY, visit.actor.organization_id) if more else ""
    shown = GlassesPage(
        tuple(glass_row(row, visit.moment) for row in rows),
        paths.BREAK_GLASS_REVIEW if cursor else "",
        paths.break_glass_list(following) if following else "",
        notices(),
    )
    return Shown("break_glasses.html", shown, Seen(ENTITY, [row.BreakGlass.id for row in rows], "list"))


@break_glass.get(ONE)
@page
def one(visit: Visit, glass_id: UUID) -> Shown:
    return drawn(visit, glass_id, review_form(glass_id))


def drawn(visit: Visit, glass_id: UUID, form: Form, status: int = 200) -> Shown:
    row = glasses.one(visit.session, visit.actor, glass_id)
    glass = row.BreakGlass
    is_theirs = glass.reviewed_at is None and glass.user_id != visit.actor.user_id
    done = glasses.done_meanwhile(visit.session, glass)
    shown = glass_page(row, done, form if is_theirs else None, visit.moment)
    return Shown("break_glass.html", shown, Seen(ENTITY, [glass_id]), status)


def review_again(visit: Visit, refusal: Refusal, glass_id: UUID) -> Shown:
    form = shown_again(visit.session, review_form(glass_id), request.form)
    return drawn(visit, glass_id, with_refusal(form, refusal), status_of(refusal))


@break_glass.post(ONE)
@act(again=review_again)
def review(visit: Visit, glass_id: UUID) -> Response:
    glasses.refuse_other_reviewers(visit.actor)
    glasses.one(visit.session, visit.actor, glass_id)
    sent = load(ReviewSent(), packet_from(review_form(glass_id), request.form))
    glass = glasses.review(visit.session, visit.actor, glass_id, sent, visit.now)
    visit.note("review-break-glass", [glass.id], ENTITY)
    return go(paths.BREAK_GLASS_REVIEW, "The review is written")
