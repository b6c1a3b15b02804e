"""The form that writes a message, or a note that stays inside the network."""

from collections.abc import Mapping

from referrals.boundary.schemas.fields import LONG
from referrals.domain.conversation import USUALLY_TO, Side
from referrals.web import paths
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Form, Kind, Option

INSIDE = "internal"
TO: Mapping[Side, Option] = {
    Side.REFERRER: Option(Side.REFERRER, "The referring clinician"),
    Side.COORDINATOR: Option(Side.COORDINATOR, "The network"),
    Side.CENTER: Option(Side.CENTER, "The center"),
}
NOTE = Option(INSIDE, "Nobody outside the network", "A note for colleagues. Neither referrer nor center ever reads it.")


def message_form(referral_id: object, side: Side, *, has_center: bool) -> Form:
    """Nothing is chosen for the network: a note for colleagues must not go out by an oversight."""
    return Form(
        action=paths.messages(referral_id),
        submit="Send",
        groups=(
            group_of(
                Field(
                    "to", "For whom?", Kind.RADIOS, "/to",
                    options=_options(side, has_center), value=USUALLY_TO.get(side, ""), is_required=True,
                ),
                Field("text", "Message", Kind.AREA, "/text", hint=f"Up to {LONG:,} characters.", is_required=True),
            ),
        ),
    )  # fmt: skip


def _options(side: Side, has_center: bool) -> tuple[Option, ...]:
    others = tuple(option for to, option in TO.items() if to is not side and (to is not Side.CENTER or has_center))
    return (*others, NOTE) if side is Side.COORDINATOR else others
