"""Somebody is given work at the very moment somebody else switches them off: never is it left with who has gone."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from referrals.domain.errors import Invalid, Refusal
from referrals.domain.people import Role
from referrals.domain.tasks import TaskKind
from referrals.models.engine import Database
from referrals.models.offer import JoinedClinician, Offer
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.user import Membership, User
from referrals.pathway.absence import note_absence
from referrals.pathway.account_care import deactivate, take_role
from referrals.pathway.accounts import create_user
from referrals.pathway.actions import take_step
from referrals.pathway.intake import receive
from referrals.pathway.tasks import NewTask, finish_task, raise_task
from tests.factories import World, client_actor, packet, person_actor, settled
from tests.opinions import bring_to_center, bring_to_review

NOW = datetime.now(UTC)
ADMIN, COORDINATOR, CLINICIAN = "admin@network.example", "coordinator@network.example", "clinician@lakeside.example"
SPECIALIST = "specialist@summit.example"


class Desk:
    """One transaction of a network with one referral in review, and others that wait for the next step."""

    def __init__(self, session: Session, world: World, referrals: Sequence[UUID]) -> None:
        self.session, self.world = session, world
        self.asked, self.new, self.unowned, self.accepted, self.withdrawn = referrals

    def take(self, who: str, referral: UUID, step: str, **body: Any) -> None:
        take_step(self.session, person_actor(self.session, self.world, who), referral, step, body, NOW)

    def person(self, email: str) -> User:
        return self.session.get_one(User, self.world.people[email].id)

    def receive(self, email: str) -> None:
        sent = packet(9, referring_clinician={"email": email})
        receive(self.session, client_actor(self.world, "lakeside"), sent, door="json", now=NOW)

    def away(self, email: str, cover: str) -> None:
        note_absence(self.session, self.person(email), NOW.date(), None, self.person(cover).id, NOW.date())

    def ask(self, email: str, of: UUID | None = None, kind: TaskKind = TaskKind.PATIENT_DIED) -> bool:
        new = NewTask(kind, self.person(email).id, about=email)
        return raise_task(self.session, self.session.get_one(Referral, of or self.new), new, NOW)

    def leave(self, email: str, receiver: str | None = None) -> None:
        """With everything to the receiver, where one is named."""
        fields = {f"{work}-{home.id}" for work in ("owned", "tasks") for home in self.world.organizations.values()}
        fields |= {f"cover-{person.id}" for person in self.world.people.values()}
        to = {each: self.person(receiver).id for each in fields} if receiver else {}
        deactivate(self.session, person_actor(self.session, self.world, ADMIN), self.person(email), to, NOW)

    def lose(self, email: str) -> None:
        goes = self.person(email)
        role = self.session.scalars(select(Membership.id).where(Membership.user_id == goes.id)).one()
        take_role(self.session, person_actor(self.session, self.world, ADMIN), goes, role, {}, NOW)


def named(email: str, desk: Desk) -> str:
    return str(desk.world.people[email].id)


# What somebody is given, by which role they hold it.
GIVEN: dict[str, tuple[Role, str, Callable[[Desk, str], None]]] = {
    "owner": (
        Role.COORDINATOR, "network",
        lambda desk, goes: desk.take(COORDINATOR, desk.asked, "assign-owner", user=named(goes, desk)),
    ),
    "claim": (Role.COORDINATOR, "network", lambda desk, goes: desk.take(goes, desk.new, "claim")),
    "complete": (Role.COORDINATOR, "network", lambda desk, goes: desk.take(goes, desk.unowned, "complete-triage")),
    "reopen": (Role.CLINICIAN, "lakeside", lambda desk, goes: desk.take(goes, desk.withdrawn, "reopen", text="Again.")),
    "join": (
        Role.CLINICIAN, "lakeside", lambda desk, goes: desk.take(CLINICIAN, desk.asked, "join", user=named(goes, desk))
    ),
    "start": (
        Role.SPECIALIST, "summit",
        lambda desk, goes: desk.take(SPECIALIST, desk.accepted, "start-review", specialist=named(goes, desk)),
    ),
    "clinician": (
        Role.CLINICIAN, "lakeside",
        lambda desk, goes: desk.take(CLINICIAN, desk.asked, "change-clinician", user=named(goes, desk)),
    ),
    "referring": (Role.CLINICIAN, "lakeside", lambda desk, goes: desk.receive(goes)),
    "specialist": (
        Role.SPECIALIST, "summit",
        lambda desk, goes: desk.take(SPECIALIST, desk.asked, "change-specialist", specialist=named(goes, desk)),
    ),
    "beside": (
        Role.SPECIALIST, "summit",
        lambda desk, goes: desk.take(
            SPECIALIST, desk.asked, "change-specialist",
            specialist=named(SPECIALIST, desk), panel=[named(goes, desk)],
        ),
    ),
    "cover": (Role.COORDINATOR, "network", lambda desk, goes: desk.away("second@network.example", goes)),
    "receiver": (Role.COORDINATOR, "network", lambda desk, goes: desk.leave("busy@network.example", goes)),
    "task": (Role.COORDINATOR, "network", lambda desk, goes: desk.ask(goes)),
}  # fmt: skip

BY_THEMSELVES = "claim", "complete", "reopen"


@pytest.fixture
def opened(database: Database) -> Callable[[], Any]:
    """`with opened() as desk:` one transaction each."""
    with database.writing() as session:
        world = settled(session)
        client = client_actor(world, "lakeside")
        all_of_them = [receive(session, client, packet(each), door="json", now=NOW) for each in range(1, 6)]
        asked, _, unowned, accepted, withdrawn = all_of_them
        bring_to_review(session, world, asked, NOW)
        bring_to_center(session, world, accepted, NOW)
        take_step(session, person_actor(session, world, COORDINATOR), unowned.id, "claim", {}, NOW)
        unowned.owner_id = None
        take_step(session, client, withdrawn.id, "withdraw", {"reason": "patient_choice"}, NOW)
        people = {f"going-{what}@{home}.example": (role, home) for what, (role, home, _) in GIVEN.items()}
        for email, (role, home) in {**people, "busy@network.example": (Role.COORDINATOR, "network")}.items():
            world.people[email] = create_user(session, email, email, [role], world.organizations[home], NOW)
        session.flush()
        busy = NewTask(TaskKind.PATIENT_DIED, world.people["busy@network.example"].id, about="busy")
        raise_task(session, asked, busy, NOW)

    @contextmanager
    def desk() -> Iterator[Desk]:
        with database.writing() as session:
            yield Desk(session, world, [each.id for each in all_of_them])

    return desk


def word_of(opened: Callable[[], Any], act: Callable[[Desk], None]) -> str:
    """What came of it, in a transaction of its own."""
    try:
        with opened() as desk:
            act(desk)
    except Refusal as refusal:
        return refusal.code
    return "done"


def wait_for_turn(database: Database, other: Future[str]) -> None:
    """Until the other has to wait for a lock, or is done because it need not. SQLite lets it begin only afterwards."""
    here = "datname = current_database() AND wait_event_type = 'Lock'"
    waiting = text(f"SELECT count(*) FROM pg_stat_activity WHERE {here}")
    while database.engine.dialect.name == "postgresql" and not other.done():
        with database.reading() as session:
            if session.scalar(waiting):
                return
        time.sleep(0.005)


def with_who_has_gone(desk: Desk, goes: str) -> list[Any]:
    who = desk.person(goes).id
    queries = (
        select(Referral.id).where((Referral.owner_id == who) | (Referral.clinician_id == who)),
        select(Task.id).where(Task.user_id == who),
        select(User.id).where(User.covered_by_id == who),
        select(JoinedClinician.id).where(JoinedClinician.user_id == who),
    )
    reviews = [each for each in desk.session.scalars(select(Offer)) if str(who) in reviewers_of(each)]
    return [*reviews, *(each for query in queries for each in desk.session.scalars(query))]


def reviewers_of(offer: Offer) -> set[str]:
    return {str(offer.specialist_id), *(each["id"] for each in offer.panel)}


def test_whoever_is_switched_off_at_this_moment_is_given_nothing(database: Database, opened: Callable[[], Any]) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        for number, (what, (_, home, give)) in enumerate(GIVEN.items()):
            goes = f"going-{what}@{home}.example"
            with opened() as desk:
                (desk.lose if number % 2 and what not in BY_THEMSELVES else desk.leave)(goes)
                other = elsewhere.submit(word_of, opened, lambda desk, give=give, goes=goes: give(desk, goes))
                wait_for_turn(database, other)
            assert (what, other.result() == "done") == (what, what in ("task", "reopen")), (
                "which somebody else has, or nobody"
            )
            with opened() as desk:
                assert with_who_has_gone(desk, goes) == [], what


def test_nobody_is_switched_off_who_is_given_something_at_this_moment(
    database: Database, opened: Callable[[], Any]
) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        for what, (_, home, give) in GIVEN.items():
            goes = f"going-{what}@{home}.example"
            with opened() as desk:
                give(desk, goes)
                desk.session.flush()
                other = elsewhere.submit(word_of, opened, lambda desk, goes=goes: desk.leave(goes))
                wait_for_turn(database, other)
            stays = what != "join"  # they are told of every step, and nothing waits for them
            assert (what, other.result() in ("conflict", "validation")) == (what, stays)
            with opened() as desk:
                assert desk.person(goes).active is stays, what


def test_nobody_waits_in_a_circle_who_gives_tasks_of_several_referrals(
    database: Database, opened: Callable[[], Any]
) -> None:
    """Of those that the leaver looks after, before and after a task for the leaver."""
    with ThreadPoolExecutor(1) as elsewhere, opened() as desk:
        desk.ask("busy@network.example")
        other = elsewhere.submit(word_of, opened, lambda desk: desk.leave("busy@network.example", COORDINATOR))
        wait_for_turn(database, other)
        desk.ask(COORDINATOR, desk.asked)
    assert other.result() in ("conflict", "done"), "once it was their turn"
    goes = "going-claim@network.example"
    with opened() as desk:
        desk.take(goes, desk.new, "claim")
    with ThreadPoolExecutor(1) as elsewhere, opened() as desk:
        desk.ask(COORDINATOR)
        other = elsewhere.submit(word_of, opened, lambda desk: desk.leave(goes, COORDINATOR))
        wait_for_turn(database, other)
        desk.ask(goes, desk.asked)
    assert other.result() == "done"


def test_nobody_waits_in_a_circle_who_gives_tasks_to_somebody_away_and_to_their_cover(
    database: Database, opened: Callable[[], Any]
) -> None:
    away, goes = "second@network.example", "going-cover@network.example"
    with opened() as desk:
        desk.away(away, goes)
    with ThreadPoolExecutor(1) as elsewhere, opened() as desk:
        desk.ask(away)
        other = elsewhere.submit(word_of, opened, lambda desk: desk.leave(goes, COORDINATOR))
        wait_for_turn(database, other)
        desk.ask(goes)
    assert other.result() in ("conflict", "done")
    with opened() as desk:
        if desk.person(goes).active:
            desk.leave(goes, COORDINATOR)
        assert desk.person(away).covered_by_id == desk.person(COORDINATOR).id


def test_a_task_of_who_has_gone_is_for_one_who_stays_and_what_was_for_themselves_for_nobody(
    database: Database, opened: Callable[[], Any]
) -> None:
    goes, second = "going-task@network.example", "second@network.example"
    with opened() as desk:
        desk.leave(goes)
        assert not desk.ask(goes, kind=TaskKind.BREAK_GLASS)
    with ThreadPoolExecutor(1) as elsewhere, opened() as desk:
        desk.leave(COORDINATOR, second)
        other = elsewhere.submit(word_of, opened, lambda desk: desk.ask(goes))
        wait_for_turn(database, other)
    assert other.result() == "done"
    with opened() as desk:
        assert [with_who_has_gone(desk, each) for each in (goes, COORDINATOR)] == [[], []]


def test_a_task_that_is_done_while_it_is_handed_over_stays_with_who_has_done_it(
    database: Database, opened: Callable[[], Any]
) -> None:
    busy = "busy@network.example"
    with ThreadPoolExecutor(1) as elsewhere, opened() as desk:
        who = desk.person(busy).id
        task = desk.session.scalars(select(Task).where(Task.user_id == who)).one()
        finish_task(desk.session, person_actor(desk.session, desk.world, busy), task.id, NOW, NOW.date())
        desk.session.flush()
        other = elsewhere.submit(word_of, opened, lambda desk: desk.leave(busy, COORDINATOR))
        wait_for_turn(database, other)
    assert other.result() == "done"
    with opened() as desk:
        assert desk.session.get_one(Task, task.id).user_id == who


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_whoever_claims_and_is_switched_off_at_this_moment_reads_that_it_is_their_own_account(
    opened: Callable[[], Any],
) -> None:
    with opened() as desk:
        goes = "going-claim@network.example"
        actor = person_actor(desk.session, desk.world, goes)
        desk.leave(goes)
        with pytest.raises(Invalid) as refused:
            take_step(desk.session, actor, desk.new, "claim", {}, NOW)
        assert [each.message for each in refused.value.errors] == [
            "Your account or your role has just been taken away. Nothing was changed."
        ]
