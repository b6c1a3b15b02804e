"""`integrity check` and `audit verify` tell by their exit status whether the record is whole."""

import pytest
from sqlalchemy import insert, select, text, update

from referrals.models.certificate import Certificate
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.pathway.integrity.check import INVARIANTS
from referrals.pathway.seals import seal, sealing_key
from tests.small_network import NOW, send, settle_down


@pytest.fixture
def people(database):
    with database.writing() as session:
        return settle_down(session)


@pytest.fixture
def run(app):
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=[*words])


class TestIntegrityCheck:
    def test_every_invariant_is_printed_with_what_it_looked_at(self, run, database, people):
        with database.writing() as session:
            send(session, people)
        done = run("integrity", "check")
        assert done.exit_code == 0
        for invariant in INVARIANTS:
            assert invariant.claim in done.stdout
        assert "2 rows, ok" in done.stdout  # two events
        assert "Every invariant holds." in done.stdout

    def test_the_eleven_are_told_in_their_order_with_their_parts(self, run, people):
        told = [line[:11].strip() for line in run("integrity", "check").stdout.splitlines()]
        assert told[: len(INVARIANTS)] == [invariant.title for invariant in INVARIANTS]

    def test_a_certificate_of_it_is_kept_where_that_is_asked_for(self, run, database, people):
        assert "Kept" not in run("integrity", "check").stdout
        assert "Kept as certificate 1." in run("integrity", "check", "--keep").stdout
        assert "Kept as certificate 2." in run("integrity", "check", "--keep").stdout
        with database.reading() as session:
            kept = session.scalars(select(Certificate).order_by(Certificate.number)).all()
        assert [(each.by, each.night, each.holds) for each in kept] == [("command", None, True)] * 2

    def test_an_empty_database_is_whole(self, run):
        assert run("integrity", "check").exit_code == 0

    def test_a_broken_one_is_named_with_the_row_and_never_with_the_patient(self, run, database, people):
        with database.writing() as session:
            referrals = [send(session, people) for _ in range(3)]
            session.execute(update(Referral).values(patient_family_name="Tampered"))
        done = run("integrity", "check", "--rows", "2")
        assert done.exit_code == 1
        assert "BROKEN by 3" in done.stdout
        assert "and 1 more" in done.stdout
        assert sum(each.reference in done.stdout for each in referrals) == 2
        assert "Tampered" not in done.output
        assert "Example" not in done.output

    def test_a_database_without_tables_is_a_refusal(self, start_app, fresh_database_url):
        app = start_app(database_url=fresh_database_url)
        assert app.test_cli_runner().invoke(args=["integrity", "check"]).exit_code == 1


class TestAuditVerify:
    @pytest.fixture
    def sealed(self, database, people, settings):
        entry = {
            "network_id": people.network.network_id,
            "at": NOW,
            "action": "x",
            "entity": "y",
            "ids": [],
            "detail": {},
        }
        with database.writing() as session:
            session.execute(insert(AuditEntry), [entry] * 3)
            seal(session, sealing_key(settings.secret_key))

    def head(self, run):
        return run("audit", "verify").stdout.rpartition("Head: ")[2].strip()

    def test_a_whole_chain_is_told_with_its_head(self, run, sealed):
        done = run("audit", "verify")
        assert done.exit_code == 0
        assert done.stdout.startswith("3 sealed entries hold; 0 wait for their seal.")
        assert run("audit", "verify", "--expect", self.head(run)).exit_code == 0

    def test_a_changed_entry_is_named(self, run, sealed, database):
        with database.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET session_replication_role = replica"))
            else:
                connection.execute(text("DROP TRIGGER audit_entry_keeps_words"))
            connection.execute(text("UPDATE audit_entry SET action = 'z' WHERE id = 2"))
            connection.commit()
            connection.invalidate()
        done = run("audit", "verify")
        assert done.exit_code == 1
        assert "audit entry 2" in done.stdout

    def test_a_head_that_was_noted_must_still_be_there(self, run, sealed):
        assert run("audit", "verify", "--expect", f"9:{'0' * 64}").exit_code == 1
        assert run("audit", "verify", "--expect", f"2:{'0' * 64}").exit_code == 1

    @pytest.mark.parametrize("words", [["--expect", "nonsense"], ["--expect"], ["--unknown"]])
    def test_wrong_use_is_told_apart(self, run, words):
        assert run("audit", "verify", *words).exit_code == 2
