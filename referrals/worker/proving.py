"""The worker's proof of every night: all invariants, in one look that holds up no writer."""

from collections.abc import Callable
from datetime import date, datetime

import structlog
from sqlalchemy.orm import Session

from referrals.models.engine import Database
from referrals.pathway.certificates import Proof, keep, night_due, proof_of, raise_alarm
from referrals.pathway.integrity.finding import Finding
from referrals.worker.alone import is_alone

log = structlog.get_logger("referrals.worker")

PROOF_LOCK = 7_206_531_904


def prove_nightly(database: Database, clock: Callable[[Session], datetime], alive: Callable[[], None]) -> int:
    """One certificate a night, by whichever worker comes first. `alive` is called between two invariants."""
    with database.reading() as session:
        now = clock(session)
        night = night_due(session, now)
        if night is None or not is_alone(session, PROOF_LOCK):
            return 0
        proof = proof_of(session, now, lambda finding: alive())
    return _keep(database, proof, night)


def _keep(database: Database, proof: Proof, night: date) -> int:
    with database.writing() as session:
        number = keep(session, proof, night)
        if number is None:
            return 0
        if proof.broken:
            raise_alarm(session, number, proof.at)
    for finding in proof.broken:
        _shout(number, finding)
    return 1


def _shout(number: int, finding: Finding) -> None:
    log.error("invariant broken", certificate=number, invariant=finding.invariant.title, rows=finding.broken)
