"""A coordinator records what a center outside the network says, and a colleague compares its opinion with the original."""

import pytest
from sqlalchemy import select

from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from tests.outside import LEAD, SPECIALIST, leave_network, letter
from tests.web.test_opinions import WRITTEN

HEARD = {"said_by": "Dr. Ines Moor", "role": "Tumor board", "said_on": "2025-11-20", "channel": "phone"}
COORDINATOR = "coordinator@network.example"


@pytest.fixture
def asked(db, world, send) -> Referral:
    """Offered to a center outside the network."""
    center = {"center": str(world.organizations["summit"].id)}
    referral = send(
        steps=tuple((COORDINATOR, *step) for step in (("claim", {}), ("complete-triage", {}), ("offer", center)))
    )
    with db.writing() as session:
        leave_network(session, world)
    return referral


def test_an_answer_by_phone_is_recorded_and_taken_back(asked, coordinator):
    home = f"/referrals/{asked.id}"
    coordinator.get(home).follow_link("Record their answer")
    coordinator.press("Record their answer", answer="decline-offer")
    assert (coordinator.status, "Choose the reason that they gave." in coordinator.words) == (422, True)
    assert "Fill in: Who says so" in coordinator.words
    coordinator.press("Record their answer", reason="capacity", **HEARD)
    assert coordinator.at == home, coordinator.words
    said = "Recorded by Coordinator: Dr. Ines Moor (Tumor board) said so by phone on 20 Nov 2025."
    for words in (said, "Coordinator for Summit Cancer Center", "Declined"):
        assert words in coordinator.words
    outside = "Outside the network: you ask them yourself and record their answer."
    assert coordinator.get(f"{home}/offer").words.count(outside) == 1
    coordinator.get(home).press("Take it back")
    assert "Their answer is taken back" in coordinator.words
    assert "Record their answer" in coordinator.words


@pytest.fixture
def paper(asked, db):
    """The original, attached to the referral."""
    with db.writing() as session:
        return letter(session, session.get_one(Referral, asked.id)).id


def transcribe(home, paper, coordinator) -> None:
    coordinator.get(f"{home}/record-answer").press("Record their answer", answer="accept", **HEARD)
    coordinator.follow_link("Record their opinion").press("Go on to the text", specialist=SPECIALIST)
    assert coordinator.status == 422
    coordinator.press("Go on to the text", document=str(paper), signed_on="2025-11-18")
    assert f"It is of {SPECIALIST}, signed on 18 Nov 2025." in coordinator.words
    coordinator.press("Save draft", short_answer="Agree.")
    coordinator.press("Check and hand in", **WRITTEN).press("Hand it in")
    assert "You have transcribed it." in coordinator.words


def test_what_somebody_transcribed_another_sends_back_or_signs_off(asked, paper, visitor, coordinator, db):
    home = f"/referrals/{asked.id}"
    transcribe(home, paper, coordinator)
    coordinator.get(f"{home}/compare-opinion").press("Sign it off", compared="yes", identity_confirmed="yes")
    assert (coordinator.status, "Somebody else has to compare it." in coordinator.words) == (422, True)
    lead = visitor(LEAD).get(home).follow_link("Compare it").press("Send it back")
    assert (lead.status, "what is not as the original says" in lead.words) == (422, True)
    lead.press("Send it back", note="The dose is 20 mg.")
    coordinator.get(home).follow_link("Put it right").press("Check and hand in").press("Hand it in")
    assert lead.get(f"{home}/compare-opinion").press("Sign it off").status == 422
    lead.press("Sign it off", compared="yes", identity_confirmed="yes")
    assert "Opinion signed" in lead.words, lead.words
    assert "Record their amended opinion" in lead.words
    assert told(db)["hand-in-opinion"] != told(db)["sign-off-opinion"]
    reader = visitor("clinician@lakeside.example").get(home)
    assert f"Signed by {SPECIALIST}, Summit Cancer Center, 18 Nov 2025. Recorded" in reader.words
    assert "Lead compared every sentence. The original rules." in reader.words
    assert f'href="{home}/documents/{paper}"' in reader.answer.text
    lead.get(home).follow_link("Record their amended opinion")
    lead.press("Go on to the text", specialist=SPECIALIST, document=str(paper), signed_on="2025-11-19")
    lead.press("Check and hand in", text="The dose was read wrongly.").press("Hand it in")
    assert (lead.status, "You have transcribed it." in lead.words) == (200, True), lead.words


def told(db) -> dict[str, object]:
    """Who did what, as the audit has it."""
    with db.reading() as session:
        return {row.action: row.user_id for row in session.execute(select(AuditEntry.action, AuditEntry.user_id))}
