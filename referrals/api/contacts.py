"""Calls and letters about a referral: written down by those who made them."""

from uuid import UUID

from flask import Blueprint

from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.shapes_of_papers import ContactOut
from referrals.api.timeline import cut
from referrals.boundary.answers import BASE
from referrals.boundary.opinion_answers import contact_answer
from referrals.boundary.paging import address_of
from referrals.boundary.schemas.contacts import Contact as ContactSent
from referrals.boundary.schemas.queries import Page
from referrals.domain.people import Party, Scope
from referrals.pathway.contacts import contacts_of, find_contact, record_contact
from referrals.pathway.scope import find_referral

contacts = Blueprint("contacts", __name__, url_prefix="/referrals/<referral_id>/contacts")

WRITERS = frozenset({Party.R, Party.C, Party.L, Party.K, Party.S})
# A row of this table is written once and never changes.
ONLY_VERSION = 1


@contacts.get("")
@endpoint(gives=ContactOut, asks=Page, scope=Scope.REFERRALS_READ, listed=True)
def listed(call: Call, referral_id: UUID) -> Answer:
    """Whom somebody tried to reach: the network reads all, others what their own organization wrote down."""
    referral = find_referral(call.session, call.actor, referral_id)
    rows = contacts_of(call.session, call.actor, referral_id)
    place = {row.id: number for number, row in enumerate(rows, start=1)}
    return cut(call, referral, "contacts", rows, lambda row: place[row.id], contact_answer)


@contacts.post("")
@endpoint(
    takes=ContactSent,
    gives=ContactOut,
    parties=WRITERS,
    status=201,
    writes=True,
    repeatable=True,
    versioned=True,
)
def add(call: Call, referral_id: UUID) -> Answer:
    """Write down one attempt to reach somebody."""
    referral = find_referral(call.session, call.actor, referral_id)
    row = record_contact(call.session, call.actor, referral, call.body, call.now)
    location = {"Location": address_of(f"{BASE}/referrals/{referral_id}/contacts/{row.id}")}
    return Answer(contact_answer(row), Seen("contact", [row.id], "create"), ONLY_VERSION, 201, location)


@contacts.get("/<contact_id>")
@endpoint(gives=ContactOut, scope=Scope.REFERRALS_READ, versioned=True)
def one(call: Call, referral_id: UUID, contact_id: UUID) -> Answer:
    """One attempt to reach somebody."""
    find_referral(call.session, call.actor, referral_id)
    row = find_contact(call.session, call.actor, referral_id, contact_id)
    return Answer(contact_answer(row), Seen("referral", [referral_id], "read-contact"), ONLY_VERSION)
