"""Code look-up inside a form: words become a list to choose from, and a code that was typed whole is taken as it is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from referrals.domain.errors import FieldError, Refusal
from referrals.knowledge import icd10cm, icdo3
from referrals.knowledge.code_table import Code
from referrals.pathway.code_search import find_codes
from referrals.web.forms.bind import seen_words, typed_words, waiting_words, with_field
from referrals.web.forms.fields import Field, Form, Kind, Option

# So many codes at first, so many more at each press, and no more than anybody reads.
FIRST_FOUND, MORE_FOUND, MOST_FOUND = 20, 40, 200
# ICD-10-CM begins with infections and then has every neoplasm before D50; morphologies begin with a digit.
AFTER_TUMORS = "D50"
PARENT = "There are more exact codes below it."

CHOOSE = "choose"

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
    """Words were typed and no code chosen for them: nothing is saved before somebody says which one."""

    def __init__(self, field: str) -> None:
        super().__init__("Choose a code for these words, or say that you do not know it.")
        self.field = field


def settled(form: Form, posted: Posted) -> Posted:
    """The answers with codes that were typed whole; raises `CodeToChoose` while words still wait for a choice."""
    taken = posted.copy()
    for field in _code_fields(form):
        if words := waiting_words(field, posted):
            code = SYSTEMS[field.name].exactly(words)
            if code is None:
                raise CodeToChoose(field.name)
            taken[field.name] = code
    return taken


def told(form: Form, errors: Iterable[FieldError]) -> Form:
    """The words that wait are shown with their codes: what is chosen beside them from now on was meant."""
    waiting = {error.pointer for error in errors if error.code == CHOOSE}
    for field in _code_fields(form):
        if field.pointer in waiting:
            form = with_field(form, field.name, looked_up=field.words)
    return form


def found_codes(session: Session, form: Form, posted: Posted) -> Form:
    """The form with the matches of every code field whose words still stand in it."""
    for field in _code_fields(form):
        if typed_words(field, posted):
            form = with_field(form, field.name, **_search(session, field, posted))
            form = _chosen_if_exact(form, field, posted)
    return form


def _search(session: Session, field: Field, posted: Posted) -> dict[str, Any]:
    """What the field shows of its search. Words count as looked up once somebody asked for their codes."""
    words, most = typed_words(field, posted), _most(field, posted)
    codes = _fitting(find_codes(session, SYSTEMS[field.name].name, words, most + 1))
    is_asked = posted.get("find") == field.name or _asks_more(field, posted)
    return {
        "words": words,
        "looked_up": words if is_asked else seen_words(field, posted),
        "options": tuple(Option(code.code, code.display, "" if code.billable else PARENT) for code in codes[:most]),
        "more": f"{field.name}:{min(most + MORE_FOUND, MOST_FOUND)}" if len(codes) > most < MOST_FOUND else "",
    }


def _asks_more(field: Field, posted: Posted) -> bool:
    return posted.get("more", "").startswith(f"{field.name}:")


def _most(field: Field, posted: Posted) -> int:
    """How many codes are shown: so many at first, more with each press of the button."""
    wanted = posted.get("more", "").partition(":")[2] if _asks_more(field, posted) else ""
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 4
    return max(FIRST_FOUND, min(int(wanted), MOST_FOUND)) if is_number else FIRST_FOUND


def _fitting(found: list[Code]) -> list[Code]:
    """Beside codes of tumors the rest of medicine is noise; alone it is an answer, such as Z85."""
    return [code for code in found if code.code < AFTER_TUMORS] or found


def _chosen_if_exact(form: Form, field: Field, posted: Posted) -> Form:
    """A code that was typed whole is chosen, and what was chosen before it no longer is."""
    words = waiting_words(field, posted)
    code = SYSTEMS[field.name].exactly(words) if words else None
    return with_field(form, field.name, value=code, looked_up=words) if code else form


def titled(form: Form) -> Form:
    """A code that is chosen already says what it means."""
    for field in _code_fields(form):
        if field.is_chosen_apart:
            form = with_field(form, field.name, title=SYSTEMS[field.name].title(field.value) or "")
    return form


def _code_fields(form: Form) -> list[Field]:
    return [field for field in form.fields if field.kind is Kind.CODE]
