"""The forms of break-glass: why a record is opened, and what a review says of it."""

from referrals.domain.break_glass import GROUND_WORDS, SHORTEST_REASON, VERDICT_WORDS
from referrals.web import paths
from referrals.web.forms.bind import fill, group_of
from referrals.web.forms.fields import Field, Form, Kind, options_of

ASKED = (
    group_of(
        Field("reference", "Reference of the referral", pointer="/reference", is_required=True, width="m", hint="Such as SO-26-0004711-K."),
        Field("ground", "Why do you need it?", Kind.RADIOS, "/ground", options=options_of(GROUND_WORDS), is_required=True),
        Field("reason", "The reason in your words", Kind.AREA, "/reason", is_required=True, hint=f"At least {SHORTEST_REASON} characters. Those who review it read this."),
    ),
)  # fmt: skip
REVIEWED = (
    group_of(
        Field("verdict", "Was it justified?", Kind.RADIOS, "/verdict", options=options_of(VERDICT_WORDS), is_required=True),
        Field("note", "Note", Kind.AREA, "/note"),
    ),
)  # fmt: skip


def ask_form() -> Form:
    return fill(Form(paths.BREAK_GLASS, "Open the record", ASKED), {})


def review_form(glass_id: object) -> Form:
    here = paths.break_glass_review(glass_id)
    return fill(Form(here, "Write the review", REVIEWED, cancel_href=paths.BREAK_GLASS_REVIEW), {})
