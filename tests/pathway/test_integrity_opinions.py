"""An opinion that was changed, lost or slipped in is found and named; so is a referral that was closed unread."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from referrals.models.base import new_id
from referrals.models.contact import Contact
from referrals.models.opinion import Acknowledgement, Finding, Opinion, Recommendation
from referrals.models.referral import Referral
from referrals.models.trail import Event
from referrals.pathway.contacts import record_contact
from tests.databases import unguard
from tests.factories import person_actor
from tests.opinions import bring_to_review, opinion, revising
from tests.pathway.conftest import Desk
from tests.pathway.proving import broken

CALL = {"with": "referrer", "channel": "phone", "outcome": "not_reached"}


@pytest.fixture
def closed(desk: Desk) -> Referral:
    """Signed, read, amended, and closed unread by a lead after three attempts."""
    referral = bring_to_review(desk.session, desk.world, desk.receive(), desk.now)
    desk.take("sign-opinion", referral, "specialist@summit", revising())
    desk.take("acknowledge", referral, "clinician@lakeside", {"version": 1, "plan": "follow"})
    desk.wait(days=1)
    desk.take("amend-opinion", referral, "specialist@summit", opinion(text="The panel came back."))
    caller = person_actor(desk.session, desk.world, "coordinator@network.example")
    for _ in range(3):
        desk.wait(days=1)
        record_contact(desk.session, caller, referral, CALL, desk.now)
    return desk.take("close", referral, "lead@network", {"unobtainable": "The practice has closed."})


def second(desk: Desk) -> Opinion:
    return desk.session.scalars(select(Opinion).where(Opinion.version == 2)).one()


def changed(row: Opinion, **values: Any) -> Any:
    return update(Opinion).where(Opinion.id == row.id).values(**values)


def lost(row: Opinion) -> Iterator[Any]:
    for table in (Finding, Recommendation, Acknowledgement):
        yield delete(table).where(table.opinion_id == row.id)
    yield delete(Opinion).where(Opinion.id == row.id)


def slipped_in(row: Opinion) -> Any:
    columns = {column.key: getattr(row, column.key) for column in Opinion.__table__.columns}
    return insert(Opinion).values(columns | {"id": new_id(), "version": 3})


Damage = Callable[[Opinion], Any]
DAMAGES_TO_OPINIONS: list[tuple[str, Damage]] = [
    ("opinion", lambda row: [changed(row, version=4)]),
    ("opinion", lost),
    ("opinion", lambda row: [slipped_in(row)]),
    ("seal", lambda row: [changed(row, content={**row.content, "short_answer": "Something else."})]),
    ("seal", lambda row: [changed(row, sha256="0" * 64)]),
    ("seal", lambda row: [update(Finding).where(Finding.opinion_id == row.id).values(impact="major")]),
    ("seal", lambda row: [delete(Recommendation).where(Recommendation.opinion_id == row.id)]),
    ("5", lambda row: [delete(Contact).where(Contact.at == select(Contact.at).limit(1).scalar_subquery())]),
    ("5", lambda row: [update(Event).where(Event.step == "close").values(party="C")]),
    ("5", lambda row: [update(Contact).values(at=row.signed_at.replace(year=2025))]),
]


def test_an_opinion_that_was_amended_and_closed_after_three_attempts_breaks_nothing(desk, closed):
    assert broken(desk.session, desk.now) == {}


def test_damage_to_an_opinion_is_found_and_named(desk, closed):
    connection = desk.session.connection()
    for invariant, damage in DAMAGES_TO_OPINIONS:
        undone = desk.session.begin_nested()
        statements = list(damage(second(desk)))
        unguard(connection)
        for statement in statements:
            connection.execute(statement)
        desk.session.expire_all()
        found = broken(desk.session, desk.now, invariant).get(invariant, [])
        assert any(closed.reference in row for row in found), (invariant, statements)
        undone.rollback()
