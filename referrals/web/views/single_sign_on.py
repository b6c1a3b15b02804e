"""Signing in with the account of one's own organization, and proving oneself anew with it."""

from datetime import datetime
from uuid import UUID

import structlog
from flask import Blueprint, current_app, request, session as cookie
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from referrals.boundary import limits
from referrals.boundary.trace import current_request_id
from referrals.domain.second_factor import Happening
from referrals.domain.single_sign_on import DOOR, NotLetIn, Purpose, Refused, Said, is_fresh
from referrals.models.user import User
from referrals.pathway.second_factor import lacking
from referrals.pathway.sign_in import Elsewhere
from referrals.pathway.single_sign_on import (
    Attempt,
    Waiting,
    concerned,
    link,
    linked_person,
    refuse_unless_active,
    take,
)
from referrals.web import paths
from referrals.web.at_the_door import after_proof, lacking_now, last_person, own_path, to_sign_in
from referrals.web.kept import open_typed
from referrals.web.pages import Shown, go, render
from referrals.web.presenters.single_sign_on import refused_page
from referrals.web.session import begin_session, database, now, prove_anew, records, signed_in
from referrals.web.single_sign_on import SECRET, provider, send_on
from referrals.web.views.start import admit_address, halfway

single_sign_on = Blueprint("single_sign_on", __name__)
log = structlog.get_logger(__name__)

UNKNOWN = "single-sign-on-unknown"
LONGEST = 4000


@single_sign_on.before_request
def expect_provider() -> Response | None:
    """Where no provider is set, these addresses lead to our own page to sign in on."""
    if not current_app.config["SETTINGS"].oidc_issuer:
        return to_sign_in() if lacking_now() else go(paths.SIGN_IN)
    admit_address()
    return None


def waiting(user_id: UUID | None) -> Waiting:
    """What was typed waits with us only if it is what we have sealed for this person: strangers store nothing here."""
    kept = request.form.get("kept", "")
    is_ours = user_id is not None and open_typed(kept, user_id, now()) is not None
    return Waiting(own_path(request.form.get("next"))[:LONGEST], kept if is_ours else "")


@single_sign_on.post(paths.SINGLE_SIGN_ON)
def ask() -> Response:
    return sent(Purpose.SIGN_IN, None)


@single_sign_on.post(paths.PROVE_BY_SINGLE_SIGN_ON)
def ask_anew() -> Response:
    person = signed_in()
    return to_sign_in() if person is None else sent(Purpose.PROOF, person.user)


def sent(purpose: Purpose, user: User | None) -> Response:
    try:
        return send_on(purpose, user, waiting(user.id if user else last_person()))
    except NotLetIn as refusal:
        return refused(refusal.reason, user, None)


@single_sign_on.get(paths.SINGLE_SIGN_ON_BACK)
def back() -> Response:
    """Whatever the provider sends counts only together with what this browser, and no other, has begun."""
    with database().writing() as session:
        attempt = take(session, cookie.get(SECRET, ""), request.args.get("state", "")[:LONGEST], now())
    if attempt is None:
        return refused(Refused.LOST, None, None)
    cookie.pop(SECRET)
    said = None
    try:
        said = told(attempt)
        return let_in(said, attempt) if attempt.purpose is Purpose.SIGN_IN else proven(said, attempt)
    except NotLetIn as refusal:
        person = signed_in()
        user = person.user if person is not None and attempt.purpose is Purpose.PROOF else None
        return refused(refusal.reason, user, said)


def told(attempt: Attempt) -> Said:
    provider().refuse_mix_up(request.args.get("iss"))
    code = request.args.get("code", "")
    if not code or "error" in request.args:
        raise NotLetIn(Refused.DENIED)
    return provider().said(code[:LONGEST], attempt, now())


def let_in(said: Said, attempt: Attempt) -> Response:
    with database().writing() as session:
        user = linked_person(session, said)
        if user is None:
            user = link(session, said, now())
            records(session).note(user, Happening.IDENTITY_LINKED)
        refuse_unless_active(user)
    return inside(user, said, attempt)


def inside(user: User, said: Said, attempt: Attempt) -> Response:
    """Whoever must have a second factor still must, unless the provider states one."""
    with database().reading() as session:
        lacks = (
            None
            if said.has_second_factor
            else lacking(session, user, current_app.config["SETTINGS"].second_factor_roles)
        )
    begin_session(user, lacks=lacks, elsewhere=Elsewhere(DOOR, earlier(said.proven_at)))
    onward, kept = attempt.waiting.onward, attempt.waiting.kept
    return halfway(lacks, onward, kept) if lacks else after_proof(user, onward, kept)


def earlier(at: datetime | None) -> datetime | None:
    """Never later than now, whatever the provider's clock says."""
    return min(at, now()) if at else None


def proven(said: Said, attempt: Attempt) -> Response:
    """The same person, and just now. Where a second factor is missing it is as if they signed in again."""
    person = signed_in()
    if person is None or person.user.id != attempt.user_id:
        raise NotLetIn(Refused.LOST)
    with database().writing() as session:
        named = linked_person(session, said)
        if named is None or named.id != person.user.id:
            raise NotLetIn(Refused.OTHER_PERSON)
        if not is_fresh(said, attempt.begun_at):
            raise NotLetIn(Refused.NOT_FRESH)
        if said.has_second_factor or not lacking(session, named, current_app.config["SETTINGS"].second_factor_roles):
            prove_anew(session, person)
            records(session).note(named, Happening.PROVEN, detail={"door": DOOR})
            return after_proof(named, attempt.waiting.onward, attempt.waiting.kept)
    return inside(named, said, attempt)


def refused(reason: Refused, user: User | None, said: Said | None) -> Response:
    """Written down by its reason alone: in the audit of whom it concerns, else counted, because it belongs to nobody."""
    with database().writing() as session:
        note_refusal(session, reason, user or (concerned(session, said) if said else None))
    page = refused_page(reason, current_request_id())
    return render(Shown("problem.html", page, status=page.status), signed_in())


def note_refusal(session: Session, reason: Refused, user: User | None) -> None:
    if user is not None:
        records(session).note(user, Happening.SIGN_ON_REFUSED, detail={"reason": reason.value, "door": DOOR})
        return
    limits.count_calls(session, UNKNOWN, now())
    log.info("single sign-on let nobody in", reason=reason.value)
