"""The documentation: the OpenAPI document, and the same as one page that needs no script."""

import base64
import hashlib
from functools import cache
from typing import Any

from flask import Blueprint, Response, current_app
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from referrals.api.call import to_json
from referrals.api.openapi import document

documentation = Blueprint("documentation", __name__)

METHODS = ("get", "post", "patch", "put", "delete")


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


class Page:
    """A name for everything that the page prints."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.title = f"{spec['info']['title']} API {spec['info']['version']}"
        self.introduction = spec["info"]["description"]
        self.shapes = sorted(spec["components"]["schemas"].items())

    def sections(self) -> list[tuple[dict[str, str], list[tuple[str, str, dict[str, Any]]]]]:
        """Each tag with its operations."""
        return [
            (tag, [each for each in self._operations() if tag["name"] in each[2]["tags"]]) for tag in self.spec["tags"]
        ]

    def _operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (method.upper(), path, operations[method])
            for path, operations in self.spec["paths"].items()
            for method in METHODS
            if method in operations
        ]

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """A parameter or response itself, where only its name stands."""
        if "$ref" not in part:
            return part
        kind, name = part["$ref"].split("/")[-2:]
        found: dict[str, Any] = self.spec["components"][kind][name]
        return found

    def shape_of(self, schema: dict[str, Any]) -> str:
        """The type of a field in a few words."""
        if "$ref" in schema:
            return self.name_of(schema)
        if choices := schema.get("anyOf"):
            return " or ".join(self.shape_of(each) for each in choices)
        if schema.get("type") == "array" or "items" in schema:
            return f"list of {self.shape_of(schema.get('items', {}))}"
        words = schema.get("type", "anything")
        return " or ".join(words) if isinstance(words, list) else str(words)

    def name_of(self, schema: dict[str, Any]) -> str:
        return str(schema.get("$ref", "")).rpartition("/")[2]

    def link_of(self, schema: dict[str, Any]) -> str:
        """The shape that a field leads to, if it leads to one."""
        parts = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
        return next((name for part in parts if (name := self.name_of(part))), "")

    def body_of(self, content: dict[str, Any]) -> dict[str, Any]:
        schema: dict[str, Any] = next(iter(content.values()))["schema"]
        return schema
