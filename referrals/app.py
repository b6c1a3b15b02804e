"""Makes the application: reads the settings, opens the database, hangs the doors."""

import logging
import os

from flask import Flask, Response, g, request
from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings, SettingsError, settings_from
from referrals.api import door as api
from referrals.api.feed import WaitingRoom
from referrals.boundary.denials import ONE_BY_ONE, note_denied
from referrals.boundary.files import open_archive
from referrals.boundary.key_files import keys_of
from referrals.boundary.limits import Leases
from referrals.boundary.outgoing import Outgoing
from referrals.boundary.published_keys import SECONDS_FOR_KEYS, PublishedKeys
from referrals.boundary.refused_calls import Refusals
from referrals.boundary.trace import configure_logs, trace
from referrals.cli.commands import COMMANDS, Commands
from referrals.models.engine import Database, is_unavailable
from referrals.models.keys import Keys, KeysRefused
from referrals.models.user import User
from referrals.models.vault import Vault
from referrals.web import door as web

# What every answer carries unless its door says something stricter or more fitting.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
ONLY_HTTPS = "max-age=31536000; includeSubDomains"

WORKER = {"worker": "referrals.worker.command:worker"}

log = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> Flask:
    settings = settings or settings_from(os.environ)
    app = Flask("referrals", static_folder=None, template_folder=None)
    configure(app, settings)
    app.extensions["keys"] = keys = keys_of(settings)
    app.extensions["vault"] = vault = Vault(keys)
    pool = settings.database_pool
    app.extensions["database"] = database = Database(settings.database_url, pool_size=pool, vault=vault)
    app.extensions["archive"] = open_archive(settings)
    app.extensions["call_limits"] = Leases(settings.calls_per_minute)
    app.extensions["waiting_room"] = WaitingRoom(settings.database_pool // 2)
    app.extensions["refusals"] = Refusals()
    app.extensions["denials"] = Refusals(ONE_BY_ONE)
    app.extensions["unproven"] = Refusals()
    app.extensions["published_keys"] = PublishedKeys(Outgoing(settings, seconds=SECONDS_FOR_KEYS))
    if settings.in_production:
        refuse_without_keys(keys)
        keep_demo_out(database)
    hang_doors(app)
    app.cli = Commands(app.name, COMMANDS | WORKER)
    return app


def configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.body_limit,
        PROVIDE_AUTOMATIC_OPTIONS=False,
    )
    configure_logs(settings.log_level)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def hang_doors(app: Flask) -> None:
    """Each door has its addresses; the one that an address belongs to also says what went wrong there."""
    app.url_map.merge_slashes = False  # an address with an empty part leads nowhere
    trace(app)
    for blueprint in api.blueprints():
        app.register_blueprint(blueprint)
    web.hang(app)
    app.register_error_handler(Exception, answer_failure)
    app.after_request(note_denied)
    app.after_request(protect)


def answer_failure(error: Exception) -> Response:
    """Whoever would have answered at this address also says what went wrong."""
    door = api if api.is_ours(request.path) else web
    return door.answer_failure(error)


def protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    for name, value in g.get("rate_headers", {}).items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", ONLY_HTTPS)
    return response


def refuse_without_keys(keys: Keys) -> None:
    """The terminal starts all the same: it is where keys are made. A command that needs them says so itself."""
    if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
        try:
            keys.refuse_unless_complete()
        except KeysRefused as problem:
            raise SettingsError(str(problem)) from None


def keep_demo_out(database: Database) -> None:
    """Look for demo users now if the database answers; if it does not, readiness says so until it does.

    No connection stays open: a server that becomes several processes would leave it to all of them.
    """
    try:
        with database.reading() as session:
            refuse_demo_users(session)
    except DBAPIError as problem:
        if not is_unavailable(problem):
            raise
        log.warning("the database does not answer yet")
    finally:
        database.close()


def refuse_demo_users(session: Session) -> None:
    """Everybody knows the demo users' password: production does not start beside them."""
    if not inspect(session.connection()).has_table(User.__tablename__):
        return
    if session.scalar(select(User.id).where(User.is_demo).limit(1)):
        raise SettingsError("This database holds demo users. Production needs a database of its own.")
