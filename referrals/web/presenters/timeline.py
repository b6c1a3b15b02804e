"""What happened to a referral, newest first, in the words of the step table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from referrals.domain.lifecycle import CREATE, EDIT, STATUSES, STEPS, Status
from referrals.web.presenters.times import Moment, Stamp
from referrals.web.words import counted, initials, sentence_list

BESIDE_THE_TABLE: Mapping[str, str] = {CREATE: "Draft started", EDIT: "Changed"}


@dataclass(frozen=True)
class Entry:
    stamp: Stamp
    happened: str
    who: str
    initials: str
    status: str
    note: str
    details: tuple[str, ...] = ()


def happened_words(step: str) -> str:
    return BESIDE_THE_TABLE.get(step) or STEPS[step].happened


def actor_name(actor: Any) -> str:
    return actor.get("name", "") if isinstance(actor, Mapping) else str(actor or "")


def entry(event: Mapping[str, Any], moment: Moment) -> Entry:
    """From one item of the API's events, with `note` and `details` (sentences on what changed) where there are any."""
    who = actor_name(event.get("actor"))
    moved = event.get("from") != event["to"]
    return Entry(
        stamp=moment.stamp(event["at"]),
        happened=happened_words(event["step"]),
        who=who,
        initials=initials(who) or "–",
        status=STATUSES[Status(event["to"])].label if moved else "",
        note=event.get("note") or "",
        details=tuple(event.get("details") or ()),
    )


def timeline(events: Iterable[Mapping[str, Any]], moment: Moment) -> tuple[Entry, ...]:
    """How a draft was written is one line, once it is sent."""
    found = list(events)
    written = [event for event in found if event["step"] == EDIT and event["to"] == Status.DRAFT]
    is_sent = any(event["to"] != Status.DRAFT for event in found)
    if not is_sent or len(written) < 2:
        return tuple(entry(event, moment) for event in found)[::-1]
    others = [event for event in found if event not in written]
    begun = [event for event in others if event["step"] == CREATE]
    rest = [entry(event, moment) for event in others if event not in begun]
    return (*rest[::-1], _writing(written, moment), *(entry(event, moment) for event in begun))


def _writing(written: Sequence[Mapping[str, Any]], moment: Moment) -> Entry:
    who = sentence_list(list(dict.fromkeys(actor_name(event.get("actor")) for event in written)))
    days = moment.days(written[0]["at"], written[-1]["at"])
    return replace(
        entry(written[-1], moment),
        happened=f"Written: {counted(len(written), 'change')}, {days}",
        who=who,
        details=(),
    )
