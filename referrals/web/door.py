"""Hangs the dashboard: pages for people, each resource a blueprint under one that guards them all."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Flask, Response, g, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as AnyResponse

from referrals.boundary.files import archive, expect_file, is_download
from referrals.web.assets import STATIC_PATH, asset_url, compressed
from referrals.web.at_the_door import back_here, give_back, to_proof
from referrals.web.csrf import SAFE_METHODS, Outdated, hang_csrf, refuse_foreign
from referrals.web.errors import answer_failure
from referrals.web.headers import PAGE_CACHE, SESSION_OVER, STATIC_CACHE
from referrals.web.pages import dress, written_for
from referrals.web.proofs import needs_fresh_proof
from referrals.web.session import hang_sign_in, now, signed_in
from referrals.web.views.absence import absence
from referrals.web.views.access import access
from referrals.web.views.account import account
from referrals.web.views.accounts import accounts
from referrals.web.views.advice import advice
from referrals.web.views.assignments import assignments
from referrals.web.views.audit import audit
from referrals.web.views.break_glass import break_glass
from referrals.web.views.capacity import capacity
from referrals.web.views.center_forms import center_forms
from referrals.web.views.centers import centers
from referrals.web.views.condition import condition
from referrals.web.views.contacts import contacts
from referrals.web.views.conversation import conversation
from referrals.web.views.dead_letters import dead_letters
from referrals.web.views.desk import desk
from referrals.web.views.documents import documents
from referrals.web.views.editor import editor
from referrals.web.views.figures import figures
from referrals.web.views.fitting import fitting
from referrals.web.views.imports import imports, largest
from referrals.web.views.inbox import inbox
from referrals.web.views.integrity import integrity
from referrals.web.views.letters import letters
from referrals.web.views.mine import mine
from referrals.web.views.notifications import notifications
from referrals.web.views.opinion import opinion
from referrals.web.views.outcome_link import outcome_links
from referrals.web.views.outside import outside
from referrals.web.views.partner_systems import partner_systems
from referrals.web.views.passwords import passwords
from referrals.web.views.placing import placing
from referrals.web.views.proof import proof
from referrals.web.views.referral import referral
from referrals.web.views.reports import reports
from referrals.web.views.retention import retention
from referrals.web.views.rules import rules
from referrals.web.views.search import search
from referrals.web.views.second_factor import second_factor
from referrals.web.views.second_factor_care import second_factor_care
from referrals.web.views.security import passkeys, security
from referrals.web.views.seen_by import seen_by
from referrals.web.views.sending import sending
from referrals.web.views.sessions import sessions
from referrals.web.views.single_sign_on import single_sign_on
from referrals.web.views.start import start
from referrals.web.views.steps import steps
from referrals.web.views.tasks import tasks
from referrals.web.views.topics import topics
from referrals.web.views.webhooks import webhooks
from referrals.web.views.what_if import what_if
from referrals.web.views.worklist import worklist

RESOURCES = (
    start,
    second_factor,
    single_sign_on,
    proof,
    security,
    passkeys,
    sessions,
    second_factor_care,
    account,
    passwords,
    accounts,
    absence,
    access,
    worklist,
    assignments,
    imports,
    inbox,
    capacity,
    placing,
    fitting,
    referral,
    letters,
    seen_by,
    steps,
    what_if,
    documents,
    condition,
    conversation,
    topics,
    sending,
    mine,
    search,
    desk,
    rules,
    opinion,
    editor,
    outside,
    contacts,
    outcome_links,
    advice,
    tasks,
    notifications,
    dead_letters,
    partner_systems,
    integrity,
    audit,
    break_glass,
    retention,
    centers,
    center_forms,
    reports,
    figures,
    webhooks,
)

# The forms with a file in them, and how large it may be.
FILE_FORMS: Mapping[str, Callable[[], int]] = {
    "web.documents.add": lambda: archive().largest,
    "web.imports.begin": largest,
}

__all__ = ["answer_failure", "hang"]


def hang(app: Flask) -> None:
    # A name that a template prints and no page object has is an error, not a blank.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset_url=asset_url, written_for=written_for)
    hang_sign_in(app)
    hang_csrf(app)
    app.register_blueprint(blueprint())


def blueprint() -> Blueprint:
    """A new one for each application, because a blueprint is filled but once."""
    web = Blueprint("web", __name__, template_folder="templates", static_folder="static", static_url_path=STATIC_PATH)
    web.before_request(expect_file_of_person)
    web.before_request(refuse_unstorable)
    web.before_request(refuse_foreign_or_give_back)
    web.before_request(expect_proof)
    web.after_request(guard)
    for resource in RESOURCES:
        web.register_blueprint(resource)
    return web


def expect_file_of_person() -> AnyResponse | None:
    """Only somebody who is signed in sends a file; it is said how large before anybody reads the form."""
    size = FILE_FORMS.get(request.endpoint or "")
    if size is None:
        return None
    if signed_in() is None:
        return back_here()
    expect_file(size())
    return None


def refuse_foreign_or_give_back() -> AnyResponse | None:
    """Whoever signed out, or in again, in another window keeps what they typed in this one."""
    try:
        refuse_foreign()
    except Outdated:
        return give_back()
    return None


def expect_proof() -> AnyResponse | None:
    """What matters most is done, and some of it shown, only to whoever has proved lately who they are."""
    rule = request.url_rule.rule if request.url_rule else ""
    if not needs_fresh_proof(request.endpoint or "", rule, request.method not in SAFE_METHODS):
        return None
    person = signed_in()
    return None if person is None or person.lacks or person.is_fresh(now()) else to_proof()


def refuse_unstorable() -> None:
    """No database stores a NUL, and no person types one."""
    sent = (request.path, *request.args.values(), *(value for _, value in request.form.items(multi=True)))
    if any("\0" in text for text in sent):
        raise BadRequest


def guard(answer: Response) -> Response:
    """No cache keeps a page; files carry the fingerprint of their bytes in their address and may be kept for good."""
    answer.headers.update(dict(SESSION_OVER) if "session_is_over" in g else {})
    is_file = request.endpoint == "web.static" and answer.status_code in (200, 304)
    if is_download(answer):  # it may do even less than a page, and says so itself
        policy = answer.headers["Content-Security-Policy"]
        dress(answer, PAGE_CACHE).headers["Content-Security-Policy"] = policy
        return answer
    return compressed(dress(answer, STATIC_CACHE)) if is_file else dress(answer, PAGE_CACHE)
