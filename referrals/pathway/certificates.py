"""Keeps what a proof of the invariants found, each certificate tied to the one before it, and shows the last ones."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from referrals.domain.errors import Forbidden
from referrals.domain.opinion import seal
from referrals.domain.people import Actor, Kind, Role
from referrals.domain.tasks import TaskKind
from referrals.models.add_once import add_once
from referrals.models.base import new_id
from referrals.models.certificate import Certificate
from referrals.models.organization import Network
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.pathway.integrity.check import prove
from referrals.pathway.integrity.finding import Finding
from referrals.pathway.recipients import administrator
from referrals.pathway.tasks import NewTask, raise_for_network

SHOWN = 30
ROWS_KEPT = 20
BEGINNING = "0" * 64
# A night's proof belongs to the day that begins at this hour, when hardly anybody is at work.
NIGHT_BEGINS = timedelta(hours=2)
READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
SEALED = ("number", "at", "took_ms", "by", "night", "holds", "findings", "previous")


@dataclass(frozen=True, slots=True)
class Proof:
    """What one look at the whole database found, and how long it took."""

    at: datetime
    took_ms: int
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.holds)


def proof_of(session: Session, now: datetime, tell: Callable[[Finding], None]) -> Proof:
    """Prove everything, and tell of each finding as it comes: all of them may take minutes."""
    began = time.monotonic()
    findings = tuple(_told(prove(session, now), tell))
    return Proof(now, round((time.monotonic() - began) * 1000), findings)


def _told(findings: Iterator[Finding], tell: Callable[[Finding], None]) -> Iterator[Finding]:
    for finding in findings:
        tell(finding)
        yield finding


def night_due(session: Session, now: datetime) -> date | None:
    """The night that nobody has proved yet, by the clock of the first network; none before there is a network."""
    zone = session.scalar(select(Network.zone).order_by(Network.id).limit(1))
    if zone is None:
        return None
    night = (now.astimezone(ZoneInfo(zone)) - NIGHT_BEGINS).date()
    is_done = session.scalar(select(Certificate.id).where(Certificate.night == night))
    return None if is_done else night


def keep(session: Session, proof: Proof, night: date | None = None) -> int | None:
    """The number of the new certificate; none where another was kept at the same moment, or for the same night."""
    newest = select(Certificate.number, Certificate.digest).order_by(Certificate.number.desc()).limit(1)
    before = session.execute(newest).first()
    number = before.number + 1 if before else 1
    row = {
        "number": number,
        "at": proof.at,
        "took_ms": proof.took_ms,
        "by": "worker" if night else "command",
        "night": night,
        "holds": not proof.broken,
        "findings": [_as_kept(finding) for finding in proof.findings],
        "previous": before.digest if before else BEGINNING,
    }
    kept = add_once(session, Certificate, [{"id": new_id(), **row, "digest": digest_of(row)}])
    return number if kept else None


def _as_kept(finding: Finding) -> dict[str, Any]:
    """Names of rows, never what is in them."""
    return {
        "number": finding.invariant.number,
        "name": finding.invariant.title,
        "claim": finding.invariant.claim,
        "looked_at": finding.looked_at,
        "broken": finding.broken,
        "breaks": [{"row": found.row, "why": found.why} for found in finding.breaks[:ROWS_KEPT]],
        "figures": dict(finding.figures),
    }


def digest_of(row: Mapping[str, Any]) -> str:
    return seal({name: _plain(row[name]) for name in SEALED})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def raise_alarm(session: Session, number: int, now: datetime) -> None:
    """One task for one administrator of each network, unless an earlier one is still open there."""
    for network_id, zone in session.execute(select(Network.id, Network.zone)):
        user = administrator(session, network_id, now.astimezone(ZoneInfo(zone)).date())
        is_known = session.scalar(select(Task.id).where(*_is_open(network_id)).limit(1)) is not None
        if user and not is_known:
            raise_for_network(session, network_id, NewTask(TaskKind.RECORD_BROKEN, user, about=str(number)), now)


def _is_open(network_id: Any) -> tuple[ColumnElement[bool], ...]:
    return Task.network_id == network_id, Task.kind == TaskKind.RECORD_BROKEN, Task.done_at.is_(None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate, and whether it still is what was kept, after the one that came before it."""

    certificate: Certificate
    is_untouched: bool


def last_certificates(session: Session, actor: Actor) -> list[Shown]:
    """The newest first, for those who answer for the network's record."""
    if actor.kind is not Kind.NETWORK or not actor.roles & READERS:
        raise Forbidden("not_this_actor", "This is shown to administrators and auditors of the network.")
    newest = select(Certificate).order_by(Certificate.number.desc()).limit(SHOWN + 1)
    found = list(session.scalars(newest))
    ties = [_follows(row, before) for row, before in pairwise([*found, None]) if row is not None]
    return [Shown(row, tie) for row, tie in zip(found, ties, strict=True)][:SHOWN]


def _follows(row: Certificate, before: Certificate | None) -> bool:
    """The oldest there is follows nothing."""
    number, digest = (before.number, before.digest) if before else (0, BEGINNING)
    is_next = (row.number, row.previous) == (number + 1, digest)
    return is_next and row.digest == digest_of({name: getattr(row, name) for name in SEALED})


def rows_of_others(session: Session, actor: Actor, names: Sequence[str]) -> set[str]:
    """Which of these references belong to another network: a certificate speaks of all."""
    if session.scalar(select(func.count()).select_from(Network)) == 1:
        return set()
    theirs = select(Referral.reference).where(Referral.reference.in_(names), Referral.network_id != actor.network_id)
    return set(session.scalars(theirs))
