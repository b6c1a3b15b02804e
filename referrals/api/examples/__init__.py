"""The examples of the documentation, as data: what may be sent, and what was answered when that was done.

`python -m tests.api.record_examples` writes down the answers anew; a test does it again and compares.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((_HERE / f"{name}.json").read_text())
    return read


def filled(value: Any, named: Mapping[str, str]) -> Any:
    """The same with an id in place of each of its names, such as `{referral_id}`."""
    if isinstance(value, Mapping):
        return {key: filled(below, named) for key, below in value.items()}
    if isinstance(value, list):
        return [filled(below, named) for below in value]
    return named.get(value[1:-1], value) if isinstance(value, str) and value.startswith("{") else value


def ids() -> Mapping[str, str]:
    """What stands in the place of a name in the documentation."""
    return _read("ids")


def sent(operation: str, named: Mapping[str, str] | None = None) -> Any:
    """The body that is sent there; None where none is."""
    return filled(_read("requests").get(operation), ids() if named is None else named)


def asked(operation: str, parameter: str, named: Mapping[str, str] | None = None) -> Any:
    """The value of a parameter of the address."""
    known = _read("parameters")
    value = known.get(f"{operation}.{parameter}", known.get(parameter))
    return filled(value, ids() if named is None else named)


def answered(*names: str) -> Any:
    """What was answered, by the first of the names that is known: of an operation, or of a shape."""
    known = _read("answers")
    return next((known[name] for name in names if name in known), None)


def refused(word: str) -> Mapping[str, Any]:
    """Problems of this name, each under the words that tell when it comes."""
    problems: Mapping[str, Any] = _read("problems")[word]
    return problems
