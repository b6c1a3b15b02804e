"""What stands beside the worklist: search, identities in doubt, refusals at the door, the rules, preferences, help."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from referrals.domain.errors import FieldError
from referrals.models.engine import Database
from referrals.models.patient import IdentityCheck
from referrals.models.trail import AuditEntry, ReceiptSeen
from referrals.models.user import User
from referrals.pathway import intake
from referrals.web.headers import CONTENT_SECURITY_POLICY
from tests.factories import World, client_actor, early_breast, patient
from tests.web.conftest import Send, change_policy
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]


def look_for(guest: Visitor, words: str) -> Visitor:
    guest.get("/search")
    return guest.press("Search", q=words)


@pytest.mark.parametrize("words", ["Brandt", "brand ilse", "ÎLSE", "999-00-0007", "EHR-77"])
def test_a_referral_is_found_by_what_people_know(coordinator: Visitor, send: Send, words: str):
    send(7, patient=patient(7, given_name="Ilse", family_name="Brandt"), external_reference="EHR-77")
    send(8, patient=patient(8, family_name="Other"))
    look_for(coordinator, words)
    assert "1 referral found" in coordinator.words
    assert "Ilse Brandt" in coordinator.words
    assert "Ada Other" not in coordinator.words
    assert coordinator.at.startswith("/search?s=")


def test_a_number_alone_finds_its_referral(coordinator: Visitor, send: Send):
    reference = send(1).reference
    for typed in (reference[6:13], reference[6:13].lstrip("0"), reference[:-2]):
        assert reference in look_for(coordinator, typed).words, typed
        assert "1 referral found" in coordinator.words


def test_one_comes_back_from_a_referral_to_what_was_found(coordinator: Visitor, send: Send):
    send(1)
    found = look_for(coordinator, "Example").at
    coordinator.follow_link("Ada Example")
    assert "1 referral found" in coordinator.get(found).words
    assert dict(coordinator.page.form("/search").fields)["q"] == "Example"


def test_what_was_sealed_for_others_or_was_changed_asks_anew(coordinator: Visitor, visitor: Come, send: Send):
    send(1)
    found = look_for(coordinator, "Example").at
    for address in (f"{found}x", "/search?s=", "/search?s=Example", "/search?s=%ff"):
        assert coordinator.get(address).status == 200, address
        assert "found" not in coordinator.words.partition("Search")[2]
    assert visitor("clinician@lakeside.example").get(found).status == 403


def test_what_was_searched_for_stands_in_no_address(coordinator: Visitor, send: Send):
    for number in range(1, 53):
        send(number, patient=patient(number, given_name="Ilse", family_name="Brandt"))
    look_for(coordinator, "Brandt")
    assert "50 referrals found, and there are more" in coordinator.words
    assert not any("Brandt" in href for _, href in coordinator.page.links)
    coordinator.follow_link("Next page")
    assert "Brandt" not in coordinator.at
    assert "2 referrals found" in coordinator.words


def test_a_reference_opens_at_once_however_it_is_written(coordinator: Visitor, send: Send):
    referral = send(1)
    for typed in (referral.reference, referral.reference.replace("-", "").lower()):
        assert look_for(coordinator, typed).at == f"/referrals/{referral.id}"


def test_a_reference_that_was_misread_is_told_so(coordinator: Visitor, send: Send):
    reference = send(1).reference
    wrong = reference[:-1] + ("A" if reference[-1] != "A" else "B")
    look_for(coordinator, wrong)
    assert coordinator.status == 422
    assert "does not match the rest" in coordinator.words
    assert dict(coordinator.page.form("/search").fields)["q"] == wrong


def test_ended_ones_are_found_and_drafts_are_not(coordinator: Visitor, send: Send):
    send(1, steps=(("clinician@lakeside.example", "withdraw", {"reason": "patient_choice"}),))
    send(2, submit=False)
    look_for(coordinator, "Example")
    assert "1 referral found" in coordinator.words
    assert "Withdrawn" in coordinator.words


def test_nothing_found_says_what_to_do(coordinator: Visitor):
    assert "Nothing was found. Try fewer letters" in look_for(coordinator, "Zzz").words
    assert look_for(coordinator, " ").status == 422


def test_a_search_is_noted_with_what_it_showed(coordinator: Visitor, send: Send, db: Database):
    shown = send(1)
    look_for(coordinator, "Example")
    with db.reading() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "list")).all()[-1].ids == [str(shown.id)]


@pytest.mark.parametrize(("button", "decision"), [("Same person", "same"), ("Two people", "different")])
def test_an_identity_is_decided_once_and_the_records_stay_apart(
    coordinator: Visitor, visitor: Come, send: Send, db: Database, world: World, button: str, decision: str
):
    send(1)
    doubtful = send(1, by="clinician@hillcrest.example", patient=patient(1, birth_date="1961-02-03"))
    second = visitor("second@network.example").get("/identity-checks")
    coordinator.get("/identity-checks")
    for said in ("Lakeside Hospital", "Hillcrest Clinic", "2 Mar 1961", "3 Feb 1961", "differs", "999-00-0001"):
        assert said in coordinator.words, said
    assert coordinator.page.link(doubtful.reference) == f"/referrals/{doubtful.id}"
    coordinator.press(button)
    assert "Nobody’s identity is in doubt" in coordinator.words
    with db.reading() as session:
        check = session.scalars(select(IdentityCheck)).one()
    assert (check.decision, str(check.decided_by_id)) == (decision, world.user_id("coordinator@network.example"))
    second.press(button)
    assert second.status == 422
    assert "Somebody has decided this already." in second.words


def test_comparing_two_records_is_noted_with_both(coordinator: Visitor, send: Send, db: Database):
    send(1)
    send(1, by="clinician@hillcrest.example")
    coordinator.get("/identity-checks")
    with db.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "compare")).one()
        check = session.scalars(select(IdentityCheck)).one()
    assert set(entry.ids) == {str(check.patient_id), str(check.other_patient_id)}


def test_a_refusal_is_seen_by_a_coordinator_and_leaves_the_list(
    coordinator: Visitor, db: Database, world: World, send: Send
):
    errors = [FieldError("/consent/given", "required", ""), FieldError("/diagnosis/icd10cm", "unknown_code", "")]
    with db.writing() as session:
        intake.refuse(
            session, client_actor(world, "hillcrest"), door="json", errors=errors, external_reference="HC-77", now=datetime.now(UTC)
        )  # fmt: skip
    assert "Refused at the door 1" in coordinator.get("/worklist").words
    coordinator.follow_link("Refused at the door 1")
    for said in (
        "Hillcrest Clinic",
        "HC-77",
        "A partner system (JSON)",
        "Consent: required",
        "Diagnosis code: unknown code",
    ):
        assert said in coordinator.words, said
    coordinator.press("Mark as seen : Hillcrest Clinic HC-77")
    assert "Nothing was refused" in coordinator.words
    with db.reading() as session:
        assert str(session.scalars(select(ReceiptSeen)).one().seen_by_id) == world.user_id(
            "coordinator@network.example"
        )


@pytest.mark.parametrize("email", ["admin@network.example", "auditor@network.example", "clinician@lakeside.example"])
def test_the_desk_is_the_coordinators_and_leads(visitor: Come, email: str):
    guest = visitor(email)
    assert [guest.get(path).status for path in ("/identity-checks", "/refused")] == [403, 403]


def test_the_rules_are_a_page_that_anybody_may_read(visitor: Come):
    for email in ("clinician@lakeside.example", "specialist@summit.example", "auditor@network.example"):
        words = visitor(email).get("/policies/current").words
        for said in (
            "Priority rules 2026.1", "No clinician has signed this policy.", "aggressive and resistant",
            "28 days", "AGG‑1", "RARECAREnet", "Glioblastoma", "Postal code and country".lower(),
        ):  # fmt: skip
            assert said in words, said


def test_a_judgement_leads_to_the_policy_that_made_it_also_when_another_is_in_force(
    coordinator: Visitor, send: Send, db: Database, world: World
):
    referral = send(1)
    change_policy(db, world)
    coordinator.get(f"/referrals/{referral.id}").follow_link("priority rules 2026.1")
    assert "Retired" in coordinator.words
    assert "Priority rules 2026.2" in coordinator.get("/policies/current").words


def test_the_order_is_explained_with_the_figures_in_force(coordinator: Visitor, send: Send):
    send(2)
    coordinator.get("/worklist").follow_link("Why this order?")
    for said in ("Place = time sent + promise − head start", "within 3 days", "53 days", "Nothing pauses the promise"):
        assert said in coordinator.words
    referral = send(1, diagnosis=early_breast(), treatments=[], needed_by=None, submit=False)
    assert coordinator.get(f"/help/order?referral={referral.id}").status == 404


def test_preferences_are_kept_with_the_person(coordinator: Visitor, visitor: Come, send: Send, db: Database):
    coordinator.get("/me/preferences").press("Save preferences", theme="dark", density="compact", shortcuts=None)
    assert "Your preferences are saved" in coordinator.words
    elsewhere = visitor("coordinator@network.example").get("/worklist").answer.text
    assert 'data-theme="dark"' in elsewhere
    assert 'data-shortcuts="off"' in elsewhere
    assert '<body class="compact"' in elsewhere
    assert dict(coordinator.get("/me/preferences").page.form("/me/preferences").fields)["theme"] == "dark"


def test_the_height_of_rows_changes_from_the_list_and_leads_back_to_it(coordinator: Visitor, send: Send):
    send(1)
    coordinator.get("/worklist/open?tier=P1").press("Compact")
    assert coordinator.at == "/worklist/open?tier=P1"
    assert '<body class="compact"' in coordinator.answer.text


def test_a_preference_that_does_not_exist_is_refused(coordinator: Visitor, db: Database):
    assert coordinator.post("/me/preferences", {"theme": "pink"}).status == 422
    assert coordinator.post("/me/preferences/density", {"density": "'><script>"}).status == 422
    with db.reading() as session:
        assert session.scalar(select(User.preferences).where(User.email == "coordinator@network.example")) == {}


def test_every_shortcut_stands_in_one_list(coordinator: Visitor):
    words = coordinator.get("/help/keyboard").words
    for said in ("Search /", "Next referral j", "Previous referral k", "Open the referral Enter"):
        assert said in words


def test_the_content_policy_lets_nothing_in_from_elsewhere():
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
