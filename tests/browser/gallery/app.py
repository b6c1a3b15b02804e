"""A small application that shows every page of the gallery, with the headers of the real one."""

from flask import Flask, abort, render_template, request
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response

import referrals.web
from referrals.web import drawing
from referrals.web.assets import STATIC, STATIC_PATH, asset_url, compressed
from referrals.web.headers import PAGE_CACHE, SECURITY_HEADERS
from referrals.web.paths import chart
from tests.browser.gallery.figures import DRAWN
from tests.browser.gallery.pages import PAGES


def gallery_app() -> Flask:
    templates = STATIC.parent / "templates"
    app = Flask(
        referrals.web.__name__, static_folder=str(STATIC), static_url_path=STATIC_PATH, template_folder=str(templates)
    )
    # A name that a template prints and no page object has is an error here, not a blank.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset_url=asset_url, csrf_token=lambda: "made-up", written_for=lambda: "made-up")
    app.add_url_rule("/gallery/<name>", view_func=show)
    app.add_url_rule(chart("<name>"), view_func=picture)
    app.after_request(guard)
    return app


def show(name: str) -> str:
    shown = PAGES[name]() if name in PAGES else abort(404)
    return render_template(shown.template, page=shown.page, frame=shown.frame)


def picture(name: str) -> Response:
    """A chart of a page that was shown, as the real address of it would answer."""
    colors = drawing.DARK if request.args.get("theme") == "dark" else drawing.LIGHT
    return Response(drawing.svg(DRAWN[name], colors), mimetype="image/svg+xml")


def guard(response: Response) -> Response:
    response.headers.update(SECURITY_HEADERS)
    if response.mimetype == "text/html":
        response.headers["Cache-Control"] = PAGE_CACHE
    return compressed(response)
