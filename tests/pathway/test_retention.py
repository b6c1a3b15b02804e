"""A patient whose time is over is erased word by word, while rows, figures and proofs stay; a hold or a doubt stops it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from referrals.domain.reports.parts import Period
from referrals.domain.vocabulary import DocumentKind
from referrals.models.assessment import Assessment
from referrals.models.base import new_id
from referrals.models.contact import Contact
from referrals.models.opinion import Acknowledgement, Opinion, Outcome, Recommendation
from referrals.models.patient import IdentityCheck, Patient, PatientWord
from referrals.models.plan import Plan
from referrals.models.referral import Referral
from referrals.models.second_factor import RecoveryCode
from referrals.models.storage.local import LocalStore
from referrals.models.trail import Event, Receipt
from referrals.models.user import User
from referrals.pathway.contacts import record_contact
from referrals.pathway.conversation import write
from referrals.pathway.documents import Archive, Sent, attach, file_away
from referrals.pathway.integrity.check import prove
from referrals.pathway.integrity.erased import ERASING
from referrals.pathway.plans import ask_for_plan
from referrals.pathway.reports.ask import Ask
from referrals.pathway.reports.report import READ, report
from referrals.pathway.retention.due import cutoffs, due
from referrals.pathway.retention.erasing import erase
from referrals.pathway.retention.holds import lift_hold, set_hold
from referrals.pathway.retention.leavers import age_out
from referrals.pathway.rules import rules_of
from tests.databases import unguard
from tests.factories import packet, person_actor
from tests.opinions import bring_to_review, revising
from tests.papers import PDF
from tests.pathway.conftest import Desk
from tests.pathway.proving import broken

CANARY = "Quetzalcoatlus"
REASON = "The district court asks for the file."
KEEPER = "admin@network.example"


def salted(value: Any) -> Any:
    """The same packet with a canary in everything that somebody types freely."""
    typed = {
        "given_name",
        "family_name",
        "summary",
        "description",
        "text",
        "comment",
        "value",
        "regimen",
        "stop_reason",
    }
    if isinstance(value, dict):
        return {
            key: f"{CANARY} {each}" if key in typed and isinstance(each, str) else salted(each)
            for key, each in value.items()
        }
    return [salted(each) for each in value] if isinstance(value, list) else value


@pytest.fixture
def ended(desk: Desk, tmp_path: Path) -> Referral:
    """Asked, judged, answered, read and closed; with words of the patient wherever somebody can write any."""
    sent = salted(packet(1))
    changes = {key: sent[key] for key in ("patient", "diagnosis", "summary") if key in sent}
    referral = desk.receive(1, **changes, questions=[f"{CANARY}, what now?"], external_reference=f"{CANARY}-1")
    desk.take("claim", referral, "coordinator@network", {"note": f"{CANARY} called."})
    desk.take("release", referral, "coordinator@network")
    talk(desk, referral, Archive(LocalStore(tmp_path), 1 << 20, 1 << 24, is_scanned=False))
    bring_to_review(desk.session, desk.world, referral, desk.now)
    desk.take("sign-opinion", referral, "specialist@summit", revising() | {"short_answer": f"{CANARY} should wait."})
    desk.take("acknowledge", referral, "clinician@lakeside", {"version": 1, "plan": "follow", "text": CANARY})
    numbers = select(Recommendation.id).join(Opinion).where(Opinion.referral_id == referral.id)
    told = [
        {"recommendation": str(each), "result": "partly", "reason": CANARY} for each in desk.session.scalars(numbers)
    ]
    desk.take("close", referral, "clinician@lakeside", {"outcomes": told})
    desk.session.flush()
    return referral


def talk(desk: Desk, referral: Referral, archive: Archive) -> None:
    """A file, a message and a call."""
    person = person_actor(desk.session, desk.world, "clinician@lakeside.example")
    caller = person_actor(desk.session, desk.world, "coordinator@network.example")
    file = Sent(f"{CANARY}.pdf", BytesIO(PDF), len(PDF), "0" * 64)
    filed = file_away(desk.session, person, referral.id, file, archive, desk.now)
    attach(desk.session, person, referral.id, DocumentKind.PATHOLOGY, filed, archive, desk.now)
    write(desk.session, person, referral.id, {"text": f"{CANARY} is worse."}, desk.now)
    call = {"with": "referrer", "channel": "phone", "outcome": "not_reached", "text": CANARY, "person": CANARY}
    record_contact(desk.session, caller, referral, call, desk.now)


def everything(desk: Desk) -> str:
    """All that the database holds, as text."""
    desk.session.flush()
    connection = desk.session.connection()
    names = inspect(connection).get_table_names()
    return "\n".join(
        str(row).casefold() for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))
    )


def over(desk: Desk) -> datetime:
    return cutoffs(desk.session, desk.now + timedelta(days=366), years=1)[desk.world.network_id]


def listed(desk: Desk) -> list[tuple[tuple[str, ...], bool]]:
    return [(each.references, each.is_held) for each in due(desk.session, desk.world.network_id, over(desk))]


def figures(desk: Desk) -> list[Any]:
    """Every report, as the network reads it."""
    reader = person_actor(desk.session, desk.world, "coordinator@network.example")
    since, before = desk.now - timedelta(days=30), desk.now + timedelta(days=1)
    period = Period(since.date(), desk.now.date(), since, before)
    ask = Ask(desk.session, reader, period, rules_of(desk.session, reader.network_id), desk.now)
    return [report(name, ask).parts for name in READ]


def test_after_erasing_no_word_is_left_every_figure_stands_and_every_invariant_holds(desk: Desk, ended: Referral):
    assert everything(desk).count(CANARY.casefold()) > 10
    assert listed(desk) == [((ended.reference,), False)]
    before = figures(desk)
    files = erase(desk.session, ended.patient_id, over(desk), desk.now)
    left = everything(desk)
    assert figures(desk) == before
    assert [line for line in left.splitlines() if CANARY.casefold() in line] == []
    assert (len(files or ()), listed(desk), broken(desk.session, desk.now)) == (1, [], {})
    assert "erased on " in left
    assert erase(desk.session, ended.patient_id, over(desk), desk.now) is None


def test_a_hold_a_doubt_or_an_open_referral_keeps_the_patient(desk: Desk, ended: Referral):
    keeper = person_actor(desk.session, desk.world, KEEPER)
    hold = set_hold(desk.session, keeper, {"reference": ended.reference, "reason": REASON}, desk.now)
    assert listed(desk) == [((ended.reference,), True)]
    assert erase(desk.session, ended.patient_id, over(desk), desk.now) is None
    with pytest.raises(DBAPIError, match="a legal hold stands"), desk.session.begin_nested():
        desk.session.execute(update(Patient).where(Patient.id == ended.patient_id).values(erased_at=desk.now))
    lift_hold(desk.session, keeper, hold.id, REASON, desk.now)
    other = desk.receive(2, "hillcrest", referring_clinician=None)
    check = IdentityCheck(
        id=new_id(), network_id=other.network_id, patient_id=other.patient_id, other_patient_id=ended.patient_id,
        created_at=desk.now,
    )  # fmt: skip
    desk.session.add(check)
    desk.session.flush()
    assert (listed(desk), erase(desk.session, ended.patient_id, over(desk), desk.now)) == ([], None)
    check.decision = "different"
    desk.session.flush()
    assert listed(desk) == [((ended.reference,), False)]
    early = cutoffs(desk.session, desk.now, before=date(2026, 11, 1))[ended.network_id]
    assert erase(desk.session, ended.patient_id, early, desk.now) is None
    with pytest.raises(DBAPIError, match="something is still open"), desk.session.begin_nested():
        desk.session.execute(update(Patient).where(Patient.id == other.patient_id).values(erased_at=desk.now))


def test_what_is_only_added_to_opens_to_erasing_and_to_nothing_else(desk: Desk, ended: Referral):
    """Each change is tried before the patient is erased and after: none ever passes."""
    opinion = {"short_answer": "Something else."}
    forged: list[tuple[Any, dict[str, Any]]] = [
        (Opinion, {"content": opinion}),
        (Opinion, {"content": {}, "sha256": "0" * 64}),
        (Event, {"note": None, "data": {"center": "another"}}),
        (Event, {"note": "x", "data": {}}),
        (Event, {"note": None, "data": {}, "to_status": "declined"}),
        (Assessment, {"judgement": {"tier": "T1", "criteria": []}, "changes": []}),
        (Contact, {"text": "x"}),
        (Contact, {"text": None, "person": None, "outcome": "reached"}),
        (Receipt, {"outcome": "refused"}),
        (Acknowledgement, {"text": "x"}),
        (Outcome, {"reason": None, "result": "followed"}),
    ]
    for is_erased in (False, True):
        for table, values in forged:
            with pytest.raises(DBAPIError, match="only ever added to"), desk.session.begin_nested():
                desk.session.execute(update(table).values(values))
        if not is_erased:
            erase(desk.session, ended.patient_id, over(desk), desk.now)
    with pytest.raises(DBAPIError), desk.session.begin_nested():
        desk.session.execute(update(Patient).where(Patient.id == ended.patient_id).values(erased_at=None))


DAMAGES_TO_ERASED: list[Callable[[Referral], Any]] = [
    lambda row: update(Patient).where(Patient.id == row.patient_id).values(email="ada@example.org"),
    lambda row: update(Opinion).values(content={"short_answer": "Wait."}),
    lambda row: update(Contact).values(text="Ada called."),
    lambda row: update(Referral).where(Referral.id == row.id).values(erased_at=None),
    lambda row: insert(PatientWord).values(patient_id=row.patient_id, word="ada", network_id=row.network_id),
]


def test_a_word_that_comes_back_breaks_the_proof_and_the_certificate_counts_who_is_erased(desk: Desk, ended: Referral):
    erase(desk.session, ended.patient_id, over(desk), desk.now)
    proof = {each.invariant.name: each for each in prove(desk.session, desk.now, ERASING)}
    assert (proof["erased"].holds, proof["erased"].figures) == (True, {"erased": 1})
    for damage in DAMAGES_TO_ERASED:
        undone = desk.session.begin_nested()
        unguard(desk.session.connection())
        desk.session.execute(damage(ended))
        assert "erased" in broken(desk.session, desk.now, "erased")
        undone.rollback()


def test_who_has_left_keeps_the_account_and_loses_what_signs_in_and_old_plans_go(desk: Desk):
    session = desk.session
    left, stays = (
        session.get_one(User, desk.world.people[f"{each}@network.example"].id) for each in ("second", "lead")
    )
    plan = ask_for_plan(session, person_actor(session, desk.world, "coordinator@network.example"), desk.now)
    for person in (left, stays):
        person.preferences, person.active = {"density": "compact"}, person is stays
        code = {"id": new_id(), "network_id": left.network_id, "user_id": person.id, "created_at": desk.now}
        session.add(RecoveryCode(code_hash=person.email, **code))
    plan.finished_at = desk.now
    session.flush()
    age_out(session, left.network_id, desk.now + timedelta(days=1))
    session.expire_all()
    codes = session.scalars(select(RecoveryCode.user_id)).all()
    assert (left.preferences, left.password_hash, left.name) == ({}, None, "Second")
    assert (stays.preferences, codes) == ({"density": "compact"}, [stays.id])
    assert session.scalars(select(Plan)).all() == []
