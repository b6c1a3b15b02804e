"""Hangs the JSON door: every resource under one base path, every failure as a problem document."""

from flask import Blueprint, Response

from referrals.api.assignments import assignments
from referrals.api.audit import audit
from referrals.api.centers import centers
from referrals.api.codes import codes
from referrals.api.contacts import contacts
from referrals.api.diagnoses import diagnoses
from referrals.api.directory import directory
from referrals.api.documentation import documentation
from referrals.api.documents import documents
from referrals.api.exports import exports
from referrals.api.feed import feed
from referrals.api.health import health
from referrals.api.imports import imports
from referrals.api.judgement import judgement
from referrals.api.messages import messages
from referrals.api.metrics import metrics
from referrals.api.offers import offers
from referrals.api.opinions import opinions
from referrals.api.patients import patients
from referrals.api.policies import policies
from referrals.api.referrals import referrals
from referrals.api.reports import reports
from referrals.api.steps import steps
from referrals.api.timeline import timeline
from referrals.api.tokens import tokens
from referrals.api.webhooks import webhooks
from referrals.api.worklist import worklist
from referrals.boundary.answers import BASE
from referrals.boundary.problems import answer_problem
from referrals.boundary.refused_calls import note_refused

RESOURCES = (
    directory,
    judgement,
    worklist,
    referrals,
    steps,
    timeline,
    feed,
    opinions,
    contacts,
    centers,
    offers,
    assignments,
    reports,
    patients,
    diagnoses,
    documents,
    messages,
    imports,
    exports,
    codes,
    policies,
    webhooks,
    audit,
    documentation,
)
PREFIXES = ("/api/", "/oauth/", "/health/", "/metrics/")


def blueprints() -> tuple[Blueprint, ...]:
    """What an application hangs for this door; new ones for each, because a blueprint is filled but once."""
    api = Blueprint("api", __name__, url_prefix=BASE)
    for resource in RESOURCES:
        api.register_blueprint(resource)
    api.after_request(note_refused)
    return api, tokens, health, metrics


def is_ours(path: str) -> bool:
    """Whether an address that leads nowhere would have led here."""
    return f"{path}/".startswith(PREFIXES)


def answer_failure(error: Exception) -> Response:
    return answer_problem(error)
