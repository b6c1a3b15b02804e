"""The documentation is complete: each operation says who may do it, what it takes and answers, and shows each by example."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from referrals.api.fixed_paths import FORM
from referrals.api.openapi_examples import operations_of
from referrals.domain.people import Scope
from tests.api.agreement import DIALECT

# Of files and of the documentation itself nothing is shown.
NOT_TEXT = ("application/pdf", "image/", "application/dicom", "text/plain", "text/html")
NOT_SHOWN = frozenset({"openapi", "docs"})


@pytest.fixture
def databases(databases_of, request):
    """The document does not depend on the database."""
    request.node.user_properties.append(("database", "sqlite"))
    return databases_of("sqlite")


@pytest.fixture
def written(stranger):
    return stranger.get("/openapi.json").json


def content(operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for form, body in operation.get("requestBody", {}).get("content", {}).items():
        yield "request", form, body
    for status, answer in operation["responses"].items():
        for form, body in answer.get("content", {}).items():
            if status < "300" and not form.startswith(NOT_TEXT):
                yield status, form, body


def example_of(written: dict[str, Any], body: dict[str, Any]) -> Any:
    """Its own, or the one of its shape."""
    shared = [written["components"]["examples"][name]["value"] for name in body.get("examples", ())]
    return body.get("example", *shared) if shared else body.get("example")


def test_whatever_is_sent_or_answered_has_an_example_that_is_of_its_shape(written):
    faults = []
    for operation in operations_of(written):
        if operation["operationId"] in NOT_SHOWN:
            continue
        for place, form, body in content(operation):
            at = f"{operation['operationId']} {place} {form}"
            shown = example_of(written, body)
            if shown is None:
                faults.append(f"{at}: no example")
            elif form != FORM:
                check = DIALECT(body["schema"] | {"components": written["components"]})
                faults += [f"{at} {error.json_path}: {error.message}" for error in check.iter_errors(shown)]
    assert faults == []


def test_every_parameter_says_what_it_is_for_and_has_an_example_of_its_shape(written):
    faults = []
    for operation in operations_of(written):
        for parameter in operation.get("parameters", ()):
            if "$ref" in parameter:
                continue
            at = f"{operation['operationId']} {parameter['name']}"
            faults += [] if parameter.get("description") else [f"{at}: no description"]
            check = DIALECT(parameter["schema"] | {"components": written["components"]})
            faults += [f"{at}: {error.message}" for error in check.iter_errors(parameter.get("example"))]
    assert faults == []


def test_every_operation_says_what_it_does_who_may_and_with_which_headers_it_answers(written):
    for operation in operations_of(written):
        name = operation["operationId"]
        assert operation["summary"], name
        assert operation["description"], name
        for status, answer in operation["responses"].items():
            if "$ref" in answer:
                continue
            assert {"X-Request-ID", "Cache-Control"} <= answer["headers"].keys(), (name, status)
    scopes = written["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["scopes"]
    assert scopes.keys() == set(Scope)
    assert all(scopes.values())


def test_every_refusal_shows_problems_of_its_shape(written):
    for word, answer in written["components"]["responses"].items():
        body = answer["content"]["application/problem+json"]
        assert body["examples"], word
        for example in body["examples"].values():
            jsonschema.validate(
                example["value"], {"$ref": "#/components/schemas/Problem", "components": written["components"]}, DIALECT
            )
