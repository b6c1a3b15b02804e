"""The worker's part in proving the audit: notes the head of the chain in the database, in a file and in the log."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session

from referrals.models.engine import Database
from referrals.pathway.checkpoints import FILE, append, kept_heads, missing_in, take_checkpoint

log = structlog.get_logger("referrals.worker")


def note_head(database: Database, clock: Callable[[Session], datetime], folder: Path | None) -> int:
    """Each machine keeps a file of its own, and each file holds every checkpoint of the database."""
    with database.writing() as session:
        taken = take_checkpoint(session, clock(session))
    with database.reading() as session:
        lines = missing_in(session, folder / FILE) if folder else ""
        newest = kept_heads(session)[-1:] if taken else []
    if folder and lines:
        append(folder / FILE, lines)
    for head in newest:
        log.info("audit checkpoint", position=head.position, digest=head.digest)
    return taken
