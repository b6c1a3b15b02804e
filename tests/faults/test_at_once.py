"""Many act at one moment: one wins, everybody else is told so, and no place is given away twice."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from referrals.domain.errors import Refusal
from referrals.models.center import Center, LineLimit
from referrals.models.engine import Database
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.models.trail import Event, Notification, Outbox
from referrals.pathway.actions import take_step
from referrals.pathway.intake import receive
from referrals.pathway.notices import tell
from tests.factories import World, client_actor, days_ago, patient, person_actor, routine, settle

COORDINATOR, KEEPER, SPECIALIST = (
    "coordinator@network.example",
    "coordinator@summit.example",
    "specialist@summit.example",
)
AT_ONCE = 8  # threads; each does its share one after the other


@pytest.fixture
def world(database: Database) -> World:
    with database.writing() as session:
        return settle(session)


@pytest.fixture
def ready(database: Database, world: World) -> Callable[..., UUID]:
    def made(number: int, **changes: Any) -> UUID:
        now = datetime.now(UTC)
        with database.writing() as session:
            sent = routine(number) | changes
            referral = receive(session, client_actor(world, "lakeside"), sent, door="json", now=now)
            actor = person_actor(session, world, COORDINATOR)
            for step in ("claim", "complete-triage"):
                take_step(session, actor, referral.id, step, {}, now)
            return referral.id

    return made


def tries(database: Database, world: World, who: str, referral: UUID, step: str, body: dict[str, Any]) -> str:
    """The status it leads to, or the word of the refusal."""
    try:
        with database.writing() as session:
            taken = take_step(session, person_actor(session, world, who), referral, step, body, datetime.now(UTC))
            return str(taken.status)
    except Refusal as refusal:
        return refusal.code


def test_two_users_of_one_center_accept_and_one_wins(
    database: Database, world: World, ready: Callable[[int], UUID]
) -> None:
    referral = ready(1)
    tries(database, world, COORDINATOR, referral, "offer", {"center": str(world.organizations["summit"].id)})
    with ThreadPoolExecutor(AT_ONCE) as threads:
        people = [KEEPER, SPECIALIST] * 100
        said = list(threads.map(lambda who: tries(database, world, who, referral, "accept", {}), people))
    assert Counter(said) == {"accepted": 1, "not_allowed_now": 199}
    with database.writing() as session:
        session.query(Outbox).update({Outbox.held_until: None})
        tell(session, datetime.now(UTC))
        accepted = select(Event.id).where(Event.step == "accept")
        assert len(session.scalars(accepted).all()) == 1
        told = select(Notification.user_id, func.count()).where(Notification.event_id.in_(accepted))
        assert {count for _, count in session.execute(told.group_by(Notification.user_id))} == {1}


def test_a_line_is_never_given_more_places_at_once_than_its_limit(
    database: Database, world: World, ready: Callable[..., UUID]
) -> None:
    center = world.organizations["summit"]
    with database.writing() as session:
        session.get_one(Center, center.id).services = ["pediatrics", "multidisciplinary_team", "remote"]
        limit = LineLimit(center_id=center.id, network_id=world.network_id, service="pediatrics", places=2)
        session.add(limit)
    waiting = [ready(number, patient=patient(number, birth_date=days_ago(3000))) for number in range(1, 9)]
    with database.writing() as session:
        session.query(Referral).update({Referral.due_at: datetime.now(UTC)})
    body = {"center": str(center.id), "late_acknowledged": True}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        said = list(threads.map(lambda each: tries(database, world, COORDINATOR, each, "offer", body), waiting))
    assert Counter(said) == {"offered": 2, "validation": 6}


def test_fifty_offers_at_once_never_take_a_fourth_place(
    database: Database, world: World, ready: Callable[[int], UUID]
) -> None:
    center = world.organizations["summit"].id
    with database.writing() as session:
        session.get_one(Center, center).places = 3
    waiting = [ready(number) for number in range(1, 51)]
    with database.writing() as session:
        # Due within this week, so that no later week's places are there to be had.
        session.query(Referral).update({Referral.due_at: datetime.now(UTC)})
    body = {"center": str(center), "late_acknowledged": True}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        said = list(threads.map(lambda each: tries(database, world, COORDINATOR, each, "offer", body), waiting))
    assert Counter(said) == {"offered": 3, "validation": 47}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Offer)) == 3
