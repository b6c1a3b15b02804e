"""Writes the OpenAPI document from what each endpoint says of itself."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from marshmallow import Schema
from werkzeug.routing import Rule

from referrals.api.door_words import HEADERS, INTRODUCTION, PATH_PARTS, PROBLEMS, TAGS
from referrals.api.endpoint import PATCH, Contract
from referrals.api.fixed_paths import FIXED_PATHS
from referrals.api.openapi_examples import with_examples
from referrals.api.openapi_headers import ANSWERED, headers_of_problem, headers_of_success
from referrals.api.shapes import ProblemOut, listed
from referrals.boundary.files import FORM
from referrals.boundary.problems import MEDIA_TYPE, NAMES
from referrals.boundary.schemas import fields
from referrals.domain.lifecycle import STEPS, Status
from referrals.domain.people import PARTY_NAMES, SCOPE_WORDS, Kind, Party

VERSION = "1"
_SCOPES = {str(scope): words for scope, words in SCOPE_WORDS.items()}
_BYTES = {"type": "string", "format": "binary"}
_PATH_PART = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
_TYPES: tuple[tuple[type[Any], str | None, str | None], ...] = (
    (fields.Words, "string", None),
    (fields.Word, "string", None),
    (fields.Flag, "boolean", None),
    (fields.Whole, "integer", None),
    (fields.Quantity, "number", None),
    (fields.Day, "string", "date"),
    (fields.PartialDay, "string", None),
    (fields.Instant, "string", "date-time"),
    (fields.Id, "string", "uuid"),
)


def document(app: Flask) -> dict[str, Any]:
    """The whole document. Every route under the base path is in it, and nothing else but the three outside."""
    plugin = MarshmallowPlugin(schema_name_resolver=_name)
    spec = APISpec(
        title="Referrals",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": INTRODUCTION, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        servers=[{"url": "/"}],
        tags=[{"name": name, "description": words} for name, words in TAGS.items()],
    )
    for kind, type_name, form in _TYPES:
        plugin.map_to_openapi_type(kind, type_name, form)
    _describe_shared(spec)
    for rule, contract, view in routes(app):
        spec.path(path=path_of(rule), operations=_operations(rule, contract, view))
    for path, operations in FIXED_PATHS.items():
        spec.path(path=path, operations=operations)
    return with_examples(_with_descriptions(spec.to_dict()))


def routes(app: Flask) -> Iterator[tuple[Rule, Contract, Any]]:
    """Every endpoint that has a contract, in the order of the addresses."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: (each.rule, sorted(each.methods or ()))):
        view = app.view_functions[rule.endpoint]
        if (contract := getattr(view, "contract", None)) is not None:
            yield rule, contract, view


def path_of(rule: Rule) -> str:
    return _PATH_PART.sub(r"{\1}", rule.rule)


def _name(schema: Any) -> str:
    """`Packet` is what is sent whole, `PacketPatch` what is laid over it."""
    kind = schema if isinstance(schema, type) else type(schema)
    partial = not isinstance(schema, type) and bool(getattr(schema, "partial", False))
    return f"{kind.__name__}Patch" if partial else kind.__name__


def _describe_shared(spec: APISpec) -> None:
    spec.components.schema("Problem", schema=ProblemOut)
    spec.components.security_scheme(
        "oauth",
        {
            "type": "oauth2",
            "description": "Client credentials: POST /oauth/token, then `Authorization: Bearer TOKEN`.",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": _SCOPES}},
        },
    )
    for name in (NAMES[word] for word in PROBLEMS):
        content = {MEDIA_TYPE: {"schema": "Problem"}}
        said = {"description": f"{name.title}.", "headers": headers_of_problem(name.word), "content": content}
        spec.components.response(name.word, said)
    for word, header in ANSWERED.items():
        spec.components.header(word, header)
    for word, header in HEADERS.items():
        spec.components.parameter(word, "header", header)


def _operations(rule: Rule, contract: Contract, view: Any) -> dict[str, Any]:
    method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"})).lower()
    summary, _, more = (view.__doc__ or "").strip().partition("\n")
    operation: dict[str, Any] = {
        "operationId": f"{rule.endpoint.removeprefix('api.').replace('.', '-')}",
        "summary": summary,
        "description": " ".join([*more.split(), _needs(contract)]),
        "tags": [_tag(rule)],
        "security": [{"oauth": [str(contract.scope)] if contract.scope else []}],
        "parameters": [*_in_path(rule), *_in_query(contract), *_in_headers(contract)],
        "responses": {**_success(contract), **_refusals(rule, contract)},
    }
    if contract.streamed:
        content = {form: {"schema": _BYTES} for form in contract.streamed.forms}
        operation["requestBody"] = {"required": True, "content": content}
    elif contract.takes is not None:
        operation["requestBody"] = _request_body(contract, is_patch=method == PATCH.lower())
    return {method: operation}


def _tag(rule: Rule) -> str:
    return rule.endpoint.split(".")[1]


def _needs(contract: Contract) -> str:
    """Who may call, in words; for a step also from where it leads where."""
    said = []
    if contract.scope:
        said.append(f"Needs the scope `{contract.scope}`.")
    if contract.kinds:
        said.append(f"For {' and '.join(f'a {kind}' for kind in Kind if kind in contract.kinds)}.")
    if contract.parties:
        said.append(f"For {' and '.join(PARTY_NAMES[party] for party in Party if party in contract.parties)}.")
    for name in contract.steps:
        rule = STEPS[name]
        takers = ", ".join(PARTY_NAMES[party] for party in Party if party in rule.parties and party is not Party.T)
        sources = ", ".join(f"`{status}`" for status in Status if status in rule.sources)
        said.append(f"Taken by {takers}; from {sources}.")
        if rule.person_required:
            said.append("Needs a person in `On-Behalf-Of`.")
    return " ".join(said or ["Any token will do."])


def _in_path(rule: Rule) -> list[dict[str, Any]]:
    return [
        {
            "in": "path",
            "name": name,
            "required": True,
            "description": PATH_PARTS[name],
            "schema": {"type": "string", "format": "uuid"} if name.endswith("_id") else {"type": "string"},
        }
        for name in _PATH_PART.findall(rule.rule)
    ]


def _in_query(contract: Contract) -> list[dict[str, Any]]:
    return [{"in": "query", "schema": contract.asks}] if contract.asks else []


def _in_headers(contract: Contract) -> list[str]:
    wanted = [
        ("If-Match", contract.needs_version),
        ("Idempotency-Key", contract.repeatable),
        ("On-Behalf-Of", bool(contract.steps) or contract.asks is not None),
        ("X-Request-ID", True),
    ]
    return [word for word, is_wanted in wanted if is_wanted]


def _request_body(contract: Contract, *, is_patch: bool) -> dict[str, Any]:
    takes: Any = contract.takes
    schema: Schema = takes(partial=True) if is_patch else takes()
    if contract.carries:
        return {"required": True, "content": {FORM: {"schema": schema}}}
    forms = ["application/json", "application/merge-patch+json"] if is_patch else ["application/json"]
    return {"required": not contract.may_be_empty, "content": {form: {"schema": schema} for form in forms}}


def _success(contract: Contract) -> dict[str, Any]:
    shape = contract.gives and (listed(contract.gives) if contract.listed else contract.gives)
    content: dict[str, Any] = {form: {"schema": _BYTES} for form in contract.hands_out}
    content = content or ({"application/json": {"schema": shape}} if shape else {})
    content |= {form: {"schema": {"type": "string"}} for form in contract.also_as}
    statuses = {contract.status: _done(contract), **({200: "It was here already."} if contract.may_know_it else {})}
    return {
        str(status): {
            "description": words,
            "headers": headers_of_success(contract, status),
            **({"content": {form: dict(body) for form, body in content.items()}} if content else {}),
        }
        for status, words in statuses.items()
    }


def _done(contract: Contract) -> str:
    """What the status means."""
    if contract.status == 202:
        return "Taken in; what is at `Location` tells when it is done."
    if contract.status == 201:
        return "Made, and readable at `Location`."
    return "The referral as it stands now." if contract.steps else "Done." if contract.writes else "What was asked for."


def _refusals(rule: Rule, contract: Contract) -> dict[str, str]:
    """Only what this endpoint can answer."""
    can = {
        "always": True,
        "body": contract.takes is not None or contract.streamed is not None,
        "path": bool(rule.arguments),
        "version": contract.needs_version,
        "conflict": contract.writes or contract.repeatable or contract.is_sealed or bool(contract.hands_out),
    }
    return {str(NAMES[word].status): word for word, when in PROBLEMS.items() if can[when]}


def _with_descriptions(written: dict[str, Any]) -> dict[str, Any]:
    """What a shape is for stands in the words of its class."""
    by_name: Mapping[str, type[Schema]] = {_name(kind): kind for kind in _all_shapes(fields.Body)}
    for name, schema in written["components"]["schemas"].items():
        kind = by_name.get(name.removesuffix("Patch"))
        if kind is not None and kind.__doc__ and "__doc__" in vars(kind):
            schema.setdefault("description", " ".join(kind.__doc__.split()))
    return written


def _all_shapes(kind: type[Schema]) -> Iterator[type[Schema]]:
    for below in kind.__subclasses__():
        yield below
        yield from _all_shapes(below)
