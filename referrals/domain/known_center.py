"""What holds of a center on a day: which of its trials are open, and for whom it must not judge."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from referrals.domain.errors import FieldError


def is_open(opened_on: date, closed_on: date | None, day: date) -> bool:
    """On the day on which it closes a trial takes nobody any more."""
    return opened_on <= day and (closed_on is None or day < closed_on)


def is_in_force(from_day: date, until_day: date | None, day: date) -> bool:
    """From its first day to its last, both counted."""
    return from_day <= day and (until_day is None or day <= until_day)


def trial_faults(trials: Iterable[Mapping[str, Any]], families: Iterable[str]) -> list[FieldError]:
    """What is wrong with trials beyond their form, each at its place in the list."""
    known, told, found = frozenset(families), set(), []
    for place, each in enumerate(trials):
        at = f"/trials/{place}"
        for number, family in enumerate(each["families"]):
            if family not in known:
                found.append(FieldError(f"{at}/families/{number}", "unknown", "There is no tumor family of this name."))
        if each["registry_id"] in told:
            found.append(FieldError(f"{at}/registry_id", "repeated", "This trial is stated already."))
        if (closed := each.get("closed_on")) is not None and closed < each["opened_on"]:
            found.append(FieldError(f"{at}/closed_on", "before_opening", "This lies before the day it opened."))
        told.add(each["registry_id"])
    return found


def conflict_faults(conflicts: Iterable[Mapping[str, Any]], organizations: Iterable[str]) -> list[FieldError]:
    """`organizations` are the ids of those of the network that can be named."""
    known, found = frozenset(organizations), []
    for place, each in enumerate(conflicts):
        at = f"/conflicts/{place}"
        if each["organization"] not in known:
            found.append(FieldError(f"{at}/organization", "unknown", "The network has no organization of this name."))
        if (until := each.get("until_day")) is not None and until < each["from_day"]:
            found.append(FieldError(f"{at}/until_day", "before_beginning", "This lies before its first day."))
    return found
