"""Heads of the audit's chain, noted every hour: in the database, and in a file that is only ever added to."""

import errno
import json
import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.models.add_once import add_once
from referrals.models.audit import AuditCheckpoint
from referrals.pathway.seals import Head, newest_head

FOLDER, FILE = "checkpoints", "audit.jsonl"
EVERY = timedelta(hours=1)
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Unreadable(Exception):
    """A line of a file of checkpoints is none."""


def take_checkpoint(session: Session, now: datetime) -> int:
    """Note the head, unless that was done within the hour or nothing was sealed since; how many were noted."""
    last = session.execute(
        select(AuditCheckpoint.position, AuditCheckpoint.at).order_by(AuditCheckpoint.position.desc()).limit(1)
    ).first()
    if last is not None and last.at > now - EVERY:
        return 0
    head = newest_head(session)
    if head.position <= (last.position if last else 0):
        return 0
    return len(add_once(session, AuditCheckpoint, [{"position": head.position, "digest": head.digest, "at": now}]))


def kept_heads(session: Session) -> list[Head]:
    return [Head(each.position, each.digest) for each in _after(session, 0)]


def _after(session: Session, position: int) -> Sequence[Any]:
    columns = (AuditCheckpoint.position, AuditCheckpoint.digest, AuditCheckpoint.at)
    query = select(*columns).where(AuditCheckpoint.position > position).order_by(AuditCheckpoint.position)
    return session.execute(query).all()


def missing_in(session: Session, file: Path) -> str:
    """The lines that this file lacks; also those of hours in which the machine was down."""
    last = max((head.position for head in heads_in(file)), default=0) if file.exists() else 0
    return "".join(f"{line_of(Head(each.position, each.digest), each.at)}\n" for each in _after(session, last))


def line_of(head: Head, at: datetime) -> str:
    return json.dumps({"position": head.position, "digest": head.digest, "at": at.isoformat()})


def heads_in(file: Path) -> list[Head]:
    lines = file.read_text("utf-8", errors="replace").splitlines()
    return [_read(line, number) for number, line in enumerate(lines, 1)]


def _read(line: str, number: int) -> Head:
    try:
        told = json.loads(line)
        position, digest = told["position"], told["digest"]
    except (ValueError, TypeError, KeyError):
        raise Unreadable(f"line {number} is no checkpoint") from None
    if type(position) is not int or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        raise Unreadable(f"line {number} is no checkpoint")
    return Head(position, digest)


def append(file: Path, lines: str) -> None:
    """On the disk when this returns; of lines that do not fit, nothing stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab", buffering=0) as written:
        before, sent = written.tell(), lines.encode()
        try:
            if written.write(sent) != len(sent):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(written.fileno())
        except OSError:
            os.truncate(file, before)
            raise
