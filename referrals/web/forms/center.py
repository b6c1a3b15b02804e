"""The forms of the steps around a center: the offer, its answer, the review, and the ways back."""

from collections.abc import Mapping

from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Group, Kind, Option
from referrals.web.forms.reasons import OFFER_REASON, WITHDRAW_REASON
from referrals.web.forms.shared import person_field, reason_field, text_field

NOBODY = Option("", "Nobody")
THEN = ("If not, then: second center", "If not, then: third center", "If not, then: fourth center")
HOLDS_FOR_THEM = (
    "In this order, each under the same tests as the first. What you acknowledge below holds for them, too; a reason "
    "to ask a center that does not fit, or has no place, never does. If the facts or the priority change, you choose."
)


def offer_groups(fitting: tuple[Option, ...], others: tuple[Option, ...]) -> tuple[Group, ...]:
    """`others` may be asked all the same, with a reason; never as the next ones."""
    hint = "Best first. Those that do not fit now stand last, with what stands against them."
    return (
        group_of(
            Field("center", "Which center?", Kind.RADIOS, "/center", hint, (*fitting, *others), is_required=True),
            Field(
                "respond_on",
                "Answer by the end of",
                Kind.DATE,
                "/respond_on",
                hint="Empty: as the policy says, and never later than the promise.",
                width="m",
            ),
        ),
        group_of(*_next_fields(fitting), legend="If they decline or do not answer in time", hint=HOLDS_FOR_THEM),
        group_of(
            Field(
                "late_acknowledged",
                "I know that the answer may come after it is due",
                Kind.BOX,
                "/late_acknowledged",
            ),
            Field(
                "unknown_acknowledged",
                "I know that something about the case is not known yet",
                Kind.BOX,
                "/unknown_acknowledged",
            ),
            text_field("exception_reason", "Why this center, although it does not fit", required=False),
            text_field("overbook_reason", "Why one more than its places", required=False),
            legend="Only where something stands against it",
        ),
    )


def _next_fields(fitting: tuple[Option, ...]) -> tuple[Field, ...]:
    options = (NOBODY, *(Option(each.value, each.label) for each in fitting))
    return tuple(
        Field(f"then_{place}", words, Kind.SELECT, f"/then/{place}", options=options, width="m")
        for place, words in enumerate(THEN)
    )


def reviewer_groups(signers: tuple[Option, ...], panel: tuple[Option, ...]) -> tuple[Group, ...]:
    return (
        group_of(
            Field("specialist", "Who writes and signs the opinion?", Kind.SELECT, "/specialist", options=signers, is_required=True, width="m"),
            Field("panel", "Who else works on it?", Kind.BOXES, "/panel", options=panel),
        ),
    )  # fmt: skip


CENTER_GROUPS: Mapping[str, tuple[Group, ...]] = {
    "accept": (
        group_of(
            Field("expected_on", "When do you expect to answer?", Kind.DATE, "/expected_on", hint="You may leave this empty.", width="m"),
        ),
    ),
    "decline-offer": (group_of(reason_field(OFFER_REASON), text_field("text", "Note to the coordinator", required=False)),),
    "return": (group_of(reason_field(OFFER_REASON), text_field("text", "Note to the coordinator", required=False)),),
    "withdraw-offer": (group_of(text_field("text", "Why is it taken back?", "The center reads this.")),),
    "recall": (group_of(text_field("text", "Why is it recalled?", "The center reads this.")),),
    "interim-advice": (
        group_of(text_field("text", "What must the referrer know now?", "They read it at once. The review goes on.")),
    ),
    "request-withdrawal": (group_of(reason_field(WITHDRAW_REASON), text_field("text", "Note to the center", required=False)),),
    "join": (group_of(person_field("Which clinician is told from now on?", "They read the opinion, too.")),),
    "mark-error": (
        group_of(
            text_field("text", "What went wrong?"),
            Field(
                "second_person",
                "Email of the second person",
                Kind.EMAIL,
                "/second_person",
                hint="Somebody else of your organization who has looked at it with you. Not needed for a draft.",
                width="m",
            ),
        ),
    ),
}  # fmt: skip
