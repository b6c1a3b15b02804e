"""Files are looked at by a scanner, and files that belong to no document are found."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from referrals.domain.documents import ScanState
from referrals.models.document import Document
from referrals.models.organization import Network
from referrals.models.referral import Referral
from referrals.models.storage import StorageFailed, Store
from referrals.pathway.documents import key_of
from referrals.pathway.imports import files_in_use

# How long a file may lie without a row: longer than any upload takes.
UNCLAIMED_AFTER = timedelta(days=1)
UNSEEN = (ScanState.WAITING, ScanState.NOT_SCANNED)
BATCH = 5
KEYS_AT_ONCE = 500
_ID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A key, or a half file that a killed process has left beside it.
OURS = re.compile(rf"(?P<network>{_ID})/[0-9a-f]{{2}}/(?:(?P<document>{_ID})|\.half-[0-9a-f]{{32}})")
LONGEST_FINDING = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """What the scanner says of one file: `finding` names what it found, "" is clean."""

    finding: str = ""

    @property
    def state(self) -> ScanState:
        return ScanState.QUARANTINED if self.finding else ScanState.CLEAN


# What was said of each document; None where nothing was.
Verdicts = Mapping[UUID, Seen | None]


class ScannerFailed(Exception):
    """The scanner did not say whether the file is clean: it goes on waiting."""


class Scanner(Protocol):
    """Looks at bytes, or raises `ScannerFailed`."""

    def look(self, source: BinaryIO) -> Seen: ...


def look_at_unseen(session: Session, store: Store, scanner: Scanner) -> Verdicts:
    """The next few files, those from before there was a scanner among them; None for one that it cannot judge.

    Nothing is written here. Files that were tried before come last, so that one of them holds up no other.
    """
    query = select(Document).where(Document.scan.in_(UNSEEN), Document.damaged_at.is_(None), ~is_erased())
    oldest_first = query.order_by(Document.scan_tried_at.asc().nulls_first(), Document.id)
    found: dict[UUID, Seen | None] = {}
    for document in session.scalars(oldest_first.limit(BATCH)):
        try:
            found[document.id] = _look(document, store, scanner)
        except (ScannerFailed, StorageFailed):
            found[document.id] = None
            break
    return found


def is_erased() -> ColumnElement[bool]:
    """Of an erased patient the row stays, and the file goes."""
    return exists().where(Referral.id == Document.referral_id, Referral.erased_at.is_not(None))


def _look(document: Document, store: Store, scanner: Scanner) -> Seen:
    with store.open(key_of(document.network_id, document.id)) as source:
        return scanner.look(source)


def note_scans(session: Session, seen: Verdicts, now: datetime) -> int:
    """Write down what was seen, once however many looked at the same time; how many are judged now."""
    query = select(Document).where(Document.id.in_(seen), Document.scan.in_(UNSEEN)).order_by(Document.id)
    judged = 0
    for document in session.scalars(query.with_for_update()).all():
        document.scan_tried_at = now
        if said := seen[document.id]:
            document.scan, document.version = said.state, document.version + 1
            document.finding = said.finding[:LONGEST_FINDING] or None
            judged += 1
    return judged


def unclaimed_files(session: Session, store: Store, now: datetime) -> Iterator[str]:
    """What was put away a day ago and belongs to no document, or to one of an erased patient, and to no import that still needs it.

    Its sender was killed in between, or refused, or its import is over.

    Only what is surely ours: others may keep things in the same place.
    """
    networks = {str(each) for each in session.scalars(select(Network.id))}
    parts = (OURS.fullmatch(key) for key in store.keys(now - UNCLAIMED_AFTER))
    ours = (found for found in parts if found and found["network"] in networks)
    while some := list(islice(ours, KEYS_AT_ONCE)):
        ids = [UUID(found["document"]) for found in some if found["document"]]
        documents = session.scalars(select(Document.id).where(Document.id.in_(ids), ~is_erased()))
        claimed = {str(each) for each in (*documents, *files_in_use(session, ids, now))}
        yield from (found[0] for found in some if found["document"] not in claimed)
