"""Plans for the whole queue: being made, ready, approved, and the list of them."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from referrals.domain.plans import Outcome, PlanCause, PlanStatus, Unplaced
from referrals.web.presenters.assignments import plan_page, plans_page
from tests.browser.gallery.frames import Shown, coordinator
from tests.browser.gallery.people import MOMENT, TIERS, hours

LATE = "The answer would come after it is due."
BECAUSE = (
    "Expertise 0.9 in Sarcoma of soft tissue and bone, GIST, open trials, 2 free places. The best fit: 110 points ahead of Harbor Cancer Center.",
    "Expertise 0.7 in Melanoma of skin, mucosa and eye, the patient's language, 1 free place. Sundholm Cancer Center would fit better by 60 points. Its place goes to SO-26-0002041-K, with nowhere else to go.",
)
LEFT = {
    Unplaced.NO_ELIGIBLE_CENTER: "No center can be asked. Most often: too little expertise (3); not for this age (2).",
    Unplaced.KEPT_BACK: "At Sundholm Cancer Center the week's remaining places are kept for the most urgent until later in the week.",
    Unplaced.EARLIER_FIRST: "Every place that it could have, at Harbor Cancer Center, goes to a referral that stands before it.",
    Unplaced.NO_PLACE: "No place is left before the answer is due at Harbor Cancer Center, where it would fit.",
}
SCARCE = [{"family": "sarcoma", "price": 110, "unplaced": 2}, {"family": "melanoma", "price": 0, "unplaced": 1}]


def plan(status: PlanStatus, cause: PlanCause = PlanCause.ASKED, **more: Any) -> Any:
    usual = {
        "id": "01",
        "version": 3,
        "status": status,
        "cause": cause,
        "asked_at": hours(-1),
        "asked_by": "Nadia Kowal",
        "note": None,
        "queue_length": 6,
        "progress": 100,
        "scarce": SCARCE,
        "approved_at": hours(0),
        "approved_by": "Nadia Kowal",
    }
    return SimpleNamespace(**usual | more)


def placed(number: int, outcome: Outcome | None) -> Any:
    said = SimpleNamespace(
        referral_id=f"r{number}", number=number, tier=f"P{number}", center_id="c", week=date(2026, 11, 23), code=None,
        because=BECAUSE[number - 1], acknowledge=[LATE] if number == 2 else [], outcome=outcome,
        outcome_because="What is known of it has changed since the plan was made." if outcome is Outcome.CHANGED else None,
    )  # fmt: skip
    return Row(said, number, "Sundholm Cancer Center")


def unplaced(number: int, code: Unplaced) -> Any:
    said = SimpleNamespace(
        referral_id=f"r{number}", number=number, tier="P3", center_id=None, code=code, because=LEFT[code]
    )
    return Row(said, number, None)


class Row(tuple[Any, ...]):
    """As the database answers: the planned offer first, the names beside it."""

    def __new__(cls, said: Any, number: int, center: str | None) -> "Row":
        return super().__new__(cls, (said,))

    def __init__(self, said: Any, number: int, center: str | None) -> None:
        self.patient_given_name, self.patient_family_name = (
            ("Ilse", "Rafael", "Ana", "Otto", "Wanda", "Jan")[number - 1],
            "Brandt",
        )
        self.reference = f"SO-26-000204{number}-K"
        self.tumor_family, self.due_at = "sarcoma", hours(number * 20 - 30)
        self.center_name, self.runner_up_name = center, "Harbor Cancer Center" if center else None


def shown(status: PlanStatus, *outcomes: Outcome | None, **more: Any) -> Shown:
    rows = [placed(number, outcome) for number, outcome in enumerate(outcomes, 1)]
    left = [unplaced(number, code) for number, code in enumerate(LEFT, 3)] if outcomes else []
    page = plan_page(plan(status, **more), [*rows, *left], True, MOMENT, TIERS)
    return Shown("assignment.html", page, coordinator("/assignments"))


def plans(*statuses: PlanStatus) -> Shown:
    found = [
        plan(status, cause, note="Before the holiday" if cause is PlanCause.ASKED else None)
        for status, cause in zip(statuses, (*PlanCause, *PlanCause), strict=False)
    ]
    return Shown("assignments.html", plans_page(found, 14, True, MOMENT), coordinator("/assignments"))


PLAN_PAGES = {
    "plans": lambda: plans(*PlanStatus),
    "plans-none": plans,
    "plan-being-made": lambda: shown(PlanStatus.RUNNING, progress=40, scarce=[], queue_length=None),
    "plan": lambda: shown(PlanStatus.READY, None, None),
    "plan-approved": lambda: shown(PlanStatus.APPROVED, Outcome.OFFERED, Outcome.CHANGED),
}
