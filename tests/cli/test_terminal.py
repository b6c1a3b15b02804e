"""However a command fails, it ends with a line that an operator can read and that quotes nobody's data."""

import click
import pytest
from sqlalchemy import insert

from referrals.cli.terminal import refusals
from referrals.models.organization import Network
from referrals.models.user import User
from tests.small_network import NOW


def test_what_the_database_refuses_is_told_without_its_values(app, database):
    with database.writing() as session:
        session.add(network := Network(code="coast", name="Coast", zone="UTC", created_at=NOW))
        session.flush()
        row = {"network_id": network.id, "email": "Canaria@lakeside.example", "name": "Canaria", "created_at": NOW}
    with app.app_context(), pytest.raises(click.ClickException) as told, refusals(), database.writing() as session:
        session.execute(insert(User), [row])
    assert told.value.exit_code == 1
    assert told.value.message.startswith("The database refused")
    assert "Canaria" not in told.value.message


@pytest.mark.parametrize(
    "words",
    [
        ["organization", "create", "X", "--code", "x", "--kind", "provider"],
        ["client", "create", "X", "--organization", "x", "--scope", "referrals:read"],
        ["user", "create", "a@x.example", "--name", "A", "--role", "clinician", "--organization", "x"],
        ["import", __file__, "--organization", "x"],
        ["codes", "load", "own", __file__],
        ["integrity", "check"],
        ["audit", "verify"],
        ["demo"],
    ],
)
def test_a_database_that_does_not_answer_is_a_refusal_in_one_line(start_app, words):
    app = start_app(database_url="postgresql://nobody:hunter2@127.0.0.1:1/nothing")
    refused = app.test_cli_runner().invoke(args=words)
    assert refused.exit_code == 1
    assert "The database does not answer." in refused.stderr
    assert "hunter2" not in refused.output
