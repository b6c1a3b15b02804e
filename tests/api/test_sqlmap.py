"""sqlmap against the running server: every parameter and every field of the document, and a view that it must find.

The bounded twin that each run has is `test_injection.py`.
"""

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask, request

from referrals.api.endpoint import Contract
from referrals.api.openapi import path_of, routes
from tests.api.one_network import OneNetwork, one_network, undone
from tests.api.partner import BASE
from tests.api.sound_calls import Sounds
from tests.browser.chromium import served
from tests.databases import Databases

pytestmark = [pytest.mark.long, pytest.mark.sqlmap, pytest.mark.timeout(7200)]
FOUND = re.compile(r"identified the following injection point|parameter .* is vulnerable", re.IGNORECASE)
LOOKED = re.compile(r"testing if|do not appear to be injectable|identified the following injection", re.IGNORECASE)
SECONDS_AN_ADDRESS = 240
NOTHING_TO_TRY = "no such parameter"
# A refusal is an answer; what counts is whether a true and an untrue piece of SQL are answered alike.
QUIET = (
    *("--batch", "--level=1", "--risk=1", "--technique=BEUS", "--threads=2", "--retries=1", "--timeout=20"),
    *("--flush-session", "--disable-coloring", "--ignore-code=400,401,403,404,409,412,413,415,422,428"),
)


@pytest.fixture(scope="module")
def network(databases_of: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNetwork]:
    with one_network(databases_of("postgresql"), tmp_path_factory.mktemp("sqlmap")) as found:
        yield found


@pytest.fixture(scope="module")
def sounds(network: OneNetwork) -> Sounds:
    return Sounds(network)


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest) -> None:
    if "network" in request.fixturenames:
        request.node.user_properties.append(("database", "postgresql"))


def sqlmap(folder: Path, url: str, headers: dict[str, str], *more: str) -> str:
    """What it says; cut off when it takes too long."""
    told = [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
    command = ["sqlmap", "-u", url, *QUIET, "--output-dir", str(folder), *told, *more]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=SECONDS_AN_ADDRESS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as cut:
        return (cut.stdout or b"").decode(errors="replace") + "\ncut off"
    return done.stdout


def careless_app() -> Flask:
    """A view that puts a statement together from text."""
    app, database = Flask("careless"), sqlite3.connect(":memory:", check_same_thread=False)
    database.executescript("CREATE TABLE person (id TEXT, name TEXT); INSERT INTO person VALUES ('1','x'), ('2','y')")

    @app.route("/person", methods=["GET", "POST"])
    def person() -> str:
        asked = request.get_json()["id"] if request.is_json else request.args["id"]
        return str(database.execute(f"SELECT name FROM person WHERE id = '{asked}'").fetchall())

    return app


def test_it_finds_a_statement_that_is_put_together_from_text(tmp_path: Path) -> None:
    with served(careless_app()) as address:
        asked = sqlmap(tmp_path / "query", f"{address}/person?id=1", {})
        sent = sqlmap(tmp_path / "body", f"{address}/person", {}, "--data", json.dumps({"id": "1"}))
    assert FOUND.search(asked), asked[-2000:]
    assert FOUND.search(sent), sent[-2000:]


def test_it_finds_nothing_in_any_parameter(network: OneNetwork, sounds: Sounds, tmp_path: Path) -> None:
    """Those that take any text in one address, so that it comes as far as a statement; the others in a second one."""
    addresses = [
        (path_of(rule).removeprefix(BASE), contract)
        for rule, contract, _ in routes(network.app)
        if contract.asks and "GET" in rule.methods
    ]

    def takes_text(template: str, contract: Contract, name: str) -> bool:
        return sounds.asked("GET", template, contract.kinds, f"{name}=1").send(network).status_code == 200

    with served(network.app) as address, ThreadPoolExecutor(2) as pool:

        def tried(wanted: tuple[str, Contract, bool]) -> tuple[str, str]:
            template, contract, free = wanted
            names = [name for name in contract.asks().fields if takes_text(template, contract, name) == free]
            asked = sounds.asked("GET", template, contract.kinds, urlencode(dict.fromkeys(names, "1")))
            headers = {"Authorization": f"Bearer {network.token(asked.home)}", "On-Behalf-Of": asked.email}
            where = f"{template} {'any text' if free else 'its own words'}"
            folder = tmp_path / re.sub(r"\W", "-", where)
            return where, sqlmap(folder, address + BASE + asked.address, headers) if names else NOTHING_TO_TRY

        said = dict(pool.map(tried, [(*each, free) for each in addresses for free in (True, False)]))
    tried_at = [where for where, text in said.items() if text != NOTHING_TO_TRY]
    assert len(tried_at) > 40
    judge({where: said[where] for where in tried_at})


def test_it_finds_nothing_in_any_field(network: OneNetwork, sounds: Sounds, tmp_path: Path) -> None:
    """What is written is taken back, so that each try meets the same rows."""
    sent = {sound.template: sound for sound in sounds.all() if sound.is_json and sound.body}
    with served(network.app) as address, undone(), ThreadPoolExecutor(2) as pool:

        def tried(template: str) -> tuple[str, str]:
            sound = sent[template]
            headers = {"Authorization": f"Bearer {network.token(sound.home)}", "On-Behalf-Of": sound.email}
            headers |= {"Content-Type": "application/json", "If-Match": "*"}
            more = ("--method", sound.method, "--data", json.dumps(sound.body))
            folder = tmp_path / re.sub(r"\W", "-", template)
            return template, sqlmap(folder, address + BASE + sound.address, headers, *more)

        said = dict(pool.map(tried, sent))
    assert len(said) > 40
    judge(said)


def test_it_finds_nothing_at_the_door_of_tokens(network: OneNetwork, tmp_path: Path) -> None:
    sent = {"grant_type": "client_credentials", "client_id": str(network.world.clients["lakeside"].id)}
    sent |= {"client_secret": "x", "scope": "referrals:read"}
    with served(network.app) as address:
        judge({"/oauth/token": sqlmap(tmp_path, f"{address}/oauth/token", {}, "--data", urlencode(sent))})


def judge(said: dict[str, str]) -> None:
    assert {where: text[-1500:] for where, text in said.items() if FOUND.search(text)} == {}
    assert {where: text[-1500:] for where, text in said.items() if not LOOKED.search(text)} == {}
