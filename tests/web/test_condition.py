"""Condition changed: reported in a minute, judged at once, and told to those who work on it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.message import Message
from referrals.models.patient import Patient
from referrals.models.referral import Facts, Referral
from referrals.models.trail import Event
from tests import factories
from tests.web.conftest import CLAIMED, Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
TODAY = factories.days_ago(0)
EARLY = {"diagnosis": factories.early_breast(), "treatments": [factories.treatment(ended_on=None, best_response=None)]}


@pytest.fixture
def home(send: Send) -> str:
    return f"/referrals/{send(1, needed_by=None, steps=CLAIMED, **EARLY).id}"


def report(guest: Visitor, home: str, *what: str, **more: str) -> Visitor:
    guest.get(home).follow_link("Condition changed")
    return guest.press("Report it", what=list(what), on=TODAY, **more)


def test_new_facts_are_judged_at_once_and_the_page_says_what_changed(
    clinician: Visitor, home: str, db: Database
) -> None:
    more = {
        "ecog": "2",
        "sites": "liver\nbone",
        "stopped": "0",
        "stop_reason": "It grew.",
        "modality": "targeted",
        "text": "Seen on CT.",
    }
    report(clinician, home, "progression", "metastasis", "activity", "stopped", "started", **more)
    assert clinician.status == 200
    assert "The priority changed from P" in clinician.words
    assert "will be told" in clinician.words
    with db.reading() as session:
        facts = session.scalars(select(Facts).order_by(Facts.version.desc())).first()
        assert (facts.kind, facts.content["diagnosis"]["metastatic_sites"]) == ("new_event", ["liver", "bone"])
        assert "New metastasis: liver, bone" in facts.reason
        assert facts.reason.endswith("Seen on CT.")
        first, second = facts.content["treatments"]
        assert (first["ended_on"], first["stop_reason"], second["modality"]) == (TODAY, "It grew.", "targeted")
        assert session.scalars(select(Event.step).order_by(Event.version)).all()[-2:] == ["update-facts", "edit"]


def test_the_step_itself_tells_the_owner_and_what_nobody_owns_is_told_by_a_message(
    clinician: Visitor, home: str, send: Send, db: Database
) -> None:
    for place, messages in ((home, 0), (f"/referrals/{send(2, **EARLY).id}", 1)):
        report(clinician, place, "progression")
        with db.reading() as session:
            assert len(session.scalars(select(Message)).all()) == messages


def test_what_no_fact_says_is_told_by_a_message_with_a_due_time(
    clinician: Visitor, coordinator: Visitor, home: str, db: Database
) -> None:
    report(clinician, home, "activity", "admitted", "died", ecog="3", text="On the ward.")
    assert "The priority stays" in clinician.words
    with db.reading() as session:
        message = session.scalars(select(Message)).one()
        assert message.text.startswith(
            "New symptoms affect daily activity: ECOG 3. Admitted to hospital. The patient has died."
        )
        assert (message.addressee, message.reply_due_at is not None) == ("coordinator", True)
        assert session.scalars(select(Patient.deceased_on)).one().isoformat() == TODAY
        assert session.scalars(select(Referral.performance_status)).one() == {"ecog": 3, "date": TODAY}
        assert session.scalars(select(Event.step).order_by(Event.version)).all()[-1] == "edit"
    assert "ECOG 3" in coordinator.get(home).words


def test_what_has_to_be_known_is_asked_for_by_name_and_others_write_a_message(
    clinician: Visitor, coordinator: Visitor, home: str
) -> None:
    report(clinician, home, "metastasis", "activity", "started", "stopped")
    assert clinician.status == 422
    for words in (
        "Say where the new metastasis is.",
        "Choose how active",
        "Choose which kind",
        "Choose which treatment",
    ):
        assert words in clinician.words
    clinician.press("Report it", what=[], on=factories.in_days(9))
    assert clinician.status == 422
    assert coordinator.get(f"{home}/condition-changed").status == 403
    assert "Condition changed" in clinician.get("/referrals").words
