"""A center outside the network answers: a coordinator records it, and a second person compares its opinion."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from referrals.api.shapes_of_centers import RecordedAnswer
from referrals.api.shapes_of_opinions import RecordedOpinion
from referrals.boundary.opinion_answers import opinion_answer
from referrals.boundary.opinion_pdf import lines
from referrals.domain.centers import OfferStatus
from referrals.domain.errors import Conflict, Forbidden, Invalid, NotAllowedNow
from referrals.domain.reminders import Whom
from referrals.domain.tasks import TaskKind
from referrals.models.center import Center
from referrals.models.document import Document
from referrals.models.offer import Offer
from referrals.models.opinion import Opinion
from referrals.models.outside import OutsideOpinion
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.trail import Event
from referrals.models.user import Membership
from referrals.pathway.conversation import write
from referrals.pathway.integrity.check import prove
from referrals.pathway.integrity.finding import Look
from referrals.pathway.integrity.outside import OUTSIDE
from referrals.pathway.offers import lapse_offers
from referrals.pathway.opinions import read_opinion
from referrals.pathway.outside_answers import record_answer, undo_answer
from referrals.pathway.outside_opinions import (
    Compared,
    hand_in,
    name_original,
    save_transcript,
    send_back,
    sign_off,
    writer_of,
)
from referrals.pathway.recipients import people
from referrals.pathway.record import read_referral
from referrals.pathway.steps import act_of
from tests.databases import unguard
from tests.factories import person_actor
from tests.opinions import opinion
from tests.outside import COORDINATOR, LEAD, SAID, SHA256, SPECIALIST, leave_network, letter, original
from tests.pathway.conftest import Desk

SECOND = "second@network.example"


def actor(desk: Desk, email: str = COORDINATOR) -> Any:
    return person_actor(desk.session, desk.world, email)


def asked(desk: Desk, number: int = 1) -> Referral:
    """Offered to a center outside the network."""
    referral = desk.receive(number)
    center = leave_network(desk.session, desk.world)
    for step, body in (("claim", {}), ("complete-triage", {}), ("offer", {"center": str(center)})):
        desk.take(step, referral, "coordinator@network", body)
    return referral


def say(desk: Desk, referral: Referral, answer: str, who: str = COORDINATOR, **more: Any) -> Referral:
    sent = {"answer": answer, **SAID, **more}
    return record_answer(desk.session, actor(desk, who), referral.id, sent, desk.now)


def transcribed(desk: Desk, referral: Referral) -> OutsideOpinion:
    """Accepted, its original named, its text written by the coordinator and handed in."""
    say(desk, referral, "accept")
    name_original(desk.session, actor(desk), referral.id, original(letter(desk.session, referral)), desk.now)
    writer = writer_of(desk.session, actor(desk), referral.id, desk.now)
    save_transcript(act_of(desk.session, writer, desk.now), referral, {"short_answer": "Agree."}, 0)
    return hand_in(desk.session, actor(desk), referral.id, 1, desk.now)


def sign(desk: Desk, referral: Referral, who: str, *, is_said: bool = True) -> Referral:
    body = opinion(identity_confirmed=True)
    return sign_off(desk.session, actor(desk, who), referral.id, body, Compared(1, is_said), desk.now)


def last_event(desk: Desk, referral: Referral) -> Event:
    query = select(Event).where(Event.referral_id == referral.id).order_by(Event.version.desc()).limit(1)
    return desk.session.scalars(query).one()


def open_tasks(desk: Desk) -> dict[str, str]:
    rows = desk.session.scalars(select(Task).where(Task.done_at.is_(None)))
    return {
        row.kind: next(email for email, each in desk.world.people.items() if each.id == row.user_id) for row in rows
    }


def codes(refused: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(each.pointer, each.code) for each in refused.value.errors]


def broken(desk: Desk) -> dict[str, list[str]]:
    desk.session.flush()
    desk.session.expire_all()
    found = prove(desk.session, desk.now)
    return {each.invariant.name: [one.row for one in each.breaks] for each in found if not each.holds}


def test_an_outside_center_declines_by_phone_and_the_recorder_can_take_it_back(desk: Desk):
    referral = asked(desk)
    say(desk, referral, "decline-offer", reason="capacity", text="Nobody before January.")
    event = last_event(desk, referral)
    assert (referral.status, event.step, event.party) == ("ready", "decline-offer", "K")
    assert event.actor_name == "Coordinator for Summit Cancer Center"
    assert event.data["recorded"] == {"by": "Coordinator", **SAID, "document": None}
    assert desk.session.scalars(select(Offer.recorded)).one() == event.data["recorded"]
    with pytest.raises(Invalid, match="Somebody else gave this answer"):
        undo_answer(desk.session, actor(desk, SECOND), referral.id, desk.now)
    desk.wait(minutes=9)
    undo_answer(desk.session, actor(desk), referral.id, desk.now)
    assert (referral.status, desk.session.scalars(select(Offer.recorded)).one()) == ("offered", None)


def test_an_opinion_on_paper_is_signed_once_a_second_person_has_compared_it(desk: Desk):
    referral = asked(desk)
    row = transcribed(desk, referral)
    assert (referral.status, open_tasks(desk)) == ("in_review", {TaskKind.COMPARE_OPINION: LEAD})
    with pytest.raises(Invalid) as refused:
        sign(desk, referral, COORDINATOR)
    assert codes(refused) == [("/compared", "second_person")]
    with pytest.raises(Invalid) as refused:
        sign(desk, referral, LEAD, is_said=False)
    assert codes(refused) == [("/compared", "compared")]
    sign(desk, referral, LEAD)
    assert (referral.status, open_tasks(desk)) == ("opinion_issued", {})
    record = read_referral(desk.session, actor(desk), referral.id)
    signed = opinion_answer(read_opinion(desk.session, referral))
    assert signed["authors"] == [{"id": str(row.id), "name": SPECIALIST}]
    assert signed["recorded"] == {
        "by": "Coordinator",
        "checked_by": "Lead",
        "original": {"document": str(row.document_id), "sha256": SHA256},
        "specialist": {"name": SPECIALIST, "title": "Chief of medical oncology"},
        "signed_on": row.signed_on.isoformat(),
    }
    assert RecordedOpinion().validate(signed["recorded"]) == {}
    assert RecordedAnswer().validate(desk.session.scalars(select(Offer.recorded)).one()) == {}
    assert last_event(desk, referral).actor_name == "Lead for Summit Cancer Center"
    printed = [line.words for line in lines(record, read_opinion(desk.session, referral), "UTC")]
    assert any(f"Recorded from the original of {SPECIALIST}" in words for words in printed)
    desk.take("acknowledge", referral, "clinician@lakeside", {"version": 1, "plan": "follow"})
    assert broken(desk) == {}


def test_an_amended_original_is_a_new_version_by_two_persons_again(desk: Desk):
    referral = asked(desk)
    transcribed(desk, referral)
    sign(desk, referral, LEAD)
    newer = letter(desk.session, referral, sha256="cd" * 32)
    row = name_original(
        desk.session, actor(desk, LEAD), referral.id, original(newer, specialist="Dr. Ben Ito"), desk.now
    )
    writer = writer_of(desk.session, actor(desk), referral.id, desk.now)
    save_transcript(act_of(desk.session, writer, desk.now), referral, {"short_answer": "20 mg."}, 0)
    hand_in(desk.session, actor(desk), referral.id, 1, desk.now)
    assert open_tasks(desk) == {TaskKind.COMPARE_OPINION: "deputy@network.example"}  # the lead named the original
    body = opinion(text="The dose was wrong.")
    sign_off(desk.session, actor(desk, SECOND), referral.id, body, Compared(1, True), desk.now)
    signed = opinion_answer(read_opinion(desk.session, referral))
    assert (signed["version"], signed["amends"], referral.status) == (2, "The dose was wrong.", "opinion_issued")
    assert signed["authors"] == [{"id": str(row.id), "name": "Dr. Ben Ito"}]
    assert [(each["by"], each["checked_by"]) for each in (signed["recorded"],)] == [("Coordinator", "Second")]
    assert broken(desk) == {}


def test_what_differs_is_sent_back_and_what_is_written_on_is_handed_in_again(desk: Desk):
    referral = asked(desk)
    row = transcribed(desk, referral)
    send_back(desk.session, actor(desk, SECOND), referral.id, "The dose is 20 mg.", 1, desk.now)
    assert (row.note, open_tasks(desk)) == ("The dose is 20 mg.", {TaskKind.CORRECT_OPINION: COORDINATOR})
    with pytest.raises(Conflict, match="handed in again"):
        sign(desk, referral, LEAD)
    writer = writer_of(desk.session, actor(desk, LEAD), referral.id, desk.now)
    save_transcript(act_of(desk.session, writer, desk.now), referral, {"short_answer": "20 mg."}, 1)
    hand_in(desk.session, actor(desk), referral.id, 2, desk.now)
    assert open_tasks(desk) == {TaskKind.COMPARE_OPINION: "deputy@network.example"}  # the lead wrote some of it
    with pytest.raises(Invalid, match="You have transcribed"):
        sign_off(desk.session, actor(desk, LEAD), referral.id, opinion(), Compared(2, True), desk.now)


def test_nobody_records_for_a_center_of_the_network_nor_without_the_right_to(desk: Desk):
    referral = asked(desk)
    with pytest.raises(Forbidden):
        say(desk, referral, "accept", who="clinician@lakeside.example")
    with pytest.raises(NotAllowedNow):
        say(desk, referral, "return", reason="other")
    with pytest.raises(Invalid) as refused:
        say(desk, referral, "decline-offer", said_on="2999-01-01", document=str(referral.id))
    assert codes(refused) == [
        ("/said_on", "in_the_future"),
        ("/reason", "required"),
        ("/document", "unknown"),
    ]
    say(desk, referral, "accept")
    unseen = letter(desk.session, referral, scan="waiting")
    report = letter(desk.session, referral, kind="pathology")
    for paper in (unseen, report):
        with pytest.raises(Invalid) as refused:
            name_original(desk.session, actor(desk), referral.id, original(paper), desk.now)
        assert codes(refused) == [("/document", "unknown")]
    desk.session.execute(update(Center).values(in_network=True))
    with pytest.raises(Forbidden, match="answers for itself"):
        name_original(desk.session, actor(desk), referral.id, original(report), desk.now)


def test_a_network_of_one_cannot_sign_an_opinion_from_outside(desk: Desk):
    others = [desk.world.people[each].id for each in (LEAD, "deputy@network.example", SECOND)]
    desk.session.execute(delete(Membership).where(Membership.user_id.in_(others)))
    with pytest.raises(Invalid, match="Nobody else in the network can compare it"):
        transcribed(desk, asked(desk))


def test_whoever_asked_an_outside_center_is_reminded_and_its_silence_does_not_pause_it(desk: Desk):
    for number in (1, 2):
        referral = asked(desk, number)
        with pytest.raises(Invalid) as refused:
            write(desk.session, actor(desk), referral.id, {"text": "Any news?", "to": "center"}, desk.now)
        assert codes(refused) == [("/to", "no_center")]
        today = desk.now.date()
        assert people(desk.session, Whom.CENTER, referral, today) == [desk.world.people[COORDINATOR].id]
        assert people(desk.session, Whom.CENTER_COORDINATOR, referral, today) == []
        desk.now = referral.respond_by + timedelta(minutes=1)
        assert lapse_offers(desk.session, desk.now) == 1
    desk.session.flush()
    assert desk.session.scalars(select(Offer.status)).all() == [OfferStatus.LAPSED] * 2
    assert desk.session.scalars(select(Center).where(Center.paused_at.is_not(None))).all() == []


DAMAGES_OUTSIDE = (
    lambda row: delete(OutsideOpinion),
    lambda row: update(OutsideOpinion).values(checked_by="Somebody"),
    lambda row: update(Opinion).values(signed_by_id=row.recorded_by_id),
    lambda row: update(OutsideOpinion).values(checked_by_id=row.recorded_by_id, recorded_by_id=row.checked_by_id),
    lambda row: update(Document).values(sha256="0" * 64),
    lambda row: update(Document).values(misfiled_at=row.checked_at, misfiled_why="Of another person."),
)


def test_an_opinion_from_outside_without_two_persons_and_its_original_is_found(desk: Desk):
    referral = asked(desk)
    row = transcribed(desk, referral)
    sign(desk, referral, LEAD)
    for number, damage in enumerate(DAMAGES_OUTSIDE):
        undone = desk.session.begin_nested()
        unguard(desk.session.connection())
        desk.session.execute(damage(row))
        found = [each.row for each in OUTSIDE[0].breaks(Look(desk.session, desk.now))]
        assert found == [f"{referral.reference} opinion 1"], number
        undone.rollback()
