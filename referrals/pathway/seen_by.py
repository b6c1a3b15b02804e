"""Everyone who saw a patient: each person and system with what they opened, from the entries of the audit."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from referrals.domain.audit import DENIED
from referrals.domain.errors import Forbidden
from referrals.domain.people import Actor, Kind
from referrals.models.audit import AuditSubject
from referrals.models.organization import ApiClient, Organization
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.models.user import User
from referrals.pathway.audit import READERS, subjects_of

MOST_LINES = 2000


def may_see_who_saw(actor: Actor) -> bool:
    """Administrators and auditors of the network, and of the organization that asked; never those of a center."""
    return actor.client_id is None and actor.kind is not Kind.CENTER and bool(actor.roles & READERS)


def seen_by(session: Session, actor: Actor, referral: Referral) -> Sequence[Row[Any]]:
    """A line for each person or system and each thing that they did, of all that is known of the patient here."""
    if not may_see_who_saw(actor):
        raise Forbidden("not_this_actor", "Who saw a patient is read by administrators and auditors.")
    subjects = subjects_of(session, referral.network_id, [referral.id], [referral.patient_id])
    naming = select(AuditSubject.entry_id).where(AuditSubject.entity_id.in_(subjects))
    doer = (
        AuditEntry.user_id,
        AuditEntry.client_id,
        User.name.label("user_name"),
        ApiClient.name.label("client_name"),
        Organization.name.label("organization_name"),
    )
    what = (AuditEntry.action, AuditEntry.entity)
    query = (
        select(*doer, *what, func.min(AuditEntry.at).label("first"), func.max(AuditEntry.at).label("last"))
        .add_columns(func.count().label("times"))
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(ApiClient, ApiClient.id == AuditEntry.client_id)
        .outerjoin(Organization, Organization.id == AuditEntry.organization_id)
        .where(AuditEntry.id.in_(naming), AuditEntry.network_id == referral.network_id, AuditEntry.action != DENIED)
        .group_by(*doer, *what)
        .order_by(func.min(AuditEntry.at), *what)
        .limit(MOST_LINES)
    )
    return session.execute(query).all()
