"""The directory of centers: profiles and expertise by tumor family; a center keeps its own true."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Forbidden, NotFound, refuse_unless_clean
from referrals.domain.people import Actor, Kind
from referrals.domain.tumor_family import family_labels
from referrals.models.base import new_id
from referrals.models.center import Center, Expertise
from referrals.models.organization import Network, Organization
from referrals.pathway.accounts import create_organization

After = tuple[Any, ...] | None
PROFILE = ("designation", "services", "languages", "city", "region", "country", "zone", "holidays", "places")


@dataclass(frozen=True, slots=True)
class Profile:
    """One center of the directory."""

    organization: Organization
    center: Center
    expertise: Sequence[Expertise]


def centers_in(session: Session, network_id: UUID, after: After, limit: int) -> list[Profile]:
    """The centers of the network, by code."""
    query = _whole(network_id).order_by(Organization.code, Organization.id).limit(limit)
    if after:
        query = query.where(tuple_(Organization.code, Organization.id) > tuple_(*after))
    return _profiles(session, query)


def find_center(session: Session, network_id: UUID, center_id: UUID, *, lock: bool = False) -> Profile:
    query = _whole(network_id).where(Organization.id == center_id)
    found = _profiles(session, query.with_for_update(of=Center) if lock else query)
    if not found:
        raise NotFound
    return found[0]


def _whole(network_id: UUID) -> Any:
    return (
        select(Organization, Center)
        .join(Center, Center.organization_id == Organization.id)
        .where(Organization.network_id == network_id)
    )


def _profiles(session: Session, query: Any) -> list[Profile]:
    rows = session.execute(query).all()
    ids = [row[0].id for row in rows]
    stated = session.scalars(select(Expertise).where(Expertise.center_id.in_(ids)).order_by(Expertise.family)).all()
    by_center: dict[UUID, list[Expertise]] = {center: [] for center in ids}
    for each in stated:
        by_center[each.center_id].append(each)
    return [Profile(row[0], row[1], by_center[row[0].id]) for row in rows]


def may_change(actor: Actor, center_id: UUID) -> bool:
    """The network changes any center, a center itself."""
    return actor.kind is Kind.NETWORK or (actor.kind is Kind.CENTER and actor.organization_id == center_id)


def refuse_stranger(actor: Actor, center_id: UUID) -> None:
    if not may_change(actor, center_id):
        raise Forbidden("not_this_actor", "A center changes its own profile, the network any.")


def create_center(session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime) -> Profile:
    """A new center of the network, with what it states of itself."""
    if actor.kind is not Kind.NETWORK:
        raise Forbidden("wrong_kind", "Centers are added by the network.")
    refuse_unless_clean(faults(sent))
    network = session.scalars(select(Network.code).where(Network.id == actor.network_id)).one()
    organization = create_organization(session, sent["name"], sent["code"], Kind.CENTER, now, network=network)
    found = find_center(session, actor.network_id, organization.id)
    _write(found.center, sent, now)
    session.flush()
    return found


def change_center(session: Session, actor: Actor, profile: Profile, sent: Mapping[str, Any], now: datetime) -> Profile:
    """What the center states of itself. Only the network ends a pause or sets a center inactive."""
    refuse_stranger(actor, profile.organization.id)
    refuse_unless_clean([*faults(sent), *_for_the_network(actor, sent)])
    profile.organization.name = sent.get("name", profile.organization.name)
    if sent.get("active") is not None:
        profile.organization.active = sent["active"]
    if "paused" in sent:
        profile.center.paused_at = (profile.center.paused_at or now) if sent["paused"] else None
        profile.center.paused_because = sent.get("paused_because") if sent["paused"] else None
        profile.center.paused_for = None
    _write(profile.center, sent, now)
    session.flush()
    return profile


def _for_the_network(actor: Actor, sent: Mapping[str, Any]) -> list[FieldError]:
    if actor.kind is Kind.NETWORK:
        return []
    message = "Only the network decides this."
    return [FieldError(f"/{name}", "not_yours", message) for name in ("active", "paused", "name") if name in sent]


def faults(sent: Mapping[str, Any]) -> list[FieldError]:
    zone = sent.get("zone")
    if zone is not None and zone not in available_timezones():
        return [FieldError("/zone", "unknown", "This is no time zone such as America/Chicago.")]
    return []


def _write(center: Center, sent: Mapping[str, Any], now: datetime) -> None:
    for name in PROFILE:
        if name in sent:
            setattr(center, name, sent[name])
    if "places" in sent:
        center.capacity_stated_at = now
    if sent.get("checked_on"):
        center.checked_on = date.fromisoformat(sent["checked_on"])
    center.updated_at = now


def state_expertise(
    session: Session, actor: Actor, profile: Profile, stated: Sequence[Mapping[str, Any]], now: datetime
) -> Profile:
    """The whole list anew: a family that is not named is not stated any more."""
    refuse_stranger(actor, profile.organization.id)
    refuse_unless_clean(_family_faults(stated))
    session.execute(delete(Expertise).where(Expertise.center_id == profile.organization.id))
    rows = [_expertise(profile, each) for each in stated]
    session.add_all(rows)
    profile.center.updated_at = now
    session.flush()
    return Profile(profile.organization, profile.center, sorted(rows, key=lambda row: row.family))


def _family_faults(stated: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    known, told, found = family_labels(), set(), []
    for place, each in enumerate(stated):
        family = each["family"]
        if family not in known:
            found.append(FieldError(f"/expertise/{place}/family", "unknown", "There is no tumor family of this name."))
        elif family in told:
            found.append(FieldError(f"/expertise/{place}/family", "repeated", "This family is stated already."))
        told.add(family)
    return found


def _expertise(profile: Profile, stated: Mapping[str, Any]) -> Expertise:
    return Expertise(
        id=new_id(),
        network_id=profile.organization.network_id,
        center_id=profile.organization.id,
        family=stated["family"],
        level=stated["level"],
        yearly_volume=stated.get("yearly_volume"),
        evidence=stated.get("evidence"),
    )
