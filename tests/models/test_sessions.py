"""What reading and writing sessions promise, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, delete, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from referrals.models.engine import Database, ReadingSessionWrote, is_unavailable
from referrals.models.organization import Network

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_network(code: str = "coast") -> Network:
    return Network(code=code, name="Coast", zone="America/Los_Angeles", created_at=NOW)


def codes(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Network.code).order_by(Network.code)))


def test_each_test_begins_with_an_empty_database(database):
    assert codes(database) == []
    with database.writing() as session:
        session.add(a_network())


