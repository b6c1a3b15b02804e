"""Each invariant is proved on whole rows, and each kind of damage is found and named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from referrals.domain.people import Kind, Role
from referrals.models.assessment import Assessment, Override, Policy
from referrals.models.base import new_id
from referrals.models.engine import Database
from referrals.models.organization import Organization
from referrals.models.patient import IdentityCheck, Patient, PatientIdentifier
from referrals.models.referral import Consent, Facts, ReferenceCounter, Referral
from referrals.models.trail import Event, Notification, Outbox, Receipt
from referrals.models.user import Membership, User
from referrals.models.vault import VAULT, Vault
from referrals.pathway.accounts import actor_for_user, create_network, create_organization, create_user
from referrals.pathway.draft_purge import purge_stale_drafts
from referrals.pathway.integrity.check import INVARIANTS, NAMED, prove
from referrals.pathway.integrity.erased import ERASING
from referrals.pathway.integrity.outside import OUTSIDE
from referrals.pathway.notices import tell
from referrals.pathway.override_expiry import expire_overrides
from tests.databases import KINDS, unguard
from tests.pathway.proving import broken
from tests.pathway.test_integrity_at_centers import DAMAGES_AT_CENTERS
from tests.pathway.test_integrity_opinions import DAMAGES_TO_OPINIONS
from tests.pathway.test_outside import DAMAGES_OUTSIDE
from tests.pathway.test_retention import DAMAGES_TO_ERASED
from tests.small_network import DAY, NOW, People, packet, send, settle_down, step

KEYS = {VAULT: Vault("secret")}

NATIONAL = {"identifiers": [{"system": "urn:national", "value": "999"}]}


@dataclass(frozen=True)
class World:
    """A small network in a transaction that is never kept: every test finds it whole again."""

    connection: Connection
    people: People
    waiting: Referral
    triaged: Referral
    declined: Referral
    draft: Referral
    checked: Referral

    @contextmanager
    def session(self) -> Iterator[Session]:
        with (
            Session(
                self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False, info=KEYS
            ) as session,
            session.begin(),
        ):
            yield session

    def broken(self, now=NOW, only: str | None = None) -> dict[str, list[str]]:
        with self.session() as session:
            return broken(session, now, only)

    def damage(self, *statements: Any) -> None:
        """As somebody with the keys to the database could: past constraints, triggers and foreign keys."""
        unguard(self.connection)
        for statement in statements:
            self.connection.execute(statement)


@pytest.fixture(scope="module")
def built(databases_of):
    """The network of each kind of database, built once: building it takes most of the time."""
    made: dict[str, tuple[Database, dict[str, Any]]] = {}

    def build_in(kind):
        if kind not in made:
            database = Database(databases_of(kind).fresh(), vault=KEYS[VAULT])
            with database.writing() as session:
                made[kind] = database, build(session)
        return made[kind]

    yield build_in
    for database, _ in made.values():
        database.close()


@pytest.fixture(params=KINDS)
def world(request, built):
    request.node.user_properties.append(("database", request.param))
    database, rows = built(request.param)
    with database.engine.connect() as connection:
        if request.param == "sqlite":  # these two cannot be switched inside a transaction
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
            connection.connection.driver_connection.execute("PRAGMA ignore_check_constraints = ON")
        with connection.begin() as transaction:
            yield World(connection, **rows)
            transaction.rollback()
        if request.param == "sqlite":
            connection.invalidate()


def build(session) -> dict[str, Any]:
    people = settle_down(session)
    hill = create_organization(session, "Hill", "hill", Kind.PROVIDER, NOW - 60 * DAY)
    elsewhere = replace(people, clinician=replace(people.clinician, organization_id=hill.id, user_id=None))
    waiting = send(session, people, NOW - 2 * DAY, patient=packet()["patient"] | NATIONAL)
    triaged = send(session, people, NOW - 3 * DAY)
    step(session, people.coordinator, triaged, "claim", NOW - 2 * DAY)
    step(session, people.lead, triaged, "override", NOW - DAY, tier="P1", reason="time_critical", text="x",
         expires_at=(NOW + DAY).isoformat())  # fmt: skip
    declined = send(session, people, NOW - 9 * DAY)
    step(session, people.lead, declined, "decline", NOW - 8 * DAY, reason="not_indicated", advice="x")
    draft = send(session, people, NOW - 10 * DAY, submit=False)
    checked = send(session, elsewhere, NOW - DAY, patient=packet()["patient"] | NATIONAL)
    tell(session, NOW)
    return {
        "people": people,
        "waiting": waiting,
        "triaged": triaged,
        "declined": declined,
        "draft": draft,
        "checked": checked,
    }


def of(table, referral):
    return table.referral_id == referral.id


def change(referral, **values):
    return update(Referral).where(Referral.id == referral.id).values(**values)


def lose(referral):
    """A referral vanishes with every row that speaks of it."""
    events = select(Event.id).where(of(Event, referral))
    return [
        delete(Outbox).where(Outbox.event_id.in_(events)),
        *(delete(table).where(of(table, referral)) for table in
          (Notification, Event, Facts, Consent, Assessment, Override, Receipt, IdentityCheck)),
        delete(Referral).where(Referral.id == referral.id),
    ]  # fmt: skip


def second_override(world):
    row = {
        "id": new_id(), "network_id": world.triaged.network_id, "referral_id": world.triaged.id, "tier": "P1",
        "from_tier": "P2", "reason": "time_critical", "text": "x", "author_name": "x", "created_at": NOW,
        "expires_at": NOW + DAY,
    }  # fmt: skip
    return [text("DROP INDEX uq_override_live"), insert(Override).values(**row)]


def person(world, **values):
    return update(User).where(User.id == world.people.coordinator.user_id).values(**values)


def stranger(world):
    """A patient of the referral, moved into another network."""
    with world.session() as session:
        other = create_network(session, "Other", "other", NOW)
    return [update(Patient).where(Patient.id == world.waiting.patient_id).values(network_id=other.id)]


def told_to(referral, actor):
    return update(Notification).where(of(Notification, referral)).values(user_id=actor.user_id)


def colleague(world):
    with world.session() as session:
        home = session.get_one(Organization, world.people.lakeside.id)
        made = create_user(session, "colleague@lakeside.example", "Colleague", [Role.CLINICIAN], home, NOW)
        return actor_for_user(session, made)


OF_ANOTHER = select(func.min(PatientIdentifier.locked)).scalar_subquery()

Damage = Callable[[World], list[Any]]
# The invariant that must tell, the referral that it must name (or a part of another row's name), and what was done.
DAMAGES: list[tuple[str, str, Damage]] = [
    ("1", "waiting", lambda w: [change(w.waiting, waiting_on="center")]),
    ("1", "waiting", lambda w: [change(w.waiting, waiting_on=None)]),
    ("1", "triaged", lambda w: [change(w.triaged, next_action_due_at=None)]),
    ("1", "declined", lambda w: [change(w.declined, waiting_on="referrer")]),
    ("2", "triaged", lambda w: [delete(Event).where(of(Event, w.triaged), Event.version == 2)]),
    ("2", "triaged", lambda w: [delete(Event).where(of(Event, w.triaged), Event.version == 4)]),
    ("2", "waiting", lambda w: [change(w.waiting, version=9)]),
    ("2", "waiting", lambda w: [change(w.waiting, status="in_triage")]),
    ("2", "declined", lambda w: [update(Event).where(of(Event, w.declined), Event.version == 3).values(step="claim")]),
    ("2", "draft", lambda w: [delete(Event).where(of(Event, w.draft))]),
    ("3", "declined", lambda w: [delete(Notification).where(of(Notification, w.declined))]),
    ("3", "declined", lambda w: [told_to(w.declined, w.people.lead)]),
    ("4", "waiting", lambda w: [change(w.waiting, assessment_number=2)]),
    ("4", "waiting", lambda w: [delete(Assessment).where(of(Assessment, w.waiting))]),
    ("4", "referral ", second_override),
    ("5", "declined", lambda w: [change(w.declined, status="closed")]),
    ("6", "waiting", lambda w: [delete(Receipt).where(of(Receipt, w.waiting))]),
    ("6", "receipt ", lambda w: [update(Receipt).where(of(Receipt, w.waiting)).values(referral_id=None)]),
    ("6", "receipt ", lambda w: [update(Receipt).where(of(Receipt, w.waiting)).values(referral_id=new_id())]),
    ("6", "receipt ", lambda w: [update(Receipt).where(of(Receipt, w.waiting)).values(outcome="refused", reasons=[])]),
    ("6", "receipt ", lambda w: [delete(IdentityCheck)]),
    ("locked", "patient_identifier", lambda w: [update(PatientIdentifier).values(locked=OF_ANOTHER)]),
    ("locked", "patient_identifier", lambda w: [update(PatientIdentifier).values(blind=PatientIdentifier.blind + "0")]),
    ("7", "waiting", lambda w: [change(w.waiting, submitted_at=NOW - 9 * DAY)]),
    ("7", "waiting", lambda w: [change(w.waiting, ended_at=NOW)]),
    ("7", "declined", lambda w: [change(w.declined, ended_at=None)]),
    ("7", "draft", lambda w: [change(w.draft, submitted_at=NOW)]),
    ("days", "day 2026-11-14", lambda w: [change(w.declined, ended_at=None)]),
    ("days", "day 2026-11-21", lambda w: [delete(Referral).where(Referral.id == w.waiting.id)]),
    ("8", "declined", lambda w: lose(w.declined)),
    ("8", "draft", lambda w: lose(w.draft)),
    ("8", "event ", lambda w: [delete(Referral).where(Referral.id == w.waiting.id)]),
    ("8", "waiting", lambda w: [update(ReferenceCounter).values(last=0)]),
    ("11", "triaged", lambda w: [person(w, active=False)]),
    ("11", "triaged", lambda w: [person(w, away_from=date(2026, 11, 20), away_to=date(2026, 11, 30))]),
    ("11", "triaged", lambda w: [delete(Membership).where(Membership.user_id == w.people.coordinator.user_id)]),
    ("facts", "waiting", lambda w: [change(w.waiting, facts_version=2)]),
    ("facts", "waiting", lambda w: [delete(Facts).where(of(Facts, w.waiting))]),
    ("facts", "waiting", lambda w: [change(w.waiting, icd10cm="C50.9")]),
    ("judgement", "waiting", lambda w: [change(w.waiting, tier="P4")]),
    ("judgement", "triaged", lambda w: [change(w.triaged, tier="P2")]),
    ("judgement", "triaged", lambda w: [change(w.triaged, reasons=["Under 18.", "Several modalities."])]),
    ("judgement", "waiting", lambda w: [change(w.waiting, computed_tier="P3")]),
    ("judgement", "waiting", lambda w: [change(w.waiting, aggressive=False)]),
    ("judgement", "waiting", lambda w: [change(w.waiting, order_at=NOW - 90 * DAY)]),
    ("judgement", "waiting", lambda w: [change(w.waiting, due_at=NOW + 90 * DAY)]),
    ("judgement", "waiting", lambda w: [update(Assessment).where(of(Assessment, w.waiting)).values(facts_version=7)]),
    ("names", "waiting", lambda w: [change(w.waiting, patient_family_name="Other")]),
    ("names", "draft", lambda w: [change(w.draft, patient_birth_date=None)]),
    ("policy", "waiting", lambda w: [update(Assessment).where(of(Assessment, w.waiting)).values(policy_version="1999")]),
    ("consent", "waiting", lambda w: [delete(Consent).where(of(Consent, w.waiting))]),
    ("rules", "network ", lambda w: [update(Policy).values(status="retired")]),
    ("networks", "referral ", stranger),
    ("records", "waiting", lambda w: [change(w.waiting, patient_id=w.checked.patient_id)]),
    ("records", "waiting", lambda w: [change(w.waiting, diagnosis_id=w.triaged.diagnosis_id)]),
]  # fmt: skip


def test_rows_that_are_whole_break_nothing(world):
    assert world.broken() == {}


@pytest.mark.parametrize(("invariant", "named", "damage"), DAMAGES)
def test_damage_is_found_and_the_row_is_named(world, invariant, named, damage):
    world.damage(*damage(world))
    rows = world.broken(only=invariant).get(invariant, [])
    wanted = getattr(world, named).reference if hasattr(world, named) else named
    assert any(wanted in row for row in rows), rows


def test_every_invariant_is_damaged_by_some_test():
    damaged = {name for name, _, _ in (*DAMAGES, *DAMAGES_AT_CENTERS)} | {name for name, _ in DAMAGES_TO_OPINIONS}
    damaged |= {invariant.name for invariant in OUTSIDE if DAMAGES_OUTSIDE}
    damaged |= {invariant.name for invariant in ERASING if DAMAGES_TO_ERASED}
    assert {invariant.name for invariant in INVARIANTS} == damaged


def test_the_eleven_stand_in_their_order_each_with_its_parts():
    numbers = [invariant.number for invariant in INVARIANTS if invariant.number]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 12))
    assert [each.title for each in INVARIANTS if each.number == 4] == ["4", "4 offers", "4 questions", "4 opinion"]
    assert not any(each.number for each in INVARIANTS[len(numbers) :]), "what has no number comes last"


def test_what_came_is_counted_by_day_and_in_all(world):
    with world.session() as session:
        figures = next(found.figures for found in prove(session, NOW) if found.invariant.name == "days")
    assert figures["total"] == [4, 3, 1]
    assert figures["days"][0] == ["2026-11-14", 1, 0, 1]
    assert [sum(day[place] for day in figures["days"]) for place in (1, 2, 3)] == figures["total"]


def test_every_row_is_counted_though_only_the_first_are_named(world):
    with world.session() as session:
        for number in range(NAMED + 5):
            send(session, world.people, NOW, patient=packet()["patient"] | {"given_name": f"Ada {number}"})
    world.damage(update(Referral).values(patient_family_name="Other"))
    with world.session() as session:
        finding = next(found for found in prove(session, NOW) if found.invariant.name == "names")
        assert finding.broken == session.scalar(select(func.count()).select_from(Referral))
    assert len(finding.breaks) == NAMED


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_value_that_nobody_can_read_does_not_end_the_search(world):
    """PostgreSQL would not store such a value in the first place."""
    world.damage(text("UPDATE referral SET due_at = 'soon'"), text("UPDATE facts SET content = '['"))
    found = world.broken()
    assert found["judgement"] == ["a row of referral, or beside it"]
    assert found["facts"] == ["a row of facts, or beside it"]
    assert "1" not in found


class TestWhatLooksLikeDamageAndIsNot:
    def test_an_owner_who_is_away_and_covered(self, world):
        cover = world.people.lead.user_id
        world.damage(person(world, away_from=date(2026, 11, 20), away_to=date(2026, 11, 30), covered_by_id=cover))
        assert world.broken() == {}
        world.damage(update(User).where(User.id == cover).values(active=False))
        assert "11" in world.broken()

    def test_an_owner_who_is_back(self, world):
        world.damage(person(world, away_from=date(2026, 11, 1), away_to=date(2026, 11, 22)))
        assert world.broken() == {}

    def test_an_override_that_ran_out_a_moment_ago(self, world):
        assert world.broken(NOW + 2 * DAY) == {}

    def test_an_override_that_ran_out_after_the_end(self, world):
        with world.session() as session:
            step(session, world.people.clinician, world.triaged, "withdraw", reason="other")
            tell(session, NOW)
            assert expire_overrides(session, NOW + 2 * DAY) == 1
        assert world.broken(NOW + 3 * DAY) == {}

    def test_an_end_that_waits_to_be_told(self, world):
        with world.session() as session:
            step(session, world.people.clinician, world.waiting, "withdraw", reason="other")
        assert world.broken() == {}

    def test_an_end_told_to_a_colleague_of_a_clinician_who_has_left(self, world):
        world.damage(told_to(world.declined, colleague(world)))
        assert world.broken() == {"3": [world.declined.reference]}, "the clinician is still there"
        world.damage(update(User).where(User.id == world.people.clinician.user_id).values(active=False))
        assert world.broken() == {}

    def test_a_draft_that_was_purged(self, world):
        with world.session() as session:
            assert purge_stale_drafts(session, NOW - 5 * DAY, NOW) == 1
        assert world.broken() == {}

    def test_a_refusal_with_its_reason(self, world):
        reasons = [{"pointer": "/questions", "code": "required"}]
        world.damage(update(Receipt).where(of(Receipt, world.waiting)).values(outcome="refused", reasons=reasons))
        assert world.broken() == {"6": [world.waiting.reference]}
