"""How the application starts: with its database behind it, and never beside demo users in production."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from config import SettingsError
from referrals.models.organization import Network
from referrals.models.user import User

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PRODUCTION = {"env": "production", "secret_key": "long-enough-for-production"}


def add_user(database, *, is_demo: bool) -> None:
    with database.writing() as session:
        session.add(network := Network(code="coast", name="Coast", zone="UTC", created_at=NOW))
        session.flush()
        session.add(User(network_id=network.id, email="a@lakeside.example", name="A", is_demo=is_demo, created_at=NOW))


def test_a_process_that_is_up_says_so(app):
    assert app.test_client().get("/health/live").status_code == 200


def test_production_does_not_start_beside_demo_users(database, start_app):
    add_user(database, is_demo=True)
    with pytest.raises(SettingsError, match="demo users"):
        start_app(**PRODUCTION)


def test_production_starts_beside_real_users(database, start_app):
    add_user(database, is_demo=False)
    assert start_app(**PRODUCTION)


def test_a_server_that_forks_once_it_has_started_shares_no_connection(database, start_app):
    pool = start_app(**PRODUCTION).extensions["database"].engine.pool
    assert pool.checkedin() == 0


def test_elsewhere_demo_users_are_welcome(database, start_app):
    add_user(database, is_demo=True)
    assert start_app()


def test_production_starts_over_a_database_without_tables_so_that_it_can_be_migrated(start_app, fresh_database_url):
    assert start_app(**PRODUCTION, database_url=fresh_database_url)


def test_production_starts_while_the_database_is_away(start_app):
    app = start_app(**PRODUCTION, database_url="postgresql://nobody@127.0.0.1:1/nothing")
    assert app.test_client().get("/health/live").status_code == 200


def test_a_web_process_carries_nothing_of_the_solver_nor_of_what_draws(databases_of, tmp_path):
    """In a process of its own: the worker alone pays for what places a whole queue, who draws for what draws."""
    script = (
        "import sys; from wsgi import app\n"
        "print(app.test_client().get('/sign-in').status_code, sorted("
        "{'ortools', 'numpy', 'pandas', 'reportlab'} & set(sys.modules)))"
    )
    settings = {
        "REFERRALS_ENV": "test",
        "REFERRALS_DATABASE_URL": databases_of("sqlite").fresh(),
        "REFERRALS_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | settings, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "200 []"
