"""What a list may be narrowed by, as conditions that each have their index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, String, TextClause, and_, bindparam, literal_column, not_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from referrals.domain.lifecycle import BEFORE_OPINION, ENDED, OPEN, OPEN_RECEIVED, Status
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.domain.statuses import STATUSES_WAITING_ON
from referrals.domain.vocabulary import Criterion, Tier, WaitingOn
from referrals.models.base import Identifier, UTCDateTime
from referrals.models.referral import OPEN_ROWS, WORKLIST_ROWS, Referral
from referrals.pathway.search import blinds_of, found_by

Condition = ColumnElement[bool] | TextClause

OPEN_ONLY = frozenset(OPEN)
ENDED_ONLY = frozenset(ENDED) - {Status.ENTERED_IN_ERROR}
NOBODY = "none"
ALL_SHOWN = frozenset(Status) - {Status.ENTERED_IN_ERROR}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. Empty tuples and None mean: whatever. `owner` is a user's id, or "none".

    `blinds` find what is typed as a patient's number; they need keys, so whoever asks the database adds them.
    """

    statuses: frozenset[Status] = OPEN_ONLY
    tiers: frozenset[Tier] = frozenset()
    waiting_on: frozenset[WaitingOn] = frozenset()
    owner: UUID | str | None = None
    center: UUID | None = None
    tumor_family: str | None = None
    criteria: frozenset[Criterion] = frozenset()
    q: str | None = None
    blinds: tuple[str, ...] = ()
    due_before: datetime | None = None
    overdue: bool | None = None
    updated_after: datetime | None = None
    sort: str = "urgency"
    extra: tuple[Condition, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom, as of when: a statement for it is made once for all who ask alike.

    In an outline the ids and times are places to be filled in, and `values` is what to fill in. A search is
    never kept: what somebody typed is part of its statement.
    """

    actor: Actor
    filters: Filters
    now: datetime

    @property
    def is_kept(self) -> bool:
        return not (self.filters.q or self.filters.extra)

    def outline(self) -> "Question":
        given = {name: place for name, place in _PLACES.items() if getattr(self.filters, name) not in (None, NOBODY)}
        return Question(_anybody_like(self.actor), replace(self.filters, **given), _NOW)

    def values(self) -> dict[str, Any]:
        asked = {name: getattr(self.filters, name) for name in _PLACES}
        return asked | {
            "network_id": self.actor.network_id,
            "organization_id": self.actor.organization_id,
            "now": self.now,
        }


def _place(name: str, kind: Any) -> Any:
    """Stands where a value will stand, so it goes for one."""
    place: BindParameter[Any] = bindparam(name, type_=kind)
    return place


_PLACES: Mapping[str, Any] = MappingProxyType(
    {
        "owner": _place("owner", Identifier()),
        "center": _place("center", Identifier()),
        "tumor_family": _place("tumor_family", String()),
        "due_before": _place("due_before", UTCDateTime()),
        "updated_after": _place("updated_after", UTCDateTime()),
    }
)
_NOW = _place("now", UTCDateTime())
_NETWORK, _ORGANIZATION = _place("network_id", Identifier()), _place("organization_id", Identifier())


def _anybody_like(actor: Actor) -> Actor:
    """Whoever sees as much."""
    client = None if actor.client_id is None else _NETWORK
    return Actor(_NETWORK, _ORGANIZATION, actor.kind, actor.roles, None, client, "", clock=actor.clock)


def with_blinds(session: Session, actor: Actor, filters: Filters) -> Filters:
    return replace(filters, blinds=blinds_of(session, actor, filters.q)) if filters.q else filters


def conditions(actor: Actor, filters: Filters, now: datetime) -> list[Condition]:
    found: list[Condition] = [*_in_status(actor, statuses_asked(filters))]
    for column, words in ((Referral.tier, filters.tiers), (Referral.waiting_on, filters.waiting_on)):
        if words:
            found.append(_among(column, sorted(words)))
    found += [getattr(Referral, criterion.value).is_(True) for criterion in sorted(filters.criteria)]
    found += _about_whom(filters)
    found += _about_when(filters, now)
    if filters.q:
        found.append(found_by(actor, filters.q, filters.blinds))
    return found + list(filters.extra)


def statuses_asked(filters: Filters) -> frozenset[Status]:
    """Whose turn it is follows from the status, so that the status, which is indexed, is asked for as well."""
    if not filters.waiting_on:
        return filters.statuses
    return filters.statuses & frozenset().union(*(STATUSES_WAITING_ON[party] for party in filters.waiting_on))


def _in_status(actor: Actor, statuses: frozenset[Status]) -> list[Condition]:
    """The usual question repeats the words of a partial index; nobody but the referrer has drafts in view."""
    own = sees(actor) is Sees.OWN_ORGANIZATION
    if statuses == OPEN_ONLY:
        return [OPEN_ROWS if own else WORKLIST_ROWS]
    named = _among(Referral.status, sorted(statuses))
    # One status has an index of its own; of several the partial index keeps the order.
    if len(statuses) > 1 and statuses <= OPEN_RECEIVED:
        return [WORKLIST_ROWS, named]
    return [named]


def _among(column: InstrumentedAttribute[Any], words: Sequence[StrEnum]) -> Condition:
    """Words of our own vocabulary stand in the statement itself: what is not filled in need not be unpacked."""
    shown: list[ColumnElement[Any]] = [literal_column(f"'{word.value}'") for word in words]
    return column == shown[0] if len(shown) == 1 else column.in_(shown)


def _about_whom(filters: Filters) -> list[Condition]:
    found: list[Condition] = []
    if filters.owner == NOBODY:
        found.append(Referral.owner_id.is_(None))
    elif filters.owner is not None:
        found.append(Referral.owner_id == filters.owner)
    if filters.center is not None:
        found.append(Referral.center_id == filters.center)
    if filters.tumor_family is not None:
        found.append(Referral.tumor_family == filters.tumor_family)
    return found


def _about_when(filters: Filters, now: datetime) -> list[Condition]:
    found: list[Condition] = []
    if filters.due_before is not None:
        found.append(Referral.due_at < filters.due_before)
    if filters.overdue is not None:
        found.append(is_overdue(now) if filters.overdue else is_in_time(now))
    if filters.updated_after is not None:
        found.append(Referral.updated_at > filters.updated_after)
    return found


def is_overdue(now: datetime) -> Condition:
    return and_(Referral.due_at < now, _among(Referral.status, sorted(BEFORE_OPINION)))


def is_in_time(now: datetime) -> Condition:
    """Not overdue: nothing was promised, the promise lies ahead, or it has been kept or ended."""
    unpromised, ahead = Referral.due_at.is_(None), Referral.due_at >= now
    return or_(unpromised, ahead, not_(_among(Referral.status, sorted(BEFORE_OPINION))))
