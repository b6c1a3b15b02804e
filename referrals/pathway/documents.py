"""Documents of a referral: taken in, shown to whoever may read the referral, handed out unharmed, set aside."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from referrals.domain.documents import (
    HANDED_OUT,
    ScanState,
    TooLarge,
    WrongForm,
    media_type_of,
    safe_name,
    size_words,
)
from referrals.domain.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Stale
from referrals.domain.people import Actor, Kind, Party
from referrals.domain.vocabulary import ConsentScope, DocumentKind
from referrals.models.base import new_id
from referrals.models.document import Document
from referrals.models.organization import Organization
from referrals.models.referral import Consent, Referral
from referrals.models.storage import CHUNK, Harmed, Missing, Store, chunks
from referrals.pathway.rules import rules_of
from referrals.pathway.scope import find_referral, opened, unless_erased, visible

ATTACHERS = frozenset({Party.R, Party.C, Party.L, Party.K, Party.S})
SETTERS_ASIDE = frozenset({Party.R, Party.C, Party.L})


class Damaged(Exception):
    """What lies in the storage is not what was put there."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Where documents lie, how large one and all of a referral may be, and whether a scanner looks at them."""

    store: Store
    largest: int
    quota: int
    is_scanned: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it came in; `source` can be read again from its beginning."""

    name: str
    source: BinaryIO
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Filed:
    """Bytes that lie in the storage and have no row yet. Whoever is killed now leaves a file that is swept."""

    id: UUID
    network_id: UUID
    media_type: str
    sent: Sent

    @property
    def key(self) -> str:
        return key_of(self.network_id, self.id)


def key_of(network_id: UUID, document_id: UUID) -> str:
    """Spread over folders by the end of the id: its beginning is the time."""
    name = str(document_id)
    return f"{network_id}/{name[-2:]}/{name}"


def file_away(session: Session, actor: Actor, referral_id: UUID, sent: Sent, archive: Archive, now: datetime) -> Filed:
    """Check what can be checked and put the bytes away, before any row is locked or written."""
    if not actor.parties & ATTACHERS:
        raise Forbidden("not_this_actor", "Documents are attached by those who work on the referral.")
    referral = _referral(session, actor, referral_id, now)
    media_type = _form_of(sent, archive)
    _refuse_beyond_quota(session, referral_id, sent.size, archive)
    filed = Filed(new_id(), referral.network_id, media_type, sent)
    sent.source.seek(0)
    archive.store.put(filed.key, sent.source)
    return filed


def _form_of(sent: Sent, archive: Archive) -> str:
    if not sent.size:
        raise Invalid([FieldError("/file", "empty", "The file is empty. Choose another one.")])
    if sent.size > archive.largest:
        raise TooLarge(archive.largest)
    sent.source.seek(0)
    media_type = media_type_of(chunks(sent.source))
    if media_type is None:
        raise WrongForm
    return media_type


def _refuse_beyond_quota(session: Session, referral_id: UUID, size: int, archive: Archive) -> None:
    kept = session.scalar(select(func.sum(Document.size)).where(Document.referral_id == referral_id)) or 0
    if kept + size > archive.quota:
        message = (
            f"All documents of a referral may have {size_words(archive.quota)}; {size_words(int(kept))} are there."
        )
        raise Invalid([FieldError("/file", "quota", message)])


def attach(
    session: Session,
    actor: Actor,
    referral_id: UUID,
    kind: DocumentKind,
    filed: Filed,
    archive: Archive,
    now: datetime,
) -> Document:
    """The row of a file that was put away. The referral is locked, so that two together cannot exceed the quota."""
    find_referral(session, actor, referral_id, lock=True)
    sent = filed.sent
    _refuse_beyond_quota(session, referral_id, sent.size, archive)
    document = Document(
        id=filed.id,
        network_id=filed.network_id,
        referral_id=referral_id,
        version=1,
        kind=kind,
        name=safe_name(sent.name),
        media_type=filed.media_type,
        size=sent.size,
        sha256=sent.sha256,
        is_of_opinion=actor.kind is Kind.CENTER,
        scan=ScanState.WAITING if archive.is_scanned else ScanState.NOT_SCANNED,
        user_id=actor.user_id,
        client_id=actor.client_id,
        organization_id=actor.organization_id,
        attached_by=actor.name,
        attached_at=now,
    )
    session.add(document)
    session.flush()
    return document


def documents_of(session: Session, actor: Actor, referral_id: UUID, now: datetime) -> Sequence[tuple[Document, str]]:
    """What this reader may see of a referral that they may read, oldest first; a center without consent: nothing.

    Each with the name of the organization that attached it.
    """
    if not _is_shared_with(session, actor, referral_id, now):
        return ()
    query = (
        select(Document, Organization.name)
        .join(Organization, Organization.id == Document.organization_id)
        .where(Document.referral_id == referral_id, Document.misfiled_at.is_(None))
        .order_by(Document.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def find_document(
    session: Session, actor: Actor, document_id: UUID, now: datetime, *, lock: bool = False
) -> tuple[Document, Referral]:
    """The document with its referral. One that was set aside does not exist, for anybody."""
    query = (
        select(Document, Referral)
        .join(Referral, Referral.id == Document.referral_id)
        .where(Document.id == document_id, Document.misfiled_at.is_(None), or_(visible(actor), opened(actor)))
    )
    found = session.execute(query.with_for_update(of=Document) if lock else query).one_or_none()
    if found is None or not _is_shared_with(session, actor, found[1].id, now):
        raise NotFound
    unless_erased(found[1])
    return found[0], found[1]


def _referral(session: Session, actor: Actor, referral_id: UUID, now: datetime) -> Referral:
    referral = find_referral(session, actor, referral_id)
    if not _is_shared_with(session, actor, referral_id, now):
        raise NotFound
    return referral


def _is_shared_with(session: Session, actor: Actor, referral_id: UUID, now: datetime) -> bool:
    """A center sees documents only while the patient agrees that they are shared with it."""
    if actor.kind is not Kind.CENTER:
        return True
    in_force = select(Consent).where(Consent.referral_id == referral_id, Consent.withdrawn_at.is_(None))
    consent = session.scalar(in_force)
    if consent is None or not consent.given or ConsentScope.SHARE_WITH_CENTERS not in consent.scope:
        return False
    today = rules_of(session, actor.network_id).calendar.local_date(now)
    return (consent.until is None or today <= consent.until) and _is_named(session, actor, consent)


def _is_named(session: Session, actor: Actor, consent: Consent) -> bool:
    if consent.centers is None:
        return True
    code = session.scalar(select(Organization.code).where(Organization.id == actor.organization_id))
    return bool({code, str(actor.organization_id)} & set(consent.centers))


def refuse_withheld(document: Document) -> None:
    """What a scanner found harmful, or has yet to look at, is not handed out."""
    if document.scan not in HANDED_OUT:
        harmful = document.scan == ScanState.QUARANTINED
        raise Conflict(
            "The scanner found something harmful in this file. It is set aside; ask for it to be sent again."
            if harmful
            else "This file waits for the scanner. Try again in a minute."
        )


def unharmed(archive: Archive, document: Document) -> BinaryIO:
    """Its bytes, every one of them compared with what came in before the first is handed out."""
    found = cast(BinaryIO, SpooledTemporaryFile(max_size=16 * CHUNK))  # noqa: SIM115 - whoever hands it out closes it
    try:
        if _copied(archive, document, found) != (document.sha256, document.size):
            raise Damaged
    except (Missing, Harmed):
        found.close()
        raise Damaged from None
    except Exception:
        found.close()
        raise
    found.seek(0)
    return found


def _copied(archive: Archive, document: Document, target: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with archive.store.open(key_of(document.network_id, document.id)) as source:
        for chunk in chunks(source):
            digest.update(chunk)
            size += target.write(chunk)
    return digest.hexdigest(), size


def mark_damaged(session: Session, document_id: UUID, now: datetime) -> None:
    """Shown from now on wherever the document is, until somebody has sent it again."""
    document = session.get_one(Document, document_id)
    if document.damaged_at is None:
        document.damaged_at, document.version = now, document.version + 1


def set_aside(
    session: Session, actor: Actor, document_id: UUID, why: str, now: datetime, if_version: int | None = None
) -> Document:
    """It belongs to another person: from this moment nobody sees it, and it stays, sealed."""
    if not actor.parties & SETTERS_ASIDE:
        raise Forbidden("not_this_actor", "A coordinator, a lead or the referring clinician sets a document aside.")
    document, _ = find_document(session, actor, document_id, now, lock=True)
    if if_version is not None and document.version != if_version:
        raise Stale
    if not why.strip():
        raise Invalid([FieldError("/why", "required", "Say in a sentence how you know that it is of another person.")])
    document.misfiled_at, document.misfiled_by_id, document.misfiled_why = now, actor.user_id, why.strip()
    document.version += 1
    session.flush()
    return document
