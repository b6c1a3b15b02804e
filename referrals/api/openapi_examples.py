"""Lays the examples beside what they are examples of: bodies, parameters, answers and refusals of a written document."""

from collections.abc import Iterator
from typing import Any

from referrals.api import examples
from referrals.boundary.problems import NAMES

INSTANCE = "/requests/4f1c0e2a9b7d4c55"
_CUT = len("#/components/schemas/")
PAGE = "Page"


def with_examples(written: dict[str, Any]) -> dict[str, Any]:
    """The same document, with examples."""
    for word in NAMES:
        if word in written["components"]["responses"]:
            for body in written["components"]["responses"][word]["content"].values():
                body["examples"] = problems(word)
    shared: dict[str, Any] = {}
    for operation in operations_of(written):
        _show(operation, shared)
    written["components"]["examples"] = dict(sorted(shared.items()))
    return written


def operations_of(written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in written["paths"].values():
        yield from operations.values()


def problems(word: str) -> dict[str, Any]:
    """Each as it is answered: what all of that name share stands nowhere twice."""
    name = NAMES[word]
    shared = {"type": f"/problems/{word}", "title": name.title, "status": name.status, "instance": INSTANCE}
    return {
        key: {"summary": told["when"], "value": shared | told["problem"]}
        for key, told in examples.refused(word).items()
    }


def _show(operation: dict[str, Any], shared: dict[str, Any]) -> None:
    name = operation["operationId"]
    for parameter in operation.get("parameters", ()):
        if parameter.get("in") == "path":
            parameter["example"] = examples.ids()[parameter["name"]]
        elif parameter.get("in") == "query":
            parameter["example"] = examples.asked(name, parameter["name"])
    for form, body in operation.get("requestBody", {}).get("content", {}).items():
        body["example"] = _body(name, form)
    for status, answer in operation["responses"].items():
        if status < "300":
            _show_answer(name, answer, shared)


def _body(name: str, form: str) -> Any:
    """By operation; where one operation takes two forms that differ, by its form, too."""
    in_this_form = examples.sent(f"{name} {form}")
    return examples.sent(name) if in_this_form is None else in_this_form


def _show_answer(name: str, answer: dict[str, Any], shared: dict[str, Any]) -> None:
    """One that is this operation's own stands beside it, one of a shape once for all that answer so."""
    for form, body in answer.get("content", {}).items():
        shape = body["schema"].get("$ref", "")[_CUT:]
        own, of_shape = examples.answered(f"{name} {form}", name), _of_shape(shape)
        if own is not None:
            body["example"] = own
        elif of_shape is not None:
            shared[shape] = {"value": of_shape}
            body["examples"] = {shape: {"$ref": f"#/components/examples/{shape}"}}


def _of_shape(shape: str) -> Any:
    shown = examples.answered(shape)
    if shown is None and shape.endswith(PAGE):
        item = examples.answered(shape.removesuffix(PAGE))
        return None if item is None else {"items": [item], "next": None}
    return shown
