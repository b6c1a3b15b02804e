"""Each job of the worker does its work once, however often and from however many workers it is run."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from referrals.models.assessment import Assessment, Override
from referrals.models.diagnosis import Diagnosis
from referrals.models.door import IdempotencyKey, RateCounter
from referrals.models.organization import AccessToken, ClientAssertion, ClientRefusal
from referrals.models.patient import Patient, PatientIdentifier, PatientWord
from referrals.models.referral import Consent, Facts, Referral
from referrals.models.second_factor import PasskeyChallenge
from referrals.models.single_sign_on import SignOnAttempt
from referrals.models.trail import AuditEntry, Beat, Event, Notification, Outbox, Receipt
from referrals.models.user import UserSession
from referrals.pathway.clients import create_client
from referrals.pathway.registry import register_patient
from referrals.pathway.seals import sealing_key
from referrals.worker.jobs import JOBS, Job, sweep
from referrals.worker.loop import Worker, database_clock
from tests.small_network import DAY, NOW, packet, send, settle_down, step

KEY = sealing_key("secret")


@pytest.fixture
def people(database):
    with database.writing() as session:
        return settle_down(session)


def worker_at(database, now, jobs=JOBS):
    return Worker(database, KEY, clock=lambda session: now, jobs=jobs)


def job(name):
    return tuple(each for each in JOBS if each.name == name)


def count(database, table, *where):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def read(database, referral):
    with database.reading() as session:
        return session.scalars(select(Referral).where(Referral.id == referral.id)).one()


def overridden(session, people, expires_at, tier="P1"):
    referral = send(session, people, NOW - 5 * DAY)
    return step(
        session, people.lead, referral, "override", NOW - 4 * DAY,
        tier=tier, reason="clinical_judgement", text="Growing fast", expires_at=expires_at.isoformat(),
    )  # fmt: skip


class TestOverridesExpire:
    def test_the_computed_tier_comes_back_with_its_own_place(self, database, people):
        with database.writing() as session:
            before = send(session, people, NOW - 5 * DAY)
            referral = overridden(session, people, NOW - timedelta(minutes=1))
            assert referral.tier == "P1"
            promised = referral.due_at
        assert worker_at(database, NOW).round()
        after = read(database, referral)
        assert (after.tier, after.computed_tier) == ("P2", "P2")
        assert after.order_at == read(database, before).order_at
        assert after.due_at == promised, "what was announced stays announced"

    def test_the_timeline_says_that_the_clock_did_it(self, database, people):
        with database.writing() as session:
            referral = overridden(session, people, NOW - timedelta(minutes=1))
        worker_at(database, NOW).round()
        with database.reading() as session:
            last = session.scalars(
                select(Event).where(Event.referral_id == referral.id).order_by(Event.version.desc())
            ).first()
            override = session.scalars(select(Override)).one()
        assert (last.step, last.party, last.actor_name, last.data["reason"]) == (
            "reassess",
            "T",
            "clock",
            "override_expired",
        )
        assert (override.ended_at, override.ended_because) == (NOW, "expired")

    def test_a_second_round_changes_nothing(self, database, people):
        with database.writing() as session:
            referral = overridden(session, people, NOW - timedelta(minutes=1))
        worker_at(database, NOW).round()
        version = read(database, referral).version
        worker_at(database, NOW + DAY).round()
        assert read(database, referral).version == version

    def test_one_that_still_runs_stays(self, database, people):
        with database.writing() as session:
            referral = overridden(session, people, NOW + timedelta(minutes=1))
        worker_at(database, NOW).round()
        assert read(database, referral).tier == "P1"

    def test_on_an_ended_referral_it_ends_without_a_step(self, database, people):
        with database.writing() as session:
            referral = overridden(session, people, NOW - timedelta(minutes=1))
            version = step(session, people.clinician, referral, "withdraw", NOW - DAY, reason="other").version
        worker_at(database, NOW).round()
        assert read(database, referral).version == version
        assert count(database, Override, Override.ended_at.is_(None)) == 0

    def test_many_workers_expire_each_once(self, database, people):
        with database.writing() as session:
            referrals = [overridden(session, people, NOW - timedelta(minutes=1)) for _ in range(6)]
        run_together(lambda: worker_at(database, NOW, job("expire overrides")))
        assert {read(database, each).tier for each in referrals} == {"P2"}
        for each in referrals:
            assert count(database, Event, Event.referral_id == each.id, Event.step == "reassess") == 1


def run_together(make, workers=4):
    with ThreadPoolExecutor(workers) as pool:
        assert all(pool.map(lambda _: make().round(), range(workers)))


class TestPeopleAreTold:
    def told(self, database, referral):
        with database.reading() as session:
            query = (
                select(Event.step, Notification.user_id)
                .join(Notification, Notification.event_id == Event.id)
                .where(Event.referral_id == referral.id)
                .order_by(Event.version)
            )
            return [tuple(row) for row in session.execute(query)]

    def test_the_clinician_is_told_what_others_did_and_the_owner_too(self, database, people):
        with database.writing() as session:
            referral = send(session, people)
            step(session, people.coordinator, referral, "claim")
            step(session, people.lead, referral, "decline", reason="not_indicated", advice="No")
        worker_at(database, NOW).round()
        clinician, owner = people.clinician.user_id, people.coordinator.user_id
        assert self.told(database, referral)[-1] in {("decline", clinician), ("decline", owner)}
        assert set(self.told(database, referral)) == {
            ("submit", owner), ("claim", clinician), ("decline", clinician), ("decline", owner),
        }  # fmt: skip

    def test_of_an_end_the_referrer_has_a_notice_even_of_their_own(self, database, people):
        with database.writing() as session:
            referral = send(session, people)
            step(session, people.clinician, referral, "withdraw", reason="patient_choice")
        worker_at(database, NOW).round()
        assert self.told(database, referral) == [("withdraw", people.clinician.user_id)]

    def test_everybody_is_told_once_however_often_it_runs(self, database, people):
        with database.writing() as session:
            for _ in range(30):
                step(session, people.coordinator, send(session, people), "claim")
        run_together(lambda: worker_at(database, NOW, job("tell people")))
        worker_at(database, NOW).round()
        assert count(database, Notification) == 60
        assert count(database, Outbox, Outbox.done_at.is_(None)) == 0

    def test_an_announcement_that_was_half_worked_off_is_told_once(self, database, people):
        with database.writing() as session:
            referral = send(session, people)
            step(session, people.coordinator, referral, "claim")
        worker_at(database, NOW).round()
        with database.writing() as session:
            session.execute(update(Outbox).where(Outbox.topic != "referral.create").values(done_at=None))
        worker_at(database, NOW).round()
        assert len(self.told(database, referral)) == 2

    def test_a_draft_is_announced_to_nobody(self, database, people):
        with database.writing() as session:
            send(session, people, submit=False)
        worker_at(database, NOW).round()
        assert count(database, Notification) == 0

    def test_where_a_system_sent_it_every_clinician_of_its_organization_is_told(self, database, people):
        with database.writing() as session:
            referral = send(session, people)
            session.execute(update(Referral).values(clinician_id=None))
            step(session, people.coordinator, referral, "claim")
        worker_at(database, NOW).round()
        assert ("claim", people.clinician.user_id) in self.told(database, referral)


class TestDraftsArePurged:
    IDENTIFIED = {**packet()["patient"], "identifiers": [{"system": "urn:lakeside", "value": "1"}]}

    def test_one_untouched_for_30_days_goes_with_all_its_rows(self, database, people):
        with database.writing() as session:
            old = send(session, people, NOW - 31 * DAY, submit=False, patient=self.IDENTIFIED)
            young = send(session, people, NOW - 29 * DAY, submit=False)
        worker_at(database, NOW).round()
        with database.reading() as session:
            assert session.scalars(select(Referral.id)).all() == [young.id]
        for table in (Event, Facts, Consent):
            assert count(database, table, table.referral_id == old.id) == 0
        assert count(database, Patient) == count(database, Diagnosis) == 1
        assert count(database, PatientIdentifier) == 0
        assert count(database, PatientWord) == 2

    def test_its_number_is_remembered_so_that_it_is_not_missed(self, database, people):
        with database.writing() as session:
            old = send(session, people, NOW - 31 * DAY, submit=False)
        worker_at(database, NOW).round()
        with database.reading() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "purge")).one()
        assert (entry.ids, entry.detail) == ([str(old.id)], {"references": [old.reference]})

    def test_nothing_that_was_ever_submitted_goes(self, database, people):
        with database.writing() as session:
            sent = send(session, people, NOW - 90 * DAY)
            ended = send(session, people, NOW - 80 * DAY)
            step(session, people.clinician, ended, "withdraw", NOW - 79 * DAY, reason="other")
        worker_at(database, NOW).round()
        assert count(database, Referral, Referral.id.in_([sent.id, ended.id])) == 2
        assert count(database, Receipt) == 2

    def test_the_patient_of_another_referral_stays(self, database, people):
        with database.writing() as session:
            send(session, people, NOW - 31 * DAY, submit=False, patient=self.IDENTIFIED)
            send(session, people, NOW - 3 * DAY, patient=self.IDENTIFIED)
        worker_at(database, NOW).round()
        assert (count(database, Patient), count(database, Referral)) == (1, 1)

    def test_a_patient_who_was_registered_by_hand_stays(self, database, people):
        with database.writing() as session:
            known = register_patient(session, people.clinician, self.IDENTIFIED, NOW - 40 * DAY).patient
            session.flush()
            send(session, people, NOW - 31 * DAY, submit=False, patient={"id": str(known.id)})
        worker_at(database, NOW).round()
        assert (count(database, Patient), count(database, Referral)) == (1, 0)

    def test_many_workers_purge_each_once(self, database, people):
        with database.writing() as session:
            for _ in range(12):
                send(session, people, NOW - 31 * DAY, submit=False)
        run_together(lambda: worker_at(database, NOW, job("purge drafts")))
        assert count(database, Referral) == 0
        assert count(database, AuditEntry, AuditEntry.action == "purge") == 12


class TestLeftoversAreSwept:
    @pytest.fixture
    def leftovers(self, database, people):
        """One of each kind that is over, one that is not."""
        home = people.lakeside
        with database.writing() as session:
            client, _ = create_client(session, home, "EHR", ["referrals:read"], NOW)
            own = {"network_id": home.network_id}
            for name, moved in (("over", -timedelta(seconds=1)), ("lives", timedelta(hours=1))):
                session.execute(insert(AccessToken), [own | {
                    "token_hash": name, "client_id": client.id, "scopes": [], "created_at": NOW, "expires_at": NOW + moved,
                }])  # fmt: skip
                session.execute(insert(UserSession), [own | {
                    "id_hash": name, "user_id": people.clinician.user_id, "created_at": NOW, "last_seen_at": NOW,
                    "expires_at": NOW + moved,
                }])  # fmt: skip
                session.execute(insert(PasskeyChallenge), [own | {
                    "id_hash": name, "purpose": "sign_in", "challenge": "", "expires_at": NOW + moved,
                }])  # fmt: skip
                session.execute(insert(SignOnAttempt), [own | {
                    "id_hash": name, "state_hash": "", "purpose": "sign_in", "nonce": "", "verifier": "", "onward": "",
                    "kept": "", "expires_at": NOW + moved,
                }])  # fmt: skip
                session.execute(insert(ClientAssertion), [own | {
                    "client_id": client.id, "jti_hash": name, "until": NOW - DAY + moved,
                }])  # fmt: skip
                session.execute(insert(ClientRefusal), [own | {
                    "client_id": client.id, "minute": NOW, "method": "GET", "route": name, "problem": "", "code": "",
                    "status": 404, "times": 1, "request_id": "", "last_at": NOW - 14 * DAY + moved,
                }])  # fmt: skip
                session.execute(insert(RateCounter), [{"subject": name, "window_start": NOW - DAY + moved, "count": 1}])
                session.execute(insert(IdempotencyKey), [own | {
                    "client_id": client.id, "key": name, "fingerprint": "", "created_at": NOW - 30 * DAY + moved,
                }])  # fmt: skip

    def test_what_is_over_goes_and_the_rest_stays(self, database, leftovers):
        worker_at(database, NOW).round()
        with database.reading() as session:
            kept = [
                session.scalars(select(column)).all()
                for column in (
                    AccessToken.token_hash, UserSession.id_hash, RateCounter.subject, IdempotencyKey.key,
                    ClientAssertion.jti_hash, ClientRefusal.route, PasskeyChallenge.id_hash, SignOnAttempt.id_hash,
                )
            ]  # fmt: skip
        assert kept == [["lives"]] * 8

    def test_many_workers_sweep_together(self, database, leftovers):
        run_together(lambda: worker_at(database, NOW, (Job("sweep", sweep),)))
        assert count(database, AccessToken) == 1


class TestTheWorkerLives:
    def test_each_round_leaves_a_sign_of_life(self, database):
        for moved in (0, 5):
            worker_at(database, NOW + timedelta(seconds=moved)).round()
        with database.reading() as session:
            beat = session.scalars(select(Beat)).one()
        assert (beat.process, beat.at) == ("worker", NOW + timedelta(seconds=5))

    def test_the_audit_is_sealed_within_the_round(self, database, people):
        with database.writing() as session:
            send(session, people, NOW - 31 * DAY, submit=False)
        worker_at(database, NOW).round()
        worker_at(database, NOW).round()
        with database.reading() as session:
            from referrals.pathway.seals import verify

            found = verify(session, KEY)
        assert (found.checked, found.unsealed, found.broken) == (1, 0, None)

    def test_the_clock_is_the_databases_own(self, database):
        with database.reading() as session:
            first = database_clock(session)
        assert first.tzinfo is not None
        with database.reading() as session:
            assert timedelta(0) <= database_clock(session) - first < timedelta(minutes=1)

    def test_a_job_that_fails_keeps_none_of_the_others_from_their_turn(self, database, capsys):
        def fail(shift):
            raise ValueError("Ada Example was born in 1961")

        worker = worker_at(database, NOW, (Job("broken", fail), *job("beat")))
        assert worker.round() is False
        assert count(database, Beat) == 1

    def test_what_a_job_did_before_it_failed_is_undone(self, database, people):
        def half(shift):
            shift.session.execute(insert(Beat), [{"process": "half", "at": NOW}])
            raise RuntimeError

        assert worker_at(database, NOW, (Job("half", half),)).round() is False
        assert count(database, Beat) == 0

    def test_a_job_that_is_not_due_again_rests(self, database):
        turns = []
        worker = Worker(
            database, KEY, clock=lambda session: NOW, jobs=(Job("rare", lambda shift: turns.append(1) or 0, DAY),)
        )
        worker.round()
        worker.round()
        assert len(turns) == 1
        worker.clock = lambda session: NOW + DAY
        worker.round()
        assert len(turns) == 2

    def test_a_job_with_much_to_do_goes_on_until_it_is_done(self, database):
        left = [3, 2, 1, 0]
        worker_at(database, NOW, (Job("much", lambda shift: left.pop(0)),)).round()
        assert left == []

    def test_a_stop_is_noticed_between_two_jobs(self, database):
        worker = worker_at(database, NOW)
        worker.stopped.set()
        worker.round()
        assert count(database, Beat) == 0


def test_an_assessment_is_added_when_the_override_expires_and_none_is_changed(database, people):
    with database.writing() as session:
        overridden(session, people, NOW - timedelta(minutes=1))
    before = count(database, Assessment)
    worker_at(database, NOW).round()
    assert count(database, Assessment) == before + 1


def test_the_statistics_that_sqlite_plans_by_are_refreshed(database, people):
    with database.writing() as session:
        send(session, people)
    assert worker_at(database, NOW, job("refresh statistics")).round()
    with database.reading() as session:
        if session.get_bind().dialect.name == "sqlite":
            counted = session.execute(text("SELECT idx FROM sqlite_stat1 WHERE tbl = 'referral'")).scalars().all()
            assert "ix_referral_owner" in counted
            assert "ix_referral_worklist" in counted
