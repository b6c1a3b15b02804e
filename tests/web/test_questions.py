"""Questions on pages: asked with what is missing already chosen, answered field by field, gone on without."""

from typing import Any

import pytest

from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.pathway.questions import questions_of
from tests.factories import diagnosis, in_days
from tests.web.conftest import CLAIMED, Send
from tests.web.visitor import Visitor

UNTOLD = {"diagnosis": diagnosis(disease_status=None, morphology=None), "treatments": None, "needed_by": None}
COORDINATOR = "coordinator@network.example"


def asking(*items: dict[str, Any], blocking: bool = True, **more: Any) -> tuple[str, str, dict[str, Any]]:
    body = {"asked": "referrer", "blocking": blocking, "items": list(items), **more}
    return (COORDINATOR, "request-information", body)


@pytest.fixture
def untold(send: Send) -> Referral:
    return send(1, steps=CLAIMED, **UNTOLD)


def state(db: Database, referral: Referral) -> Referral:
    with db.reading() as session:
        return session.get_one(Referral, referral.id)


def at(guest: Visitor, referral: Referral, part: str = "") -> Visitor:
    return guest.get(f"/referrals/{referral.id}{'/' if part else ''}{part}")


def test_a_question_goes_from_the_coordinator_to_the_clinician_and_back(
    coordinator: Visitor, clinician: Visitor, untold: Referral, db: Database
):
    at(coordinator, untold).follow_link("Ask for information")
    assert "Could change the priority to P1" in coordinator.words
    coordinator.press(
        "Ask for information", blocking="yes", message="Before the board on Friday", texts="Who operated?"
    )
    assert state(db, untold).status == "information_requested"
    for said in ("Questions and answers", "Holds the referral up", "Who operated?", "Before the board on Friday"):
        assert said in coordinator.words, said
    clinician.get("/referrals")
    assert "Waiting for you" in clinician.words
    clinician.follow_link("Answer the question : Ada Example")
    clinician.press("Answer the question")
    assert clinician.status == 422
    assert clinician.words.count(": answer it, or say why it cannot be had.") >= 2
    with db.reading() as session:
        items = [item.field for item in questions_of(session, untold.id)[0].items]
    place = {field: place for place, field in enumerate(items)}
    cells, status, treated = (place[f] for f in ("/diagnosis/morphology", "/diagnosis/disease_status", "/treatments"))
    answers = {
        "morphology_words": "8140/3",
        f"disease_status_{status}": "refractory",
        "treatments_told": "none",
        f"words_{place[None]}": "Dr Rey",
    }
    clinician.press("Answer the question", **answers | {"morphology_words": "nothing like it"})
    assert clinician.status == 422
    clinician.press("Answer the question", **answers | {f"without_{cells}": "", f"without_{treated}": ""})
    assert clinician.status == 200, clinician.words
    assert state(db, untold).status == "in_triage"
    assert state(db, untold).tier == "P1"
    for said in ("Refractory: treatment does not work", "8140/3", "What it changed", "from P2 Urgent to P1 Immediate"):
        assert said in clinician.words, said


def test_an_answer_by_phone_names_who_gave_it(coordinator: Visitor, send: Send):
    referral = send(1, steps=(*CLAIMED, asking({"document": "pathology"}, blocking=False)), **UNTOLD)
    at(coordinator, referral).follow_link("Answer the question")
    coordinator.press("Answer the question", without_0="The laboratory has closed.")
    assert coordinator.status == 422
    coordinator.press("Answer the question", without_0="The laboratory has closed.", source="Dr Rey, by phone")
    for said in ("Cannot be had: The laboratory has closed.", "from Dr Rey, by phone", "1 item cannot be had"):
        assert said in coordinator.words, said


def test_it_goes_on_without_an_answer_only_with_a_reason(coordinator: Visitor, send: Send, db: Database):
    referral = send(1, steps=(*CLAIMED, asking({"field": "/diagnosis/disease_status"})), **UNTOLD)
    at(coordinator, referral).follow_link("Go on without it")
    coordinator.press("Go on without it")
    assert (coordinator.status, "Fill in: Disease status" in coordinator.words) == (422, True)
    coordinator.press("Go on without it", reason_0="Nobody knows.")
    assert "Gone on without: Nobody knows." in coordinator.words
    assert state(db, referral).status == "in_triage"


def test_a_question_gets_more_time_once(coordinator: Visitor, send: Send):
    referral = send(1, steps=(*CLAIMED, asking({"field": "/diagnosis/disease_status"})), **UNTOLD)
    at(coordinator, referral, "extend").press("Give more time", due_on=in_days(12), reason="The laboratory is slow.")
    assert coordinator.status == 200
    assert "The laboratory is slow." in coordinator.words
    assert "Once is all it gets." in at(coordinator, referral, "extend").words


def test_who_is_asked_is_said_on_the_phone(coordinator: Visitor, clinician: Visitor, send: Send):
    step = asking({"field": "/diagnosis/disease_status"}, asked="laboratory")
    referral = send(1, steps=(*CLAIMED, step), **UNTOLD)
    assert "Waiting for the laboratory" in at(coordinator, referral).words
    assert "Waiting for somebody else’s answer" in clinician.get("/referrals").words
    assert "Waiting for the referrer 0" in coordinator.get("/worklist").words


def test_what_holds_nothing_up_still_waits_for_the_clinician(clinician: Visitor, coordinator: Visitor, send: Send):
    plain = send(2)
    referral = send(1, steps=(*CLAIMED, asking({"text": "Who operated?"}, blocking=False)), **UNTOLD)
    assert "Answer the question" not in at(clinician, plain).words
    assert "Asked: Who operated?" in at(clinician, referral).words
    assert "Waiting for you 1" in clinician.get("/referrals").words
    assert (
        "No question is open any more" in at(coordinator, plain, "answer-information").words
        or coordinator.status == 409
    )
