"""What the network's administrator looks after: documents that are set aside, harmful or damaged, and who opened them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session, aliased

from referrals.domain.documents import ScanState
from referrals.domain.errors import Forbidden
from referrals.domain.people import Actor, Kind, Party
from referrals.models.document import Document
from referrals.models.organization import ApiClient, Organization
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.models.user import User
from referrals.pathway.scope import visible

OPENED = "download"
ENTITY = "document"
MOST = 100
MOST_OPENINGS = 200


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody was handed the file."""

    name: str
    organization: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """`by` is who set it aside, "" where nobody had to."""

    document: Document
    referral: Referral
    by: str
    opened: Sequence[Opening]


def sealed_documents(session: Session, actor: Actor) -> list[Sealed]:
    """The newest first, of every referral that the network has received."""
    if Party.A not in actor.parties or actor.kind is not Kind.NETWORK:
        raise Forbidden("not_this_actor", "This is for the network's administrator.")
    setter = aliased(User)
    is_sealed = or_(
        Document.misfiled_at.is_not(None), Document.damaged_at.is_not(None), Document.scan == ScanState.QUARANTINED
    )
    query = (
        select(Document, Referral, setter.name)
        .join(Referral, Referral.id == Document.referral_id)
        .outerjoin(setter, setter.id == Document.misfiled_by_id)
        .where(is_sealed, visible(actor))
        .order_by(Document.id.desc())
        .limit(MOST)
    )
    rows: Any = session.execute(query)
    return [Sealed(document, referral, by or "", _openings(session, document)) for document, referral, by in rows]


def _openings(session: Session, document: Document) -> list[Opening]:
    query = (
        select(AuditEntry.at, User.name, ApiClient.name, Organization.name)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(ApiClient, ApiClient.id == AuditEntry.client_id)
        .outerjoin(Organization, Organization.id == AuditEntry.organization_id)
        .where(
            AuditEntry.network_id == document.network_id,
            AuditEntry.at >= document.attached_at,
            AuditEntry.entity == ENTITY,
            AuditEntry.action == OPENED,
            cast(AuditEntry.ids, String).contains(str(document.id)),
        )
        .order_by(AuditEntry.at, AuditEntry.id)
        .limit(MOST_OPENINGS)
    )
    return [Opening(person or client or "", home or "", at) for at, person, client, home in session.execute(query)]
