"""Networks, organizations, people, partner systems, and the browsers in which people are signed in."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from referrals.domain.errors import Conflict, Forbidden, Invalid, NotFound
from referrals.domain.people import Kind, Party, Role
from referrals.models.assessment import Policy
from referrals.models.organization import AccessToken, Network
from referrals.models.user import User, UserSession
from referrals.pathway import accounts, clients, sign_in
from referrals.pathway.accounts import create_organization, create_user, find_organization
from tests.factories import settle

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@pytest.fixture
def session(database):
    with database.writing() as session:
        yield session


@pytest.fixture
def world(session):
    return settle(session, NOW)


def networks(session) -> list[str]:
    return list(session.scalars(select(Network.code).order_by(Network.id)))


def test_the_first_organization_brings_its_network_and_the_default_policy(session):
    lakeside = create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW)
    (policy,) = session.scalars(select(Policy))
    assert networks(session) == ["lakeside"]
    assert (policy.network_id, policy.version, policy.status) == (lakeside.network_id, "2026.1", "active")


def test_the_coordinating_organization_takes_over_the_network_that_waits_for_one(session):
    lakeside = create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW)
    office = create_organization(session, "Office", "office", Kind.NETWORK, NOW)
    assert office.network_id == lakeside.network_id
    assert networks(session) == ["office"]


def test_a_second_coordinating_organization_makes_a_second_network(session):
    first = create_organization(session, "North", "north", Kind.NETWORK, NOW)
    second = create_organization(session, "South", "south", Kind.NETWORK, NOW)
    assert first.network_id != second.network_id
    with pytest.raises(Invalid) as refusal:
        create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW)
    assert [error.pointer for error in refusal.value.errors] == ["/network"]
    named = create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW, network="south")
    assert named.network_id == second.network_id
    with pytest.raises(NotFound):
        create_organization(session, "Other", "other", Kind.PROVIDER, NOW, network="west")


def test_a_code_is_given_once_in_a_network(session):
    create_organization(session, "North", "north", Kind.NETWORK, NOW)
    create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW)
    with pytest.raises(Conflict):
        create_organization(session, "Another", "lakeside", Kind.CENTER, NOW)
    with pytest.raises(Conflict):
        create_organization(session, "Again", "north", Kind.NETWORK, NOW)


def test_where_two_networks_have_a_code_the_network_is_named(session):
    for network in ("north", "south"):
        create_organization(session, network, network, Kind.NETWORK, NOW)
        create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW, network=network)
    with pytest.raises(Invalid):
        find_organization(session, "lakeside")
    found = find_organization(session, "lakeside", network="south")
    assert session.get(Network, found.network_id).code == "south"
    with pytest.raises(NotFound):
        find_organization(session, "nowhere")


def test_a_person_may_hold_roles_in_several_organizations(session, world):
    summit = world.organizations["summit"]
    again = create_user(session, " Clinician@LAKESIDE.example ", "Other Name", [Role.SPECIALIST], summit, NOW)
    assert again.id == world.people["clinician@lakeside.example"].id
    assert again.name == "Clinician"
    first = accounts.actor_for_user(session, again)
    there = accounts.actor_for_user(session, again, summit.id)
    assert (first.kind, first.parties, first.other_organizations) == (Kind.PROVIDER, {Party.R}, {summit.id})
    assert (there.kind, there.parties) == (Kind.CENTER, {Party.S})
    assert [each.code for each in accounts.organizations_of(session, again.id)] == ["lakeside", "summit"]


def test_a_role_is_given_once(session, world):
    lakeside = world.organizations["lakeside"]
    for _ in range(2):
        create_user(session, "clinician@lakeside.example", "x", [Role.CLINICIAN], lakeside, NOW)
    held = accounts.memberships_of(session, world.people["clinician@lakeside.example"].id)
    assert [role for _, role in held] == [Role.CLINICIAN]


def test_nobody_acts_for_an_organization_that_is_not_theirs(session, world):
    person = world.people["clinician@lakeside.example"]
    with pytest.raises(Forbidden):
        accounts.actor_for_user(session, person, world.organizations["hillcrest"].id)
    person.active = False
    with pytest.raises(Forbidden):
        accounts.actor_for_user(session, person)


def test_an_address_belongs_to_one_network(session, world):
    elsewhere = create_organization(session, "South", "south", Kind.NETWORK, NOW)
    with pytest.raises(Conflict):
        create_user(session, "clinician@lakeside.example", "x", [Role.COORDINATOR], elsewhere, NOW)


def test_the_people_of_a_demo_organization_are_demo_users(session):
    home = create_organization(session, "Lakeside", "lakeside", Kind.PROVIDER, NOW, is_demo=True)
    assert create_user(session, "a@b.example", "A", [Role.CLINICIAN], home, NOW).is_demo


def test_an_unknown_scope_is_refused(session, world):
    with pytest.raises(Invalid):
        clients.create_client(session, world.organizations["lakeside"], "x", ["referrals:read", "everything"], NOW)


def test_tokens_that_ran_out_are_forgotten_when_the_next_is_issued(session, world):
    client = world.clients["lakeside"]
    first = clients.issue_token(session, client, ("referrals:read",), NOW)
    clients.issue_token(session, client, ("referrals:read",), NOW + timedelta(minutes=4))
    assert len(session.scalars(select(AccessToken)).all()) == 2
    clients.issue_token(session, client, ("referrals:read",), NOW + timedelta(minutes=5))
    assert len(session.scalars(select(AccessToken)).all()) == 2
    assert clients.caller_for_token(session, first.token, NOW) is None


def sign_up(session, world, password="correct horse battery") -> User:
    person = world.people["clinician@lakeside.example"]
    sign_in.change_password(session, person, password, NOW)
    return person


def test_a_person_is_known_by_their_password(session, world):
    person = sign_up(session, world)
    assert sign_in.prove_person(session, " Clinician@lakeside.example", "correct horse battery") is person
    for email, password in (
        ("clinician@lakeside.example", "wrong"),
        ("nobody@lakeside.example", "correct horse battery"),
        ("colleague@lakeside.example", ""),
    ):
        assert sign_in.prove_person(session, email, password) is None
    person.active = False
    assert sign_in.prove_person(session, person.email, "correct horse battery") is None


def test_a_password_is_checked_at_full_cost_for_somebody_who_does_not_exist(session, world, monkeypatch):
    from referrals.pathway import passwords

    asked = []
    verify = passwords._hasher.verify
    monkeypatch.setattr(
        passwords,
        "_hasher",
        type(
            "Counting",
            (),
            {
                "verify": lambda self, kept, word: asked.append(kept) or verify(kept, word),
                "hash": passwords._hasher.hash,
            },
        )(),
    )
    passwords._nobodys_hash.cache_clear()
    sign_in.prove_person(session, "nobody@nowhere.example", "x")
    assert len(asked) == 1
    assert asked[0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_session_lives_while_somebody_is_there_and_not_for_ever(session, world):
    person = sign_up(session, world)
    secret = sign_in.open_session(session, person, NOW)

    def lives(minutes: float) -> bool:
        return sign_in.find_session(session, secret, NOW + timedelta(minutes=minutes)) is not None

    assert lives(14)
    assert not lives(15)
    for minutes in range(10, 720, 10):
        sign_in.touch_session(session, secret, NOW + timedelta(minutes=minutes))
    assert lives(719)
    assert not lives(720)
    row = session.scalars(select(UserSession)).one()
    assert row.id_hash != secret
    assert sign_in.find_session(session, row.id_hash, NOW) is None


def test_a_session_that_was_ended_does_not_come_back(session, world):
    person = sign_up(session, world)
    first, second = (sign_in.open_session(session, person, NOW) for _ in range(2))
    sign_in.end_session(session, first, NOW)
    sign_in.touch_session(session, first, NOW)
    assert sign_in.find_session(session, first, NOW) is None
    assert sign_in.find_session(session, second, NOW) is not None
    sign_in.change_password(session, person, "another long password", NOW)
    assert sign_in.find_session(session, second, NOW) is None


def test_whoever_is_switched_off_is_out_at_once(session, world):
    person = sign_up(session, world)
    secret = sign_in.open_session(session, person, NOW)
    sign_in.switch_off(session, person, NOW)
    person.active = True
    assert sign_in.find_session(session, secret, NOW) is None


def test_only_a_change_that_matters_is_written(session, world):
    person = sign_up(session, world)
    sign_in.open_session(session, person, NOW)
    row = session.scalars(select(UserSession)).one()
    assert not sign_in.needs_touch(row, NOW + timedelta(seconds=29))
    assert sign_in.needs_touch(row, NOW + timedelta(seconds=30))
