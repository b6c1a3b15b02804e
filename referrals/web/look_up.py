"""Code look-up inside a form: words become a list to choose from, and a code that was typed whole is taken as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from referrals.domain.errors import Refusal
from referrals.knowledge import icd10cm, icdo3
from referrals.knowledge.code_table import Code
from referrals.pathway.code_search import find_codes
from referrals.web.forms.bind import wanted_search, with_codes, with_field
from referrals.web.forms.fields import Field, Form, Kind, Option

MOST_FOUND = 8
# ICD-10-CM begins with infections and then has every neoplasm before D50; morphologies begin with a digit.
AFTER_TUMORS = "D50"
PARENT = "There are more exact codes below it."

Posted = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class System:
    """A code system by the field that asks for it."""

    name: str
    exactly: Callable[[str], str | None]
    title: Callable[[str], str | None]


def _icd10cm(typed: str) -> str | None:
    known = icd10cm.lookup(icd10cm.normalize(typed))
    return known.code if known else None


def _morphology(typed: str) -> str | None:
    code = icdo3.normalize_morphology(typed)
    return code if icdo3.is_morphology(code) else None


SYSTEMS: Mapping[str, System] = {
    "icd10cm": System("icd10cm", _icd10cm, icd10cm.display),
    "morphology": System("icdo3-morphology", _morphology, icdo3.morphology_label),
}


class CodeToChoose(Refusal):
    """Words were typed and no code chosen: nothing is saved before somebody says which one."""

    def __init__(self, field: str) -> None:
        super().__init__("Choose one of the codes that were found, or say that you do not know it.")
        self.field = field


def settled(form: Form, posted: Posted) -> Posted:
    """The answers with codes that were typed whole; raises `CodeToChoose` while words still wait for a choice."""
    taken = posted.copy()
    for field in _code_fields(form):
        typed = posted.get(f"{field.name}_words", "").strip()
        code = SYSTEMS[field.name].exactly(typed) if typed else None
        if code and not posted.get(field.name):
            taken[field.name] = code
    if wanted := wanted_search(form, taken):
        raise CodeToChoose(wanted[0])
    return taken


def found_codes(session: Session, form: Form, posted: Posted) -> Form:
    """The form with the matches of every code field whose words still stand in it."""
    for field in _code_fields(form):
        typed = posted.get(f"{field.name}_words", "").strip()
        if typed:
            codes = _fitting(find_codes(session, SYSTEMS[field.name].name, typed, MOST_FOUND))
            options = [Option(code.code, code.display, "" if code.billable else PARENT) for code in codes]
            form = with_codes(form, field.name, typed, options)
            form = _chosen_if_exact(form, field, typed)
    return form


def _fitting(found: list[Code]) -> list[Code]:
    """Beside codes of tumors the rest of medicine is noise; alone it is an answer, such as Z85."""
    return [code for code in found if code.code < AFTER_TUMORS] or found


def _chosen_if_exact(form: Form, field: Field, typed: str) -> Form:
    code = SYSTEMS[field.name].exactly(typed)
    return with_field(form, field.name, value=code) if code and not field.value else form


def titled(form: Form) -> Form:
    """A code that is chosen already says what it means."""
    for field in _code_fields(form):
        title = SYSTEMS[field.name].title(field.value) if field.value else None
        if title and not field.options:
            form = with_field(form, field.name, options=(Option(field.value, title),))
    return form


def _code_fields(form: Form) -> list[Field]:
    return [field for field in form.fields if field.kind is Kind.CODE]
