"""The audit: who read, changed, exported or was denied what."""

from flask import Blueprint

from referrals.api import shapes_of_audit as shapes
from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page, split
from referrals.boundary.audit_answers import entry_answer
from referrals.boundary.schemas.audit import AuditAsked, asked_for
from referrals.domain.audit import AUDIT, LIST
from referrals.domain.people import Scope
from referrals.pathway.audit import entries, refuse_other_readers
from referrals.pathway.rules import rules_of

audit = Blueprint("audit", __name__)


@audit.get("/audit")
@endpoint(gives=shapes.AuditEntryOut, asks=AuditAsked, listed=True, scope=Scope.AUDIT_READ)
def every_entry(call: Call) -> Answer:
    """The newest first: the network's client sees what belongs to the network, any other what its own people did.

    `record` finds an entry once it is sealed, seconds after it was written.
    """
    refuse_other_readers(call.actor)
    listed = listing(call, "audit", AuditAsked)
    rules = rules_of(call.session, call.actor.network_id)
    asked = asked_for(call.session, call.actor, rules, call.now, listed.filters)
    after = (listed.after[0], listed.after[1]) if listed.after else None
    shown, more = split(entries(call.session, call.actor, asked, after, listed.limit + 1), listed.limit)
    key = (shown[-1].at, shown[-1].id) if more else None
    return page(
        call, listed, "/audit", [entry_answer(row) for row in shown], key, Seen(AUDIT, asked.subjects or (), LIST)
    )
