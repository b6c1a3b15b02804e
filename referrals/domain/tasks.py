"""Tasks for a named person: which kinds there are, what each asks for in words, and when it is over by itself."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class Over(StrEnum):
    """What makes a task pointless before anybody has done it."""

    NEVER = "never"
    TURN = "turn"  # somebody has acted: the next segment runs
    END = "end"  # the referral has ended
    PAUSE = "pause"  # the center is asked again


class TaskKind(StrEnum):
    NETWORK_LATE = "network_late"
    CENTER_LATE = "center_late"
    CHASE_CENTER = "chase_center"
    PHONE_REFERRER = "phone_referrer"
    PHONE_THIRD_PARTY = "phone_third_party"
    TELL_REFERRER = "tell_referrer"
    PATIENT_DIED = "patient_died"
    MESSAGE_UNREAD = "message_unread"
    MESSAGE_UNREAD_AT_CENTER = "message_unread_at_center"
    RECORD_BROKEN = "record_broken"
    PHONE_ADVICE = "phone_advice"
    NO_ELIGIBLE_CENTER = "no_eligible_center"
    CENTER_SILENT = "center_silent"
    CENTER_EMPTY = "center_empty"
    CHAIN_USED_UP = "chain_used_up"
    CHAIN_STOPPED = "chain_stopped"
    COMPARE_OPINION = "compare_opinion"
    CORRECT_OPINION = "correct_opinion"
    BREAK_GLASS = "break_glass"
    BREAK_GLASS_TOLD = "break_glass_told"
    BREAK_GLASS_WAITS = "break_glass_waits"
    COVER_ENDED = "cover_ended"
    UNCOVERED = "uncovered"


# What each of several people has for themselves, to watch over others: whoever covers neither sees nor ends it, and nobody
# has it in the place of who goes.
FOR_THEMSELVES = frozenset(
    {
        TaskKind.BREAK_GLASS,
        TaskKind.BREAK_GLASS_TOLD,
        TaskKind.BREAK_GLASS_WAITS,
        TaskKind.COVER_ENDED,
        TaskKind.UNCOVERED,
    }
)


class TaskWords(NamedTuple):
    """`words` stand on the page and in mail, so they say nothing about anybody."""

    words: str
    within: timedelta
    over: Over


_DAY = timedelta(days=1)
_HOURS = timedelta(hours=4)

TASKS: Mapping[TaskKind, TaskWords] = MappingProxyType(
    {
        TaskKind.NETWORK_LATE: TaskWords(
            "The network has missed its due time twice: see that it goes on", _DAY, Over.TURN
        ),
        TaskKind.CENTER_LATE: TaskWords(
            "Your center has missed its due time twice: see that it goes on", _DAY, Over.TURN
        ),
        TaskKind.CHASE_CENTER: TaskWords(
            "The center has missed its due time twice: phone it, or recall the referral", _DAY, Over.TURN
        ),
        TaskKind.PHONE_REFERRER: TaskWords("The referrer has missed the due time twice: phone them", _DAY, Over.TURN),
        TaskKind.PHONE_THIRD_PARTY: TaskWords(
            "Whoever was asked has missed the due time twice: phone them, or go on without", _DAY, Over.TURN
        ),
        TaskKind.TELL_REFERRER: TaskWords(
            "Nobody at the referring organization can be told: find out who answers for it", _DAY, Over.NEVER
        ),
        TaskKind.PATIENT_DIED: TaskWords(
            "The patient has died: reminders have stopped. Decide with the referrer what becomes of the referral",
            _DAY,
            Over.END,
        ),
        TaskKind.MESSAGE_UNREAD: TaskWords(
            "A message to the network has waited for more than a working day: read it and answer", _DAY, Over.NEVER
        ),
        TaskKind.MESSAGE_UNREAD_AT_CENTER: TaskWords(
            "The center has not read a message within a working day: phone it", _DAY, Over.NEVER
        ),
        TaskKind.RECORD_BROKEN: TaskWords(
            "The proof of the record has found rows that do not fit: see Integrity", _DAY, Over.NEVER
        ),
        TaskKind.PHONE_ADVICE: TaskWords(
            "A specialist has sent advice that cannot wait for the opinion: phone the referrer", _HOURS, Over.NEVER
        ),
        TaskKind.NO_ELIGIBLE_CENTER: TaskWords(
            "No center can be asked: find one, or decide with the referrer what becomes of it", _HOURS, Over.TURN
        ),
        TaskKind.CENTER_SILENT: TaskWords(
            "A center has let two offers lapse and is paused: phone it, then end its pause", _DAY, Over.PAUSE
        ),
        TaskKind.CENTER_EMPTY: TaskWords(
            "A center has nobody who can answer and is paused: find out who works there", _DAY, Over.PAUSE
        ),
        TaskKind.CHAIN_USED_UP: TaskWords(
            "The approved centers are used up, and none has taken it: choose another", _HOURS, Over.TURN
        ),
        TaskKind.CHAIN_STOPPED: TaskWords(
            "The facts, the priority or who decides have changed since the next centers were approved: choose again",
            _HOURS,
            Over.TURN,
        ),
        TaskKind.COMPARE_OPINION: TaskWords(
            "An opinion from outside the network was transcribed: compare it with its original", _DAY, Over.END
        ),
        TaskKind.CORRECT_OPINION: TaskWords(
            "An opinion that you transcribed was sent back: put right what differs from the original", _DAY, Over.END
        ),
        TaskKind.BREAK_GLASS: TaskWords(
            "Somebody opened this record outside their scope: review it, see Integrity, Break-glass",
            3 * _DAY,
            Over.NEVER,
        ),
        TaskKind.BREAK_GLASS_TOLD: TaskWords(
            "Somebody outside your organization opened this record, with a reason. The network reviews it",
            _DAY,
            Over.NEVER,
        ),
        TaskKind.BREAK_GLASS_WAITS: TaskWords(
            "A record was opened outside somebody’s scope, and nobody has reviewed that within three working days: ask an auditor",
            _DAY,
            Over.NEVER,
        ),
        TaskKind.COVER_ENDED: TaskWords(
            "Whoever covered for you while you are away no longer does: see who does now", _DAY, Over.NEVER
        ),
        TaskKind.UNCOVERED: TaskWords(
            "Nobody covers any more for somebody who is away: choose who does, or end the absence", _DAY, Over.NEVER
        ),
    }
)
