"""Damage to offers and places is found and named."""

from datetime import date

import pytest
from sqlalchemy import Update, text, update

from referrals.models.center import Center
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.pathway.integrity.check import prove
from tests.pathway.conftest import Desk
from tests.pathway.test_offers import accepted, offered, ready


def broken(desk: Desk) -> dict[str, list[str]]:
    desk.session.flush()
    found = {each.invariant.name: [one.row for one in each.breaks] for each in prove(desk.session, desk.now)}
    return {name: rows for name, rows in found.items() if rows}


def test_what_is_whole_breaks_nothing(desk: Desk) -> None:
    offered(desk, 1)
    accepted(desk, 2)
    ready(desk, 3)
    assert broken(desk) == {}


@pytest.mark.parametrize(
    "damage",
    [
        update(Offer).values(status="declined"),
        update(Referral).values(center_id=None),
        update(Offer).values(status="accepted"),
    ],
)
def test_an_offer_and_its_referral_that_say_different_things_are_named(desk: Desk, damage: Update) -> None:
    referral = offered(desk)
    desk.session.flush()
    desk.session.execute(damage)
    assert broken(desk) == {"offers": [referral.reference]}


def test_two_offers_that_hold_one_referral_are_named(desk: Desk) -> None:
    referral = offered(desk)
    first = desk.session.query(Offer).one()
    desk.session.execute(text("DROP INDEX uq_offer_holding"))
    columns = {column.key: getattr(first, column.key) for column in Offer.__table__.columns}
    desk.session.add(Offer(**columns | {"id": desk.world.organizations["harbor"].id, "number": 2}))
    assert broken(desk) == {"offers": [referral.reference]}


def test_a_place_given_twice_is_named_unless_somebody_gave_a_reason(desk: Desk) -> None:
    offered(desk, 1)
    offered(desk, 2)
    center = desk.session.get_one(Center, desk.world.organizations["summit"].id)
    center.places = 1
    assert broken(desk) == {"9": [f"center summit, week of {date(2026, 11, 23)}"]}
    desk.session.execute(update(Offer).where(Offer.number == 1).values(overbook_reason="Agreed by phone."))
    assert broken(desk) == {}
