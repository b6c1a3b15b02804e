"""Who is calling: a bearer token becomes an actor, and a person it names comes with it. Cookies are not looked at."""

import re
from datetime import datetime

from flask import g, request
from sqlalchemy.orm import Session

from referrals.boundary.problems import unauthenticated
from referrals.domain.errors import Forbidden
from referrals.domain.people import PARTY_NAMES, Actor, Kind, Party, Scope
from referrals.pathway.clients import Caller, caller_for_token, speak_for

PERSON_HEADER = "On-Behalf-Of"
_BEARER = re.compile(r"Bearer +([A-Za-z0-9._~+/-]{1,512}=*)", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,253}")


def bearer_token() -> str:
    """The token that the caller shows; exactly one, in the header."""
    sent = request.headers.getlist("Authorization")
    found = _BEARER.fullmatch(sent[0].strip()) if len(sent) == 1 else None
    if found is None:
        raise unauthenticated()
    return found[1]


def identify(session: Session, now: datetime) -> Caller:
    """The client whose token this is."""
    caller = caller_for_token(session, bearer_token(), now)
    if caller is None:
        raise unauthenticated("The token is unknown or has expired. Ask for a new one.", "invalid_token")
    g.actor = caller.actor
    return caller


def with_person(session: Session, actor: Actor) -> Actor:
    """The same client in the name of the person whom it names, if it names one."""
    email = request.headers.get(PERSON_HEADER)
    if email is None:
        return actor
    if not _EMAIL.fullmatch(email.strip()):
        raise Forbidden("unknown_person", "On-Behalf-Of names nobody who acts for this organization.")
    g.actor = speak_for(session, actor, email)
    return g.actor


def need_scope(actor: Actor, scope: Scope | None) -> None:
    if scope is not None and scope not in actor.scopes:
        raise Forbidden("insufficient_scope", f"This needs the scope {scope}.")


def need_kind(actor: Actor, kinds: frozenset[Kind]) -> None:
    if kinds and actor.kind not in kinds:
        allowed = " or ".join(kind for kind in Kind if kind in kinds)
        raise Forbidden("wrong_kind", f"This is for an organization of kind {allowed}.")


def need_party(actor: Actor, parties: frozenset[Party]) -> None:
    if parties and not actor.parties & parties:
        allowed = " or ".join(PARTY_NAMES[party] for party in Party if party in parties)
        raise Forbidden("not_this_actor", f"This is for {allowed}, or its system with the scope for it.")
