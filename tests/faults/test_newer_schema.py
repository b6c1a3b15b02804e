"""The schema of the next version is there already and this version still runs: nobody stops for an upgrade."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from referrals.models.engine import Database
from referrals.pathway.seals import sealing_key
from referrals.worker.loop import Worker
from tests.api.partner import Partner
from tests.databases import Databases
from tests.factories import packet, settled, token

pytestmark = pytest.mark.faults
# What a migration may do while the version before it works on: docs/operations.md, "Upgrade".
NEXT = (
    "CREATE TABLE invention (id INTEGER PRIMARY KEY, referral_id CHAR(36))",
    "ALTER TABLE referral ADD COLUMN invented VARCHAR(40)",
    "ALTER TABLE event ADD COLUMN invented INTEGER DEFAULT 3 NOT NULL",
    "CREATE INDEX ix_referral_invented ON referral (invented)",
    "UPDATE alembic_version SET version_num = '9999_the_next_version'",
)


@pytest.fixture
def fresh(databases: Databases) -> Iterator[str]:
    """A migrated database of its own, because its schema changes."""
    url = databases.fresh()
    yield url
    databases.forget(url)


def test_the_version_before_works_on_over_the_schema_of_the_next(start_app: Callable[..., Flask], fresh: str):
    app = start_app(database_url=fresh)
    database: Database = app.extensions["database"]
    with database.writing() as session:
        world = settled(session)
    lakeside = Partner(app, token(database, world, "lakeside"))
    coordinator = Partner(app, token(database, world, "network"), "coordinator@network.example")
    before = lakeside.create(packet(1))
    with database.writing() as session:
        for statement in NEXT:
            session.execute(text(statement))
    assert lakeside.get("/health/ready").status_code == 200
    assert coordinator.take("claim", before).status_code == 200
    after = lakeside.create(packet(2))
    assert [each["id"] for each in coordinator.get("/referrals").json["items"]] == [before["id"], after["id"]]
    assert Worker(database, sealing_key("secret")).round()
