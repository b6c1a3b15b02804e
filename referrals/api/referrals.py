"""One referral: received whole, read whole, and rewritten while that is still possible."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint

from referrals.api import shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.boundary.answers import BASE, referral_answer
from referrals.boundary.bodies import object_of
from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.paging import address_of
from referrals.boundary.problems import Problem
from referrals.boundary.schemas.fields import LINE, load, ready
from referrals.boundary.schemas.packet import NewReferral, Packet
from referrals.domain.errors import FieldError, Invalid
from referrals.domain.people import Kind, Party, Scope
from referrals.pathway.amendment import amend
from referrals.pathway.intake import receive_whole, refuse
from referrals.pathway.meant import unknown_names
from referrals.pathway.record import Record, read_referral, record_just_made, record_received
from referrals.pathway.scope import find_referral

referrals = Blueprint("referrals", __name__, url_prefix="/referrals")

DOOR = "json"
REFUSALS = frozenset({400, 409, 413, 415, 422})


def refused(call: Call, problem: Problem) -> None:
    """Give a receipt for what was refused: the names of fields, never what they held."""
    if problem.status in REFUSALS:
        errors = _reasons(problem)
        reference = _reference(call.sent)
        refuse(call.session, call.actor, door=DOOR, errors=errors, external_reference=reference, now=call.now)


def _reasons(problem: Problem) -> list[FieldError]:
    named = [error for error in problem.errors if isinstance(error, FieldError)]
    contradicted = [FieldError(pointer, problem.word, "") for pointer in problem.extra.get("fields", ())]
    return named or contradicted or [FieldError("", problem.word, "")]


def _reference(sent: Any) -> str | None:
    reference = sent.get("external_reference") if isinstance(sent, Mapping) else None
    return reference.strip()[:LINE] or None if isinstance(reference, str) else None


def unknown_to_us(call: Call, sound: Mapping[str, Any]) -> list[FieldError]:
    return unknown_names(call.session, call.actor, sound)


@referrals.post("")
@endpoint(
    takes=NewReferral,
    gives=shapes.ReferralOut,
    scope=Scope.REFERRALS_WRITE,
    kinds=frozenset({Kind.PROVIDER}),
    status=201,
    writes=True,
    repeatable=True,
    versioned=True,
    refused=refused,
    looks_up=unknown_to_us,
)
def create(call: Call) -> Answer:
    """Take in a whole referral as a draft; with `submit` also send it. All of it, or nothing."""
    received = receive_whole(call.session, call.actor, call.body, door=DOOR, now=call.now)
    return just_made(call, record_received(call.session, call.actor, received), "create", status=201)


@referrals.get("/<referral_id>")
@endpoint(gives=shapes.ReferralOut, scope=Scope.REFERRALS_READ, versioned=True)
def one(call: Call, referral_id: UUID) -> Answer:
    """One referral, whole."""
    record = read_referral(call.session, call.actor, referral_id)
    body = referral_answer(record, call.now)
    return Answer(body, version=record.referral.version, seen=Seen("referral", [referral_id]))


@referrals.patch("/<referral_id>")
@endpoint(
    takes=Packet,
    gives=shapes.ReferralOut,
    parties=frozenset({Party.R, Party.C}),
    writes=True,
    needs_version=True,
    versioned=True,
    looks_up=unknown_to_us,
)
def rewrite(call: Call, referral_id: UUID) -> Answer:
    """Lay a merge patch over it: everything of a draft, later only what is not clinical."""
    referral = find_referral(call.session, call.actor, referral_id, lock=True)
    refuse_stale(versions_meant(), referral.version)
    try:
        patch, check = call.body, whole_packet
    except Invalid as faulty:
        patch, check = dict.fromkeys(known_members(call.sent)), refuse_with(faulty)
    amend(call.session, call.actor, referral, patch, call.now, check)
    return just_made(call, record_just_made(call.session, call.actor, referral), "edit")


def whole_packet(merged: Mapping[str, Any]) -> Mapping[str, Any]:
    return load(ready(Packet), merged)


def known_members(sent: Any) -> list[str]:
    """What of a faulty patch still says which fields are meant, so that 403 and 409 come before 422."""
    known = ready(Packet).fields
    return [name for name in object_of(sent) if name in known]


def refuse_with(faulty: Invalid) -> Any:
    def check(merged: Mapping[str, Any]) -> Mapping[str, Any]:
        raise faulty

    return check


def just_made(call: Call, record: Record, action: str, *, status: int = 200) -> Answer:
    """The answer of a call that wrote: the referral as it stands now, and who did what to it for the audit."""
    referral = record.referral
    headers = {"Location": address_of(f"{BASE}/referrals/{referral.id}")} if status == 201 else {}
    return Answer(
        referral_answer(record, call.now),
        seen=Seen("referral", [referral.id], action),
        version=referral.version,
        status=status,
        headers=headers,
    )
