"""The forms for documents: one file at a time, and one that is of the wrong person."""

from referrals.domain.documents import TAKEN, size_words
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind, Option
from referrals.web.words import DOCUMENT_KIND

KIND_FIELD, FILE_FIELD, WHY = "kind", "file", "why"
CHOOSE = Option("", "Choose")


def attach_form(referral_id: object, largest: int) -> Form:
    options = (CHOOSE, *(Option(str(kind), words) for kind, words in DOCUMENT_KIND.items()))
    hint = f"{TAKEN}, up to {size_words(largest)}. One file at a time."
    return Form(
        action=paths.documents(referral_id),
        submit="Attach",
        groups=(
            group_of(
                Field(KIND_FIELD, "What it is", Kind.SELECT, "/kind", options=options, is_required=True),
                Field(FILE_FIELD, "File", Kind.FILE, "/file", hint=hint, is_required=True),
            ),
        ),
    )


def wrong_person_form(referral_id: object, document_id: object, version: int) -> Form:
    asked = Field(WHY, "How do you know?", Kind.AREA, "/why", is_required=True)
    return Form(
        action=f"{paths.document(referral_id, document_id)}/wrong-person",
        submit="Set it aside",
        groups=(group_of(asked),),
        version=version,
        cancel_href=paths.documents(referral_id),
    )
