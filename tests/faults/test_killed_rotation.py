"""The rotation of keys is killed again and again, while people are found: the next one goes on, and nothing is lost."""

import json

import pytest
from sqlalchemy import func, select

from referrals.models.patient import PatientIdentifier
from referrals.pathway.registry import register_patient
from tests.factories import client_actor, patient, settled
from tests.faults.workers import Workers, kill, wait_until
from tests.small_network import NOW

pytestmark = pytest.mark.faults

ROTATION = """
import os, signal
from config import settings_from
from referrals.app import create_app
from referrals.pathway import relocking
from tests.faults.workers import stand_ready

relocking.ROWS_AT_ONCE = 2
app = create_app(settings_from(os.environ))
stand_ready()
app.test_cli_runner().invoke(args=["keys", "rotate"])
signal.pause()
"""
SYSTEM = "urn:oid:2.16.840.1.113883.4.1"


@pytest.fixture
def rotations(settings):
    with Workers(ROTATION, {"DATABASE_URL": settings.database_url, "DATA_DIR": str(settings.data_dir)}) as rotations:
        yield rotations


@pytest.mark.parametrize(
    ("databases", "kills"),
    [
        ("sqlite", 2),
        ("postgresql", 2),
        *(pytest.param(kind, 20, marks=pytest.mark.long) for kind in ("sqlite", "postgresql")),
    ],
    indirect=["databases"],
)
def test_a_killed_rotation_goes_on_where_it_was(app, database, rotations, kills):
    numbers = [f"999-{number}" for number in range(20 * (kills + 1))]
    with database.writing() as session:
        actor = client_actor(settled(session), "lakeside")
        for place, number in enumerate(numbers):
            sent = patient(place, identifiers=[{"system": SYSTEM, "value": number}])
            register_patient(session, actor, sent, NOW)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["keys", "new"]).exit_code == 0

    def moved():
        with database.reading() as session:
            query = select(func.count()).select_from(PatientIdentifier)
            return session.scalar(query.where(PatientIdentifier.locked.startswith("2:data-2:")))

    for _ in range(kills):
        before = moved()
        rotation = rotations.take()
        wait_until(lambda before=before: moved() > before)
        kill(rotation)
    assert 0 < moved() < len(numbers)
    done = runner.invoke(args=["keys", "rotate"])
    assert (done.exit_code, json.loads(done.stdout.splitlines()[-1])) == (0, {"remains": {}})
    with database.reading() as session:
        assert [each.number for each in session.scalars(select(PatientIdentifier).order_by("id"))] == numbers
