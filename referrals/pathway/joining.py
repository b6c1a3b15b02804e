"""One more clinician joins a referral: a colleague, or whoever sent the duplicate that was ended in its favor."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from referrals.domain.errors import FieldError, refuse, refuse_unless_clean
from referrals.domain.people import Role
from referrals.models.base import new_id
from referrals.models.offer import JoinedClinician
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.user import Membership, User
from referrals.pathway.staying import kept
from referrals.pathway.steps import Act, advance

Body = Mapping[str, Any]


def join(act: Act, referral: Referral, body: Body) -> Referral:
    """They are told of every step and read the opinion; the referring clinician stays who answers for it."""
    user = _clinician(act, referral, UUID(str(body["user"])))
    refuse_unless_clean(_known_already(act, referral, user))
    row = JoinedClinician(
        id=new_id(), network_id=referral.network_id, referral_id=referral.id, user_id=user.id, joined_at=act.now
    )
    act.session.add(row)
    advance(act, referral, "join", note=body.get("note"), data={"clinician": user.name})
    return referral


def _clinician(act: Act, referral: Referral, user_id: UUID) -> User:
    """Active, and of an organization that consent covers: the referring one, or that of a duplicate of this referral."""
    query = (
        select(User, Membership.organization_id)
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(
            User.id == user_id,
            User.active.is_(True),
            Membership.role == Role.CLINICIAN,
            Organization.network_id == referral.network_id,
        )
    )
    found = act.session.execute(kept(query)).all()
    if not found:
        refuse("/user", "clinician_is_active", "No active clinician has this id.")
    if not any(_is_covered(act, referral, row.organization_id) for row in found):
        refuse(
            "/user", "consent_covers_clinician", "The patient's consent does not cover this clinician's organization."
        )
    user: User = found[0][0]
    return user


def _is_covered(act: Act, referral: Referral, organization_id: UUID) -> bool:
    if organization_id == referral.organization_id:
        return True
    duplicate = exists().where(Referral.duplicate_of_id == referral.id, Referral.organization_id == organization_id)
    return bool(act.session.scalar(select(duplicate)))


def _known_already(act: Act, referral: Referral, user: User) -> list[FieldError]:
    joined = exists().where(JoinedClinician.referral_id == referral.id, JoinedClinician.user_id == user.id)
    if user.id == referral.clinician_id or act.session.scalar(select(joined)):
        return [FieldError("/user", "unchanged", "This clinician is told of every step already.")]
    return []
