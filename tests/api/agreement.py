"""Holds answers to the OpenAPI document: status, headers and shape are what was promised."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import jsonschema
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from referrals.api.openapi import document, path_of

DIALECT = jsonschema.Draft202012Validator


_WRITTEN: dict[str, Any] = {}


def document_of(app: Flask) -> dict[str, Any]:
    """Made once for all tests: every application has the same routes."""
    if not _WRITTEN:
        _WRITTEN.update(document(app))
    return _WRITTEN


def operation(app: Flask, method: str, address: str) -> dict[str, Any] | None:
    """What is promised of this call; nothing where the address leads nowhere."""
    host = urlsplit(address)
    adapter = app.url_map.bind(host.netloc or "localhost")
    try:
        rule, _ = adapter.match(host.path, method=method, return_rule=True)
    except HTTPException:
        return None
    return document_of(app)["paths"][path_of(rule)].get(method.lower())


def refuse_other_than_documented(app: Flask, method: str, address: str, answer: TestResponse) -> None:
    promised = operation(app, method, address)
    if promised is None:
        return
    status = str(answer.status_code)
    if status == "500":  # promised nowhere; the test that provokes one says so itself
        return
    assert status in promised["responses"], f"{method} {address} answered {status}, which is not documented"
    response = resolved(app, promised["responses"][status])
    lacking = {name for name, header in headers_of(app, response) if header["required"] and name not in answer.headers}
    assert not lacking, f"{method} {address} {status} lacks {lacking}"
    if not answer.is_json and "problem" not in (answer.mimetype or ""):
        return
    assert answer.mimetype in response["content"], answer.mimetype
    schema = response["content"][answer.mimetype]["schema"]
    validator = DIALECT(schema | {"components": document_of(app)["components"]})
    faults = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer.get_json(force=True))]
    assert faults == [], f"{method} {address} {status}: {faults[:5]}"


def headers_of(app: Flask, response: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, header in response.get("headers", {}).items():
        yield name, resolved(app, header)


def resolved(app: Flask, part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = document_of(app)
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found
