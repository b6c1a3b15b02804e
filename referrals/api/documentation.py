"""The documentation: the OpenAPI document, and the same as one page that needs no script."""

import base64
import hashlib
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from referrals.api.call import to_json
from referrals.api.documentation_page import Page
from referrals.api.openapi import document

documentation = Blueprint("documentation", __name__)


@documentation.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    return _kept(to_json(written()), "application/json")


@documentation.get("/docs")
def docs() -> Response:
    """The same, for people."""
    page = _kept(_pages().get_template("docs.html").render(page=Page(written()), style=_style()), "text/html")
    page.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{_style_hash()}'; base-uri 'none'; frame-ancestors 'none'"
    )
    return page


def written() -> dict[str, Any]:
    """Made once for each application: its routes do not change."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # the application behind the proxy
    if "openapi" not in app.extensions:
        app.extensions["openapi"] = document(app)
    kept: dict[str, Any] = app.extensions["openapi"]
    return kept


def _kept(body: bytes | str, mimetype: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("referrals.api"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style() -> str:
    return _pages().get_template("docs.css").render()


@cache
def _style_hash() -> str:
    return base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
