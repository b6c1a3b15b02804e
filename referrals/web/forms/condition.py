"""The form for a patient whose condition has changed: what happened, when, and what has to be known of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from referrals.domain.condition import HAPPENING_WORDS
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind, Option, options_of
from referrals.web.words import ECOG, MODALITY, words_for

CHOOSE = Option("", "Choose")
WHAT = options_of({str(what): words for what, words in HAPPENING_WORDS.items()})


def condition_form(referral_id: object, version: int, treatments: Sequence[Mapping[str, Any]] | None) -> Form:
    """Complete without JavaScript: everything that may be asked stands there, and only what fits is needed."""
    return Form(
        action=paths.condition_changed(referral_id),
        submit="Report it",
        groups=(
            group_of(
                Field("what", "What has happened?", Kind.BOXES, "/what", options=WHAT, is_required=True),
                Field("on", "When?", Kind.DATE, "/on", hint="The day on which it happened or was seen.", is_required=True, width="m"),
            ),
            group_of(
                Field("sites", "Where is the new metastasis?", Kind.LIST, "/sites", hint="One organ a line, such as liver."),
                legend="If there is a new metastasis",
            ),
            group_of(
                Field("ecog", "Daily activity now (ECOG)", Kind.SELECT, "/ecog", options=(CHOOSE, *options_of(ECOG)), is_number=True),
                legend="If new symptoms affect daily activity",
            ),
            group_of(
                Field("modality", "Kind of treatment", Kind.SELECT, "/modality", options=(CHOOSE, *options_of(MODALITY)), width="m"),
                Field("regimen", "Regimen or operation", pointer="/regimen"),
                legend="If a treatment was started",
            ),
            group_of(
                Field("stopped", "Which one?", Kind.SELECT, "/stopped", options=(CHOOSE, *_listed(treatments)), is_number=True),
                Field("stop_reason", "Why was it stopped?", pointer="/stop_reason"),
                legend="If a treatment was stopped",
            ),
            group_of(Field("text", "What else should be known?", Kind.AREA, "/text")),
        ),
        version=version,
        cancel_href=paths.referral(referral_id),
    )  # fmt: skip


def _listed(treatments: Sequence[Mapping[str, Any]] | None) -> tuple[Option, ...]:
    """Those that have not ended, by their place in the list."""
    return tuple(
        Option(str(place), ", ".join(part for part in (words_for(MODALITY, row["modality"]), row.get("regimen")) if part))
        for place, row in enumerate(treatments or ())
        if not row.get("ended_on")
    )  # fmt: skip
