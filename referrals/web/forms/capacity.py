"""The form of a center's places: its usual week, and each of the weeks shown, empty where it is as usual."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from referrals.domain.centers import LINES
from referrals.pathway.capacity import Capacities
from referrals.pathway.places import Week
from referrals.web.forms.bind import fill, group_of
from referrals.web.forms.fields import Field, Form, Group, Kind
from referrals.web.words import LINE, counted, short_day


def capacity_form(stated: Capacities, action: str, submit: str) -> Form:
    """As it stands now."""
    groups = (_usual(), *(_week(number, week) for number, week in enumerate(stated.weeks)))
    return fill(Form(action, submit, groups, stated.profile.center.version), _standing(stated))


def _usual() -> Group:
    return group_of(
        Field("places", "Places in a usual week", Kind.NUMBER, "/places", is_required=True, width="s"),
        *(
            _limit(f"line-{place}", f"At most for {LINE[line]}", f"/services/{place}")
            for place, line in enumerate(LINES)
        ),
        legend="A usual week",
        hint="Each referral takes one place. Leave empty what has no limit but the whole. A week of 0 places is closed.",
    )


def _week(number: int, week: Week) -> Group:
    day, here, name = short_day(week.week), f"/weeks/{number}", f"week-{number}"
    return group_of(
        Field(f"{name}-places", f"Places, {day}", Kind.NUMBER, f"{here}/places", width="s"),
        *(
            _limit(f"{name}-line-{place}", f"{LINE[line].capitalize()}, {day}", f"{here}/services/{place}")
            for place, line in enumerate(LINES)
        ),
        Field(f"{name}-reason", f"Closed because, {day}", Kind.TEXT, f"{here}/reason", width="m"),
        legend=f"Week of {day}",
        hint=f"{counted(week.held, 'referral')} held. Empty: as usual." if week.held else "Empty: as usual.",
    )


def _limit(name: str, label: str, here: str) -> Field:
    return Field(name, label, Kind.NUMBER, f"{here}/places", width="s")


def _standing(stated: Capacities) -> dict[str, Any]:
    return {
        "places": stated.profile.center.places,
        "services": [{"places": stated.usual.get(line)} for line in LINES],
        "weeks": [_stated(week) for week in stated.weeks],
    }


def _stated(week: Week) -> dict[str, Any]:
    own = {limit.service: limit.places for limit in week.limits if limit.stated}
    return {
        "places": week.places if week.stated else None,
        "services": [{"places": own.get(line)} for line in LINES],
        "reason": week.reason,
    }


def body_of(packet: Mapping[str, Any], weeks: Sequence[date]) -> dict[str, Any]:
    """What was typed, as the API reads it: each row gets the name of its week and its line."""
    stated = zip(weeks, packet["weeks"], strict=True)
    return {
        "places": packet["places"],
        "services": _lines(packet["services"]),
        "weeks": [
            {**each, "week": week.isoformat(), "services": _lines(each["services"])} for week, each in stated
        ],
    }  # fmt: skip


def _lines(typed: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"service": line, **each} for line, each in zip(LINES, typed, strict=True)]
