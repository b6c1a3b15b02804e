"""Makes the application: reads the settings, opens the database, hangs the doors."""

import logging
import os

from flask import Blueprint, Flask
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config import Settings, SettingsError, settings_from
from referrals.cli.database import db
from referrals.cli.start import start
from referrals.models.engine import Database, is_unavailable
from referrals.models.user import User

BLUEPRINTS: tuple[Blueprint, ...] = ()
COMMANDS = (db, start)

log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or settings_from(os.environ)
    app = Flask("referrals", static_folder=None, template_folder=None)
    app.config["SETTINGS"] = settings
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["database"] = database = Database(settings.database_url, pool_size=settings.database_pool)
    if settings.in_production:
        keep_demo_out(database)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    app.get("/health/live")(live)
    return app


def live() -> dict[str, str]:
    """This process answers."""
    return {"status": "up"}


def keep_demo_out(database: Database) -> None:
    """Look for demo users now if the database answers; if it does not, readiness says so until it does."""
    try:
        with database.reading() as session:
            refuse_demo_users(session)
    except SettingsError:
        database.close()
        raise
    except DBAPIError as problem:
        if not is_unavailable(problem):
            raise
        log.warning("the database does not answer yet")


def refuse_demo_users(session: Session) -> None:
    """Everybody knows the demo users' password: production does not start beside them."""
    if not inspect(session.connection()).has_table(User.__tablename__):
        return
    if session.scalar(select(User.id).where(User.is_demo).limit(1)):
        raise SettingsError("This database holds demo users. Production needs a database of its own.")
