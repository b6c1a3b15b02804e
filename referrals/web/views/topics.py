"""The referral form: one topic a page, each saved as a draft by itself."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import NewReferral
from referrals.domain.errors import NotAllowedNow, Refusal, Stale
from referrals.domain.lifecycle import ANSWERED, EDIT, OPEN, Status
from referrals.domain.people import Party
from referrals.pathway.amendment import amend
from referrals.pathway.intake import receive
from referrals.pathway.packets import packet_of
from referrals.pathway.record import Record, events_of, read_referral
from referrals.pathway.scope import find_referral
from referrals.web import paths
from referrals.web.drafts import (
    AFTER_SENDING,
    Standing,
    against_sending,
    draft_packet,
    newly_told,
    read_topic,
    whole_packet,
    with_choices,
)
from referrals.web.errors import not_open_words
from referrals.web.forms.bind import fill
from referrals.web.forms.fields import Form
from referrals.web.forms.topics import TOPICS, after, filled_topic, topic_form
from referrals.web.look_up import titled
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.check_answers import done_topics, missing_links
from referrals.web.presenters.form_page import Conflict as Clash, FormPage, closed_meanwhile, topic_page
from referrals.web.presenters.notices import Link
from referrals.web.presenters.referral import banner
from referrals.web.typed import (
    clash_with,
    differences,
    shown_again,
    status_of,
    wants_more,
    who_changed,
    with_refusal,
    with_version,
)
from referrals.web.visit import Visit, act, page, version_meant

topics = Blueprint("topics", __name__)

FIRST, LAST = "patient", "question"
REFERRERS = frozenset({Party.R})
EDITORS = frozenset({Party.R, Party.C})
NOT_YOURS = "Referrals are written by a clinician of the referring organization."


@topics.get(paths.NEW_REFERRAL)
@page
def begin(visit: Visit) -> Shown:
    """Nothing is stored before the patient has a name."""
    visit.need(REFERRERS, NOT_YOURS)
    return drawn_new(filled_topic(FIRST, blank_new(visit), {}))


@topics.post(paths.NEW_REFERRAL)
def start_draft() -> Response:
    return (more_new if wants_more() else receive_new)()


@page
def more_new(visit: Visit) -> Shown:
    visit.need(REFERRERS, NOT_YOURS)
    return drawn_new(shown_again(visit.session, blank_new(visit), request.form))


def refused_new(visit: Visit, refusal: Refusal) -> Shown:
    form = shown_again(visit.session, blank_new(visit), request.form)
    return drawn_new(with_refusal(form, refusal), status_of(refusal))


@act(again=refused_new)
def receive_new(visit: Visit) -> Response:
    visit.need(REFERRERS, NOT_YOURS)
    form = blank_new(visit)
    packet = read_topic(FIRST, form, request.form, Standing({}, {}, visit.moment.today))
    referral = receive(visit.session, visit.actor, load(NewReferral(), packet), door="form", now=visit.now)
    visit.note("create", [referral.id])
    return saved(referral.id, FIRST)


def blank_new(visit: Visit) -> Form:
    form = topic_form(FIRST, None, None)
    return with_choices(visit.session, FIRST, fill(form, {}), visit.person.home.id, visit.person.home.code)


def drawn_new(form: Form, status: int = 200) -> Shown:
    return Shown("form.html", topic_page(FIRST, titled(form), [], None), status=status)


def saved(referral_id: UUID, slug: str) -> Response:
    """On to the next page, or out of the form for now."""
    if "later" in request.form:
        return go(paths.MY_REFERRALS, "The draft is saved")
    return go(paths.referral(referral_id, after(slug)))


def opened(visit: Visit, slug: str, referral_id: UUID) -> Record:
    """The referral, if this page of it may be written now: whole as a draft, later only what was asked."""
    visit.need(EDITORS if slug == LAST else REFERRERS, NOT_YOURS)
    record = read_referral(visit.session, visit.actor, referral_id)
    status = Status(record.referral.status)
    open_later = slug == LAST and status in OPEN and status not in ANSWERED
    if status is not Status.DRAFT and not open_later:
        raise NotAllowedNow(EDIT, status)
    return record


def blank(visit: Visit, slug: str, record: Record) -> Form:
    own = record.referral
    form = fill(topic_form(slug, own.id, own.version), {})
    form = with_choices(visit.session, slug, form, own.organization_id, record.organization.code)
    return _for_later(form, record) if slug == LAST and own.status != Status.DRAFT else form


def _for_later(form: Form, record: Record) -> Form:
    """What was sent already is changed by itself, and nothing follows after it."""
    kept = [
        replace(group, items=tuple(item for item in group.items if item.pointer.split("/")[1] in AFTER_SENDING))
        for group in form.groups
    ]
    groups = tuple(group for group in kept if group.items)
    return replace(
        form, groups=groups, submit="Save the change", later="", cancel_href=paths.referral(record.referral.id)
    )


def writes(slug: str) -> Callable[..., Response]:
    """The page of one topic."""

    def write(visit: Visit, referral_id: UUID) -> Shown | Response:
        try:
            record = opened(visit, slug, referral_id)
        except NotAllowedNow:
            return go(paths.referral(referral_id))
        packet = draft_packet(visit.session, record, visit.now)
        return drawn(visit, slug, record, filled_topic(slug, blank(visit, slug, record), packet))

    return page(write)


def writes_more(slug: str) -> Callable[..., Response]:
    def write(visit: Visit, referral_id: UUID) -> Shown:
        record = opened(visit, slug, referral_id)
        form = typed(visit, slug, record)
        return drawn(visit, slug, record, with_version(form, version_meant()))

    return page(write)


def saves(slug: str) -> Callable[..., Response]:
    def again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
        return drawn_again(visit, slug, refusal, read_referral(visit.session, visit.actor, referral_id))

    @act(again=again)
    def save(visit: Visit, referral_id: UUID) -> Response:
        visit.need(EDITORS if slug == LAST else REFERRERS, NOT_YOURS)
        referral = find_referral(visit.session, visit.actor, referral_id, lock=True)
        if referral.version != version_meant():
            raise Stale
        record = opened(visit, slug, referral_id)
        form = blank(visit, slug, record)
        shown = draft_packet(visit.session, record, visit.now)
        patch = read_topic(
            slug, form, request.form, Standing(packet_of(visit.session, referral), shown, visit.moment.today)
        )
        was_draft, told = referral.status == Status.DRAFT, newly_told(patch, shown)
        amend(visit.session, visit.actor, referral, patch, visit.now, whole_packet, told)
        visit.note("edit", [referral_id])
        return saved(referral_id, slug) if was_draft else go(paths.referral(referral_id), "The change is saved")

    return save


def typed(visit: Visit, slug: str, record: Record) -> Form:
    return shown_again(visit.session, blank(visit, slug, record), request.form)


def drawn_again(visit: Visit, slug: str, refusal: Refusal, record: Record) -> Shown:
    form = typed(visit, slug, record)
    if isinstance(refusal, NotAllowedNow | Stale):
        return drawn(visit, slug, record, form, status_of(refusal), clash(visit, slug, refusal, record, form))
    return drawn(visit, slug, record, with_version(with_refusal(form, refusal), version_meant()), status_of(refusal))


def clash(visit: Visit, slug: str, refusal: Refusal, record: Record, form: Form) -> Clash:
    last = events_of(visit.session, record.referral.id)[-1]
    if slug != LAST and record.referral.status != Status.DRAFT:
        refusal = NotAllowedNow(EDIT, record.referral.status)
    if isinstance(refusal, NotAllowedNow):
        return closed_meanwhile(who_changed(last, visit.actor), visit.moment.on(last.at), not_open_words(refusal))
    packet = draft_packet(visit.session, record, visit.now)
    standing = filled_topic(slug, blank(visit, slug, record), packet)
    return clash_with(last, visit.actor, visit.moment, differences(standing, form))


def drawn(
    visit: Visit, slug: str, record: Record, form: Form, status: int = 200, conflict: Clash | None = None
) -> Shown:
    packet = draft_packet(visit.session, record, visit.now)
    is_draft = record.referral.status == Status.DRAFT
    about = banner(packet, visit.tiers, visit.moment)
    shown = topic_page(slug, titled(form), [], record.referral.id, about)
    if is_draft:
        missing = missing_links(against_sending(packet, visit.rules, visit.now), packet)
        written = f"Draft saved {visit.moment.at(record.referral.updated_at)}"
        shown = topic_page(slug, titled(form), done_topics(missing, packet), record.referral.id, about, written)
    else:
        shown = FormPage(TOPICS[slug].heading, titled(form), Link(about.reference, about.href), banner=about)
    told = replace(shown, conflict=conflict, notices=notices())
    return Shown("form.html", told, Seen("referral", [record.referral.id]), status)


def hang(slug: str) -> None:
    rule = f"{paths.MY_REFERRALS}/<referral_id>/{slug}"
    more, save = writes_more(slug), saves(slug)

    def post(**path: str) -> Response:
        return (more if wants_more() else save)(**path)

    topics.add_url_rule(rule, slug, writes(slug), methods=["GET"])
    topics.add_url_rule(rule, f"{slug}-save", post, methods=["POST"])


for name in TOPICS:
    hang(name)
