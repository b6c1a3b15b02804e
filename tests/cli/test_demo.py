"""The demo is a whole, true and presentable network: nothing in it is out of order, and everybody is invented."""

import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from sqlalchemy import func, select

from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import NewReferral
from referrals.cli.demo.packets import cases, packet_of, stories
from referrals.cli.demo.places import PEOPLE, build_places, holidays
from referrals.cli.demo.play import moment, play
from referrals.domain.assessment import assess
from referrals.domain.case import case_from
from referrals.domain.centers import Service
from referrals.domain.lifecycle import BEFORE_OPINION, ENDED, OPEN_RECEIVED, Status
from referrals.domain.matching import COMPETENT, EXPERT
from referrals.domain.packet import faults
from referrals.domain.people import Kind, Role
from referrals.domain.plans import PlanStatus, Unplaced
from referrals.domain.policy import default_policy
from referrals.domain.tumor_family import family_labels
from referrals.models.assessment import Override
from referrals.models.center import Capacity, Center, Expertise, LineLimit
from referrals.models.engine import Database
from referrals.models.fallback import Fallback
from referrals.models.organization import Network, Organization
from referrals.models.patient import IdentityCheck, Patient
from referrals.models.plan import Plan, PlannedOffer
from referrals.models.referral import Facts, Referral
from referrals.models.trail import Event, Receipt
from referrals.models.user import Membership, User
from referrals.models.vault import Vault
from referrals.pathway.integrity.check import prove
from referrals.pathway.seals import sealing_key
from referrals.pathway.sign_in import prove_person
from referrals.worker.loop import Worker
from tests.databases import in_turn

MORNING = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, 0, 10, tzinfo=UTC)
CLOCKS_GO_BACK = datetime(2026, 11, 2, 13, 0, tzinfo=UTC)


@pytest.fixture
def demo(database):
    def demo(now=MORNING):
        with database.writing() as session:
            return play(session, build_places(session, now), now)

    return demo


@pytest.fixture(scope="module")
def morning_on():
    """The demo of one morning on each kind of database, loaded once for all tests that only look at it."""
    with ExitStack() as stack:

        @cache
        def loaded(databases):
            url = databases.fresh()
            stack.callback(databases.forget, url)
            database = stack.enter_context(closing(Database(url, vault=Vault("secret"))))
            with database.writing() as session:
                play(session, build_places(session, MORNING), MORNING)
            return database

        yield loaded


@pytest.fixture
def morning(databases, morning_on):
    return morning_on(databases)


@pytest.fixture
def rows(morning):
    def rows(query):
        with morning.reading() as session:
            return session.scalars(query).all()

    return rows


def broken(database, now=MORNING):
    with database.reading() as session:
        return [found.row for finding in prove(session, now) for found in finding.breaks]


@pytest.mark.parametrize(
    ("databases", "now"),
    in_turn((now,) for now in (MORNING, SUNDAY_NIGHT, NEW_YEAR, CLOCKS_GO_BACK)),
    indirect=["databases"],
)
def test_it_breaks_no_invariant_whenever_it_is_loaded(demo, database, now):
    demo(now)
    assert broken(database, now) == []
    Worker(database, sealing_key("x"), clock=lambda session: now).round()
    assert broken(database, now) == []


def test_some_60_referrals_over_all_tiers_and_statuses(rows):
    statuses = Counter(rows(select(Referral.status)))
    assert 60 <= statuses.total() <= 80
    assert set(statuses) == set(Status)
    assert min(statuses.values()) >= 2
    tiers = Counter(rows(select(Referral.tier).where(Referral.status.in_(OPEN_RECEIVED))))
    assert set(tiers) == {"P1", "P2", "P3", "P4"}
    assert min(tiers.values()) >= 5


def test_the_worklist_looks_like_a_morning(rows):
    """Some are late, some are due today, most wait their turn."""
    due = rows(select(Referral.due_at).where(Referral.status.in_(BEFORE_OPINION)))
    late = sum(at < MORNING for at in due)
    today = sum(MORNING <= at < MORNING + timedelta(days=1) for at in due)
    assert 3 <= late <= 10
    assert 2 <= today <= 12
    assert late + today < len(due) / 2
    actions = rows(select(Referral.next_action_due_at).where(Referral.status.in_(OPEN_RECEIVED)))
    assert any(at < MORNING for at in actions)
    assert any(at > MORNING for at in actions)


def test_what_a_coordinator_meets_is_all_there(rows):
    steps = Counter(rows(select(Event.step)))
    for step in ("claim", "complete-triage", "override", "update-facts", "decline", "contest", "withdraw", "cancel"):
        assert steps[step], step
    assert rows(select(Referral.id).where(Referral.icd10cm.is_(None), Referral.status == "submitted"))
    assert rows(select(Referral.id).where(Referral.pregnant))
    assert len(rows(select(Referral.id).where(Referral.needed_by.is_not(None)))) >= 4
    assert rows(select(Referral.id).where(Referral.follows_id.is_not(None)))
    assert rows(select(Referral.id).where(Referral.duplicate_of_id.is_not(None)))
    assert rows(select(Referral.id).where(Referral.provisional))
    assert rows(select(IdentityCheck.id))
    assert rows(select(Override.id).where(Override.ended_at.is_(None)))
    assert len(rows(select(Facts.id).where(Facts.version > 1))) >= 2
    assert Counter(rows(select(Receipt.outcome)))["refused"] == 3
    assert rows(select(Patient.id).where(Patient.interpreter_needed))
    assert len(set(rows(select(Referral.tumor_family)))) >= 12


def test_times_are_true_of_the_moment_in_which_each_thing_happened(rows):
    for referral in rows(select(Referral)):
        events = rows(select(Event.at).where(Event.referral_id == referral.id).order_by(Event.version))
        assert events == sorted(events)
        assert events[-1] <= MORNING
        assert referral.submitted_at is None or referral.submitted_at in events
        assert (referral.ended_at is not None) == (referral.status in ENDED)


def test_numbers_follow_the_order_of_arrival(rows):
    by_arrival = rows(select(Referral.reference).order_by(Referral.created_at, Referral.reference))
    assert by_arrival == sorted(by_arrival)


def test_the_same_moment_gives_the_same_demo(demo, database, morning):
    columns = (
        Referral.reference, Referral.status, Referral.tier, Referral.due_at, Referral.order_at,
        Referral.patient_family_name, Referral.patient_birth_date, Referral.version,
    )  # fmt: skip

    def picture(of):
        with of.reading() as session:
            return session.execute(select(*columns).order_by(Referral.reference)).all()

    demo()
    assert picture(database) == picture(morning)


def test_the_organizations_and_people_are_those_of_the_contract_and_one_center_outside(morning, rows):
    with morning.reading() as session:
        kinds = dict(session.execute(select(Organization.code, Organization.kind)).all())
        query = (
            select(User.email, Organization.code, Membership.role)
            .join(Membership, Membership.user_id == User.id)
            .join(Organization, Organization.id == Membership.organization_id)
        )
        people = {email: (code, role) for email, code, role in session.execute(query)}
    assert kinds == {
        "lakeside": Kind.PROVIDER, "hillcrest": Kind.PROVIDER, "network": Kind.NETWORK,
        "summit": Kind.CENTER, "harbor": Kind.CENTER, "prairie": Kind.CENTER,
    }  # fmt: skip
    assert len(rows(select(Center.organization_id).where(Center.in_network.is_(False), Center.places == 0))) == 1
    assert people == {
        "clinician@lakeside.example": ("lakeside", Role.CLINICIAN),
        "clinician@hillcrest.example": ("hillcrest", Role.CLINICIAN),
        "coordinator@network.example": ("network", Role.COORDINATOR),
        "lead@network.example": ("network", Role.CLINICAL_LEAD),
        "admin@network.example": ("network", Role.ADMINISTRATOR),
        "auditor@network.example": ("network", Role.AUDITOR),
        "coordinator@summit.example": ("summit", Role.CENTER_COORDINATOR),
        "specialist@summit.example": ("summit", Role.SPECIALIST),
        "specialist@harbor.example": ("harbor", Role.SPECIALIST),
    }


def test_placing_meets_a_plan_a_closed_week_a_limit_a_chain_and_the_expertise_of_the_contract(morning, rows):
    assert rows(select(Plan.status)) == [PlanStatus.READY]
    assert len(rows(select(PlannedOffer.id).where(PlannedOffer.center_id.is_not(None)))) >= 10
    assert Unplaced.NO_ELIGIBLE_CENTER in rows(select(PlannedOffer.code))
    assert all("Invented" in each for each in rows(select(Capacity.reason).where(Capacity.places == 0)))
    assert rows(select(LineLimit.service)) == [Service.PEDIATRICS]
    assert len(rows(select(Fallback.id))) == 1
    with morning.reading() as session:
        query = select(Expertise.family, Expertise.level, Center.services).join_from(
            Expertise, Center, Center.organization_id == Expertise.center_id
        )
        stated = session.execute(query.where(Center.places > 0)).all()
    for family in family_labels():
        levels = [
            (level, {"adults", "multidisciplinary_team", "remote"} <= set(can))
            for name, level, can in stated
            if name == family
        ]
        assert any(level >= EXPERT and is_able for level, is_able in levels), family
        assert any(level < COMPETENT for level, _ in levels), family


def test_everybody_signs_in_with_the_published_password(morning):
    with morning.reading() as session:
        for email, _, _ in PEOPLE:
            user = prove_person(session, email, "second-opinion-demo")
            assert user is not None, email
            assert user.is_demo


def test_it_is_marked_as_a_demo_everywhere(rows):
    assert set(rows(select(Organization.is_demo))) == set(rows(select(User.is_demo))) == {True}
    assert all("(demo)" in name for name in rows(select(Organization.name)))
    assert rows(select(Network.zone)) == ["America/Chicago"]


class TestTheCommand:
    def test_it_fills_an_empty_database_quickly_and_says_that_all_is_invented(self, app, database):
        began = time.process_time()
        done = app.test_cli_runner().invoke(args=["demo"])
        assert time.process_time() - began < 20
        assert done.exit_code == 0, done.output
        assert "invented" in done.stdout
        assert "coordinator@network.example" in done.stdout
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Referral)) >= 60
        assert app.test_cli_runner().invoke(args=["integrity", "check"]).exit_code == 0

    def test_a_database_that_holds_anything_is_left_alone(self, app, database):
        runner = app.test_cli_runner()
        runner.invoke(args=["organization", "create", "Lakeside", "--code", "lakeside", "--kind", "provider"])
        refused = runner.invoke(args=["demo"])
        assert refused.exit_code == 1
        assert "not empty" in refused.stderr
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Organization)) == 1

    def test_production_refuses_it(self, start_app, database):
        app = start_app(env="production", secret_key="long-enough-for-production")
        assert app.test_cli_runner().invoke(args=["demo"]).exit_code == 1
        with database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Organization)) == 0


class TestTheContent:
    @pytest.mark.parametrize("name", cases())
    def test_each_case_gets_the_tier_that_it_was_chosen_for(self, name):
        story = next(each for each in stories() if each["case"] == name)
        packet = packet_of(story, MORNING, MORNING)
        verdict = assess(case_from(packet, MORNING.date()), default_policy())
        expected = cases()[name]["expected"]
        assert verdict.tier == expected or name == "uncoded"

    def test_every_packet_has_the_form_and_is_free_of_faults(self):
        for story in stories():
            packet = load(NewReferral(), packet_of(story, MORNING, MORNING))
            assert faults(packet, MORNING.date(), submitting=packet["submit"], by_client=False) == []

    def test_every_case_is_told(self):
        assert set(cases()) == {story["case"] for story in stories()}

    def test_nobody_acts_before_the_referral_came_in_or_after_now(self):
        for story in stories():
            times = [story["days_ago"], *(step["days_ago"] for step in story["path"]), 0]
            assert times == sorted(times, reverse=True), story["family_name"]

    def test_the_days_are_moved_into_working_hours_and_keep_their_order(self):
        moments = [moment(MORNING, days / 20) for days in range(400, 0, -1)]
        assert moments == sorted(moments)
        assert moments[-1] <= MORNING

    def test_the_holidays_are_those_of_the_calendar(self):
        assert [day.isoformat() for day in holidays(2026)] == [
            "2026-01-01", "2026-05-25", "2026-07-04", "2026-09-07", "2026-11-26", "2026-12-25",
        ]  # fmt: skip
