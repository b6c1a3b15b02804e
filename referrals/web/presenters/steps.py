"""The steps that the table allows this person now, as buttons; those that end a referral stand behind "End…"."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from referrals.domain.lifecycle import StepRule
from referrals.web import paths

# A button that acts at once, without a page of its own: nothing is asked, and another step takes it back.
AT_ONCE = frozenset({"claim", "release", "complete-triage", "reassess", "undo", "confirm-withdrawal"})
# Steps whose page asks something first. A step that is in neither table has no page yet and is not shown.
ASKING = frozenset(
    {
        "override", "update-facts", "assign-owner", "change-clinician", "contest", "reopen", "offer", "accept",
        "decline-offer", "withdraw-offer", "start-review", "change-specialist", "return", "recall", "interim-advice",
        "join", "request-information", "answer-information", "proceed-without", "extend",
        "sign-opinion", "amend-opinion", "acknowledge", "close",
    }
)  # fmt: skip
ENDING = frozenset({"decline", "withdraw", "request-withdrawal", "cancel", "mark-error"})
# Where a step starts when that is not a page of its own name.
STARTS_AT: Mapping[str, str] = {"submit": "check"}

# Two steps on one page: both or neither.
PLACE = "place"
PLACE_LABEL = "Complete triage and send to a center"
PLACE_EXPLAINS = "The priority stands, and one center is asked to answer, by a set time."

# No step of its own: what the referrer answers becomes one, or a message.
CONDITION_LABEL = "Condition changed"
CONDITION_EXPLAINS = "The priority is judged again at once, and the coordinator and the center are told."


@dataclass(frozen=True)
class StepButton:
    """`posts` means a form with one button; else it is a link to the page that asks."""

    step: str
    label: str
    explains: str
    href: str
    posts: bool
    is_primary: bool


def step_button(rule: StepRule, referral_id: object, next_action: str | None) -> StepButton:
    return StepButton(
        step=rule.name,
        label=rule.label,
        explains=rule.explains,
        href=paths.referral(referral_id, STARTS_AT.get(rule.name, rule.name)),
        posts=rule.name in AT_ONCE,
        is_primary=rule.name == next_action,
    )


def step_buttons(rules: Iterable[StepRule], referral_id: object, next_action: str | None) -> tuple[StepButton, ...]:
    """What is awaited comes first."""
    shown = AT_ONCE | ASKING | set(STARTS_AT)
    buttons = [step_button(rule, referral_id, next_action) for rule in rules if rule.name in shown]
    return tuple(sorted(buttons, key=lambda button: not button.is_primary))


def condition_button(referral_id: object) -> StepButton:
    href = paths.condition_changed(referral_id)
    return StepButton(paths.CONDITION_CHANGED, CONDITION_LABEL, CONDITION_EXPLAINS, href, False, False)


def place_button(referral_id: object) -> StepButton:
    return StepButton(PLACE, PLACE_LABEL, PLACE_EXPLAINS, paths.referral(referral_id, PLACE), False, False)


def end_choices(rules: Iterable[StepRule], referral_id: object) -> tuple[StepButton, ...]:
    return tuple(step_button(rule, referral_id, None) for rule in rules if rule.name in ENDING)


def end_href(rules: Iterable[StepRule], referral_id: object) -> str:
    return paths.referral(referral_id, "end") if end_choices(rules, referral_id) else ""
