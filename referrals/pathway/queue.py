"""The worklist: one static order, keyset pages, counts that stop at a thousand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Select,
    Subquery,
    bindparam,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from referrals.domain.lifecycle import BEFORE_OPINION, Status
from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.domain.vocabulary import Tier, WaitingOn
from referrals.models.organization import Organization
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.filters import (
    ALL_SHOWN,
    ENDED_ONLY,
    OPEN_ONLY,
    Condition,
    Filters,
    Question,
    conditions,
    statuses_asked,
    with_blinds,
)
from referrals.pathway.scope import visible

__all__ = ["ALL_SHOWN", "COUNTED_UP_TO", "ENDED_ONLY", "OPEN_ONLY", "SORTS", "After", "Condition", "Filters"]
__all__ += ["Listed", "capped", "conditions", "counts", "worklist"]

COUNTED_UP_TO = 1_000
# As many kinds of question as a process remembers the statements of.
KEPT = 500

SORTS: Mapping[str, tuple[tuple[str, ...], bool]] = MappingProxyType(
    {
        name: (keys, descending)
        for plain, keys in {
            "urgency": ("order_at", "arrived_at", "id"),
            "submitted_at": ("arrived_at", "id"),
            "due_at": ("due_at", "id"),
            "updated_at": ("updated_at", "id"),
        }.items()
        for name, descending in ((plain, False), (f"-{plain}", True))
    }
)


class Listed(NamedTuple):
    """One row of a list. Its members stand in the order of the columns that are read."""

    id: UUID
    reference: str
    version: int
    status: str
    waiting_on: str | None
    next_action: str | None
    next_action_due_at: datetime | None
    submitted_at: datetime | None
    due_at: datetime | None
    order_at: datetime
    arrived_at: datetime
    tier: str | None
    computed_tier: str | None
    provisional: bool
    reasons: list[str]
    aggressive: bool
    resistant: bool
    rare: bool
    complex: bool
    patient_id: UUID
    patient_given_name: str
    patient_family_name: str
    patient_birth_date: date | None
    patient_sex: str | None
    icd10cm: str | None
    description: str | None
    morphology: str | None
    tumor_family: str | None
    updated_at: datetime
    owner_id: UUID | None
    owner_name: str | None
    organization_id: UUID
    organization_code: str
    organization_name: str
    center_id: UUID | None
    center_code: str | None
    center_name: str | None
    due_or_place: datetime | None = None

    @property
    def is_overridden(self) -> bool:
        """A person has set another tier than the rules."""
        return self.tier != self.computed_tier

    @property
    def is_contested(self) -> bool:
        """Only a contest leaves one in triage without a name beside it: a different lead has to answer."""
        return self.status == Status.IN_TRIAGE and self.owner_id is None


_Center, _Owner = aliased(Organization), aliased(User)
_ELSEWHERE: Mapping[str, Any] = {
    "owner_name": _Owner.name,
    "organization_code": Organization.code,
    "organization_name": Organization.name,
    "center_code": _Center.code,
    "center_name": _Center.name,
}
_COLUMNS = tuple(
    _ELSEWHERE[name].label(name) if name in _ELSEWHERE else getattr(Referral, name)
    for name in Listed._fields
    if name not in Listed._field_defaults
)
# Drafts have no promise: in a list by promise they lie, like in the queue, after everybody who has one.
_DUE_OR_PLACE = func.coalesce(Referral.due_at, Referral.order_at).label("due_or_place")

After = tuple[Any, ...]


def worklist(
    session: Session, actor: Actor, filters: Filters, *, after: After | None, limit: int, now: datetime
) -> tuple[Sequence[Listed], After | None]:
    """One page in one statement, and the key after which the next page begins (None on the last)."""
    question = Question(actor, with_blinds(session, actor, filters), now)
    begins = after is None
    query = _kept_page(question.outline(), limit, begins) if question.is_kept else _page(question, limit, begins)
    places = {f"after_{place}": value for place, value in enumerate(after or ())}
    found = session.connection().execute(query, question.values() | places)
    rows = [Listed(*row) for row in found.all()]
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], tuple(getattr(last, name) for name in _keys(actor, filters.sort))


def _keys(actor: Actor, sort: str) -> Mapping[str, Any]:
    """The sort key by the names that its parts have in a row."""
    names, _ = SORTS[sort]
    found: dict[str, Any] = {name: getattr(Referral, name) for name in names}
    if "due_at" in found and sees(actor) is Sees.OWN_ORGANIZATION:
        return {"due_or_place": _DUE_OR_PLACE.element, "id": Referral.id}
    return found


def _page(question: Question, limit: int, begins: bool) -> Select[Any]:
    # The number stands in the statement itself, so that PostgreSQL knows how few rows it is asked for.
    keys, descending = _keys(question.actor, question.filters.sort), SORTS[question.filters.sort][1]
    columns = (*_COLUMNS, _DUE_OR_PLACE) if "due_or_place" in keys else _COLUMNS
    query = (
        select(*columns)
        .join(Organization, Organization.id == Referral.organization_id)
        .outerjoin(_Owner, _Owner.id == Referral.owner_id)
        .outerjoin(_Center, _Center.id == Referral.center_id)
        .where(visible(question.actor), *conditions(question.actor, question.filters, question.now))
        .order_by(*((key.desc() if descending else key) for key in keys.values()))
        .limit(literal_column(str(limit + 1)))
    )
    return query if begins else query.where(_beyond(tuple(keys.values()), descending))


_kept_page = lru_cache(maxsize=KEPT)(_page)


def _beyond(keys: tuple[Any, ...], descending: bool) -> Condition:
    here = tuple_(*keys)
    there = tuple_(*(bindparam(f"after_{place}", type_=key.type) for place, key in enumerate(keys)))
    return here < there if descending else here > there


def counts(session: Session, actor: Actor, filters: Filters, now: datetime) -> dict[str, Any]:
    """How many under each status, tier and party, in one statement; nobody counts past a thousand."""
    question = Question(actor, with_blinds(session, actor, filters), now)
    query = _kept_counts(question.outline()) if question.is_kept else _counts(question)
    found: dict[str, Any] = {"by_status": {}, "by_tier": {}, "by_waiting_on": {}}
    for group, name, _ in _groups(filters, now):
        _enter(found, group, name, 0)
    rows = [] if query is None else session.connection().execute(query, question.values()).all()
    for group, name, number in rows:
        _enter(found, group, name, number)
    return found


def _enter(found: dict[str, Any], group: str, name: str, number: int) -> None:
    capped = {"count": min(number, COUNTED_UP_TO), "more": number > COUNTED_UP_TO}
    if name:
        found[group][str(name)] = capped  # a plain word, so that it may be a name in JSON
    else:
        found[group] = capped


def _counts(question: Question) -> CompoundSelect[Any] | None:
    """What can be in no status at all is not asked for; None where that is everything."""
    groups = _groups(question.filters, question.now)
    parts = [_counted(question, narrowed, group, name) for group, name, narrowed in groups if statuses_asked(narrowed)]
    return union_all(*parts) if parts else None


_kept_counts = lru_cache(maxsize=KEPT)(_counts)


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


def _counted(question: Question, narrowed: Filters, group: str, name: str) -> Select[str, str, int]:
    rows = capped(question.actor, narrowed, question.now)
    return select(literal(group), literal(name), func.count()).select_from(rows)


def capped(actor: Actor, filters: Filters, now: datetime) -> Subquery:
    """The rows to count: one more than a thousand at most."""
    some = select(literal(1)).select_from(Referral).where(visible(actor), *conditions(actor, filters, now))
    return some.limit(literal_column(str(COUNTED_UP_TO + 1))).subquery()
