"""What the page of a plan says there is to do, and what an approval has done."""

import pytest

from referrals.domain.plans import Outcome, PlanStatus
from tests.browser.gallery.placing import plans, shown


@pytest.mark.parametrize(
    ("status", "outcomes", "summary", "to_do"),
    [
        (PlanStatus.READY, (None, None), "2 referrals can be placed now, 4 not yet", "make the offers"),
        (PlanStatus.APPROVED, (Outcome.OFFERED, Outcome.CHANGED), "1 offer made, 1 not made, because", "next plan"),
        (PlanStatus.APPROVED, (Outcome.LEFT_OUT,), "0 offers made, 1 left out.", "next plan"),
        (PlanStatus.SUPERSEDED, (None,), "1 referral could have been placed", "newest one"),
        (PlanStatus.FAILED, (), "", "Ask for a new plan"),
    ],
)
def test_each_plan_says_what_became_of_it_and_what_to_do(status, outcomes, summary, to_do):
    page = shown(status, *outcomes).page
    assert summary in page.summary
    assert to_do in page.next_words


def test_the_plan_that_waits_to_be_approved_stands_first():
    assert plans(PlanStatus.APPROVED, PlanStatus.READY).page.to_approve.look.words == "Ready to approve"
    assert plans(PlanStatus.APPROVED).page.to_approve is None
