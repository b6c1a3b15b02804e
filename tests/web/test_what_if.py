"""What if: other facts are judged on a page, and nothing is stored."""

from typing import Any

import pytest
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.referral import Facts, Referral
from tests.factories import early_breast
from tests.web.conftest import CLAIMED, Send
from tests.web.visitor import Visitor


def what_if(guest: Visitor, referral: Referral) -> Visitor:
    return guest.get(f"/referrals/{referral.id}/what-if")


def test_it_shows_before_and_after_and_stores_nothing(coordinator: Visitor, send: Send, db: Database):
    referral = send(1, diagnosis=early_breast(), treatments=[], needed_by=None, steps=CLAIMED)
    coordinator.get(f"/referrals/{referral.id}").follow_link("What if…")
    coordinator.press("Show what it would be", stage_m="M1", stage_group="IV", disease_status="recurrence")
    assert coordinator.status == 200
    assert "It would become P1 Immediate. Nothing was stored." in coordinator.words
    with db.reading() as session:
        assert session.scalars(select(Facts)).one().content["diagnosis"]["stage"]["group"] == "I"
        assert session.get_one(Referral, referral.id).tier == "P4"


@pytest.mark.parametrize("treatments", [None, [], "some"])
def test_if_nothing_were_different_nothing_would_be(coordinator: Visitor, send: Send, treatments: Any):
    referral = send(1) if treatments == "some" else send(1, treatments=treatments)
    what_if(coordinator, referral).press("Show what it would be")
    assert f"It would stay {referral.tier}" in coordinator.words
    assert "(changed)" not in coordinator.words


def test_a_code_that_does_not_exist_is_refused_by_name(coordinator: Visitor, claimed: Referral):
    what_if(coordinator, claimed).press("Show what it would be", other_codes="C99.99")
    assert coordinator.status == 422
    assert coordinator.page.title.startswith("Error:")
