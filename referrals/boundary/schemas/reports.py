"""The days that a report is about, as they are asked for at any door."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from referrals.boundary.problems import bad_parameter
from referrals.boundary.schemas.fields import Body, Day
from referrals.domain.people import Actor
from referrals.domain.reports.parts import LOOKS_BACK_DAYS, period_of
from referrals.pathway.reports.ask import Ask
from referrals.pathway.rules import Rules

FROM, UNTIL = "from", "until"
# No network is older, and no calendar of ours goes further.
EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)

PeriodAsked = Body.from_dict(
    {
        FROM: Day(metadata={"description": f"The first day; {LOOKS_BACK_DAYS} days before the last where not said."}),
        UNTIL: Day(metadata={"description": "The last day, included; today, in the network's time, where not said."}),
    },
    name="PeriodAsked",
)


def ask_for(session: Session, actor: Actor, rules: Rules, now: datetime, asked: Mapping[str, Any]) -> Ask:
    period = period_of(_day(asked, FROM), _day(asked, UNTIL), rules.calendar.local_date(now), rules.zone)
    if period.last < period.first:
        raise bad_parameter(UNTIL, "before_from", "The last day lies before the first.")
    return Ask(session, actor, period, rules, now, current_app.config["SETTINGS"].p1_share)


def _day(asked: Mapping[str, Any], name: str) -> date | None:
    day = date.fromisoformat(asked[name]) if asked.get(name) else None
    if day is not None and not EARLIEST <= day <= LATEST:
        raise bad_parameter(name, "out_of_range", f"This must lie between {EARLIEST} and {LATEST}.")
    return day
