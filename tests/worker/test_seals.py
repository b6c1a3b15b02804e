"""The audit is sealed into a chain, and whoever changes it afterwards is found out."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from referrals.models.audit import AuditSubject
from referrals.models.base import new_id
from referrals.models.organization import Network
from referrals.models.trail import AuditEntry, AuditSeal
from referrals.pathway.checkpoints import FILE, Unreadable, append, heads_in
from referrals.pathway.seals import REACH_BACK, Head, seal, sealing_key, verify
from referrals.worker.checkpoints import note_head

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
KEY = sealing_key("a secret of the service")


@pytest.fixture
def network(database):
    with database.writing() as session:
        session.add(network := Network(code="coast", name="Coast", zone="UTC", created_at=NOW))
        session.flush()
        return network.id


@pytest.fixture
def record(database, network):
    def record(count=1, **values):
        entry = {
            "network_id": network,
            "at": NOW,
            "action": "read",
            "entity": "referral",
            "ids": ["1", "2"],
            "detail": {},
        }
        with database.writing() as session:
            session.execute(insert(AuditEntry), [entry | values for _ in range(count)])

    return record


def sealed(database, limit=500):
    with database.writing() as session:
        return seal(session, KEY, limit)


def verified(database, key=KEY, *expected):
    with database.reading() as session:
        return verify(session, key, expected)


def damage(database, *statements):
    """As somebody with the keys to the database could: without triggers and foreign keys."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")
            for name in ("audit_entry", "audit_seal"):
                connection.execute(text(f"DROP TRIGGER {name}_keeps_rows"))
                connection.execute(text(f"DROP TRIGGER {name}_keeps_words"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
        connection.invalidate()


def test_every_entry_gets_one_link_in_order(database, record):
    record(7)
    assert [sealed(database, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    with database.reading() as session:
        assert list(session.scalars(select(AuditSeal.position).order_by(AuditSeal.position))) == list(range(1, 8))
    found = verified(database)
    assert (found.checked, found.head.position, found.unsealed, found.broken) == (7, 7, 0, None)


def test_an_empty_audit_holds(database):
    assert verified(database).broken is None


def test_what_is_not_sealed_yet_is_counted(database, record):
    record(2)
    sealed(database)
    record(3)
    assert verified(database).unsealed == 3


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_entry SET action = 'nothing' WHERE id = 3", "audit entry 3 is not as it was sealed"),
        (
            "UPDATE audit_entry SET at = '2026-11-23 15:00:01.000000' WHERE id = 3",
            "audit entry 3 is not as it was sealed",
        ),
        ("""UPDATE audit_entry SET ids = '["1"]' WHERE id = 3""", "audit entry 3 is not as it was sealed"),
        ("DELETE FROM audit_entry WHERE id = 3", "audit entry 3 is missing"),
        ("DELETE FROM audit_seal WHERE position = 3", "the link at position 3 is missing"),
        ("UPDATE audit_seal SET entry_id = 99 WHERE position = 3", "audit entry 99 is missing"),
        (
            "UPDATE audit_seal SET entry_id = CASE position WHEN 3 THEN -5 WHEN 5 THEN -3 ELSE entry_id END;"
            "UPDATE audit_seal SET entry_id = -entry_id WHERE entry_id < 0",
            "audit entry 5 is not as it was sealed (position 3)",
        ),
        (
            "UPDATE audit_seal SET position = -position - 1 WHERE position >= 3;"
            "UPDATE audit_seal SET position = -position WHERE position < 0;"
            "INSERT INTO audit_entry (id, network_id, at, action, entity, ids, detail)"
            " SELECT 77, network_id, at, action, entity, ids, detail FROM audit_entry WHERE id = 3;"
            "INSERT INTO audit_seal (position, entry_id, network_id, digest)"
            " SELECT 3, 77, network_id, digest FROM audit_seal WHERE position = 2",
            "audit entry 77 is not as it was sealed (position 3)",
        ),
    ],
)
def test_a_tampered_entry_is_named(database, record, statement, told):
    record(5)
    sealed(database)
    damage(database, *statement.split(";"))
    found = verified(database)
    assert told in (found.broken or "")
    assert found.checked == 2


def test_an_entry_and_its_link_cannot_be_taken_out_together(database, record):
    record(5)
    sealed(database)
    damage(database, "DELETE FROM audit_seal WHERE position = 3", "DELETE FROM audit_entry WHERE id = 3")
    assert verified(database).broken == "the link at position 3 is missing"


def test_a_chain_that_was_cut_short_or_written_anew_does_not_hold_a_head_noted_before(database, record):
    record(5)
    sealed(database)
    noted = verified(database).head
    assert verified(database, KEY, noted).broken is None
    damage(database, "DELETE FROM audit_seal WHERE position > 3")
    assert verified(database).broken is None
    assert verified(database, KEY, noted).broken == "the chain ends at position 3, before the expected one"
    forged = Head(2, "0" * 64)
    assert verified(database, KEY, forged).broken == "the chain was written anew: position 2 is not the expected one"


def test_the_chain_holds_under_its_own_secret_only(database, record):
    record(1)
    sealed(database)
    assert verified(database, key=sealing_key("another secret")).broken


def test_the_database_refuses_to_change_or_drop_what_was_recorded(database, record):
    record(1, ids=[str(new_id())])
    sealed(database)
    assert noted(database, NOW) == 1
    tables = {"audit_entry": "at", "audit_seal": "digest", "audit_subject": "entry_id", "audit_checkpoint": "at"}
    empty = "DELETE FROM {}" if database.engine.dialect.name == "sqlite" else "TRUNCATE {} CASCADE"
    for table, column in tables.items():
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", empty.format(table)):
            with pytest.raises(DBAPIError), database.writing() as session:
                session.execute(text(statement))


def test_an_entry_that_commits_after_later_ones_is_sealed_too(database, record, network):
    record(1)
    with database.writing() as session:
        newest = session.scalars(select(func.max(AuditEntry.id))).one()
        entry = {"network_id": network, "at": NOW, "action": "late", "entity": "x", "ids": [], "detail": {}}
        session.execute(insert(AuditEntry), [entry | {"id": newest + 5}])
    assert sealed(database) == 2
    with database.writing() as session:
        session.execute(insert(AuditEntry), [entry | {"id": newest + 2}])
    assert sealed(database) == 1
    assert REACH_BACK > 5
    assert verified(database).checked == 3


def test_many_sealers_at_once_make_one_chain(database, record):
    record(300)

    def work(_):
        done = 0
        for _ in range(20):
            try:
                done += sealed(database, limit=20)
            except DBAPIError:  # another sealer took the position: nothing was written
                continue
        return done

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 300
    found = verified(database)
    assert (found.checked, found.unsealed, found.broken) == (300, 0, None)


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_entry SET at = 'x' WHERE id = 3", "UPDATE audit_entry SET ids = '[' WHERE id = 3"]
)
def test_a_value_that_nobody_can_read_is_named_too(database, record, statement):
    """PostgreSQL would not store such a value in the first place."""
    record(5)
    sealed(database)
    damage(database, statement)
    found = verified(database)
    assert found.broken == "the audit entry at position 3 cannot be read"
    assert found.checked == 2


def noted(database, now, folder=None):
    return note_head(database, lambda session: now, folder)


def test_the_head_is_noted_every_hour_in_the_database_and_in_a_file_that_proves_it(database, record, tmp_path):
    file = tmp_path / FILE
    assert noted(database, NOW, tmp_path) == 0  # nothing is sealed yet
    record(2)
    sealed(database)
    assert noted(database, NOW, tmp_path) == 1
    record(1)
    sealed(database)
    hour = timedelta(hours=1)
    assert [noted(database, NOW + wait, tmp_path) for wait in (hour / 2, hour, 3 * hour)] == [0, 1, 0]
    assert [head.position for head in heads_in(file)] == [2, 3]
    assert verified(database, KEY, *heads_in(file)).broken is None
    other = tmp_path / "another machine"
    noted(database, NOW + 3 * hour, other)
    assert heads_in(other / FILE) == heads_in(file)

    damage(database, "DELETE FROM audit_seal WHERE position = 3")
    assert verified(database).broken is None
    assert verified(database, KEY, *heads_in(file)).broken == "the chain ends at position 2, before the expected one"


def test_a_disk_that_is_full_leaves_no_half_checkpoint(database, record, tmp_path, monkeypatch):
    append(tmp_path / FILE, "first\n")

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        append(tmp_path / FILE, "second\n")
    assert (tmp_path / FILE).read_text() == "first\n"
    with pytest.raises(Unreadable, match="line 1 is no checkpoint"):
        heads_in(tmp_path / FILE)


def test_sealing_says_which_entry_names_which_row(database, record):
    first, second = new_id(), new_id()
    record(1, ids=[str(first), str(second), str(first), "no id"])
    sealed(database)
    with database.reading() as session:
        assert set(session.scalars(select(AuditSubject.entity_id))) == {first, second}
