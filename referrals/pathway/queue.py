"""The worklist: one static order, keyset pages, counts that stop at a thousand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    TextClause,
    and_,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from referrals.domain.lifecycle import BEFORE_OPINION, ENDED, OPEN, OPEN_RECEIVED, Status
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.domain.statuses import STATUSES_WAITING_ON
from referrals.domain.vocabulary import Criterion, Tier, WaitingOn
from referrals.models.organization import Organization
from referrals.models.referral import OPEN_ROWS, WORKLIST_ROWS, Referral
from referrals.models.user import User
from referrals.pathway.scope import visible
from referrals.pathway.search import found_by

COUNTED_UP_TO = 1_000

Condition = ColumnElement[bool] | TextClause

_OPEN_STATUSES = frozenset(OPEN)
_SHOWN = frozenset(Status) - {Status.ENTERED_IN_ERROR}

# Drafts have no promise: in a list that shows them it lies, like their place in the queue, after everybody else's.
_DUE_OF_ALL = func.coalesce(Referral.due_at, Referral.order_at)


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list. Empty tuples and None mean: whatever. `owner` is a user's id, or "none"."""

    statuses: frozenset[Status] = _OPEN_STATUSES
    tiers: frozenset[Tier] = frozenset()
    waiting_on: frozenset[WaitingOn] = frozenset()
    owner: UUID | str | None = None
    center: UUID | None = None
    tumor_family: str | None = None
    criteria: frozenset[Criterion] = frozenset()
    q: str | None = None
    due_before: datetime | None = None
    overdue: bool = False
    updated_after: datetime | None = None
    sort: str = "urgency"
    extra: tuple[Condition, ...] = field(default=())


OPEN_ONLY = _OPEN_STATUSES
ENDED_ONLY = frozenset(ENDED) - {Status.ENTERED_IN_ERROR}
ALL_SHOWN = _SHOWN

SORTS: Mapping[str, tuple[tuple[Any, ...], bool]] = MappingProxyType(
    {
        name: (keys, descending)
        for plain, keys in {
            "urgency": (Referral.order_at, Referral.arrived_at, Referral.id),
            "submitted_at": (Referral.arrived_at, Referral.id),
            "due_at": (Referral.due_at, Referral.id),
            "updated_at": (Referral.updated_at, Referral.id),
        }.items()
        for name, descending in ((plain, False), (f"-{plain}", True))
    }
)

_Center, _Owner = aliased(Organization), aliased(User)
_COLUMNS = (
    Referral.id,
    Referral.reference,
    Referral.version,
    Referral.status,
    Referral.waiting_on,
    Referral.next_action,
    Referral.next_action_due_at,
    Referral.submitted_at,
    Referral.due_at,
    Referral.order_at,
    Referral.arrived_at,
    Referral.tier,
    Referral.provisional,
    Referral.reasons,
    Referral.aggressive,
    Referral.resistant,
    Referral.rare,
    Referral.complex,
    Referral.patient_id,
    Referral.patient_given_name,
    Referral.patient_family_name,
    Referral.patient_birth_date,
    Referral.patient_sex,
    Referral.icd10cm,
    Referral.description,
    Referral.morphology,
    Referral.tumor_family,
    Referral.created_at,
    Referral.updated_at,
    Referral.questions,
    Referral.external_reference,
    Referral.owner_id,
    _Owner.name.label("owner_name"),
    Referral.organization_id,
    Organization.code.label("organization_code"),
    Organization.name.label("organization_name"),
    Referral.center_id,
    _Center.code.label("center_code"),
    _Center.name.label("center_name"),
)

After = tuple[Any, ...]


def worklist(
    session: Session, actor: Actor, filters: Filters, *, after: After | None, limit: int, now: datetime
) -> tuple[Sequence[Row[Any]], After | None]:
    """One page in one statement, and the key after which the next page begins (None on the last)."""
    keys, descending = _keys(actor, filters.sort)
    query = (
        select(*_COLUMNS, *(key.label(f"key_{place}") for place, key in enumerate(keys)))
        .join(Organization, Organization.id == Referral.organization_id)
        .outerjoin(_Owner, _Owner.id == Referral.owner_id)
        .outerjoin(_Center, _Center.id == Referral.center_id)
        .where(visible(actor), *conditions(actor, filters, now))
        .order_by(*((key.desc() if descending else key) for key in keys))
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(_beyond(keys, after, descending))
    rows = session.execute(query).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], tuple(getattr(last, f"key_{place}") for place in range(len(keys)))


def _keys(actor: Actor, sort: str) -> tuple[tuple[Any, ...], bool]:
    keys, descending = SORTS[sort]
    shows_drafts = sees(actor) is Sees.OWN_ORGANIZATION
    return tuple(_DUE_OF_ALL if shows_drafts and key is Referral.due_at else key for key in keys), descending


def _beyond(keys: tuple[Any, ...], after: After, descending: bool) -> Condition:
    here = tuple_(*keys)
    there = tuple_(*(literal(value, key.type) for key, value in zip(keys, after, strict=True)))
    return here < there if descending else here > there


def conditions(actor: Actor, filters: Filters, now: datetime) -> list[Condition]:
    found: list[Condition] = [*_in_status(actor, _statuses(filters))]
    for column, words in ((Referral.tier, filters.tiers), (Referral.waiting_on, filters.waiting_on)):
        if words:
            found.append(column.in_(sorted(words)))
    found += [getattr(Referral, criterion.value).is_(True) for criterion in sorted(filters.criteria)]
    found += _about_whom(filters)
    found += _about_when(filters, now)
    if filters.q:
        found.append(found_by(actor, filters.q))
    return found + list(filters.extra)


def _statuses(filters: Filters) -> frozenset[Status]:
    """Whose turn it is follows from the status, so that the status, which is indexed, is asked for as well."""
    if not filters.waiting_on:
        return filters.statuses
    return filters.statuses & frozenset().union(*(STATUSES_WAITING_ON[party] for party in filters.waiting_on))


def _in_status(actor: Actor, statuses: frozenset[Status]) -> list[Condition]:
    """The usual question repeats the words of a partial index; nobody but the referrer has drafts in view."""
    own = sees(actor) is Sees.OWN_ORGANIZATION
    if statuses == _OPEN_STATUSES:
        return [OPEN_ROWS if own else WORKLIST_ROWS]
    named = Referral.status.in_(sorted(statuses))
    # One status has an index of its own; of several the partial index keeps the order.
    if len(statuses) > 1 and statuses <= OPEN_RECEIVED:
        return [WORKLIST_ROWS, named]
    return [named]


def _about_whom(filters: Filters) -> list[Condition]:
    found: list[Condition] = []
    if filters.owner == "none":
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
    if filters.overdue:
        found.append(is_overdue(now))
    if filters.updated_after is not None:
        found.append(Referral.updated_at > filters.updated_after)
    return found


def is_overdue(now: datetime) -> Condition:
    return and_(Referral.due_at < now, Referral.status.in_(sorted(BEFORE_OPINION)))


def counts(session: Session, actor: Actor, filters: Filters, now: datetime) -> dict[str, Any]:
    """How many under each status, tier and party, in one statement; nobody counts past a thousand."""
    groups = list(_groups(filters, now))
    found: dict[str, Any] = {"by_status": {}, "by_tier": {}, "by_waiting_on": {}}
    for group, name, _ in groups:
        _enter(found, group, name, 0)
    # What can be in no status at all is not asked for.
    parts = [_counted(actor, narrowed, now, group, name) for group, name, narrowed in groups if _statuses(narrowed)]
    for group, name, number in session.execute(union_all(*parts)) if parts else ():
        _enter(found, group, name, number)
    return found


def _enter(found: dict[str, Any], group: str, name: str, number: int) -> None:
    capped = {"count": min(number, COUNTED_UP_TO), "more": number > COUNTED_UP_TO}
    if name:
        found[group][str(name)] = capped  # a plain word, so that it may be a name in JSON
    else:
        found[group] = capped


def _groups(filters: Filters, now: datetime) -> Iterator[tuple[str, str, Filters]]:
    """Each count by its place in the answer, with the filters that it counts under."""
    for status in Status:
        if status in filters.statuses:
            yield "by_status", status, replace(filters, statuses=frozenset({status}))
    for tier in Tier:
        if not filters.tiers or tier in filters.tiers:
            yield "by_tier", tier, replace(filters, tiers=frozenset({tier}))
    for party in WaitingOn:
        if not filters.waiting_on or party in filters.waiting_on:
            yield "by_waiting_on", party, replace(filters, waiting_on=frozenset({party}))
    unanswered = filters.statuses & BEFORE_OPINION
    yield "overdue", "", replace(filters, statuses=unanswered, extra=(*filters.extra, Referral.due_at < now))
    yield "unowned", "", replace(filters, extra=(*filters.extra, Referral.owner_id.is_(None)))


def _counted(actor: Actor, filters: Filters, now: datetime, group: str, name: str) -> Select[str, str, int]:
    return select(literal(group), literal(name), func.count()).select_from(capped(actor, filters, now))


def capped(actor: Actor, filters: Filters, now: datetime) -> Subquery:
    """The rows to count: one more than a thousand at most."""
    some = select(literal(1)).select_from(Referral).where(visible(actor), *conditions(actor, filters, now))
    return some.limit(COUNTED_UP_TO + 1).subquery()
