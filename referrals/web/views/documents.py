"""Documents of a referral: seen, attached one at a time, saved, and set aside where they are of another person."""

from uuid import UUID

from flask import Blueprint, request
from werkzeug.wrappers import Response

from referrals.boundary.files import archive, download, file_sent
from referrals.boundary.schemas.fields import LONG
from referrals.domain.documents_wanted import Known
from referrals.domain.errors import FieldError, Invalid, NotFound, Refusal, refuse_unless_clean
from referrals.domain.lifecycle import Status
from referrals.domain.people import Party
from referrals.domain.vocabulary import DocumentKind
from referrals.models.document import Document
from referrals.pathway.documents import (
    ATTACHERS,
    SETTERS_ASIDE,
    Damaged,
    Filed,
    attach,
    documents_of,
    file_away,
    find_document,
    refuse_withheld,
    set_aside,
)
from referrals.pathway.record import Record, read_referral
from referrals.pathway.scope import find_referral
from referrals.pathway.sealed import sealed_documents
from referrals.web import paths
from referrals.web.forms.bind import fill
from referrals.web.forms.fields import Form
from referrals.web.forms.papers import KIND_FIELD, WHY, attach_form, wrong_person_form
from referrals.web.forms.topics import CHECK
from referrals.web.pages import Seen, Shown, go, notices
from referrals.web.presenters.documents import (
    DocumentsPage,
    DocumentsSection,
    May,
    documents_section,
    sealed_page,
)
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.notices import Link
from referrals.web.presenters.problems import ProblemPage
from referrals.web.presenters.referral import banner
from referrals.web.records import whole
from referrals.web.typed import status_of, with_refusal
from referrals.web.visit import Visit, act, page, version_meant, write_down

documents = Blueprint("documents", __name__)

OF_REFERRAL = f"{paths.MY_REFERRALS}/<referral_id>/documents"
ENTITY = "document"
NOT_YOURS = "Documents are attached by those who work on the referral."
NOT_YOURS_TO_SET_ASIDE = "A coordinator, a clinical lead or the referring clinician sets a document aside."
SET_ASIDE_EXPLAINED = (
    "From that moment nobody sees it: not the referrer, not the network, not a center.",
    "It is kept, sealed. The network’s administrator sees who has opened it.",
)
KINDS = frozenset(DocumentKind)


def section(visit: Visit, record: Record) -> DocumentsSection:
    """What this reader may see and do, for the referral's own page, too."""
    own = record.referral
    rows = documents_of(visit.session, visit.actor, own.id, visit.now)
    known = Known(own.tumor_family, own.purposes, record.facts.content.get("treatments") or ())
    parties: frozenset[Party] = visit.actor.parties
    may = May(bool(parties & ATTACHERS), bool(parties & SETTERS_ASIDE))
    return documents_section(rows, known, visit.moment, may, own.id)


@documents.get(OF_REFERRAL)
@page
def show(visit: Visit, referral_id: UUID) -> Shown:
    return drawn(visit, referral_id, attach_form(referral_id, archive().largest))


def drawn(visit: Visit, referral_id: UUID, form: Form, status: int = 200) -> Shown:
    record = read_referral(visit.session, visit.actor, referral_id)
    answer, found = whole(record, visit.now), section(visit, record)
    shown = DocumentsPage(
        banner(answer, visit.tiers, visit.moment),
        Link(answer["reference"], paths.referral(referral_id)),
        found,
        form if found.add_href else None,
        notices(),
        Link("Check your answers", paths.referral(referral_id, CHECK))
        if record.referral.status == Status.DRAFT
        else None,
    )
    return Shown("documents.html", shown, Seen("referral", [referral_id], "read-documents"), status)


def put_away(visit: Visit, referral_id: UUID) -> tuple[DocumentKind, Filed]:
    """Everything about the file that can be done before the referral is touched."""
    visit.need(ATTACHERS, NOT_YOURS)
    find_referral(visit.session, visit.actor, referral_id)
    kind, file = request.form.get(KIND_FIELD, ""), file_sent()
    lacking = [] if kind in KINDS else [FieldError("/kind", "required", "Choose what it is.")]
    if file is None:
        lacking.append(FieldError("/file", "required", "Choose a file."))
    refuse_unless_clean(lacking)
    if file is None:
        raise NotFound
    return DocumentKind(kind), file_away(visit.session, visit.actor, referral_id, file, archive(), visit.now)


def typed_again(visit: Visit, refusal: Refusal, referral_id: UUID) -> Shown:
    """No browser lets a page choose the file again; what it is stays chosen."""
    form = fill(attach_form(referral_id, archive().largest), {KIND_FIELD: request.form.get(KIND_FIELD, "")})
    return drawn(visit, referral_id, with_refusal(form, refusal), status_of(refusal))


@documents.post(OF_REFERRAL)
@act(again=typed_again, first=put_away)
def add(visit: Visit, referral_id: UUID) -> Response:
    kind, filed = visit.brought
    document = attach(visit.session, visit.actor, referral_id, kind, filed, archive(), visit.now)
    visit.note("attach", [document.id], ENTITY)
    return go(paths.documents(referral_id), "Attached")


@documents.get(f"{OF_REFERRAL}/<document_id>")
@page
def hand_out(visit: Visit, referral_id: UUID, document_id: UUID) -> Shown | Response:
    document = of(visit, referral_id, document_id)
    refuse_withheld(document)
    try:
        answer = download(visit.actor, document, visit.now)
    except Damaged:
        return damaged(referral_id)
    write_down(visit, [Seen(ENTITY, [document.id], "download")])
    return answer


def of(visit: Visit, referral_id: UUID, document_id: UUID) -> Document:
    document, _ = find_document(visit.session, visit.actor, document_id, visit.now)
    if document.referral_id != referral_id:
        raise NotFound
    return document


def damaged(referral_id: UUID) -> Shown:
    said = ("It is not what was attached, so it is not handed out. The network has been told.", "Ask for it to be sent again.")  # fmt: skip
    shown = ProblemPage(
        503, "This file is damaged", said, "Back to the documents", paths.documents(referral_id), "late"
    )
    return Shown("problem.html", shown, status=503)


@documents.get(f"{OF_REFERRAL}/<document_id>/wrong-person")
@page
def wrong_person(visit: Visit, referral_id: UUID, document_id: UUID) -> Shown:
    visit.need(SETTERS_ASIDE, NOT_YOURS_TO_SET_ASIDE)
    document = of(visit, referral_id, document_id)
    return asked(visit, document, wrong_person_form(referral_id, document_id, document.version))


def asked(visit: Visit, document: Document, form: Form, status: int = 200) -> Shown:
    answer = whole(read_referral(visit.session, visit.actor, document.referral_id), visit.now)
    shown = FormPage(
        "Wrong person",
        form,
        Link(answer["reference"], paths.documents(document.referral_id)),
        intro=document.name,
        explains=SET_ASIDE_EXPLAINED,
        banner=banner(answer, visit.tiers, visit.moment),
    )
    return Shown("form.html", shown, Seen("referral", [document.referral_id]), status)


def asked_again(visit: Visit, refusal: Refusal, referral_id: UUID, document_id: UUID) -> Shown:
    document = of(visit, referral_id, document_id)
    form = fill(wrong_person_form(referral_id, document_id, document.version), {WHY: request.form.get(WHY, "")})
    return asked(visit, document, with_refusal(form, refusal), status_of(refusal))


@documents.post(f"{OF_REFERRAL}/<document_id>/wrong-person")
@act(again=asked_again)
def hide(visit: Visit, referral_id: UUID, document_id: UUID) -> Response:
    visit.need(SETTERS_ASIDE, NOT_YOURS_TO_SET_ASIDE)
    document = of(visit, referral_id, document_id)
    why = request.form.get(WHY, "")
    if len(why) > LONG:
        raise Invalid([FieldError("/why", "too_long", f"This may have at most {LONG:,} characters.")])
    set_aside(visit.session, visit.actor, document.id, why, visit.now, version_meant())
    visit.note("set-aside", [document.id], ENTITY)
    return go(paths.documents(referral_id), "Set aside: nobody sees it any more")


@documents.get(paths.SET_ASIDE)
@page
def sealed(visit: Visit) -> Shown:
    found = sealed_documents(visit.session, visit.actor)
    seen = Seen(ENTITY, [each.document.id for each in found], "list")
    return Shown("set_aside.html", sealed_page(found, visit.moment), seen)
