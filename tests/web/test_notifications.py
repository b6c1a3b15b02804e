"""Since you left: what happened stands where people begin, until they have seen it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from referrals.domain.lifecycle import STEPS
from referrals.models.engine import Database
from referrals.pathway.message_news import announce_messages
from referrals.pathway.notices import tell
from tests.statements import statements
from tests.web.conftest import CLAIMED, Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
COORDINATOR = "coordinator@network.example"
TOLD = (STEPS["claim"].happened, STEPS["decline"].happened)
ADVICE = {"reason": "administrative", "advice": "Ask the tumor board."}


@pytest.fixture
def declined(send: Send, db: Database) -> str:
    """The reference of a referral whose clinician was told that it was taken and declined."""
    referral = send(1, steps=(*CLAIMED, (COORDINATOR, "decline", ADVICE)))
    with db.writing() as session:
        tell(session, datetime.now(UTC))
    return referral.reference


def test_what_happened_stands_where_a_clinician_begins_until_it_is_seen(
    clinician: Visitor, visitor: Come, send: Send, db: Database, declined: str
) -> None:
    clinician.get("/referrals")
    assert [words for words in ("Since you left", *TOLD, declined) if words not in clinician.words] == []
    shown = clinician.page
    send(2, steps=CLAIMED)
    with db.writing() as session:  # something happens while the page is open
        assert tell(session, datetime.now(UTC))
    clinician.page = shown
    clinician.press("Mark all as read")
    assert clinician.at == "/referrals"
    assert "Since you left" in clinician.words, "what came in meanwhile is still new"
    words = clinician.get("/notifications").words
    assert "1 new" in words
    assert [told for told in TOLD if told not in words] == []
    assert "Nothing has happened yet" in visitor("second@network.example").get("/notifications").words
    assert clinician.post("/notifications", {"newest": "x"}).status == 400


def test_the_worklist_says_how_much_happened_and_costs_no_statement_more(
    coordinator: Visitor, clinician: Visitor, send: Send, db: Database
) -> None:
    home = f"/referrals/{send(1, steps=CLAIMED).id}"
    clinician.get(home).press("Send", text="Any news?")
    with statements(db) as before:
        coordinator.get("/worklist")
    assert "Since you left" not in coordinator.words
    with db.writing() as session:
        announce_messages(session, datetime.now(UTC))
    with statements(db) as after:
        coordinator.get("/worklist")
    assert len(after) == len(before)
    assert "Since you left: 1 thing happened" in coordinator.words
    coordinator.follow_link("See what happened")
    assert "A new message" in coordinator.words
    coordinator.press("Mark all as read")
    assert "Since you left" not in coordinator.get("/worklist").words
