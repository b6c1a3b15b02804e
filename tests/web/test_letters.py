"""Letters to the patient: what they say, in both languages, who releases the answer, and when there is none."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po
from sqlalchemy import select, update

from referrals.domain.letters import Language
from referrals.models.engine import Database
from referrals.models.letter import SummaryRelease
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.pathway.actions import take_step
from referrals.web.presenters import letter
from referrals.web.tongues import CATALOGS
from tests.factories import World, patient, person_actor
from tests.opinions import SPECIALIST, bring_to_review, opinion
from tests.web.conftest import Send
from tests.web.visitor import Visitor

SUMMARY = opinion()["plain_summary"]
FILLED = re.compile(r"%\(\w+\)s")


@pytest.mark.parametrize("language", [each for each in Language if each is not Language.ENGLISH])
def test_every_sentence_of_a_letter_is_in_every_language_and_none_is_a_guess(language: Language) -> None:
    said = {message for _, message, _, _ in extract_from_file("python", letter.__file__)}
    with (CATALOGS / f"{language}.po").open("rb") as written:
        catalog = [message for message in read_po(written, locale=language) if message.id]
    assert said
    assert {message.id for message in catalog} == said
    assert [message.id for message in catalog if message.fuzzy or not message.string] == []
    odd = [each.id for each in catalog if set(FILLED.findall(each.id)) != set(FILLED.findall(each.string))]
    assert odd == []


@pytest.fixture
def signed(send: Send, world: World, db: Database) -> Referral:
    sent = send(1)
    with db.writing() as session:
        held = bring_to_review(session, world, session.get_one(Referral, sent.id), datetime.now(UTC))
        sign(session, world, held)
    return sent


def sign(session: object, world: World, referral: Referral, step: str = "sign-opinion", **changes: str) -> None:
    who = person_actor(session, world, SPECIALIST)
    take_step(session, who, referral.id, step, opinion(**changes), datetime.now(UTC))


def test_the_first_letter_tells_what_was_asked_and_what_was_promised(clinician: Visitor, send: Send) -> None:
    sent = send(1, patient=patient(language="es-MX"))
    spanish = clinician.get(f"/referrals/{sent.id}").follow_link("Letter for the patient").words
    assert "Para Ada Example" in spanish
    assert "Saber qué tratamientos son posibles." in spanish
    english = clinician.follow_link("English").words
    assert "To Ada Example" in english
    assert sent.reference in english
    assert "Is there a second-line option or a trial?" in english
    assert "It is promised by" in english
    assert "C25.0" not in english
    assert "pancreas" not in english


def test_a_childs_letter_goes_to_the_parents(clinician: Visitor, send: Send) -> None:
    sent = send(1, patient=patient(birth_date="2019-03-02"), consent={"given": True, "given_on": "2026-11-01", "given_by": "parent", "scope": ["share_with_centers"]})  # fmt: skip
    words = clinician.get(f"/referrals/{sent.id}/letter").words
    assert "To the parent or guardian of Ada Example" in words
    assert "your illness" not in words


def test_the_answer_is_told_once_the_clinician_releases_it_and_anew_after_an_amendment(
    clinician: Visitor, coordinator: Visitor, signed: Referral, world: World, db: Database
) -> None:
    page = f"/referrals/{signed.id}/letter"
    assert SUMMARY not in coordinator.get(page).words
    asked = clinician.get(page)
    assert "Release the answer to the patient" in asked.words
    assert SUMMARY in asked.press("Release the summary").words
    words = coordinator.get(page).words
    assert "What the specialists say" in words
    assert SUMMARY in words
    assert "The answer was released by" in words
    assert "Who looks at it" in coordinator.follow_link("On the request").words
    with db.writing() as session:
        sign(session, world, signed, "amend-opinion", text="More came back.", plain_summary="Nothing must be done now.")
    words = coordinator.get(page).words
    assert SUMMARY not in words
    assert "Nothing must be done now." not in words
    with db.reading() as session:
        (released,) = session.scalars(select(SummaryRelease))
        assert released.user_id == world.people["clinician@lakeside.example"].id
        read = session.scalars(
            select(AuditEntry.action).where(AuditEntry.action.in_(["read-letter", "release-summary"]))
        )
        assert sorted(read) == ["read-letter"] * 6 + ["release-summary"]


def test_only_the_referrer_releases_and_no_center_reads(
    visitor: Callable[..., Visitor], coordinator: Visitor, signed: Referral
) -> None:
    page = f"/referrals/{signed.id}"
    center = visitor(SPECIALIST)
    assert center.get(f"{page}/letter").status == 403
    assert "Letter for the patient" not in center.get(page).words
    assert "Release" not in coordinator.get(f"{page}/letter").page.words.split()
    assert coordinator.post(f"{page}/release-summary", {"version": "8"}).status == 403


def test_what_was_read_is_what_is_released(clinician: Visitor, signed: Referral, world: World, db: Database) -> None:
    clinician.get(f"/referrals/{signed.id}/letter")
    with db.writing() as session:
        sign(session, world, signed, "amend-opinion", text="More came back.")
    assert clinician.press("Release the summary").status == 409
    with db.reading() as session:
        assert session.scalars(select(SummaryRelease)).all() == []


def test_a_date_of_death_stops_letters_at_once(clinician: Visitor, signed: Referral, db: Database) -> None:
    clinician.get(f"/referrals/{signed.id}/letter")
    with db.writing() as session:
        session.execute(update(Patient).values(deceased_on=date(2026, 11, 24)))
    assert clinician.press("Release the summary").status == 409
    assert clinician.get(f"/referrals/{signed.id}/letter").status == 409
    assert "The patient has died. No letter is written any more." in clinician.words
    assert "Ada" not in clinician.words


def test_a_draft_has_no_letter(clinician: Visitor, send: Send) -> None:
    draft = send(1, submit=False)
    assert "Letter for the patient" not in clinician.get(f"/referrals/{draft.id}").words
    assert clinician.get(f"/referrals/{draft.id}/letter").status == 409
