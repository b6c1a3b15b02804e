"""How it is known what a center outside the network has said: one sentence, wherever its answer is shown."""

from collections.abc import Mapping
from typing import Any

from referrals.web.forms.reasons import HEARD_BY
from referrals.web.presenters.times import date_words, parse_date

RULES = "The original rules."


def recorded_words(recorded: Mapping[str, Any] | None) -> str:
    """Nothing where the center has answered by itself."""
    if not recorded:
        return ""
    if "said_by" in recorded:
        return _said(recorded)
    return _transcribed(recorded) if "specialist" in recorded else f"Recorded by {recorded['by']}."


def _said(recorded: Mapping[str, Any]) -> str:
    way = HEARD_BY[recorded["channel"]].lower()
    when = date_words(parse_date(recorded["said_on"]))
    return f"Recorded by {recorded['by']}: {recorded['said_by']} ({recorded['role']}) said so {way} on {when}."


def _transcribed(recorded: Mapping[str, Any]) -> str:
    original = f"from the original of {specialist_words(recorded)}"
    if "checked_by" not in recorded:
        return f"Recorded by {recorded['by']} {original}."
    compared = f"{recorded['checked_by']} compared every sentence. {RULES}"
    return f"Recorded by {recorded['by']} {original}; {compared}"


def specialist_words(recorded: Mapping[str, Any]) -> str:
    """Who signed it, in what office, and when."""
    named = recorded["specialist"]
    who = ", ".join(part for part in (named["name"], named["title"]) if part)
    return f"{who}, signed on {date_words(parse_date(recorded['signed_on']))}"
