"""The editor of an opinion: written in parts, saved as a draft, looked at once more, signed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.steps import STEP_BODIES
from referrals.domain import lifecycle
from referrals.domain.errors import FieldError, Invalid, NotAllowedNow, NotFound, Refusal, Stale, refuse_unless_clean
from referrals.domain.lifecycle import STEPS, Status
from referrals.domain.permissions import acting_parties
from referrals.models.opinion import OpinionDraft
from referrals.models.referral import Referral
from referrals.pathway.actions import refuse_actor, take_step
from referrals.pathway.opinion_drafts import begun_from, draft_of, save_draft
from referrals.pathway.opinions import opinion_faults
from referrals.pathway.record import Record, read_referral
from referrals.pathway.scope import find_referral
from referrals.pathway.steps import Act, act_of, situation_of
from referrals.web import paths
from referrals.web.errors import not_open_words
from referrals.web.forms.bind import fill, packet_from
from referrals.web.forms.fields import ErrorLink, Form
from referrals.web.forms.opinion import body_of, editor_groups
from referrals.web.look_up import settled, titled
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.facts import biomarker_rows, diagnosis_facts
from referrals.web.presenters.notices import Link, Notice
from referrals.web.presenters.opinion import EditorPage, SigningPage, identity, panel, treatment_words
from referrals.web.presenters.referral import banner, question
from referrals.web.reading import reader
from referrals.web.records import whole
from referrals.web.typed import shown_again, status_of, wants_more, with_refusal
from referrals.web.visit import Visit, act, page, version_meant

editor = Blueprint("editor", __name__)

SAVED_MEANWHILE = "A colleague saved this draft while you were writing"
# What the page's script sends while somebody types.
BY_ITSELF = "by itself"
KEPT = "What you typed is kept below. Save it again to put it in place of theirs."


@dataclass(frozen=True, slots=True)
class Road:
    """How an opinion comes to be signed: the step, where its pages are, and as whom it is written.

    `beside` is what the writer must know; `saves` keeps a draft.
    """

    step: str
    part: str
    title: str
    submit: str = "Check and sign"
    acting: Callable[[Visit, UUID], Visit] = lambda visit, referral_id: visit
    beside: Callable[[Visit, Record], tuple[Notice, ...]] = lambda visit, record: ()
    saves: Callable[[Act, Referral, Mapping[str, Any], int], OpinionDraft] = save_draft


def open_for(visit: Visit, step: str, referral_id: UUID) -> Record:
    """The referral, if this person may write its opinion now: 403, then 404, then 409."""
    refuse_actor(step, visit.actor)
    record = read_referral(visit.session, visit.actor, referral_id)
    own = record.referral
    lifecycle.take(step, Status(own.status), acting_parties(step, visit.actor), situation_of(own))
    return record


def blank(road: Road, record: Record, draft: OpinionDraft | None) -> Form:
    own = record.referral
    return fill(
        Form(
            action=paths.referral(own.id, road.part),
            submit=road.submit,
            groups=editor_groups(own.questions, road.step == "amend-opinion"),
            version=own.version,
            later="Save draft",
            cancel_href=paths.referral(own.id),
            hidden={"draft_version": str(draft.version if draft else 0)},
        ),
        {},
    )


def writes(road: Road) -> Callable[..., Response]:
    """The page to write on."""

    def write(visit: Visit, referral_id: UUID) -> Shown:
        visit = road.acting(visit, referral_id)
        record = open_for(visit, road.step, referral_id)
        draft = draft_of(visit.session, record.referral)
        content = draft.content if draft else begun_from(visit.session, record.referral)
        form = titled(fill(blank(road, record, draft), content))
        return drawn(visit, road, record, form, notices=notices())

    return page(write)


def writes_more(road: Road) -> Callable[..., Response]:
    """The same page with the codes that were looked up, or with one more row."""

    def write(visit: Visit, referral_id: UUID) -> Shown:
        visit = road.acting(visit, referral_id)
        record = open_for(visit, road.step, referral_id)
        return drawn(visit, road, record, typed_now(visit, road, record))

    return page(write)


def typed_now(visit: Visit, road: Road, record: Record) -> Form:
    """The form as it was sent, for the draft that it was made from."""
    form = shown_again(visit.session, blank(road, record, None), request.form)
    return replace(form, version=version_meant(), hidden={"draft_version": str(draft_meant())})


def draft_meant() -> int:
    typed = request.form.get("draft_version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def saves(road: Road) -> Callable[..., Response]:
    """Keeps what was typed; with "Check and sign" only once nothing is missing."""

    def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
        record = read_referral(visit.session, visit.actor, referral_id)
        form = typed_now(visit, road, record)
        if isinstance(refusal, NotAllowedNow):
            said = Notice("bad", "This step is not open now", not_open_words(refusal))
            return drawn(visit, road, record, form, 409, (said,))
        if isinstance(refusal, Stale):
            return drawn(visit, road, record, *over_a_colleague(visit, record, form))
        return drawn(visit, road, record, with_refusal(form, refusal), status_of(refusal))

    @act(again=again)
    def save(visit: Visit, referral_id: UUID) -> Response:
        visit = road.acting(visit, referral_id)
        refuse_actor(road.step, visit.actor)
        find_referral(visit.session, visit.actor, referral_id, lock=True)
        record = open_for(visit, road.step, referral_id)
        form = blank(road, record, None)
        content = packet_from(form, settled(form, request.form))
        is_done = "later" not in request.form
        if is_done:
            refuse_unsignable(visit, road.step, record, content)
        draft = road.saves(act_of(visit.session, visit.actor, visit.now), record.referral, content, draft_meant())
        visit.note("save-draft", [referral_id])
        if request.form.get("later") == BY_ITSELF:
            return Response(str(draft.version), mimetype="text/plain")
        onward = paths.referral(referral_id, f"{road.part}/check" if is_done else road.part)
        return go(onward, "" if is_done else "The draft is saved")

    return save


def over_a_colleague(visit: Visit, record: Record, form: Form) -> tuple[Form, int, tuple[Notice, ...]]:
    """Their draft stands; what was typed here can be put in its place by saving once more."""
    draft = draft_of(visit.session, record.referral)
    who = f"{draft.saved_by_name} saved it {visit.moment.on(draft.saved_at)}. " if draft else ""
    newer = replace(form, hidden={"draft_version": str(draft.version if draft else 0)})
    return newer, 409, (Notice("bad", SAVED_MEANWHILE, who + KEPT),)


def refuse_unsignable(visit: Visit, step: str, record: Record, content: Mapping[str, Any]) -> dict[str, Any]:
    """The body that would be signed; `Invalid` with everything that keeps it from that."""
    body = load(STEP_BODIES[step](), body_of(content, record.referral.questions), today=visit.moment.today)
    made = act_of(visit.session, visit.actor, visit.now)
    refuse_unless_clean(opinion_faults(made, record.referral, record.facts.content, body))
    return body


def drawn(
    visit: Visit, road: Road, record: Record, form: Form, status: int = 200, notices: tuple[Notice, ...] = ()
) -> Shown:
    answer = whole(record, visit.now)
    looks = reader(visit, record)
    diagnosis, pregnant = answer["diagnosis"], answer["patient"].get("pregnant")
    draft = draft_of(visit.session, record.referral)
    shown = EditorPage(
        title=road.title,
        form=form,
        back=Link(answer["reference"], paths.referral(answer["id"])),
        banner=banner(answer, visit.tiers, visit.moment),
        question=question(answer, visit.moment),
        facts=diagnosis_facts(diagnosis, pregnant, looks.name_of, looks.name_of_morphology),
        biomarkers=tuple((row.name, row.value, row.method, row.date) for row in biomarker_rows(diagnosis)),
        treatments=tuple(treatment_words(place, each) for place, each in enumerate(answer["treatments"] or ())),
        saved=f"Draft saved {visit.moment.on(draft.saved_at)}, by {draft.saved_by_name}" if draft else "",
        notices=(*notices, *road.beside(visit, record)),
    )
    return Shown("opinion_editor.html", shown, Seen("referral", [record.referral.id]), status)


def checks(step: str) -> Callable[..., Response]:
    """The last look before the signature."""

    def look(visit: Visit, referral_id: UUID) -> Shown | Response:
        record = open_for(visit, step, referral_id)
        try:
            return last_look(visit, step, record)
        except Invalid:  # the draft was saved unfinished: the editor says what is missing
            return go(paths.referral(referral_id, step), "The draft is not complete yet", "warn")

    return page(look)


def last_look(visit: Visit, step: str, record: Record, errors: tuple[ErrorLink, ...] = (), status: int = 200) -> Shown:
    draft = draft_of(visit.session, record.referral)
    if draft is None:
        raise NotFound
    body = refuse_unsignable(visit, step, record, draft.content)
    answer = whole(record, visit.now)
    shown_banner = banner(answer, visit.tiers, visit.moment)
    home = paths.referral(record.referral.id, step)
    shown = SigningPage(
        title="Check and sign",
        banner=shown_banner,
        opinion=panel(answer, body, reader(visit, record), heading="As it will be signed", signed="Not signed yet"),
        identity=identity(answer, shown_banner),
        action=f"{home}/check",
        submit=STEPS[step].label,
        version=record.referral.version,
        change_href=home,
        back=Link(answer["reference"], paths.referral(answer["id"])),
        errors=errors,
    )
    return Shown("opinion_check.html", shown, Seen("referral", [record.referral.id]), status)


def signs(step: str) -> Callable[..., Response]:
    """Signs what the draft says, if the box is ticked."""

    def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
        record = open_for(visit, step, referral_id)
        errors = refusal.errors if isinstance(refusal, Invalid) else (FieldError("", refusal.code, refusal.message),)
        links = tuple(
            ErrorLink(each.message, "#identity" if each.pointer == "/identity_confirmed" else "") for each in errors
        )
        return last_look(visit, step, record, links, 422 if isinstance(refusal, Invalid) else 409)

    @act(again=again)
    def sign(visit: Visit, referral_id: UUID) -> Response:
        record = open_for(visit, step, referral_id)
        draft = draft_of(visit.session, record.referral)
        if draft is None:
            raise NotFound
        body = load(STEP_BODIES[step](), body_of(draft.content, record.referral.questions))
        confirmed = request.form.get("identity_confirmed") == "yes"
        told = {**body, "identity_confirmed": confirmed}
        taken = take_step(visit.session, visit.actor, referral_id, step, told, visit.now, if_version=version_meant())
        visit.note(step, [taken.id])
        return go(paths.referral(taken.id), f"{STEPS[step].happened}: {taken.reference}")

    return sign


def hang(road: Road, pages: Blueprint) -> None:
    """The addresses of writing."""
    rule = f"{paths.MY_REFERRALS}/<referral_id>/{road.part}"
    more, save = writes_more(road), saves(road)

    def post(**path: str) -> Response:
        return (more if wants_more() else save)(**path)

    pages.add_url_rule(rule, road.part, writes(road), methods=["GET"])
    pages.add_url_rule(rule, f"{road.part}-save", post, methods=["POST"])


def hang_signing(step: str) -> None:
    rule = f"{paths.MY_REFERRALS}/<referral_id>/{step}/check"
    editor.add_url_rule(rule, f"{step}-check", checks(step), methods=["GET"])
    editor.add_url_rule(rule, f"{step}-sign", signs(step), methods=["POST"])


for name, title in (("sign-opinion", "Write the opinion"), ("amend-opinion", "Amend the opinion")):
    hang(Road(name, name, title), editor)
    hang_signing(name)
