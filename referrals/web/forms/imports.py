"""The form that takes a file of referrals."""

from referrals.domain.documents import size_words
from referrals.domain.imports import MOST_LINES
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind

FILE_FIELD = "file"


def import_form(largest: int) -> Form:
    hint = f"CSV from the template, or NDJSON; up to {MOST_LINES:,} referrals and {size_words(largest)}."
    asked = Field(FILE_FIELD, "File", Kind.FILE, f"/{FILE_FIELD}", hint=hint, is_required=True)
    return Form(action=paths.IMPORTS, submit="Import", groups=(group_of(asked),))
