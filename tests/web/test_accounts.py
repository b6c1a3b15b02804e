"""Administrators let people in, change their roles and switch them off; nothing that was somebody's stays nobody's."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.people import Role
from referrals.domain.tasks import TaskKind
from referrals.models.engine import Database
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import AuditEntry, Event
from referrals.models.user import Membership, User
from referrals.pathway import absence, staying
from referrals.pathway.accounts import add_role, create_user
from referrals.pathway.actions import take_step
from referrals.pathway.recipients import colleagues
from referrals.pathway.tasks import NewTask, raise_task
from tests.databases import in_turn
from tests.factories import World, diagnosis, person_actor, token
from tests.statements import statements
from tests.web.conftest import Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
ADMIN, LOCAL = "admin@network.example", "admin@lakeside.example"
CLINICIAN, COLLEAGUE = "clinician@lakeside.example", "colleague@lakeside.example"
COORDINATOR, SPECIALIST = "coordinator@network.example", "specialist@summit.example"
LEAD = "lead@network.example"
USERS = "/admin/users"
LINK = re.compile(r"/password/[\w-]{43}")
NEW = "swans of the quiet harbor"
TO_SUMMIT = ("claim", {}), ("complete-triage", {})


@pytest.fixture
def admin(visitor: Come) -> Visitor:
    return visitor(ADMIN)


def acts(db: Database) -> list[str]:
    with db.reading() as session:
        noted = session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "user").order_by(AuditEntry.id))
        return [each for each in noted if each not in ("read", "list", "sign-in", "sign-in-failed")]


def person(db: Database, email: str) -> User:
    with db.reading() as session:
        return session.scalars(select(User).where(User.email == email)).one()


def roles_of(db: Database, email: str) -> list[str]:
    with db.reading() as session:
        query = select(Membership.role).join(User, User.id == Membership.user_id).where(User.email == email)
        return sorted(session.scalars(query))


def page_of(world: World, email: str, part: str = "") -> str:
    return f"{USERS}/{world.people[email].id}{part}"


def in_review(world: World, send: Send, **changes: Any) -> Referral:
    """A referral of the clinician, owned by the coordinator, reviewed by the specialist of Summit."""
    named = {"specialist": world.user_id(SPECIALIST)}
    offer = {"center": str(world.organizations["summit"].id)}
    steps = [(COORDINATOR, "claim", {}), (COORDINATOR, "complete-triage", {}), (COORDINATOR, "offer", offer)]
    answers = [(each, step, body) for each, step, body in (("coordinator@summit.example", "accept", {}), ("coordinator@summit.example", "start-review", named))]  # fmt: skip
    return send(1, steps=(*steps, *answers), **changes)


def with_a_colleague(db: Database, world: World, role: Role, code: str) -> User:
    with db.writing() as session:
        home = world.organizations[code]
        return create_user(session, f"new-{role}@{code}.example", f"New {role}", [role], home, datetime.now(UTC))


def test_an_invited_person_chooses_a_password_by_a_link_shown_once(
    db: Database, world: World, visitor: Come, admin: Visitor
):
    lakeside = str(world.organizations["lakeside"].id)
    admin.get(f"{USERS}/new").press("Invite", name="", email="nobody", organization=lakeside, role="coordinator")
    assert admin.status == 422
    admin.press("Invite", name="Nadia Kowal", email="Nadia@lakeside.example", organization=lakeside, role="coordinator")
    assert "There is no such role in this organization" in admin.words
    admin.press("Invite", name="Nadia Kowal", email="Nadia@lakeside.example", organization=lakeside, role="clinician")
    link = LINK.search(admin.answer.text)[0]
    nadia = person(db, "nadia@lakeside.example")
    assert link not in admin.get(f"{USERS}/{nadia.id}").answer.text
    assert "No password" in admin.words
    guest = visitor()
    assert guest.sign_in(nadia.email, "").status == 422
    guest.get(link).press("Set the password", password=NEW, again=NEW)
    assert guest.sign_in(nadia.email, NEW).is_in()
    again = admin.get(f"{USERS}/{nadia.id}/send-link").press("Send the link")
    assert "works once, for 30 minutes" in again.words
    assert acts(db) == ["invite", "set-password-by-invite", "send-link"]


def test_an_account_is_renamed_given_roles_and_switched_off_and_on(
    db: Database, world: World, visitor: Come, admin: Visitor
):
    guest, home = visitor(COLLEAGUE), page_of(world, COLLEAGUE)
    admin.get(home).follow_link("Change the name").press("Save", name="Dr Amara Osei")
    assert "Dr Amara Osei" in admin.words
    own = str(world.organizations["lakeside"].id)
    admin.follow_link("Give a role").press("Give the role", organization=own, role="auditor")
    assert roles_of(db, COLLEAGUE) == ["auditor", "clinician"]
    admin.follow_link("Take away Auditor, Lakeside Hospital").press("Take the role away")
    assert roles_of(db, COLLEAGUE) == ["clinician"]
    admin.follow_link("Switch off").press("Switch this person off")
    assert (guest.is_in(), person(db, COLLEAGUE).active) == (False, False)
    assert admin.get(f"{home}/deactivate").press("Switch this person off").status == 409
    admin.get(home).follow_link("Switch on again").press("Switch this person on")
    assert (guest.is_in(), person(db, COLLEAGUE).active) == (False, True)
    assert acts(db) == ["rename", "give-role", "take-role", "deactivate", "reactivate"]


def test_the_last_administrator_stays_and_nobody_unmakes_themselves(db: Database, world: World, admin: Visitor):
    own = page_of(world, ADMIN)
    assert admin.get(f"{own}/deactivate").press("Switch this person off").status == 409
    assert (
        admin.get(own)
        .follow_link("Take away Administrator, Regional Second Opinion Network")
        .press("Take the role away")
        .status
        == 409
    )
    with db.writing() as session:
        create_user(session, "second-admin@network.example", "B", [Role.ADMINISTRATOR], world.organizations["network"], datetime.now(UTC))  # fmt: skip
    other = person(db, "second-admin@network.example")
    assert admin.get(f"{USERS}/{other.id}/deactivate").press("Switch this person off").status == 200
    assert (person(db, ADMIN).active, person(db, other.email).active) == (True, False)


def test_what_somebody_looks_after_is_handed_over_when_they_are_switched_off(
    app: Flask, db: Database, world: World, admin: Visitor, send: Send
):
    draft, sent = send(2, submit=False), in_review(world, send)
    new = {
        "owned": with_a_colleague(db, world, Role.COORDINATOR, "network"),
        "reviewing": with_a_colleague(db, world, Role.SPECIALIST, "summit"),
        "referring": world.people[COLLEAGUE],
    }
    with db.writing() as session:
        raise_task(session, session.get(Referral, sent.id), NewTask(TaskKind.PHONE_REFERRER, world.people[COORDINATOR].id), datetime.now(UTC))  # fmt: skip
    for email, code, works in (
        (COORDINATOR, "network", ("owned", "tasks")),
        (SPECIALIST, "summit", ("reviewing",)),
        (CLINICIAN, "lakeside", ("referring",)),
    ):
        home = world.organizations[code].id
        form = admin.get(page_of(world, email, "/deactivate"))
        assert form.press("Switch this person off").status == 422
        assert "Choose who takes this over" in admin.words
        assert person(db, email).active
        chosen = {f"{work}-{home}": str(new.get(work, new["owned"]).id) for work in works}
        assert form.press("Switch this person off", **chosen).status == 200
        assert not person(db, email).active
    with db.reading() as session:
        assert session.get(Referral, sent.id).owner_id == new["owned"].id
        assert {session.get(Referral, each).clinician_id for each in (sent.id, draft.id)} == {new["referring"].id}
        assert session.scalars(select(Offer.specialist_id)).one() == new["reviewing"].id
        assert (
            session.scalars(select(Task.user_id).where(Task.kind == TaskKind.PHONE_REFERRER)).one() == new["owned"].id
        )
        query = select(Event.step, Event.user_id).where(Event.referral_id == sent.id).order_by(Event.version.desc())
        assert session.execute(query.limit(3)).all() == [
            (step, world.people[ADMIN].id) for step in ("change-clinician", "change-specialist", "assign-owner")
        ]
    certificate = app.test_cli_runner().invoke(args=["integrity", "check"])
    assert certificate.exit_code == 0, certificate.output


def test_a_review_goes_over_while_a_question_is_open_and_confirms_nothing(
    db: Database, world: World, admin: Visitor, send: Send
):
    sent = in_review(world, send, diagnosis=diagnosis(disease_status=None), treatments=None)
    new = with_a_colleague(db, world, Role.SPECIALIST, "summit")
    asked = {"asked": "referrer", "blocking": True, "items": [{"field": "/diagnosis/disease_status"}]}
    with db.writing() as session:
        take_step(session, person_actor(session, world, SPECIALIST), sent.id, "request-information", asked, datetime.now(UTC))  # fmt: skip
        row = session.scalars(select(Offer)).one()
        row.facts_version, row.reconfirm = 0, ["The priority has changed"]
    field = f"reviewing-{world.organizations['summit'].id}"
    admin.get(page_of(world, SPECIALIST)).follow_link("Take away Specialist, Summit Cancer Center")
    admin.press("Take the role away", **{field: str(new.id)})
    with db.reading() as session:
        row = session.scalars(select(Offer)).one()
        assert (row.specialist_id, row.facts_version, row.reconfirm) == (new.id, 0, ["The priority has changed"])
        assert session.get(Referral, sent.id).status == "information_requested"


def test_a_partner_system_speaks_no_more_for_somebody_who_is_switched_off(
    app: Flask, db: Database, world: World, admin: Visitor
):
    headers = {"Authorization": f"Bearer {token(db, world, 'lakeside')}", "On-Behalf-Of": COLLEAGUE}
    assert app.test_client().get("/api/v1/referrals", headers=headers).status_code == 200
    admin.get(page_of(world, COLLEAGUE, "/deactivate")).press("Switch this person off")
    refused = app.test_client().get("/api/v1/referrals", headers=headers)
    assert (refused.status_code, refused.json["code"]) == (403, "unknown_person")


def test_an_administrator_of_a_provider_sees_and_changes_their_own_people_only(
    db: Database, world: World, visitor: Come
):
    local = visitor(LOCAL).get(USERS)
    assert "clinician@lakeside.example" in local.words
    assert "coordinator@network.example" not in local.words
    assert local.get(page_of(world, COORDINATOR)).status == 404
    with db.writing() as session:
        both = create_user(
            session, COLLEAGUE, "", [Role.COORDINATOR], world.organizations["network"], datetime.now(UTC)
        )
    shared = local.get(page_of(world, COLLEAGUE))
    assert "belongs to other organizations, too" in shared.words
    assert "Coordinator" not in shared.words
    for part in ("deactivate", "rename", "send-link"):
        assert local.get(page_of(world, COLLEAGUE, f"/{part}")).status == 403
    assert len(roles_of(db, both.email)) == 2
    summit = {"organization": str(world.organizations["summit"].id), "role": "clinician"}
    assert local.post(page_of(world, CLINICIAN, "/give-role"), summit).status == 422
    known = {
        "organization": str(world.organizations["lakeside"].id),
        "role": "clinician",
        "name": "X",
        "email": COORDINATOR,
    }
    assert local.post(f"{USERS}/new", known).status == 409


def test_whoever_is_given_a_role_elsewhere_at_this_moment_is_no_longer_changed_by_an_administrator_of_a_provider(
    db: Database, world: World, visitor: Come, monkeypatch: pytest.MonkeyPatch
):
    def held(session: Session, user: User) -> None:
        add_role(session, user, world.organizations["network"], Role.COORDINATOR)
        staying_held(session, user)

    staying_held, local = staying.hold_to_change, visitor(LOCAL)
    for module in (staying, absence):
        monkeypatch.setattr(module, "hold_to_change", held)
    assert local.post(page_of(world, COLLEAGUE, "/deactivate"), {}).status == 403
    assert local.post(page_of(world, COLLEAGUE, "/away"), {"away_from": ""}).status == 403
    assert (person(db, COLLEAGUE).active, roles_of(db, COLLEAGUE)) == (True, ["clinician"])


@pytest.mark.parametrize(
    ("databases", "email"), in_turn((each,) for each in (COORDINATOR, CLINICIAN, "auditor@network.example")),
    indirect=["databases"],
)  # fmt: skip
def test_nobody_but_administrators_sees_accounts(visitor: Come, world: World, email: str):
    guest = visitor(email)
    for path in (USERS, f"{USERS}/new", page_of(world, CLINICIAN), page_of(world, CLINICIAN, "/deactivate")):
        assert guest.get(path).status == 403, path
    assert guest.post(page_of(world, CLINICIAN, "/deactivate")).status == 403


def test_the_list_is_filtered_and_paged_in_a_fixed_number_of_statements(db: Database, world: World, admin: Visitor):
    with statements(db) as few:
        admin.get(f"{USERS}?role=clinical_lead&state=active")
    assert "Lead" in admin.words
    assert "clinician@lakeside.example" not in admin.words
    with db.writing() as session:
        for number in range(60):
            create_user(session, f"p{number:02}@lakeside.example", f"P {number:02}", [Role.CLINICIAN], world.organizations["lakeside"], datetime.now(UTC))  # fmt: skip
    with statements(db) as many:
        admin.get(f"{USERS}?role=clinician&state=invited")
    assert (len(many), "50 people" in admin.words) == (len(few), True)
    assert "P 59" in admin.follow_link("Next page").words


def test_whoever_is_away_is_covered_by_somebody_active_in_the_same_role(
    app: Flask, db: Database, world: World, visitor: Come, admin: Visitor, send: Send
):
    sent = in_review(world, send)
    today = datetime.now(UTC).date()
    guest, cover = visitor(COORDINATOR).get("/me/away"), world.user_id("second@network.example")
    days = {"away_from": str(today), "away_to": str(today + timedelta(days=9))}
    assert guest.press("Save", **days).status == 422
    assert "Choose who covers" in guest.words
    assert "Lead" not in str(guest.page.form("/me/away"))
    wrong = {**days, "covered_by": world.user_id("lead@network.example")}
    assert guest.post("/me/away", wrong).status == 422
    assert (
        guest.get("/me/away")
        .press("Save", **days | {"away_to": str(today - timedelta(days=1))}, covered_by=cover)
        .status
        == 422
    )
    assert guest.press("Save", **days, covered_by=cover).status == 200
    other = visitor("second@network.example").get("/me/away")
    assert other.press("Save", **days, covered_by=world.user_id(COORDINATOR)).status == 422
    assert "cover for themselves" in other.words
    assert "covered by Second" in admin.get(page_of(world, COORDINATOR)).words
    assert "Coordinator: Away until" in visitor("lead@network.example").get(f"/referrals/{sent.id}").words
    assert "Away until" not in visitor(CLINICIAN).get(f"/referrals/{sent.id}").words
    third = with_a_colleague(db, world, Role.COORDINATOR, "network")
    off = admin.get(page_of(world, "second@network.example", "/deactivate"))
    assert "For Coordinator" in off.press("Switch this person off").words
    off.press("Switch this person off", **{f"cover-{world.user_id(COORDINATOR)}": str(third.id)})
    assert person(db, COORDINATOR).covered_by_id == third.id
    assert app.test_cli_runner().invoke(args=["integrity", "check"]).exit_code == 0
    admin.get(page_of(world, COORDINATOR, "/away")).press("Save", away_from="", away_to="", covered_by="")
    assert (person(db, COORDINATOR).away_from, person(db, COORDINATOR).covered_by_id) == (None, None)


@pytest.fixture
def lose(db: Database, world: World, admin: Visitor) -> Callable[..., Visitor]:
    """The lead and the coordinator are away; who covers for each may also read the audit, and now loses a role."""
    with db.writing() as session:
        for cover, away in (("second@network.example", COORDINATOR), ("deputy@network.example", LEAD)):
            covering, covered = (session.get_one(User, world.people[each].id) for each in (cover, away))
            covered.away_from, covered.covered_by_id = datetime.now(UTC).date(), covering.id
            add_role(session, covering, world.organizations["network"], Role.AUDITOR)

    def lose(email: str, role: str, **choice: str) -> Visitor:
        with db.reading() as session:
            held = select(Membership.id).where(Membership.user_id == world.people[email].id, Membership.role == role)
            return admin.get(page_of(world, email, f"/roles/{session.scalar(held)}")).press("Take the role away", **choice)  # fmt: skip

    return lose


def told(db: Database) -> set[tuple[str, str]]:
    with db.reading() as session:
        query = select(Task.kind, User.email).join(User, User.id == Task.user_id)
        return {(row.kind, row.email) for row in session.execute(query)}


def test_a_cover_ends_with_the_role_and_who_owns_referrals_is_covered_by_somebody_else_or_is_back(
    app: Flask, db: Database, world: World, admin: Visitor, send: Send, lose: Callable[..., Visitor]
):
    in_review(world, send)
    third, second = with_a_colleague(db, world, Role.COORDINATOR, "network"), "second@network.example"
    assert lose(second, "auditor").status == 200, "nothing of who is away rests on it"
    field = f"cover-{world.user_id(COORDINATOR)}"
    for choice in ("", world.user_id(second)):
        assert lose(second, "coordinator", **{field: choice}).status == 422, choice
    assert person(db, COORDINATOR).covered_by_id == world.people[second].id
    assert lose(second, "coordinator", **{field: str(third.id)}).status == 200
    assert (person(db, COORDINATOR).covered_by_id, told(db)) == (third.id, {("cover_ended", COORDINATOR)})
    off = admin.get(f"{USERS}/{third.id}/deactivate")
    assert "Nobody: the absence ends" in off.answer.text
    assert off.press("Switch this person off", **{field: "nobody"}).status == 200
    back = person(db, COORDINATOR)
    assert (back.away_from, back.covered_by_id, told(db)) == (
        None,
        None,
        {("cover_ended", COORDINATOR), ("uncovered", ADMIN)},
    )
    assert app.test_cli_runner().invoke(args=["integrity", "check"]).exit_code == 0


def test_where_nobody_covers_any_more_those_away_and_their_administrators_hear_of_it(
    db: Database, world: World, admin: Visitor, lose: Callable[..., Visitor]
):
    assert lose("deputy@network.example", "clinical_lead", **{f"cover-{world.user_id(LEAD)}": "nobody"}).status == 200
    assert "and nobody covers" in admin.get(page_of(world, LEAD)).words
    assert told(db) == {("cover_ended", LEAD), ("uncovered", ADMIN)}
    assert "Nobody covers for Lead any more" in admin.get("/tasks").words
    with db.reading() as session:
        in_turn_of_telling = colleagues(session, world.network_id, datetime.now(UTC).date())
    assert in_turn_of_telling[-1] == world.people[LEAD].id, "as without a cover: told last, and not left out"


def test_neither_who_leaves_nor_who_is_away_is_told_as_an_administrator_that_nobody_covers(
    app: Flask, db: Database, world: World
):
    with db.writing() as session:
        local, away = (session.get_one(User, world.people[each].id) for each in (LOCAL, CLINICIAN))
        add_role(session, local, world.organizations["lakeside"], Role.CLINICIAN)
        add_role(session, away, world.organizations["lakeside"], Role.ADMINISTRATOR)
        away.away_from, away.covered_by_id = datetime.now(UTC).date(), local.id
    off = app.test_cli_runner().invoke(args=["user", "deactivate", LOCAL, "--hand-over-to", COLLEAGUE])
    assert (off.exit_code, person(db, CLINICIAN).covered_by_id) == (0, None), "the colleague administers nothing"
    assert told(db) == {("cover_ended", CLINICIAN), ("uncovered", ADMIN)}


def test_who_can_see_what_is_told_to_administrators_and_auditors_of_what_is_theirs(
    db: Database, world: World, visitor: Come, admin: Visitor
):
    page, sheet = admin.get("/admin/access").words, admin.get("/admin/access.csv").answer
    assert "Every referral that the network has received, internal notes too; no drafts" in page
    assert "lakeside system" in page
    assert (sheet.mimetype, sheet.text.count("@")) == ("text/csv", len(world.people))
    assert "Clinician,Every referral of its own organization, drafts too" in sheet.text.replace('"', "")
    local = visitor(LOCAL).get("/admin/access.csv").answer.text
    assert ("clinician@lakeside.example" in local, "network.example" in local) == (True, False)
    assert visitor("auditor@network.example").get("/admin/access").status == 200
    assert visitor(CLINICIAN).get("/admin/access").status == 403
    assert visitor(CLINICIAN).get("/admin/access.csv").status == 403
    assert acts(db) == ["export"] * 4
