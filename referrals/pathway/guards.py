"""Conditions that a step needs beyond the table: each named as in the table, each with its field and sentence."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError
from referrals.domain.lifecycle import is_interested
from referrals.domain.people import Party, Role
from referrals.models.diagnosis import Diagnosis
from referrals.models.referral import Referral
from referrals.models.user import Membership, User
from referrals.pathway.people import active_member, is_away, preferred_center
from referrals.pathway.steps import Act

_TRIAGE_ROLES = (Role.COORDINATOR, Role.CLINICAL_LEAD)
_TRIAGE_PARTIES = frozenset({Party.C, Party.L})


def interested_organizations(session: Session, referral: Referral) -> set[UUID | None]:
    """The referring, the preferred and the first-opinion organization."""
    query = select(Diagnosis.first_opinion_organization_id).where(Diagnosis.id == referral.diagnosis_id)
    first_opinion = session.scalar(query) if referral.diagnosis_id else None
    preferred = preferred_center(session, referral.network_id, referral.preferences)
    return {referral.organization_id, preferred, first_opinion}


def not_interested(act: Act, referral: Referral) -> list[FieldError]:
    """Whoever has a stake in the answer does not triage the question. It concerns those who act as C or L."""
    actor = act.actor
    if not actor.parties & _TRIAGE_PARTIES:
        return []
    own = actor.organizations | (organizations_of(act.session, actor.user_id) if actor.user_id else set())
    if is_interested(own, interested_organizations(act.session, referral)):
        return [FieldError("", "not_interested", "You belong to an organization that has a stake in this referral.")]
    return []


def organizations_of(session: Session, user_id: UUID) -> set[UUID]:
    return set(session.scalars(select(Membership.organization_id).where(Membership.user_id == user_id)))


def member(
    act: Act, organization_id: UUID, user_id: Any, roles: Iterable[Role], pointer: str
) -> tuple[User | None, list[FieldError]]:
    """An active member of the organization in one of these roles, or what is wrong with the one named."""
    user = active_member(act.session, organization_id, user_id, list(roles))
    if user is None:
        return None, [FieldError(pointer, "unknown", "Nobody active in this role has this id.")]
    return user, []


def actor_stays(act: Act) -> list[FieldError]:
    """Whoever takes it on is not being switched off, and does not lose the role, at this moment."""
    actor = act.actor
    if actor.user_id is None or actor.organization_id is None:
        return []
    found, _ = member(act, actor.organization_id, actor.user_id, _TRIAGE_ROLES, "")
    return [] if found else [FieldError("", "unknown", "Your account or your role has just been taken away. Nothing was changed.")]  # fmt: skip


def owner_named(act: Act, referral: Referral, user_id: Any) -> tuple[User | None, list[FieldError]]:
    """Active, present, a coordinator or lead of the network, and without a stake in the answer."""
    organization_id = act.actor.organization_id
    if organization_id is None:
        return None, [FieldError("/user", "unknown", "An owner belongs to the network.")]
    user, errors = member(act, organization_id, user_id, _TRIAGE_ROLES, "/user")
    if user is None:
        return None, errors
    if is_away(user, act.rules.calendar.local_date(act.now)):
        errors.append(FieldError("/user", "away", "This person is away and nobody covers for them."))
    if is_interested(organizations_of(act.session, user.id), interested_organizations(act.session, referral)):
        errors.append(FieldError("/user", "not_interested", "This person has a stake in this referral."))
    return user, errors
