"""The invariant of documents: no center sees one without the patient's consent and an offer that is its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from referrals.domain.centers import HOLDING
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.vocabulary import ConsentScope
from referrals.models.document import Document
from referrals.models.offer import Offer
from referrals.models.organization import Network, Organization
from referrals.models.referral import Consent, Referral
from referrals.pathway.documents import documents_of
from referrals.pathway.integrity.finding import Break, Found, Invariant, Look
from referrals.pathway.scope import visible


def shown_without_leave(look: Look) -> Iterator[Break]:
    """What each center is shown, as the service itself decides it, against offers and consents as they stand.

    Whether an offer or a consent stands is worked out here once more: a proof that asked the code which it proves
    would find no hole in it.
    """
    today = {
        row.id: look.now.astimezone(ZoneInfo(row.zone)).date() for row in look.rows(select(Network.id, Network.zone))
    }
    centers = select(Organization.id, Organization.network_id, Organization.code).where(
        Organization.kind == Kind.CENTER
    )
    for row in list(look.rows(centers)):
        yield from _shown_to(look, _Center(row.id, row.network_id, row.code, today[row.network_id]))


@dataclass(frozen=True, slots=True)
class _Center:
    id: UUID
    network_id: UUID
    code: str
    today: date

    @property
    def reader(self) -> Actor:
        return Actor(self.network_id, self.id, Kind.CENTER, frozenset({Role.SPECIALIST}), None, None, self.code)


def _shown_to(look: Look, center: _Center) -> Iterator[Break]:
    held = select(Offer.id).where(
        Offer.referral_id == Referral.id, Offer.center_id == center.id, Offer.status.in_(HOLDING)
    )
    read = (
        select(Referral.id, Referral.reference, held.exists().label("is_held"))
        .where(
            visible(center.reader),
            Referral.erased_at.is_(None),
            select(Document.id).where(Document.referral_id == Referral.id).exists(),
        )
        .order_by(Referral.id)
    )
    for row in list(look.rows(read)):
        if (why := _missing(look, center, row)) and documents_of(look.session, center.reader, row.id, look.now):
            yield Break(row.reference, f"shows documents to center {center.code} without {why}")


def _missing(look: Look, center: _Center, row: Found) -> str | None:
    if not row.is_held:
        return "an offer"
    consents = look.session.execute(
        select(Consent.given, Consent.scope, Consent.centers, Consent.until).where(
            Consent.referral_id == row.id, Consent.withdrawn_at.is_(None)
        )
    )
    return None if any(_covers(consent, center) for consent in consents) else "consent"


def _covers(consent: Any, center: _Center) -> bool:
    named = consent.centers is None or center.code in consent.centers or str(center.id) in consent.centers
    in_time = consent.until is None or center.today <= consent.until
    return bool(consent.given and ConsentScope.SHARE_WITH_CENTERS in consent.scope and named and in_time)


PAPERS = (
    Invariant(
        "10", "No center is shown a document without consent and an offer of its own", Document, shown_without_leave
    ),
)
