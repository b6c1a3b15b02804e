"""The conversation on pages: written and answered on the referral, waited for on a page of its own."""

from collections.abc import Callable

import pytest

from referrals.models.referral import Referral
from tests.web.conftest import Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
NOTE = "She sounded worried; be quick."


@pytest.fixture
def home(claimed: Referral) -> str:
    return f"/referrals/{claimed.id}"


def test_a_message_waits_with_its_due_time_until_it_is_answered(
    coordinator: Visitor, clinician: Visitor, visitor: Come, home: str, claimed: Referral
) -> None:
    clinician.get(home).press("Send", text="Is the CT there?\nSecond line.")
    assert clinician.status == 200
    assert "Is the CT there?" in clinician.words
    assert "Mark as read" not in clinician.words, "it is for the network to read"
    assert claimed.reference in coordinator.get("/messages").words
    coordinator.get(home)
    assert "referring clinician to network" in coordinator.words
    coordinator.press("Send", text="It came today.", to="referrer")
    assert "Read by Coordinator" in coordinator.words
    assert "Nothing waits to be read" in coordinator.get("/messages").words
    words = clinician.get("/messages").words
    assert claimed.reference in words
    assert "No due time" in words
    clinician.get(home)
    button = next(b.words for form in clinician.page.forms for b in form.buttons if b.words.startswith("Mark as read"))
    clinician.press(button)
    assert "Marked as read" in clinician.words
    assert visitor("auditor@network.example").get("/messages").status == 403


def test_a_note_of_the_network_is_marked_and_shown_to_nobody_else(
    coordinator: Visitor, clinician: Visitor, visitor: Come, home: str
) -> None:
    coordinator.get(home).press("Send", text=NOTE, to="internal")
    assert "Noted" in coordinator.words
    assert "Inside the network only" in coordinator.words
    reader = visitor("auditor@network.example").get(home)
    assert NOTE in reader.words
    assert all(not form.action.endswith("/messages") for form in reader.page.forms)
    for path in (home, f"{home}/messages"):
        assert NOTE not in clinician.get(path).answer.text


def test_what_is_refused_keeps_what_was_typed(coordinator: Visitor, home: str) -> None:
    coordinator.get(home).press("Send", text=NOTE)
    assert coordinator.status == 422
    assert NOTE in coordinator.answer.text
    assert "Choose" in coordinator.words or "For whom" in coordinator.words
    coordinator.press("Send", to="center")
    assert coordinator.status == 422


def test_a_draft_has_no_conversation(clinician: Visitor, send: Send) -> None:
    draft = send(2, submit=False)
    clinician.get(f"/referrals/{draft.id}")
    assert "Once the referral is sent, messages about it stand here." in clinician.words
    assert clinician.post(f"/referrals/{draft.id}/messages", {"text": "Hello", "to": "coordinator"}).status == 409
