"""The page behind a link in a mail: what became of the advice, in one press, without signing in."""

from contextlib import suppress

from flask import Blueprint, current_app, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from referrals.boundary.trace import current_request_id
from referrals.domain.errors import NotFound
from referrals.domain.vocabulary import OutcomeResult
from referrals.pathway.accounts import actor_for_user
from referrals.pathway.outcome_links import Asked, answer_link, opened
from referrals.pathway.outcomes import recommendation_ids
from referrals.pathway.trail import record_audit
from referrals.web import paths
from referrals.web.pages import Shown, render
from referrals.web.presenters.outcome_link import CHOICES, OutcomeLinkPage
from referrals.web.session import database, now

outcome_links = Blueprint("outcome_links", __name__, url_prefix=f"{paths.OUTCOME}/<token>")


@outcome_links.get("")
def ask(token: str) -> Response:
    """Nothing is answered by looking: programs that follow the links of a mail only read."""
    with database().reading() as session:
        try:
            asked = opened(session, _secret(), token, now())
        except NotFound:
            return _shown(OutcomeLinkPage.used_up())
        count = len(recommendation_ids(session, asked.opinion))
    return _shown(OutcomeLinkPage.asking(paths.outcome(token), asked.referral.reference, count, _home(asked)))


@outcome_links.post("")
def answer(token: str) -> Response:
    result = _chosen()
    with database().writing() as session:
        try:
            asked = answer_link(session, _secret(), token, result, now())
        except NotFound:
            return _shown(OutcomeLinkPage.used_up())
        actor = actor_for_user(session, asked.user)
        record_audit(session, actor, "outcome-link", "referral", [asked.referral.id], now(), current_request_id())
    return _shown(OutcomeLinkPage.thanks(asked.referral.reference, CHOICES[result], _home(asked)))


def _chosen() -> OutcomeResult:
    with suppress(ValueError):
        return OutcomeResult(request.form.get("result", ""))
    raise BadRequest


def _home(asked: Asked) -> str:
    return paths.referral(asked.referral.id)


def _secret() -> str:
    secret: str = current_app.config["SETTINGS"].secret_key
    return secret


def _shown(page: OutcomeLinkPage) -> Response:
    return render(Shown("outcome_link.html", page), None)
