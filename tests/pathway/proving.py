"""What the proof finds broken, by invariant: the rows that are named."""

from datetime import datetime

from sqlalchemy.orm import Session

from referrals.pathway.integrity.check import INVARIANTS, prove


def broken(session: Session, now: datetime, only: str | None = None) -> dict[str, list[str]]:
    """Of every invariant, or of one alone: a damage is put to the one that must tell of it."""
    asked = [each for each in INVARIANTS if only in (None, each.name)]
    return {
        finding.invariant.name: [found.row for found in finding.breaks]
        for finding in prove(session, now, asked)
        if not finding.holds
    }
