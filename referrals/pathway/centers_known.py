"""Open trials and conflicts of centers: stated by those who keep the profile, asked by those who choose a center."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from referrals.domain.errors import refuse_unless_clean
from referrals.domain.known_center import conflict_faults, is_in_force, is_open, trial_faults
from referrals.domain.people import Actor
from referrals.domain.tumor_family import family_labels
from referrals.models.base import new_id
from referrals.models.known_center import CenterConflict, Trial
from referrals.models.organization import Organization
from referrals.pathway.centers import Profile, find_center, refuse_stranger

TRIAL = ("registry_id", "title", "families", "phase", "opened_on", "closed_on", "contact", "source")


@dataclass(frozen=True, slots=True)
class Trials:
    """The open trials of a network: how many each center has for a family; `listing` are the centers that list any."""

    listing: frozenset[UUID]
    open: Mapping[tuple[UUID, str], int]

    def of(self, family: str | None) -> Mapping[UUID, int]:
        """By center; one that lists no trials at all is not named."""
        return {center: self.open.get((center, family or ""), 0) for center in self.listing}


def trials_in(session: Session, network_id: UUID, day: date, only: UUID | None = None) -> Trials:
    """All of the network on that day, or those of one center, in one statement."""
    columns = select(Trial.center_id, Trial.families, Trial.opened_on, Trial.closed_on)
    which = Trial.center_id == only if only else Trial.network_id == network_id
    rows = session.execute(columns.where(which)).all()
    taking = (row for row in rows if is_open(row.opened_on, row.closed_on, day))
    return Trials(
        frozenset(row.center_id for row in rows),
        Counter((row.center_id, family) for row in taking for family in set(row.families)),
    )


def conflicts_in_force(session: Session, organization_ids: Iterable[UUID], day: date) -> set[tuple[UUID, UUID]]:
    """(center, organization): for which of these organizations which center must not judge on that day."""
    return _in_force(session, CenterConflict.organization_id.in_(list(organization_ids)), day)


def conflicts_in(session: Session, network_id: UUID, day: date) -> set[tuple[UUID, UUID]]:
    """The same for every organization of the network."""
    return _in_force(session, CenterConflict.network_id == network_id, day)


def _in_force(session: Session, which: ColumnElement[bool], day: date) -> set[tuple[UUID, UUID]]:
    columns = (
        CenterConflict.center_id,
        CenterConflict.organization_id,
        CenterConflict.from_day,
        CenterConflict.until_day,
    )
    return {
        (row.center_id, row.organization_id)
        for row in session.execute(select(*columns).where(which))
        if is_in_force(row.from_day, row.until_day, day)
    }


def organizations_to_name(session: Session, center: Profile) -> Sequence[Any]:
    """The other organizations of the network, by name: id, name."""
    query = select(Organization.id, Organization.name).where(
        Organization.network_id == center.organization.network_id, Organization.id != center.organization.id
    )
    return session.execute(query.order_by(Organization.name, Organization.id)).all()


def state_trials(
    session: Session, actor: Actor, profile: Profile, stated: Sequence[Mapping[str, Any]], now: datetime
) -> Profile:
    """The whole list anew: a trial that is not named is not stated any more."""
    refuse_stranger(actor, profile.organization.id)
    refuse_unless_clean(trial_faults(stated, family_labels()))
    kept = {each["registry_id"] for each in stated}
    session.execute(delete(Trial).where(Trial.center_id == profile.organization.id, Trial.registry_id.not_in(kept)))
    return _written(session, profile, stated, now)


def add_trials(
    session: Session, actor: Actor, profile: Profile, stated: Sequence[Mapping[str, Any]], now: datetime
) -> tuple[int, int]:
    """What a file says of trials, beside those that it does not name: how many are new, and how many changed."""
    refuse_stranger(actor, profile.organization.id)
    refuse_unless_clean(trial_faults(stated, family_labels()))
    before = {each.registry_id: _facts(each) for each in profile.trials}
    told = {each["registry_id"]: _columns(each) for each in stated}
    new = told.keys() - before.keys()
    changed = {name for name in told.keys() & before.keys() if told[name] != before[name]}
    if new or changed:
        _written(session, profile, [each for each in stated if each["registry_id"] in new | changed], now)
    return len(new), len(changed)


def _written(session: Session, profile: Profile, stated: Iterable[Mapping[str, Any]], now: datetime) -> Profile:
    standing = {each.registry_id: each for each in profile.trials}
    own = profile.organization
    for each in stated:
        row = standing.get(each["registry_id"]) or Trial(id=new_id(), network_id=own.network_id, center_id=own.id)
        for name, value in _columns(each).items():
            setattr(row, name, value)
        session.add(row)
    profile.center.updated_at = now
    session.flush()
    return find_center(session, own.network_id, own.id)


def _columns(stated: Mapping[str, Any]) -> dict[str, Any]:
    days = {name: stated.get(name) and date.fromisoformat(stated[name]) for name in ("opened_on", "closed_on")}
    return {name: stated.get(name) for name in TRIAL} | days


def _facts(trial: Trial) -> dict[str, Any]:
    return {name: getattr(trial, name) for name in TRIAL}


def state_conflicts(
    session: Session, actor: Actor, profile: Profile, stated: Sequence[Mapping[str, Any]], now: datetime
) -> Profile:
    """The whole list anew. One that is over stays in the list with its last day, so that it can be looked up."""
    own = profile.organization
    refuse_stranger(actor, own.id)
    refuse_unless_clean(conflict_faults(stated, (str(each.id) for each in organizations_to_name(session, profile))))
    session.execute(delete(CenterConflict).where(CenterConflict.center_id == own.id))
    session.add_all(
        CenterConflict(
            id=new_id(),
            network_id=own.network_id,
            center_id=own.id,
            organization_id=UUID(each["organization"]),
            reason=each["reason"],
            from_day=date.fromisoformat(each["from_day"]),
            until_day=date.fromisoformat(each["until_day"]) if each.get("until_day") else None,
        )
        for each in stated
    )
    profile.center.updated_at = now
    session.flush()
    return find_center(session, own.network_id, own.id)
