"""Writes down what the examples of the documentation are answered: `python -m tests.api.record_examples`."""

import json
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask

from config import settings_from
from referrals.api import examples
from referrals.app import create_app
from tests import factories
from tests.api.example_walk import TODAY, Walk, named_anew, walk_all

ANSWERS = Path(examples.__file__).with_name("answers.json")
# Of a list so many tell enough. The four criteria are always four.
ENOUGH, MOST_MEMBERS, LONG_LINE = 2, 12, 3000
WHOLE = frozenset({"criteria"})
# Whose answer stands for all that have the same shape, where another one has it, too.
STANDS_FOR: Mapping[str, str] = {
    "ReferralOut": "referrals-one",
    "PlanOut": "assignments-one",
    "ImportOut": "imports-one",
}
# What an answer of its own shows.
OF_THEIR_OWN = frozenset({"referrals-create", "imports-begin", "assignments-asked"})
# Not to be shown: one is the document itself, the other a page; files are not read by people.
NOT_SHOWN = frozenset(
    {"openapi", "docs", "documents-content", "opinions-document", "oauth-revoke", "imports-begin text/csv"}
)
PAGE = "Page"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHOWN_ONCE = {
    "request_id": "4f1c0e2a9b7d4c55",
    "access_token": examples.ids()["token"],
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, time_machine.travel(TODAY, tick=False):
        walk = walked(started(Path(folder)))
        ANSWERS.write_text(json.dumps(recorded(walk), indent=2, ensure_ascii=False) + "\n")


def started(folder: Path) -> Flask:
    where = {"REFERRALS_DATABASE_URL": f"sqlite:///{folder}/examples.db", "REFERRALS_DATA_DIR": str(folder)}
    app = create_app(
        settings_from({"REFERRALS_ENV": "test", "REFERRALS_BASE_URL": "https://referrals.example", **where})
    )
    app.test_cli_runner().invoke(args=["db", "upgrade"], catch_exceptions=False)
    return app


def walked(app: Flask) -> Walk:
    database = app.extensions["database"]
    with database.writing() as session:
        world = factories.settled(session, TODAY)
    walk = Walk(app, database, world)
    walk_all(walk)
    return walk


def recorded(walk: Walk) -> dict[str, Any]:
    """By operation, or by the shape that several answer; the ids are those of the documentation."""
    anew, kept = named_anew(walk), {}
    for operation, answer in sorted(walk.answers.items(), key=lambda each: each[0] in STANDS_FOR.values()):
        if operation in NOT_SHOWN:
            continue
        body = answer.json if answer.is_json else answer.text
        name, shown = place_of(walk, operation, body)
        kept[name] = renamed(shortened(shown), anew)
    return dict(sorted(kept.items()))


def place_of(walk: Walk, operation: str, body: Any) -> tuple[str, Any]:
    """Under which name it is kept, and what of it."""
    if " " in operation or operation in OF_THEIR_OWN or operation not in walk.operations:
        return operation, body
    said = walk.operations[operation][2]["responses"]
    schema = next(iter(said[min(said)].get("content", {"": {}}).values())).get("schema", {})
    shape = schema.get("$ref", "").rpartition("/")[2]
    if shape.endswith(PAGE) and body["items"]:
        return shape.removesuffix(PAGE), body["items"][0]
    return shape or operation, body


def renamed(value: Any, anew: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return ID.sub(lambda found: anew(found[0]), value)
    if isinstance(value, Mapping):
        return {key: SHOWN_ONCE.get(key) or renamed(below, anew) for key, below in value.items()}
    return [renamed(below, anew) for below in value] if isinstance(value, list) else value


def shortened(value: Any, within: str = "") -> Any:
    if isinstance(value, Mapping):
        few = sorted(value.items())[:MOST_MEMBERS] if within == "document" else value.items()
        return {key: shortened(below, key) for key, below in few}
    if isinstance(value, list):
        return [shortened(below) for below in (value if within in WHOLE else value[:ENOUGH])]
    return _first_lines(value) if isinstance(value, str) and "\n" in value else value


def _first_lines(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: 1 if len(lines[0]) > LONG_LINE else ENOUGH])


if __name__ == "__main__":
    main()
