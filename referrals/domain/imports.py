"""Imports: what may become of a file of referrals and of each of its lines, and the limits of both."""

from datetime import timedelta
from enum import StrEnum


class ImportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ImportForm(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"


class ImportFault(StrEnum):
    """Why an import ended without reading all of its lines, where nobody canceled it."""

    FILE_GONE = "file_gone"
    NOT_ALLOWED = "not_allowed"
    GIVEN_UP = "given_up"


class LineOutcome(StrEnum):
    """`identity_check` is accepted, too: the patient's number is known from another organization."""

    ACCEPTED = "accepted"
    CHECKED = "identity_check"
    HERE = "already_here"
    REFUSED = "refused"


TAKEN_IN = (LineOutcome.ACCEPTED, LineOutcome.CHECKED)
UNFINISHED = frozenset({ImportStatus.QUEUED, ImportStatus.RUNNING})

MOST_LINES = 100_000
MOST_COLUMNS, LONGEST_COLUMN_NAME = 1_000, 200
# As many files of one organization may wait at once: nobody fills the disk of all.
MOST_WAITING = 20
# A batch holds the lock under which reference numbers are given: short enough that nobody notices.
BATCH = 25
# A worker that dies loses its import after that long; one that goes on renews it with every batch.
LEASED_FOR = timedelta(minutes=2)
# Begun so often without getting a batch further, it is given up.
TRIES = 3
# How long the file of an import that has ended is kept, to look something up in it.
FILE_KEPT = timedelta(days=1)
