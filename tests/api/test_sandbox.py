"""A sandbox is a network of its own beside the real one: everything can be tried there, and nobody's queue shows it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from referrals.models.organization import ApiClient, Network, Organization
from referrals.models.user import User
from referrals.pathway.accounts import actor_for_user, find_organization
from referrals.pathway.clients import create_client, issue_token
from referrals.pathway.deliveries import claim
from referrals.pathway.integrity.finding import Look
from referrals.pathway.integrity.tenancy import strangers
from referrals.pathway.mail import Occasion, Stationery, queue_letters
from referrals.pathway.queue import Filters, worklist
from referrals.pathway.sandbox import twin_of
from tests.api.partner import Partner
from tests.factories import ALL_SCOPES, patient, routine


@pytest.fixture
def tries(app, db, world):
    """`tries("lakeside")` is a sandbox system of that organization, in the name of its person with a role, or of nobody."""

    def partner(code: str, role: str = "") -> Partner:
        now = datetime.now(UTC)
        with db.writing() as session:
            home = twin_of(session, world.organizations[code], now)
            client, _ = create_client(session, home, "trial", ALL_SCOPES, now)
            token = issue_token(session, client, ALL_SCOPES, now).token
        return Partner(app, token, f"{role}@{code}.network-sandbox.example" if role else None)

    return partner


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_referral_lives_its_life_in_the_sandbox_and_the_real_network_never_sees_it(tries, db, world, coordinator):
    referrer, desk = tries("lakeside"), tries("network", "coordinator")
    center, specialist = tries("summit", "center_coordinator"), tries("summit", "specialist")
    assert referrer.get("/me").json["sandbox"] is True
    assert coordinator.get("/me").json["sandbox"] is False
    own = routine(referring_clinician={"email": "clinician@lakeside.network-sandbox.example"}, patient=patient(4711))
    referral = referrer.create(own)
    summit = next(each for each in referrer.get("/organizations").json["items"] if each["code"] == "summit")
    for step, body in (("claim", {}), ("complete-triage", {}), ("offer", {"center": summit["id"]})):
        answer = desk.take(step, referral, "*", **body)
        assert answer.status_code == 200, answer.json
    assert center.take("accept", referral, "*").status_code == 200
    who = next(each for each in specialist.get("/users").json["items"] if each["roles"] == ["specialist"])
    assert specialist.take("start-review", referral, "*", specialist=who["id"]).json["status"] == "in_review"
    assert coordinator.get(f"/referrals/{referral['id']}").status_code == 404
    assert coordinator.get("/referrals?status=all").json["items"] == []
    with db.reading() as session:
        person = actor_for_user(session, world.people["coordinator@network.example"])
        shown, _ = worklist(session, person, Filters(), after=None, limit=5, now=datetime.now(UTC))
    assert shown == []


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_nobody_is_written_to_out_of_the_sandbox(tries, db, world):
    tries("network")
    now, mail = datetime.now(UTC), Stationery("mail@network.example", "https://network.example", "secret")
    with db.writing() as session:
        people = {False: world.people["coordinator@network.example"], True: sandbox_person(session, world)}
        for person in people.values():
            occasion = Occasion("event:1", "event claim", person.network_id, None, now)
            assert queue_letters(session, mail, occasion, [person.id]) == 1
        sent = [leased.address for leased in iter(lambda: claim(session, mail, now), None)]
    assert sent == ["coordinator@network.example"]


def sandbox_person(session, world) -> User:
    return session.scalars(select(User).where(User.network_id != world.network_id).limit(1)).one()


def test_there_is_one_sandbox_with_every_organization_and_people_who_cannot_sign_in(tries, db, world):
    for code in ("lakeside", "network", "lakeside"):
        tries(code)
    with db.reading() as session:
        twin = session.scalars(select(Network).where(Network.sandbox_of_id == world.network_id)).one()
        codes = session.scalars(select(Organization.code).where(Organization.network_id == twin.id)).all()
        people = session.scalars(select(User).where(User.network_id == twin.id)).all()
        assert find_organization(session, "lakeside").network_id == world.network_id
        assert find_organization(session, "lakeside", network=twin.code).network_id == twin.id
        astray = update(ApiClient).where(ApiClient.network_id == twin.id).values(network_id=world.network_id)
    assert reached_across(db) == []
    with db.writing() as session:
        session.execute(astray)
    assert len(reached_across(db)) == 3, "a system of the sandbox must not get into the real network"
    assert sorted(codes) == sorted(world.organizations)
    assert {(each.password_hash, each.is_demo) for each in people} == {(None, False)}


def reached_across(db) -> list[str]:
    with db.reading() as session:
        return [found.why for found in strangers(Look(session, datetime.now(UTC)))]
