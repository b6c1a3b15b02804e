"""The filters of the worklist, in the words of partners, and what the queue understands by them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from referrals.boundary.problems import bad_parameter
from referrals.boundary.schemas.fields import LINE, SHORT, Body, Flag, Instant, Pattern, Word, Words, uuid_of, words_of
from referrals.boundary.schemas.queries import OneOrMore, Page
from referrals.domain import vocabulary as known
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor
from referrals.domain.reference import looks_like_reference, parse_reference
from referrals.pathway.queue import ALL_SHOWN, ENDED_ONLY, OPEN_ONLY, SORTS, Filters

GROUPS: Mapping[str, frozenset[Status]] = {"open": OPEN_ONLY, "ended": ENDED_ONLY, "all": ALL_SHOWN}
ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


class Narrowed(Body):
    """Which referrals are meant."""

    status = OneOrMore(Word([*GROUPS, *Status]), metadata={"description": "`open` where not said."})
    tier = OneOrMore(words_of(known.Tier), metadata={"description": "The tier in force is one of these."})
    waiting_on = OneOrMore(words_of(known.WaitingOn), metadata={"description": "It is the turn of one of these."})
    owner = Pattern(
        f"{ID}|me|none",
        "This must be an id, me or none.",
        SHORT,
        metadata={"description": "The id of a person, `me` (needs On-Behalf-Of), or `none`."},
    )
    center = Pattern(
        ID, "This must be the id of a center.", SHORT, metadata={"description": "The center that is asked, or at work."}
    )
    tumor_family = Words(SHORT, metadata={"description": "As in the expertise of centers."})
    criterion = OneOrMore(words_of(known.Criterion), metadata={"description": "All of these are met."})
    q = Words(LINE, metadata={"description": "A reference, a patient's number, or words of the name."})
    due_before = Instant(metadata={"description": "Promised for a time before this one."})
    overdue = Flag(metadata={"description": "Whether the promise has passed."})
    updated_after = Instant(metadata={"description": "Changed after this time."})


class WorklistAsked(Narrowed, Page):
    sort = Word(SORTS, metadata={"description": "`urgency` where not said; a hyphen turns it around."})


def filters_of(asked: Mapping[str, Any], actor: Actor) -> Filters:
    """What the queue is to list."""
    return Filters(
        statuses=_statuses(asked.get("status")),
        tiers=frozenset(map(known.Tier, asked.get("tier") or ())),
        waiting_on=frozenset(map(known.WaitingOn, asked.get("waiting_on") or ())),
        owner=_owner(asked.get("owner"), actor),
        center=uuid_of(asked.get("center") or ""),
        tumor_family=asked.get("tumor_family"),
        criteria=frozenset(map(known.Criterion, asked.get("criterion") or ())),
        q=_checked(asked.get("q")),
        due_before=asked.get("due_before"),
        overdue=asked.get("overdue"),
        updated_after=asked.get("updated_after"),
        sort=asked.get("sort") or "urgency",
    )


def _statuses(words: Sequence[str] | None) -> frozenset[Status]:
    if not words:
        return OPEN_ONLY
    return frozenset().union(*(GROUPS.get(word) or {Status(word)} for word in words))


def _owner(word: str | None, actor: Actor) -> UUID | str | None:
    if word != "me":
        return word if word in (None, "none") else uuid_of(word)
    if actor.user_id is None:
        raise bad_parameter("owner", "person_required", "Say in On-Behalf-Of who `me` is.")
    return actor.user_id


def _checked(typed: str | None) -> str | None:
    """A reference that was misread is told so at once, instead of finding nothing."""
    if typed is not None and looks_like_reference(typed):
        try:
            parse_reference(typed)
        except ValueError as error:
            raise bad_parameter("q", "wrong_reference", str(error)) from None
    return typed
