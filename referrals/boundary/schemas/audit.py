"""What the audit may be asked, in the same words at any door."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from referrals.boundary.problems import bad_parameter
from referrals.boundary.schemas.fields import Day, Id, Words, uuid_of
from referrals.boundary.schemas.queries import Page
from referrals.domain.audit import MOST_DAYS, USUAL_DAYS
from referrals.domain.people import Actor
from referrals.domain.reference import looks_like_reference, parse_reference
from referrals.pathway.audit import Asked, subjects_named
from referrals.pathway.rules import Rules

FROM, UNTIL = "from", "until"
FILTERS = ("user", "client", "action", "entity", "record", "request", FROM, UNTIL)
DAY = timedelta(days=1)
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)

AuditAsked: Any = Page.from_dict(
    {
        "user": Id(metadata={"description": "Only what this person did, by their id."}),
        "client": Id(metadata={"description": "Only what this partner system did, by its id."}),
        "action": Words(40, metadata={"description": "Only this action, such as `denied` or `export`."}),
        "entity": Words(40, metadata={"description": "Only of rows of this kind, such as `referral`."}),
        "record": Words(64, metadata={"description": "Only what names this row: a reference, or the id of any row."}),
        "request": Words(64, metadata={"description": "Only what this request did, by its `X-Request-ID`."}),
        FROM: Day(metadata={"description": f"The first day; {USUAL_DAYS} days before the last where not said."}),
        UNTIL: Day(metadata={"description": "The last day, included; today, in the network's time, where not said."}),
    },
    name="AuditAsked",
)


def days_of(rules: Rules, now: datetime, asked: Mapping[str, Any]) -> tuple[date, date]:
    """The first and the last day; never more than a year, because the list must stay one that ends."""
    last = _day(asked, UNTIL) or rules.calendar.local_date(now)
    first = _day(asked, FROM) or last - DAY * (USUAL_DAYS - 1)
    if last < first:
        raise bad_parameter(UNTIL, "before_from", "The last day lies before the first.")
    if (last - first).days >= MOST_DAYS:
        raise bad_parameter(FROM, "too_many_days", f"Ask for {MOST_DAYS} days at most.")
    return first, last


def _day(asked: Mapping[str, Any], name: str) -> date | None:
    day = date.fromisoformat(asked[name]) if asked.get(name) else None
    if day is not None and not EARLIEST <= day <= LATEST:
        raise bad_parameter(name, "out_of_range", f"This must lie between {EARLIEST} and {LATEST}.")
    return day


def asked_for(session: Session, actor: Actor, rules: Rules, now: datetime, asked: Mapping[str, Any]) -> Asked:
    first, last = days_of(rules, now, asked)
    return Asked(
        first=rules.calendar.start_of(first),
        until=rules.calendar.start_of(last + DAY),
        user_id=_id(asked, "user"),
        client_id=_id(asked, "client"),
        action=asked.get("action") or "",
        entity=asked.get("entity") or "",
        request_id=asked.get("request") or "",
        subjects=subjects_named(session, actor, record_meant(asked["record"])) if asked.get("record") else None,
    )


def _id(asked: Mapping[str, Any], name: str) -> UUID | None:
    return UUID(asked[name]) if asked.get(name) else None


def record_meant(text: str) -> str | UUID:
    if (found := uuid_of(text)) is not None:
        return found
    try:
        return parse_reference(text) if looks_like_reference(text) else _refuse()
    except ValueError:
        return _refuse()


def _refuse() -> str:
    raise bad_parameter("record", "invalid_reference", "This must be a reference such as SO-26-0004711-K, or an id.")
