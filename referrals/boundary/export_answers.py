"""Referrals on their way out, line by line: whole, or as they could be sent again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from referrals.boundary.answers import referral_answer
from referrals.boundary.schemas.fields import ready
from referrals.boundary.schemas.packet import Packet
from referrals.domain.lifecycle import Status
from referrals.pathway.record import Record

# Ids of ours mean nothing elsewhere.
OURS: Mapping[str, frozenset[str]] = {"patient": frozenset({"id"}), "diagnosis": frozenset({"id"})}


def exported(record: Record, now: datetime, *, as_sent: bool) -> bytes:
    answer = referral_answer(record, now)
    return orjson.dumps(sent_again(answer) if as_sent else answer, option=orjson.OPT_UTC_Z) + b"\n"


def sent_again(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What `POST /referrals` takes of it. What was sent is sent again; a draft stays one. Absent is not null."""
    packet = {name: _without(OURS.get(name), answer[name]) for name in ready(Packet).fields if answer[name] is not None}
    return {**packet, "submit": answer["status"] != Status.DRAFT}


def _without(ours: frozenset[str] | None, value: Any) -> Any:
    return {name: below for name, below in value.items() if name not in ours} if ours else value
