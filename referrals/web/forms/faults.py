"""What is wrong with an answer, in the words of the form: each message says by itself what to do about which field."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from referrals.domain.errors import FieldError
from referrals.web.forms.bind import field_at
from referrals.web.forms.fields import Field, Form, Kind

CHOSEN = frozenset({Kind.RADIOS, Kind.SELECT, Kind.BOXES})
# The words of the machine doors, which name no field, begin like this.
UNNAMED = "This "
DATE_CODES = frozenset({"invalid_date", "invalid_time"})
DAY_WANTED: Mapping[Kind, str] = {
    Kind.DATE: "enter a day, such as 18 Nov 2026.",
    Kind.PARTIAL_DATE: "enter it in numbers, such as 18 11 2026. The year alone is enough.",
}
ABSENT: Mapping[bool, str] = {True: "Choose an answer: {label}", False: "Fill in: {label}"}


def in_words(form: Form, errors: Iterable[FieldError]) -> tuple[FieldError, ...]:
    fields = form.fields
    return tuple(_said(field_at(fields, error.pointer), error) for error in errors)


def _said(field: Field | None, error: FieldError) -> FieldError:
    if field is None or not error.message.startswith(UNNAMED):
        return error
    label = field.label.rstrip("?")
    if error.code == "required":
        return replace(error, message=ABSENT[field.kind in CHOSEN].format(label=label))
    if error.code in DATE_CODES and field.kind in DAY_WANTED:
        return replace(error, message=f"{label}: {DAY_WANTED[field.kind]}")
    rest = error.message.removeprefix(UNNAMED)
    return replace(error, message=f"{label}: this {rest}")
