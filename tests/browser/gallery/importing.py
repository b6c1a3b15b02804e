"""Imports in the gallery: no file yet, files of every state, one being read, one with refused lines."""

from types import SimpleNamespace
from typing import Any

from referrals.boundary.importing import guide
from referrals.domain.errors import FieldError
from referrals.domain.imports import ImportFault, ImportForm, ImportStatus
from referrals.web.forms.bind import with_errors
from referrals.web.forms.imports import import_form
from referrals.web.presenters.imports import import_page, imports_page
from referrals.web.presenters.notices import Notice
from tests.browser.gallery.frames import Shown, clinician
from tests.browser.gallery.people import MOMENT, hours

LARGEST = 256 << 20


def run(status: ImportStatus, form: ImportForm = ImportForm.CSV, **more: Any) -> Any:
    usual = {
        "id": "01", "status": status, "form": form, "size": 48_200_000, "byte": 21_400_000, "lines": 12_480, "fault": None,
        "accepted": 5_310, "identity_check": 12, "already_here": 204, "refused": 3, "actor_name": "Dr Tomás Rey",
        "asked_at": hours(-2), "finished_at": hours(-1),
    }  # fmt: skip
    return SimpleNamespace(**usual | more)


REFUSED = (
    (18, "EHR-2026-0018", [{"pointer": "/patient/birth_date", "code": "invalid_date", "message": "This must be a date such as 2026-11-18. (Column patient_birth_date.)"}, {"pointer": "/treatments/1/modality", "code": "invalid_choice", "message": "This must be one of: surgery, chemotherapy, radiation, immunotherapy, targeted, hormone, cell_therapy, transplant, locoregional, supportive, other. (Column treatments_3_modality.)"}]),
    (1_204, "line:0123456789abcdef", [{"pointer": "/external_reference", "code": "required", "message": "Without your own reference a line could come in twice. (Column external_reference.)"}]),
    (9_120, "X" * 90, [{"pointer": "", "code": "malformed", "message": "The row is not UTF-8."}]),
)  # fmt: skip


def files(*runs: Any, errors: tuple[FieldError, ...] = ()) -> Shown:
    form = with_errors(import_form(LARGEST), errors)
    columns = [(name, words) for name, _, words in guide.rows()]
    return Shown("imports.html", imports_page(runs, form, columns, MOMENT), clinician("/imports"))


def one(found: Any, said: tuple[Notice, ...] = ()) -> Shown:
    rows = [SimpleNamespace(line=line, external_reference=name, reasons=why) for line, name, why in REFUSED]
    shown = import_page(
        found, rows if found.refused else [], "/imports/01?cursor=x" if found.refused else "", MOMENT, said
    )
    return Shown("import.html", shown, clinician("/imports/01"))


ALL = (
    run(ImportStatus.RUNNING),
    run(ImportStatus.QUEUED, ImportForm.NDJSON, accepted=0, identity_check=0, already_here=0, refused=0, byte=0),
    run(ImportStatus.DONE),
    run(ImportStatus.FAILED, fault=ImportFault.GIVEN_UP),
    run(ImportStatus.CANCELLED),
)
PAGES = {
    "imports": lambda: files(*ALL),
    "imports-empty": files,
    "imports-errors": lambda: files(
        errors=(FieldError("/file", "unknown_column", "Surname: There is no such column. The template names all."),)
    ),
    "import": lambda: one(
        run(ImportStatus.RUNNING), (Notice("ok", "The file is here. The worker begins within seconds"),)
    ),
    "import-done": lambda: one(run(ImportStatus.DONE, lines=5_529)),
    "import-failed": lambda: one(run(ImportStatus.FAILED, fault=ImportFault.NOT_ALLOWED, refused=0)),
}
