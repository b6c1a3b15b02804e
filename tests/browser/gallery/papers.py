"""Documents in the gallery: a packet with every state of a file, and what the administrator looks after."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from referrals.domain.documents_wanted import Known
from referrals.domain.errors import FieldError
from referrals.domain.people import Kind, Role
from referrals.web.forms.bind import with_errors
from referrals.web.forms.papers import attach_form, wrong_person_form
from referrals.web.presenters.documents import (
    DocumentsPage,
    DocumentsSection,
    May,
    documents_section,
    sealed_page,
)
from referrals.web.presenters.form_page import FormPage
from referrals.web.presenters.frame import frame_for
from referrals.web.presenters.notices import Link, Notice
from tests.browser.gallery.asking import BANNER
from tests.browser.gallery.frames import Shown, coordinator
from tests.browser.gallery.people import ILSE, MOMENT, REFERRAL, hours

HOMES = {"o": "Lakeside Hospital", "c": "Summit Cancer Center"}
LARGEST = 50 << 20


def row(number: int, kind: str, name: str, media_type: str, size: int, scan: str, **changes: Any) -> Any:
    usual = {"attached_by": "Dr Tomás Rey", "organization_id": "o", "is_of_opinion": False, "damaged_at": None}
    return SimpleNamespace(
        id=f"d{number}", referral_id=ILSE, kind=kind, name=name, media_type=media_type, size=size, scan=scan,
        attached_at=hours(-40 + number), **{**usual, **changes},
    )  # fmt: skip


ROWS = (
    row(1, "pathology", "Befund Pathologie 2026-08-14.pdf", "application/pdf", 481_000, "clean"),
    row(2, "imaging", "CT abdomen, axial 112.dcm", "application/dicom", 3_670_016, "not_scanned"),
    row(3, "letter", "letter to the network.txt", "text/plain", 812, "waiting"),
    row(4, "other", "invoice.pdf", "application/pdf", 92_000, "quarantined"),
    row(5, "genomics", "x" * 140 + ".pdf", "application/pdf", 45_000_000, "clean", damaged_at=hours(-1)),
    row(6, "pathology", "Second review.pdf", "application/pdf", 230_000, "clean", attached_by="Prof Ada Lind", organization_id="c", is_of_opinion=True),
)  # fmt: skip


def section(rows: tuple[Any, ...] = ROWS, may: May = May(add=True, set_aside=True)) -> DocumentsSection:  # noqa: B008 - a constant
    known = Known("hepatobiliary_pancreatic", REFERRAL["purposes"], REFERRAL["treatments"])
    return documents_section([(each, HOMES[each.organization_id]) for each in rows], known, MOMENT, may, ILSE)


def with_documents(shown: Shown) -> Shown:
    return shown._replace(page=replace(shown.page, documents=section()))


def documents(*errors: FieldError, rows: tuple[Any, ...] = ROWS, may_add: bool = True) -> Shown:
    form = with_errors(attach_form(ILSE, LARGEST), errors) if may_add else None
    said = () if errors else (Notice("ok", "Attached"),)
    found = section(rows, May(may_add, may_add))
    page = DocumentsPage(BANNER, Link(BANNER.reference, BANNER.href), found, form, said)
    return Shown("documents.html", page, coordinator("/worklist"))


def wrong_person(*errors: FieldError) -> Shown:
    page = FormPage(
        "Wrong person",
        with_errors(wrong_person_form(ILSE, "d1", 2), errors),
        Link(BANNER.reference, BANNER.href),
        intro=ROWS[0].name,
        explains=("From that moment nobody sees it.", "It is kept, sealed."),
        banner=BANNER,
    )
    return Shown("form.html", page, coordinator("/worklist"))


def set_aside(is_empty: bool = False) -> Shown:
    opened = [
        SimpleNamespace(name="Nadia Kowal", organization="Second Opinion Network", at=hours(-20)),
        SimpleNamespace(name="Lakeside system", organization="Lakeside Hospital", at=hours(-3)),
    ]
    referral = SimpleNamespace(reference=REFERRAL["reference"])
    misfiled = row(1, "pathology", "x.pdf", "application/pdf", 481_000, "clean", misfiled_at=hours(-2), misfiled_why="The birth date in the report is another one: the sender mixed up two patients.", finding=None)  # fmt: skip
    harmful = row(4, "other", "x.pdf", "application/pdf", 92_000, "quarantined", misfiled_at=None, misfiled_why=None, finding="Eicar-Test-Signature")  # fmt: skip
    broken = row(5, "imaging", "x.dcm", "application/dicom", 92_000, "clean", misfiled_at=None, misfiled_why=None, finding=None, damaged_at=hours(-1))  # fmt: skip
    found = [] if is_empty else [
        SimpleNamespace(document=misfiled, referral=referral, by="Nadia Kowal", opened=opened),
        SimpleNamespace(document=harmful, referral=referral, by="", opened=[]),
        SimpleNamespace(document=broken, referral=referral, by="", opened=opened[:1]),
    ]  # fmt: skip
    frame = frame_for("Ruth Okafor", Kind.NETWORK, [Role.ADMINISTRATOR], "Second Opinion Network", "/set-aside")
    return Shown("set_aside.html", sealed_page(found, MOMENT), frame)
