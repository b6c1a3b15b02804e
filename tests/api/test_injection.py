"""No text that is sent becomes a part of a statement: true or untrue, stacked or pausing, it is a text and no more.

`make test-long` has sqlmap try the same against a running server.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from urllib.parse import quote

import pytest

from referrals.api.openapi import path_of, routes
from tests.api.injection import PAIRS, SINGLE, SLOW, outcome, told_apart
from tests.api.one_network import OneNetwork, one_network, rows, undone
from tests.api.partner import BASE
from tests.api.sound_calls import Sound, Sounds
from tests.api.spoiling import places, put
from tests.databases import Databases

# Looks for single words in tables in memory, without a statement: other words find others.
BY_WORDS = {("/codes/{system}", "q")}
SOME = [1, pytest.param(None, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]


@pytest.fixture(scope="module", params=["postgresql", pytest.param("sqlite", marks=pytest.mark.long)])
def network(
    request: pytest.FixtureRequest,
    databases_of: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[OneNetwork]:
    with one_network(databases_of(request.param), tmp_path_factory.mktemp("injection")) as found:
        yield found


@pytest.fixture(scope="module")
def scene(network: OneNetwork) -> Sounds:
    return Sounds(network)


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest) -> None:
    if "network" in request.fixturenames:
        request.node.user_properties.append(("database", request.getfixturevalue("network").dialect))


def test_a_statement_that_is_put_together_from_text_would_be_found():
    """A view as nobody here may write one, so that what finds nothing elsewhere is known to look."""
    database = sqlite3.connect(":memory:")
    database.executescript("CREATE TABLE person (name TEXT); INSERT INTO person VALUES ('x'), ('y')")

    def careless(sent: str) -> tuple[int, str]:
        try:
            return 200, str(database.execute(f"SELECT name FROM person WHERE name = '{sent}'").fetchall())
        except sqlite3.Error:
            return 500, ""

    def careful(sent: str) -> tuple[int, str]:
        return 200, str(database.execute("SELECT name FROM person WHERE name = ?", [sent]).fetchall())

    assert told_apart(careless)
    assert told_apart(careful) == []


@pytest.mark.parametrize("each", SOME)
def test_no_parameter_of_an_address_becomes_a_part_of_a_statement(network: OneNetwork, scene: Sounds, each: int | None):
    scene.read("/events")  # the feed numbers what happened when it is first asked
    before, tried = rows(network), 0
    pairs, single = cycle(PAIRS), cycle(SINGLE)
    for rule, contract, _ in routes(network.app):
        names = sorted(contract.asks().fields) if contract.asks and "GET" in rule.methods else []
        for name in names:
            template = path_of(rule).removeprefix(BASE)

            def tell(sent: str, template: str = template, name: str = name, contract=contract) -> tuple[int, str]:
                asked = scene.asked("GET", template, contract.kinds, f"{name}={quote(sent)}")
                began = time.monotonic()
                answer = asked.send(network)
                assert answer.status_code < 500, (template, name, sent, answer.text)
                assert time.monotonic() - began < SLOW, (template, name, sent)
                return answer.status_code, answer.text

            apart = told_apart(tell, pairs=islice(pairs, each or len(PAIRS)))
            assert (template, name) in BY_WORDS or apart == [], (template, name)
            for sent in islice(single, each or len(SINGLE)):
                tell(sent)
            tried += 1
    assert tried > 80
    assert rows(network) == before


@pytest.mark.parametrize("each", SOME)
def test_no_text_of_a_body_becomes_a_part_of_a_statement(network: OneNetwork, scene: Sounds, each: int | None):
    """Each call with one of its texts, in the long run with every one of them, for each pair."""
    before, tried = rows(network), 0
    pairs, single = cycle(PAIRS), cycle(SINGLE)
    with undone():
        for number, sound in enumerate(filter(lambda sound: sound.is_json, scene.all())):
            texts = [path for path in places(sound.body) if isinstance(at(sound.body, path), str)]
            for path in texts if each is None else texts[number % len(texts) :][:each] if texts else []:

                def tell(sent: str, sound: Sound = sound, path: tuple[str | int, ...] = path) -> tuple[int, str]:
                    began = time.monotonic()
                    answer = sound.send(network, {"If-Match": "*"}, json=put(sound.body, path, sent))
                    assert answer.status_code < 500, (sound, path, sent, answer.text)
                    assert time.monotonic() - began < SLOW, (sound, path, sent)
                    return outcome(answer)

                honest = str(at(sound.body, path))
                assert told_apart(tell, honest, islice(pairs, each or len(PAIRS))) == [], (sound, path)
                for sent in islice(single, each or len(SINGLE)):
                    tell(sent)
                tried += 1
    assert tried > 50
    assert rows(network) == before


def at(value: object, path: tuple[str | int, ...]) -> object:
    for step in path:
        value = value[step]  # type: ignore[index]  # by the path that was found in this very body
    return value
