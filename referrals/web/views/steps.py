"""The steps of a referral's life: buttons that act at once, and pages that ask something first."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.domain import lifecycle
from referrals.domain.errors import Forbidden, NotAllowedNow, Refusal, Stale
from referrals.domain.lifecycle import STEPS, Status
from referrals.domain.people import Kind
from referrals.models.referral import Referral
from referrals.pathway.actions import refuse_actor, take_step
from referrals.pathway.record import Record, events_of, read_referral
from referrals.pathway.steps import situation_of
from referrals.web import paths
from referrals.web.asking import ASKING, answered_with, said
from referrals.web.errors import not_open_words
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import Form
from referrals.web.forms.stepping import step_form
from referrals.web.look_up import settled, titled
from referrals.web.not_done import not_done
from referrals.web.pages import Seen, Shown, go
from referrals.web.presenters.form_page import Conflict as Clash, Difference, FormPage, closed_meanwhile
from referrals.web.presenters.notices import Link
from referrals.web.presenters.problems import ProblemPage
from referrals.web.presenters.referral import banner
from referrals.web.presenters.steps import AT_ONCE
from referrals.web.records import whole
from referrals.web.typed import (
    clash_with,
    differences,
    field_words,
    shown_again,
    status_of,
    wants_more,
    who_changed,
    with_refusal,
    with_version,
)
from referrals.web.visit import Visit, act, page, version_meant

steps = Blueprint("steps", __name__)


def at_once(step: str) -> Callable[..., Response]:
    """The view of a button without a page of its own."""

    @act(again=not_done)
    def take(visit: Visit, referral_id: UUID) -> Response:
        meant = version_meant()
        taken = take_step(visit.session, visit.actor, referral_id, step, {}, visit.now, if_version=meant)
        visit.note(step, [taken.id])
        return go(lands_on(visit, taken), f"{STEPS[step].happened}: {taken.reference}")

    return take


def asks(step: str) -> Callable[..., Response]:
    """The page that asks."""

    def ask(visit: Visit, referral_id: UUID) -> Shown:
        record = open_for(visit, step, referral_id)
        if why := ASKING[step].blocked(visit, record):
            return nothing_to_ask(step, record, why)
        form = titled(fill(blank(visit, step, record), ASKING[step].shows(record, visit)))
        return drawn(visit, step, record, form)

    return page(ask)


def nothing_to_ask(step: str, record: Record, why: str) -> Shown:
    """The step is open, and not for this person as things stand: the reason instead of a form."""
    href = paths.referral(record.referral.id)
    shown = ProblemPage(200, STEPS[step].label, (why,), "Back to the referral", href, "lock")
    return Shown("problem.html", shown, Seen("referral", [record.referral.id]))


def asks_more(step: str) -> Callable[..., Response]:
    """The same page with the codes that were looked up, or with one more row."""

    def ask(visit: Visit, referral_id: UUID) -> Shown:
        record = open_for(visit, step, referral_id)
        form = shown_again(visit.session, blank(visit, step, record), request.form)
        return drawn(visit, step, record, with_version(form, version_meant()))

    return page(ask)


def answers(step: str) -> Callable[..., Response]:
    """Takes the step with what was typed."""

    def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
        return typed_again(visit, step, refusal, read_referral(visit.session, visit.actor, referral_id))

    @act(again=again)
    def answer(visit: Visit, referral_id: UUID) -> Response:
        refuse_actor(step, visit.actor)
        record = read_referral(visit.session, visit.actor, referral_id)
        if record.referral.version != version_meant():
            raise Stale
        form = blank(visit, step, record)
        typed = packet_from(form, settled(form, request.form), keep_blank=step == "update-facts")
        body = answered_with(step, visit, record, typed)
        taken = take_step(visit.session, visit.actor, referral_id, step, body, visit.now, record.referral.version)
        visit.note(step, [taken.id])
        return onward(visit, step, record, taken)

    return answer


def open_for(visit: Visit, step: str, referral_id: UUID) -> Record:
    """The referral, if this step is this person's and open now: 403, then 404, then 409."""
    refuse_actor(step, visit.actor)
    record = read_referral(visit.session, visit.actor, referral_id)
    status = Status(record.referral.status)
    lifecycle.take(step, status, visit.actor.parties, situation_of(record.referral))
    if not record.open_steps:
        raise Forbidden("not_this_actor", "You have joined this referral to read it. Its own organization acts on it.")
    return record


def blank(visit: Visit, step: str, record: Record) -> Form:
    asking = ASKING[step]
    groups = asking.groups(visit, record) if asking.groups else None
    form = step_form(step, record.referral.id, record.referral.version, said(step, record).label, groups)
    return asking.form(visit, record, fill(form, {}))


def typed_again(visit: Visit, step: str, refusal: Refusal, record: Record) -> Shown:
    form = shown_again(visit.session, blank(visit, step, record), request.form)
    if isinstance(refusal, NotAllowedNow | Stale):
        return drawn(visit, step, record, form, status_of(refusal), clash(visit, step, refusal, record, form))
    mended = with_version(with_refusal(form, refusal), version_meant())
    return drawn(visit, step, record, mended, status_of(refusal))


def clash(visit: Visit, step: str, refusal: Refusal, record: Record, typed: Form) -> Clash:
    last = events_of(visit.session, record.referral.id)[-1]
    if isinstance(refusal, NotAllowedNow):
        return closed_meanwhile(who_changed(last, visit.actor), visit.moment.on(last.at), not_open_words(refusal))
    now, shows = ASKING[step].now(record, visit), ASKING[step].shows(record, visit)
    named = [
        Difference(field.label, now[field.name], field_words(field)) for field in typed.fields if field.name in now
    ]
    standing = fill(blank(visit, step, record), shows)
    return clash_with(last, visit.actor, visit.moment, [*named, *differences(standing, typed, shows)])


def drawn(
    visit: Visit, step: str, record: Record, form: Form, status: int = 200, conflict: Clash | None = None
) -> Shown:
    answer, words = whole(record, visit.now), said(step, record)
    shown = FormPage(
        words.label,
        form,
        Link(answer["reference"], paths.referral(answer["id"])),
        explains=(words.explains,),
        banner=banner(answer, visit.tiers, visit.moment),
        conflict=conflict,
        opinion=ASKING[step].opinion(visit, record),
    )
    return Shown("form.html", shown, Seen("referral", [record.referral.id]), status)


def onward(visit: Visit, step: str, before: Record, taken: Referral) -> Response:
    """Where the step leads: back to the referral, to the new draft, or to the list that it has left."""
    if taken.id != before.referral.id and visit.actor.organization_id == taken.organization_id:
        return go(paths.referral(taken.id, "consent"), "A new draft was made. Ask the patient for consent again.")
    if taken.submitted_at is None and taken.id == before.referral.id:
        return go(paths.MY_REFERRALS, "The draft is discarded")
    return go(lands_on(visit, taken), f"{STEPS[step].happened}: {before.referral.reference}")


def lands_on(visit: Visit, taken: Referral) -> str:
    """The referral, as long as whoever took the step still reads it; else the list it has left."""
    if visit.actor.kind is Kind.CENTER and taken.center_id != visit.actor.organization_id:
        return paths.INBOX
    if visit.actor.kind is Kind.PROVIDER and taken.status == Status.ENTERED_IN_ERROR:
        return paths.MY_REFERRALS
    return paths.referral(taken.id)


def hang(step: str) -> None:
    """The addresses of one step."""
    rule = f"{paths.MY_REFERRALS}/<referral_id>/{step}"
    if step in AT_ONCE:
        steps.add_url_rule(rule, step, at_once(step), methods=["POST"])
        return
    more, answer = asks_more(step), answers(step)

    def post(**path: str) -> Response:
        return (more if wants_more() else answer)(**path)

    steps.add_url_rule(rule, step, asks(step), methods=["GET"])
    steps.add_url_rule(rule, f"{step}-answer", post, methods=["POST"])


for name in (*sorted(AT_ONCE), *ASKING):
    hang(name)
