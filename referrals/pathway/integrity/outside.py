"""The invariant of answers from outside the network: two persons and an original stand behind each opinion."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from referrals.domain.people import Kind
from referrals.models.center import Center
from referrals.models.document import Document
from referrals.models.opinion import Opinion
from referrals.models.organization import Organization
from referrals.models.outside import OutsideOpinion
from referrals.models.referral import Referral
from referrals.models.user import Membership
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look

RECORDER = Opinion.content["recorded"]["by"].as_string()
CHECKER = Opinion.content["recorded"]["checked_by"].as_string()
ORIGINAL = Opinion.content["recorded"]["original"]["sha256"].as_string()


def signed_by_one(look: Look) -> Iterator[Break]:
    """Each opinion from outside has a recorder, another who compared it, and its original, as they were sealed."""
    query = (
        select(
            Referral.reference, Opinion.version, Opinion.referral_id, Opinion.signed_by_id,
            RECORDER.label("sealed_by"), CHECKER.label("sealed_checker"), ORIGINAL.label("sealed_original"),
            OutsideOpinion.recorded_by, OutsideOpinion.checked_by, OutsideOpinion.recorded_by_id,
            OutsideOpinion.checked_by_id, OutsideOpinion.document_sha256,
            Document.sha256, Document.misfiled_at, Document.referral_id.label("document_of"),
        )
        .join(Referral, Referral.id == Opinion.referral_id)
        .outerjoin(OutsideOpinion, OutsideOpinion.opinion_id == Opinion.id)
        .outerjoin(Document, Document.id == OutsideOpinion.document_id)
        .where(Referral.erased_at.is_(None), or_(RECORDER.is_not(None), OutsideOpinion.id.is_not(None), _signed_for_another()))
    )  # fmt: skip
    for row in look.rows(query):
        if why := _missing(row):
            yield Break(f"{row.reference} opinion {row.version}", why)


def _signed_for_another() -> ColumnElement[bool]:
    """Signed at a center outside the network by somebody of the network, who was never of that center."""
    own, network = aliased(Membership), aliased(Membership)
    is_outside = (Center.organization_id == Opinion.center_id, Center.in_network.is_(False))
    at_network = (
        select(network.id)
        .join(Organization, Organization.id == network.organization_id)
        .where(network.user_id == Opinion.signed_by_id, Organization.kind == Kind.NETWORK)
    )
    of_center = select(own.id).where(own.user_id == Opinion.signed_by_id, own.organization_id == Opinion.center_id)
    return and_(select(Center.organization_id).where(*is_outside).exists(), at_network.exists(), ~of_center.exists())


def _missing(row: Found) -> str | None:
    if (row.recorded_by, row.checked_by) != (row.sealed_by, row.sealed_checker) or row.sealed_by is None:
        return "is of a center outside the network, and who recorded and who compared it is not as it was signed"
    if row.checked_by_id in (None, row.recorded_by_id) or row.checked_by_id != row.signed_by_id:
        return "was signed off by somebody else than a second person who compared it"
    is_there = row.document_of == row.referral_id and row.misfiled_at is None
    if not is_there or len({row.sha256, row.document_sha256, row.sealed_original}) != 1:
        return "has no original that is attached to its referral, as it was when it was signed"
    return None


OUTSIDE = (
    Invariant(
        "outside",
        "Every opinion from outside the network has a recorder, another who compared it, and its original",
        Opinion,
        signed_by_one,
    ),
)
