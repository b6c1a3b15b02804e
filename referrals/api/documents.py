"""Documents of a referral: attached, listed, handed out to be saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response

from referrals.api.call import Answer, Call, Seen
from referrals.api.endpoint import endpoint
from referrals.api.lists import listing, page
from referrals.api.shapes_of_papers import DocumentOut
from referrals.boundary.answers import BASE
from referrals.boundary.conditional import etag
from referrals.boundary.files import archive, download
from referrals.boundary.paging import address_of
from referrals.boundary.schemas.documents import NewDocument
from referrals.boundary.schemas.queries import Page
from referrals.domain.documents import ENDINGS
from referrals.domain.people import Actor, Scope
from referrals.domain.vocabulary import DocumentKind
from referrals.models.document import Document
from referrals.pathway.documents import ATTACHERS, attach, documents_of, file_away, find_document, refuse_withheld
from referrals.pathway.scope import find_referral

documents = Blueprint("documents", __name__)

ENTITY = "document"


def put_away(call: Call, referral_id: UUID) -> None:
    """Before anything is written: is there such a referral, is the form sound, is the file one that is taken."""
    find_referral(call.session, call.actor, referral_id)
    _ = call.body
    call.filed = file_away(call.session, call.actor, referral_id, call.file, archive(), call.now)


@documents.post("/referrals/<referral_id>/documents")
@endpoint(
    takes=NewDocument,
    gives=DocumentOut,
    parties=ATTACHERS,
    status=201,
    writes=True,
    repeatable=True,
    versioned=True,
    carries=put_away,
)
def add(call: Call, referral_id: UUID) -> Answer:
    """Attach one file, whose form is told from its bytes."""
    kind = DocumentKind(call.body["kind"])
    document = attach(call.session, call.actor, referral_id, kind, call.filed, archive(), call.now)
    return Answer(
        document_answer(document),
        Seen(ENTITY, [document.id], "attach"),
        document.version,
        status=201,
        headers={"Location": address_of(f"{BASE}/documents/{document.id}")},
    )


@documents.get("/referrals/<referral_id>/documents")
@endpoint(gives=DocumentOut, asks=Page, scope=Scope.REFERRALS_READ, listed=True)
def of_referral(call: Call, referral_id: UUID) -> Answer:
    """The documents of a referral, in the order in which they came."""
    find_referral(call.session, call.actor, referral_id)
    path = f"/referrals/{referral_id}/documents"
    asked = listing(call, path, Page)
    reached = str(asked.after[0]) if asked.after else ""
    found = documents_of(call.session, call.actor, referral_id, call.now)
    rest = [row for row, _ in found if str(row.id) > reached]
    shown = rest[: asked.limit]
    after = (str(shown[-1].id),) if len(rest) > len(shown) else None
    seen = Seen(ENTITY, [row.id for row in shown], "list")
    return page(call, asked, path, [document_answer(row) for row in shown], after, seen)


@documents.get("/documents/<document_id>")
@endpoint(gives=DocumentOut, scope=Scope.REFERRALS_READ, versioned=True)
def one(call: Call, document_id: UUID) -> Answer:
    """What is known of one document."""
    document, _ = find_document(call.session, call.actor, document_id, call.now)
    return Answer(document_answer(document), Seen(ENTITY, [document.id]), document.version)


@documents.get("/documents/<document_id>/content")
@endpoint(gives=None, scope=Scope.REFERRALS_READ, versioned=True, hands_out=tuple(ENDINGS))
def content(call: Call, document_id: UUID) -> Answer:
    """The file itself, to be saved and never shown in place; only if it is, byte for byte, what came in."""
    document, _ = find_document(call.session, call.actor, document_id, call.now)
    refuse_withheld(document)
    seen = Seen(ENTITY, [document.id], "download")
    return Handed(None, seen, document.version, actor=call.actor, document=document, now=call.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed(Answer):
    """An answer that is a file."""

    actor: Actor
    document: Document
    now: datetime

    def response(self) -> Response:
        answer = download(self.actor, self.document, self.now)
        answer.headers["ETag"] = etag(self.document.version)
        return answer


def document_answer(row: Document) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "referral": row.referral_id,
        "kind": row.kind,
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "sha256": row.sha256,
        "scan": row.scan,
        "attached_by": {
            "name": row.attached_by,
            "user": row.user_id,
            "client": row.client_id,
            "organization": row.organization_id,
        },
        "attached_at": row.attached_at,
    }
