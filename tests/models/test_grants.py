"""On PostgreSQL the service runs as a role that does its whole job and cannot touch what it has recorded."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from referrals.models import schema
from referrals.models.engine import Database
from referrals.models.grants import LESS
from referrals.models.keys import KeyFolder, Keys
from referrals.models.referral import Referral
from referrals.models.storage.local import LocalStore
from referrals.models.vault import Vault
from referrals.pathway.documents import Archive
from referrals.pathway.retention.erasing import erase
from referrals.pathway.seals import newest_head, sealing_key
from referrals.worker.jobs import JOBS
from referrals.worker.loop import Worker
from tests import factories
from tests.web.scenery import build

ROLE = "referrals service"
TAMPERING = (
    *(f"{verb} {table}" for table in LESS if table.startswith("audit_") for verb in ("DELETE FROM", "TRUNCATE")),
    "UPDATE audit_entry SET action = 'x'",
    "UPDATE audit_seal SET digest = 'x'",
    "UPDATE audit_subject SET entry_id = 1",
    "UPDATE audit_checkpoint SET digest = 'x'",
    "DELETE FROM break_glass",
    "DELETE FROM legal_hold",
    "UPDATE event SET step = 'x'",
    "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
    "DROP TRIGGER audit_entry_is_kept ON audit_entry",
    "ALTER TABLE audit_entry ADD COLUMN x INTEGER",
    "DROP TABLE audit_subject",
    "SET session_replication_role = replica",
    "CREATE TABLE audit_entry_2 (id INTEGER)",
    "CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "UPDATE alembic_version SET version_num = 'x'",
)


@pytest.fixture
def service(start_app, databases, tmp_path):
    """The database as the role sees it that `db grants` has set up."""
    url = databases.fresh()
    printed = start_app(database_url=url).test_cli_runner().invoke(args=["db", "grants", ROLE])
    assert printed.exit_code == 0
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f'CREATE ROLE "{ROLE}" LOGIN')
        owner.execute(printed.output)
    with closing(
        Database(make_url(url).set(username=ROLE), vault=Vault(Keys("", KeyFolder(tmp_path / "keys"))))
    ) as database:
        yield database
    databases.forget(url)
    with psycopg.connect(databases.server, autocommit=True) as owner:
        owner.execute(f'DROP ROLE "{ROLE}"')


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_the_role_does_the_whole_job_and_is_refused_what_would_hide_it(service, tmp_path):
    with service.writing() as session:
        world = factories.settled(session)
    scenery = build(service, world, Archive(LocalStore(tmp_path), 1 << 20, 1 << 24, is_scanned=False))
    assert Worker(
        service, sealing_key("key"), clock=lambda session: datetime.now(UTC), jobs=JOBS, checkpoints=tmp_path
    ).round()
    with service.writing() as session:
        ended = session.get_one(Referral, scenery.referrals["declined"])
        assert erase(session, ended.patient_id, datetime.now(UTC) + timedelta(days=1), datetime.now(UTC)) is not None
    with service.reading() as session:
        head = newest_head(session)
    for statement in TAMPERING:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), service.writing() as session:
            session.execute(text(statement))
    with service.reading() as session:
        assert newest_head(session) == head


def test_every_table_with_fewer_rights_is_one_of_ours():
    assert set(LESS) - {"alembic_version"} <= set(schema.metadata().tables)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_database_without_roles_says_so(app):
    told = app.test_cli_runner().invoke(args=["db", "grants", "service"])
    assert (told.exit_code, "SQLite has no roles" in told.output) == (2, True)
