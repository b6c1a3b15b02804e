"""One referral on a page: what each reader sees of it, what they must notice, and what it costs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from tests.factories import World, diagnosis, patient, person_actor, treatment
from tests.statements import statements
from tests.web.conftest import CLAIMED, Send, change_policy
from tests.web.scenery import attached
from tests.web.visitor import Visitor

# Seven for the referral, five for the centers that fit it.
MOST_STATEMENTS = 16
NOTE = "Phoned them: the CT is on its way."


def test_the_page_says_who_where_what_and_why(coordinator: Visitor, claimed: Referral):
    words = coordinator.get(f"/referrals/{claimed.id}").words
    for said in (
        "Ada Example",
        claimed.reference,
        "Is there a second-line option or a trial?",
        "Adenocarcinoma, head of pancreas",
        "C25.0 Malignant neoplasm of head of pancreas",
        "8140/3 Adenocarcinoma",
        "FOLFIRINOX",
        "Progression (PD)",
        "KRAS",
        "With Coordinator since",
        "Why this priority",
        "Rules set order and due times; a person can change both, with a reason.",
        "No clinician has signed this policy.",
        "Consent Given",
    ):
        assert said in words, said


def test_every_piece_of_evidence_leads_to_its_fact_on_the_same_page(coordinator: Visitor, claimed: Referral):
    page = coordinator.get(f"/referrals/{claimed.id}").page
    inner = [href[1:] for _, href in page.links if href.startswith("#") and href != "#main"]
    assert inner
    assert set(inner) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_the_page_costs_a_handful_of_statements_whatever_has_happened(
    app: Flask, coordinator: Visitor, lead: Visitor, claimed: Referral, db: Database, world: World
):
    with db.writing() as session:
        sender = person_actor(session, world, "clinician@lakeside.example")
        for _ in range(2):
            attached(session, sender, claimed.id, app.extensions["archive"], claimed.updated_at)
    for _ in range(4):
        coordinator.get(f"/referrals/{claimed.id}").press("Give it back to the team")
        coordinator.press("Take it")
    with statements(db) as signed_in:
        coordinator.get("/help/keyboard")
    with statements(db) as sent:
        coordinator.get(f"/referrals/{claimed.id}")
    assert len(sent) - len(signed_in) <= MOST_STATEMENTS, "\n".join(sent)


def test_each_reading_is_one_entry_in_the_audit(
    coordinator: Visitor, clinician: Visitor, claimed: Referral, db: Database, world: World
):
    for guest in (coordinator, clinician):
        guest.get(f"/referrals/{claimed.id}")
    with db.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "read").order_by(AuditEntry.id)
        found = [(entry.user_id, entry.ids, entry.organization_id) for entry in session.scalars(query)]
    network, lakeside = world.organizations["network"].id, world.organizations["lakeside"].id
    assert found == [
        (world.people["coordinator@network.example"].id, [str(claimed.id)], network),
        (world.people["clinician@lakeside.example"].id, [str(claimed.id)], lakeside),
    ]


def steps_on(guest: Visitor) -> set[str]:
    """The buttons and links of the step table that the page shows."""
    known = {
        "Send the referral", "Take it", "Give it back to the team", "Update the clinical facts", "Complete triage",
        "Contest the decision", "Start again from it", "Check the priority again", "Change the priority",
        "Assign", "Change the clinician", "Ask for information", "Answer the question", "End…",
        "Complete triage and send to a center",
    }  # fmt: skip
    buttons = {button.words for form in guest.page.forms for button in form.buttons}
    return known & (buttons | {words for words, _ in guest.page.links})


DESK = {
    "Ask for information",
    "Update the clinical facts",
    "Check the priority again",
    "Change the priority",
    "Change the clinician",
    "End…",
}


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("coordinator@network.example", DESK
            | {"Complete triage", "Complete triage and send to a center", "Give it back to the team", "Assign"}),
        ("lead@network.example", (DESK | {"Complete triage", "Give it back to the team", "Assign"})
            - {"Update the clinical facts", "Change the clinician"}),
        ("clinician@lakeside.example", {"Update the clinical facts", "Change the clinician", "End…"}),
        ("admin@network.example", {"End…"}),
        ("auditor@network.example", set()),
        ("admin@lakeside.example", {"End…"}),
    ],
)  # fmt: skip
def test_everybody_is_offered_exactly_their_steps(
    visitor: Callable[..., Visitor], claimed: Referral, email: str, shown: set[str]
):
    assert steps_on(visitor(email).get(f"/referrals/{claimed.id}")) == shown


def test_a_note_of_the_network_stays_inside_it(
    coordinator: Visitor, clinician: Visitor, send: Send, visitor: Callable[..., Visitor]
):
    noted = send(1, steps=(("coordinator@network.example", "claim", {"note": NOTE}),))
    assert NOTE in coordinator.get(f"/referrals/{noted.id}").words
    assert NOTE in visitor("auditor@network.example").get(f"/referrals/{noted.id}").words
    assert NOTE not in clinician.get(f"/referrals/{noted.id}").answer.text


def test_a_priority_that_was_worked_out_on_other_facts_says_so_and_is_checked_again(
    coordinator: Visitor, claimed: Referral, db: Database, world: World
):
    change_policy(db, world)
    assert "The priority may be out of date" in coordinator.get(f"/referrals/{claimed.id}").words
    coordinator.press("Check the priority again")
    assert coordinator.status == 200
    assert "Priority judged again" in coordinator.words
    assert "out of date" not in coordinator.words


def test_a_diagnosis_in_words_asks_for_its_code(coordinator: Visitor, send: Send):
    words_only = {"uncoded": True, "description": "Mass behind the belly", "certainty": "provisional"}
    uncoded = send(1, diagnosis=words_only, treatments=[])
    page = coordinator.get(f"/referrals/{uncoded.id}")
    assert "Code the diagnosis today" in page.words
    assert page.page.link("Add the code") == f"/referrals/{uncoded.id}/update-facts"


def test_two_open_referrals_of_one_person_know_each_other(coordinator: Visitor, send: Send):
    first, second = send(1), send(1)
    assert coordinator.get(f"/referrals/{first.id}").page.link(second.reference) == f"/referrals/{second.id}"


def test_an_identity_in_doubt_is_said_at_the_desk_and_nowhere_else(
    coordinator: Visitor, clinician: Visitor, send: Send
):
    own = send(1)
    send(1, by="clinician@hillcrest.example")
    assert "The identity is being checked" in coordinator.get(f"/referrals/{own.id}").words
    assert "identity" not in clinician.get(f"/referrals/{own.id}").words


def test_a_decline_tells_the_referrer_why_and_what_to_do(clinician: Visitor, send: Send):
    body = {"reason": "not_indicated", "advice": "Ask the tumor board of Lakeside."}
    declined = send(1, steps=(*CLAIMED, ("lead@network.example", "decline", body)))
    page = clinician.get(f"/referrals/{declined.id}")
    assert "Declined: a second opinion would not help" in page.words
    assert "Ask the tumor board of Lakeside." in page.words
    assert "Contest the decision" in steps_on(page)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (("clinician@lakeside.example", "withdraw", {"reason": "patient_choice", "text": "She moves."}), "Withdrawn: "),
        (("coordinator@network.example", "cancel", {"reason": "out_of_scope", "text": "No cancer."}), "Canceled: "),
    ],
)
def test_an_end_says_why_at_its_top(clinician: Visitor, send: Send, step: tuple[str, str, dict[str, str]], said: str):
    ended = send(1, steps=(*CLAIMED, step))
    top = clinician.get(f"/referrals/{ended.id}").words.partition("What they are asking")[0]
    assert said in top
    assert step[2]["text"] in top


def test_the_browsers_history_keeps_no_name(clinician: Visitor, send: Send):
    sent, written = send(1), send(2, submit=False)
    for path in (f"/referrals/{sent.id}", f"/referrals/{written.id}/check"):
        assert "Example" in clinician.get(path).words
        assert "Example" not in clinician.page.title


def test_nothing_is_promised_any_more_once_it_has_ended(coordinator: Visitor, send: Send):
    ended = (("clinician@lakeside.example", "withdraw", {"reason": "patient_choice"}),)
    withdrawn = send(1, steps=ended, ago=timedelta(days=40))
    words = coordinator.get(f"/referrals/{withdrawn.id}").words
    assert "Withdrawn" in words
    assert "Promised by" not in words
    assert "Late by" not in words
    assert "Late by" not in coordinator.get("/search").press("Search", q="Example").words


def test_unknown_treatment_and_no_treatment_look_different(coordinator: Visitor, send: Send):
    unknown, none = send(1, treatments=None), send(2, treatments=[])
    assert "Not sent: what was given is not known." in coordinator.get(f"/referrals/{unknown.id}").words
    assert "No treatment so far." in coordinator.get(f"/referrals/{none.id}").words


def test_the_place_in_the_queue_is_worked_out_for_anybody_to_check(coordinator: Visitor, claimed: Referral):
    coordinator.get(f"/referrals/{claimed.id}").follow_link("Its place in the queue")
    words = coordinator.words
    for said in ("Ada Example", "plus 3 days", "minus 28 days", "25 days before it was sent", "53 days"):
        assert said in words


def test_times_are_told_where_the_network_is(coordinator: Visitor, claimed: Referral, db: Database):
    with db.writing() as session:
        session.connection().exec_driver_sql("UPDATE network SET zone = 'Asia/Tokyo'")
    words = coordinator.get(f"/referrals/{claimed.id}").words
    tokyo = (datetime.now(UTC) + timedelta(hours=9)).strftime("%H:")
    assert f"Sent {tokyo}" in words


WICKED = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'{{7*7}}"


def wicked_packet() -> dict[str, object]:
    return {
        "patient": patient(1, given_name=WICKED, family_name=WICKED, postal_code='"><b>x', language=None),
        "diagnosis": diagnosis(description=WICKED, unusual_presentation=WICKED, grade=WICKED[:40], metastatic_sites=[WICKED], biomarkers=[{"name": WICKED, "value": WICKED}], first_opinion={"name": WICKED, "organization": None}),
        "treatments": [treatment(regimen=WICKED, stop_reason=WICKED)],
        "questions": [WICKED], "summary": WICKED, "other_conditions": [WICKED], "external_reference": WICKED,
    }  # fmt: skip


def test_what_people_type_is_shown_as_they_typed_it_and_never_run(coordinator: Visitor, clinician: Visitor, send: Send):
    body = {"reason": "clinical_judgement", "text": WICKED, "tier": "P1", "expires_at": datetime.now(UTC) + timedelta(days=9)}  # fmt: skip
    steps = (("coordinator@network.example", "claim", {"note": WICKED}), ("lead@network.example", "override", body))
    wicked, own_draft = send(1, steps=steps, **wicked_packet()), send(2, submit=False, **wicked_packet() | {"external_reference": None})  # fmt: skip
    paths = [
        "/worklist",
        *(f"/referrals/{wicked.id}{part}" for part in ("", "/override", "/update-facts", "/what-if", "/end")),
    ]
    mine = ["/referrals", *(f"/referrals/{own_draft.id}/{part}" for part in ("patient", "diagnosis", "treatment", "question", "check"))]  # fmt: skip
    for guest, path in [*((coordinator, path) for path in paths), *((clinician, path) for path in mine)]:
        answer = guest.get(path).answer
        assert guest.status == 200, path
        assert "<script>alert" not in answer.text, path
        assert "<img src=x" not in answer.text, path
        assert "49" not in answer.text.partition("{{7*7}}")[0][-40:], path
    assert WICKED.split("<")[0] in coordinator.get(f"/referrals/{wicked.id}").words
