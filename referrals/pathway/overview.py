"""What stands around the worklist: how many wait under each view, and who shares the work; in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, Subquery, cast, exists, func, literal, select, union_all
from sqlalchemy.orm import Session

from referrals.domain.people import Actor, Role
from referrals.models.user import Membership, User
from referrals.pathway.desk import unseen_refusals
from referrals.pathway.notifications import unread_rows
from referrals.pathway.queue import COUNTED_UP_TO, Filters, capped

_VIEW, _REFUSED, _NEWS, _PERSON = "view", "refused", "news", "person"
_TEAM = (Role.COORDINATOR, Role.CLINICAL_LEAD)


@dataclass(frozen=True, slots=True)
class Overview:
    """Each count as the API gives it; `unread` notifications; `team` are ids and names of those who may own a referral."""

    counts: Mapping[str, Mapping[str, Any]]
    refused: Mapping[str, Any]
    unread: int
    team: tuple[tuple[str, str], ...]


def overview(session: Session, actor: Actor, views: Mapping[str, Filters], now: datetime) -> Overview:
    parts = [_count(_VIEW, name, capped(actor, filters, now)) for name, filters in views.items()]
    beside = (_count(_REFUSED, "", unseen_refusals(actor)), _count(_NEWS, "", unread_rows(actor)))
    rows = session.execute(union_all(*parts, *beside, _team(actor))).all()
    counts = {name: _shown(number) for kind, name, _, number in rows if kind == _VIEW}
    refused = next(_shown(number) for kind, _, _, number in rows if kind == _REFUSED)
    unread = next(number for kind, _, _, number in rows if kind == _NEWS)
    team = sorted((words, key) for kind, key, words, _ in rows if kind == _PERSON)
    return Overview(counts, refused, unread, tuple((key, words) for words, key in team))


def counts_of(session: Session, actor: Actor, views: Mapping[str, Filters], now: datetime) -> dict[str, dict[str, Any]]:
    """How many referrals each of these would list."""
    parts = [_count(_VIEW, name, capped(actor, filters, now)) for name, filters in views.items()]
    return {name: _shown(number) for _, name, _, number in session.execute(union_all(*parts))}


def _count(kind: str, name: str, rows: Subquery) -> Select[str, str, str, int]:
    return select(literal(kind), literal(name), literal(""), func.count()).select_from(rows)


def _team(actor: Actor) -> Select[str, str, str, int]:
    works_here = exists().where(
        Membership.user_id == User.id,
        Membership.organization_id == actor.organization_id,
        Membership.role.in_([role.value for role in _TEAM]),
    )
    columns = (literal(_PERSON), cast(User.id, String), User.name, literal(0))
    return select(*columns).where(User.active.is_(True), works_here)


def _shown(number: int) -> dict[str, Any]:
    return {"count": min(number, COUNTED_UP_TO), "more": number > COUNTED_UP_TO}
