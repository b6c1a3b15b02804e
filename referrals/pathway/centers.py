"""The directory of centers: profiles and expertise by tumor family; a center keeps its own true."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Forbidden, NotFound, refuse_unless_clean
from referrals.domain.matching import COMPETENT
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.tumor_family import family_labels
from referrals.models.base import new_id
from referrals.models.center import Center, Expertise
from referrals.models.known_center import CenterConflict, Trial
from referrals.models.organization import Network, Organization
from referrals.pathway.accounts import create_organization
from referrals.pathway.holding import holds

After = tuple[Any, ...] | None
PROFILE = (
    "designation", "services", "languages", "city", "region", "country", "lat", "lon", "url", "sites", "contacts",
    "source", "zone", "holidays", "places",
)  # fmt: skip
# Of people; a partner system speaks for its organization.
KEEPERS: Mapping[Kind, frozenset[Role]] = {
    Kind.NETWORK: frozenset({Role.COORDINATOR, Role.CLINICAL_LEAD, Role.ADMINISTRATOR}),
    Kind.CENTER: frozenset({Role.CENTER_COORDINATOR}),
}
NETWORK_ONLY = ("active", "paused", "name", "in_network")


@dataclass(frozen=True, slots=True)
class Profile:
    """One center of the directory. A conflict comes with the organization that it names."""

    organization: Organization
    center: Center
    expertise: Sequence[Expertise]
    trials: Sequence[Trial] = ()
    conflicts: Sequence[tuple[CenterConflict, Organization]] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which centers of the directory are meant. A center is found by a family from the level on that may be asked."""

    family: str | None = None
    services: tuple[str, ...] = ()
    designation: str | None = None
    language: str | None = None
    region: str | None = None
    q: str | None = None
    active: bool | None = None
    in_network: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = [holds(Center.services, service) for service in self.services]
        if self.family:
            states = exists().where(Expertise.center_id == Organization.id, Expertise.family == self.family)
            found.append(states.where(Expertise.level >= COMPETENT))
        if self.language:
            found.append(holds(Center.languages, self.language, or_begins=True))
        if self.region:
            found.append(_says(Center.region, self.region))
        if self.q:
            found.append(or_(*(_says(each, self.q) for each in (Organization.name, Organization.code, Center.city))))
        return [*found, *self._facts()]

    def _facts(self) -> list[ColumnElement[bool]]:
        asked: tuple[tuple[Any, Any], ...] = (
            (Center.designation, self.designation),
            (Organization.active, self.active),
            (Center.in_network, self.in_network),
        )
        return [column == value for column, value in asked if value is not None]


def _says(column: Any, words: str) -> ColumnElement[bool]:
    said: ColumnElement[bool] = func.lower(column).contains(words.lower(), autoescape=True)
    return said


def centers_in(
    session: Session, network_id: UUID, after: After, limit: int, wanted: Wanted | None = None
) -> list[Profile]:
    """The centers of the network that are wanted, or all, by code."""
    query = _whole(network_id).where(*(wanted or Wanted()).conditions())
    if after:
        query = query.where(tuple_(Organization.code, Organization.id) > tuple_(*after))
    return _profiles(session, query.order_by(Organization.code, Organization.id).limit(limit))


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
    expertise = _by_center(session, select(Expertise).where(Expertise.center_id.in_(ids)).order_by(Expertise.family))
    trials = _by_center(session, select(Trial).where(Trial.center_id.in_(ids)).order_by(Trial.registry_id))
    conflicts = _conflicts(session, ids)
    return [Profile(home, center, expertise[home.id], trials[home.id], conflicts[home.id]) for home, center in rows]


def _by_center(session: Session, query: Any) -> Mapping[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for each in session.scalars(query):
        found[each.center_id].append(each)
    return found


def _conflicts(session: Session, centers: Sequence[UUID]) -> Mapping[UUID, list[tuple[CenterConflict, Organization]]]:
    query = (
        select(CenterConflict, Organization)
        .join(Organization, Organization.id == CenterConflict.organization_id)
        .where(CenterConflict.center_id.in_(centers))
        .order_by(CenterConflict.from_day, CenterConflict.id)
    )
    found: dict[UUID, list[tuple[CenterConflict, Organization]]] = defaultdict(list)
    for conflict, organization in session.execute(query):
        found[conflict.center_id].append((conflict, organization))
    return found


def may_change(actor: Actor, center_id: UUID) -> bool:
    """The network changes any center, a center itself; of people, those who coordinate."""
    is_theirs = actor.kind is Kind.NETWORK or (actor.kind is Kind.CENTER and actor.organization_id == center_id)
    return is_theirs and (not actor.is_person or bool(actor.roles & KEEPERS[actor.kind]))


def may_call(actor: Actor) -> bool:
    """Names and numbers of people are for those who ask centers, and for centers."""
    return actor.kind is not Kind.PROVIDER


def may_know_conflicts(actor: Actor, center_id: UUID) -> bool:
    """Why a center must not judge is between the network and the center."""
    return actor.kind is Kind.NETWORK or actor.organization_id == center_id


def refuse_stranger(actor: Actor, center_id: UUID) -> None:
    if not may_change(actor, center_id):
        raise Forbidden("not_this_actor", "A center is changed by its own coordinator, any by the network's.")


def create_center(session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime) -> Profile:
    """A new center of the network, with what it states of itself."""
    if actor.kind is not Kind.NETWORK:
        raise Forbidden("wrong_kind", "Centers are added by the network.")
    refuse_stranger(actor, actor.network_id)
    refuse_unless_clean(faults(sent))
    network = session.scalars(select(Network.code).where(Network.id == actor.network_id)).one()
    organization = create_organization(session, sent["name"], sent["code"], Kind.CENTER, now, network=network)
    found = find_center(session, actor.network_id, organization.id)
    _decide(found, sent, now)
    _write(found.center, actor, sent, now)
    session.flush()
    return found


def change_center(session: Session, actor: Actor, profile: Profile, sent: Mapping[str, Any], now: datetime) -> Profile:
    """What the center states of itself. Only the network ends a pause or sets a center inactive."""
    refuse_stranger(actor, profile.organization.id)
    refuse_unless_clean([*faults(sent), *_for_the_network(actor, sent)])
    _decide(profile, sent, now)
    _write(profile.center, actor, sent, now)
    session.flush()
    return profile


def _decide(profile: Profile, sent: Mapping[str, Any], now: datetime) -> None:
    """What the network decides of a center."""
    profile.organization.name = sent.get("name", profile.organization.name)
    if sent.get("active") is not None:
        profile.organization.active = sent["active"]
    if "in_network" in sent:
        profile.center.in_network = sent["in_network"]
    if "paused" in sent:
        profile.center.paused_at = (profile.center.paused_at or now) if sent["paused"] else None
        profile.center.paused_because = sent.get("paused_because") if sent["paused"] else None
        profile.center.paused_for = None


def _for_the_network(actor: Actor, sent: Mapping[str, Any]) -> list[FieldError]:
    if actor.kind is Kind.NETWORK:
        return []
    message = "Only the network decides this."
    return [FieldError(f"/{name}", "not_yours", message) for name in NETWORK_ONLY if name in sent]


def faults(sent: Mapping[str, Any]) -> list[FieldError]:
    zone = sent.get("zone")
    if zone is not None and zone not in available_timezones():
        return [FieldError("/zone", "unknown", "This is no time zone such as America/Chicago.")]
    return []


def _write(center: Center, actor: Actor, sent: Mapping[str, Any], now: datetime) -> None:
    for name in PROFILE:
        if name in sent:
            setattr(center, name, sent[name])
    if "places" in sent:
        center.capacity_stated_at = now
    if sent.get("checked_on"):
        center.checked_on, center.checked_by = date.fromisoformat(sent["checked_on"]), actor.name
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
    return replace(profile, expertise=sorted(rows, key=lambda row: row.family))


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
