"""schemathesis against the real application: every check, with real ids in the addresses, and what it found in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData

from referrals.api import examples
from referrals.boundary.streams import NDJSON
from tests.over_http import over_http

# What is wrong with a form: nothing of the kind may be said of what the document allows. What only our rules, the
# calendar or our rows can tell (an unknown code, February 30, a guard of a step) no schema can say: that is a 422, too.
FORM = frozenset(
    {
        "invalid_type", "invalid_choice", "invalid_format", "invalid_number", "invalid_id",
        "too_long", "too_many", "too_few", "unknown_field", "not_an_object", "blank", "invalid_key",
    }
)  # fmt: skip
# 412, 413 and 428 are refusals of the contract, beside those that the tool knows.
REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "415", "422", "428"]
# PATCH of these addresses is PATCH of a row whose id is malformed, and answers as that does.
ALSO_AN_ID = ("worklist-counts", "worklist-search", "exports-export", "patients-search")
# What a finding may revise depends on its axis; a schema of the field alone says what any of them may.
OF_ITS_AXIS = re.compile(r"/findings/\d+/revised/")
OF_METHODS = ("unsupported_method", "allow_header_conformance")


@dataclass(frozen=True)
class Caller:
    """Who tries, which rows there are, and which operations are left to others."""

    token: str
    person: str
    names: Mapping[str, str]
    left_out: frozenset[str] = frozenset()


def findings(app: Flask, caller: Caller, phases: frozenset[str], often: int = 1) -> list[str]:
    """What is wrong, one line each, with the call that shows it."""
    config = SchemathesisConfig.from_dict(configuration(caller, phases, often))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", over_http(app), config=config)
    return list(dict.fromkeys(found for event in from_schema(schema).execute() for found in told(event)))


def configuration(caller: Caller, phases: frozenset[str], often: int) -> dict[str, Any]:
    ids = {f"path.{name}": value for name, value in caller.names.items() if name in examples.ids()}
    return {
        "seed": 1,
        "suppress-health-check": ["too_slow", "filter_too_much", "data_too_large"],
        "auth": {"openapi": {"oauth": {"bearer": caller.token}}},
        # The version meant and the person who acts: both are about rows, and neither can be made up.
        "parameters": {**ids, "header.If-Match": "*", "header.On-Behalf-Of": caller.person},
        "generation": {
            "max-examples": often,
            "deterministic": True,
            "database": "none",
            "allow-x00": False,  # NUL is refused with 400 wherever it stands
        },
        "checks": {
            "negative_data_rejection": {"expected-statuses": REFUSED},
            "missing_required_header": {"expected-statuses": REFUSED},
        },
        "phases": {name: {"enabled": name in phases} for name in ("examples", "coverage", "fuzzing", "stateful")},
        "operations": [
            {"include-operation-id": list(ALSO_AN_ID), "checks": {name: {"enabled": False} for name in OF_METHODS}},
            # Which of the six forms a file has, only its bytes tell.
            {"include-operation-id": "documents-add", "checks": {"positive_data_acceptance": {"enabled": False}}},
            *({"include-operation-id": name, "enabled": False} for name in sorted(caller.left_out)),
        ],
    }


def told(event: Any) -> Iterator[str]:
    if isinstance(event, events.NonFatalError | events.FatalError):
        yield f"{type(event).__name__}: {getattr(event, 'info', None) or getattr(event, 'exception', None)}"
    if not isinstance(event, events.ScenarioFinished):
        return
    for case, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                sent = event.recorder.cases[case].value.as_curl_command()
                yield f"{event.label} {check.name}: {check.failure_info.failure.message[:300]}\n  {sent[:1500]}"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A cursor is sealed by us: nobody makes one up that holds."""
    if case.meta and case.meta.generation.mode.is_positive and case.query:
        case.query.pop("cursor", None)


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    return not (is_replayed(response) or (isinstance(failure, RejectedPositiveData) and is_by_rule(response)))


def is_replayed(response: Any) -> bool:
    """A stored answer is given again for the same key and body, whatever else is left out the second time."""
    return "idempotency-replayed" in {name.lower() for name in response.headers}


def is_by_rule(response: Any) -> bool:
    """Whether an answer refuses something that a schema cannot tell."""
    if response.status_code == 412:
        return True
    told = orjson.loads(response.content) if response.status_code == 422 else {}
    codes = {error["code"] for error in told.get("errors", ()) if not OF_ITS_AXIS.match(error.get("pointer", ""))}
    return bool(told) and not codes & FORM


@schemathesis.serializer(NDJSON)
def lines(context: Any, value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else orjson.dumps(value)
