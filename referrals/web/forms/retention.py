"""The forms of legal holds: whose data must be kept and why, and why a hold may go."""

from collections.abc import Mapping
from typing import Any

from referrals.domain.retention import SHORTEST_REASON
from referrals.web import paths
from referrals.web.forms.bind import fill, group_of
from referrals.web.forms.fields import Field, Form, Kind

_HINT = f"At least {SHORTEST_REASON} characters: who asked for it, and in which matter. Name no patient."
REASON = Field("reason", "The reason", Kind.AREA, "/reason", is_required=True, hint=_HINT)
SET = (
    group_of(
        Field("reference", "Reference of a referral of the patient", pointer="/reference", is_required=True, width="m", hint="Such as SO-26-0004711-K."),
        REASON,
    ),
)  # fmt: skip
LIFTED = (group_of(REASON),)


def hold_form(given: Mapping[str, Any]) -> Form:
    return fill(Form(paths.NEW_LEGAL_HOLD, "Set the hold", SET, cancel_href=paths.LEGAL_HOLDS), given)


def lift_form(hold_id: object) -> Form:
    return fill(Form(paths.legal_hold(hold_id), "Lift the hold", LIFTED, cancel_href=paths.LEGAL_HOLDS), {})
