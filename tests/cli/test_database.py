"""`db` migrates, checks and explains itself by its exit status: 0 success, 1 refusal, 2 wrong use."""

import pytest

from referrals.models import schema_version


@pytest.fixture
def untouched(start_app, fresh_database_url):
    """An application over a database that no migration has touched."""
    return start_app(database_url=fresh_database_url)


def test_a_new_database_is_brought_up_checked_and_taken_back(untouched):
    runner = untouched.test_cli_runner()
    assert runner.invoke(args=["db", "check"]).exit_code == 1

    upgraded = runner.invoke(args=["db", "upgrade"])
    assert (upgraded.exit_code, upgraded.output) == (0, f"The database is at {schema_version.head()}.\n")
    assert runner.invoke(args=["db", "check"]).exit_code == 0

    assert runner.invoke(args=["db", "downgrade", "base"]).exit_code == 0
    assert runner.invoke(args=["db", "check"]).exit_code == 1


def test_a_single_migration_can_be_named(untouched):
    runner = untouched.test_cli_runner()
    assert runner.invoke(args=["db", "upgrade", "0001_networks_and_people"]).exit_code == 0
    behind = runner.invoke(args=["db", "check"])
    assert behind.exit_code == 1
    assert "the database is at migration 0001_networks_and_people" in behind.output


@pytest.mark.parametrize("words", [["db", "upgrade", "9999_nowhere"], ["db", "downgrade"], ["db", "sidegrade"]])
def test_wrong_use_is_told_apart(app, words):
    assert app.test_cli_runner().invoke(args=words).exit_code == 2


def test_the_migrations_of_this_version_agree_with_its_models(app):
    assert app.test_cli_runner().invoke(args=["db", "check", "--fresh"]).exit_code == 0


@pytest.mark.parametrize("words", [["upgrade"], ["downgrade", "base"], ["check"]])
def test_a_database_that_does_not_answer_is_a_refusal_in_one_line(start_app, words):
    app = start_app(database_url="postgresql://nobody:hunter2@127.0.0.1:1/nothing")
    refused = app.test_cli_runner().invoke(args=["db", *words])
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: The database does not answer")
    assert "hunter2" not in refused.output
