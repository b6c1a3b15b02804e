"""Reads what a request carries: a JSON body of a known form and size, and query parameters that are known."""

from collections.abc import Mapping
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError, fields as plain

from referrals.boundary import strict_json
from referrals.boundary.problems import ParameterError, Problem, invalid
from referrals.boundary.schemas.fields import Body, Fault, Flag, Items, Quantity, Whole, faults, ready
from referrals.domain.errors import FieldError, Invalid

JSON = frozenset({"application/json"})
JSON_OR_PATCH = frozenset({"application/json", "application/merge-patch+json"})
_REPEATED = Fault("repeated", "This parameter may be given once.")


def json_body(limit: int, forms: frozenset[str] = JSON, *, may_be_empty: bool = False) -> Any:
    """The JSON value that was sent; it may still be anything but an object."""
    request.max_content_length = limit
    data = request.get_data(cache=False)
    if not data and may_be_empty:
        return {}
    refuse_other_form(forms)
    return strict_json.read(data)


def refuse_other_form(forms: frozenset[str]) -> None:
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoded = request.headers.get("Content-Encoding", "identity").lower()
    if request.mimetype not in forms or charset not in {"utf-8", "utf8"} or encoded != "identity":
        wanted = " or ".join(sorted(forms))
        headers = {"Accept-Patch" if request.method == "PATCH" else "Accept-Post": ", ".join(sorted(forms))}
        raise Problem("unsupported-media-type", f"Send {wanted} in UTF-8, not compressed.", headers=headers)


def object_of(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Invalid([FieldError("", "not_an_object", "The body must be a JSON object.")])
    return value


def query(schema: type[Body] | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of the address, checked like a body; unknown ones are refused. As loaded, and as sent."""
    asked = ready(schema or Body)
    sent, repeated = _by_name(asked)
    try:
        loaded = asked.load(sent)
    except ValidationError as error:
        raise invalid([*_parameter_errors(error.messages), *repeated]) from None
    if repeated:
        raise invalid(repeated)
    return dict(loaded), sent


def _by_name(schema: Schema) -> tuple[dict[str, Any], list[ParameterError]]:
    sent: dict[str, Any] = {}
    repeated = []
    for name, values in request.args.lists():
        field = schema.fields.get(name)
        if isinstance(field, Items):
            sent[name] = values
            continue
        if len(values) > 1 and field is not None:
            repeated.append(ParameterError(name, *_REPEATED))
        sent[name] = _as_json(field, values[0])
    return sent, repeated


def _as_json(field: plain.Field[Any] | None, text: str) -> Any:
    """A parameter is always text: what should be a flag or a number is read as one where it looks like one."""
    if isinstance(field, Flag):
        return {"true": True, "false": False}.get(text, text)
    if isinstance(field, Whole | Quantity) and text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    return text


def _parameter_errors(messages: Mapping[str, Any] | Any) -> list[ParameterError]:
    """Each error under the parameter's own name, however deep in a list it lies."""
    found = {(error.pointer.split("/")[1], error.code, error.message): None for error in faults(messages)}
    return [ParameterError(_unescaped(name), code, message) for name, code, message in found]


def _unescaped(name: str) -> str:
    return name.replace("~1", "/").replace("~0", "~")
