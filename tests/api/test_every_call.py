"""Every address that takes something: sent with an old version, sent twice with one key, sent as an attacker would."""

import json
from collections.abc import Callable, Iterator
from itertools import cycle, islice, product
from typing import Any

import pytest
from sqlalchemy import select

from referrals.api.openapi import path_of, routes
from referrals.domain.audit import DENIED
from referrals.models.trail import AuditEntry
from tests.api.one_network import OneNetwork, one_network, rows, undone
from tests.api.partner import BASE
from tests.api.sound_calls import Sound, Sounds, changing
from tests.api.spoiling import ASKED, MALFORMED, VALUES, places, put
from tests.databases import KINDS, Databases

# The answer to these is not kept: nothing is stored, or a secret would be.
NOT_REPEATED = {("POST", "/assess")}


@pytest.fixture(scope="module", params=KINDS)
def network(
    request: pytest.FixtureRequest,
    databases_of: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[OneNetwork]:
    with one_network(databases_of(request.param), tmp_path_factory.mktemp("calls")) as found:
        yield found


@pytest.fixture(scope="module")
def scene(network: OneNetwork) -> Sounds:
    return Sounds(network)


@pytest.fixture(scope="module")
def sounds(scene: Sounds) -> list[Sound]:
    return scene.all()


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest, network: OneNetwork) -> None:
    request.node.user_properties.append(("database", network.dialect))


def promised(network: OneNetwork, word: str) -> set[tuple[str, str]]:
    """The calls whose contract says so."""
    return {
        (method, path_of(rule).removeprefix(BASE))
        for rule, contract, _ in routes(network.app)
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if getattr(contract, word)
    }


def entries(network: OneNetwork) -> dict[str, str]:
    """What the audit says was done, by the id of its request."""
    with network.database.reading() as session:
        said = session.execute(select(AuditEntry.request_id, AuditEntry.action)).all()
    return {row.request_id: row.action for row in said if row.action != DENIED}


def named(sound: Sound) -> tuple[str, str]:
    return sound.method, sound.template


def test_there_is_a_sound_call_for_every_address_that_takes_something(network, sounds):
    assert {named(sound) for sound in sounds} == changing(network)


@pytest.mark.parametrize("tags", [None, 'W/"1", W/"2", W/"3", W/"4"', '"999", W/"1"'])
def test_every_change_of_a_version_that_is_not_named_rightly_is_refused_and_changes_nothing(network, sounds, tags):
    versioned = [sound for sound in sounds if named(sound) in promised(network, "needs_version")]
    before = rows(network)
    for sound in versioned:
        answer = sound.send(network, {} if tags is None else {"If-Match": tags})
        assert answer.status_code == (412 if tags else 428), (sound, answer.text)
    assert len(versioned) > 40
    assert rows(network) == before


SOME = [4, pytest.param(None, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]


@pytest.mark.parametrize("each", SOME)
def test_what_is_no_json_is_refused_wherever_it_is_sent_and_leaves_nothing(network, sounds, each):
    before = rows(network)
    bodies = cycle(MALFORMED.values())
    for sound in filter(lambda sound: sound.is_json, sounds):
        for data in islice(bodies, each or len(MALFORMED)):
            if not data and named(sound) in promised(network, "may_be_empty"):
                continue
            answer = sound.send(network, {"If-Match": "*"}, data=data, content_type="application/json")
            assert answer.status_code == 400, (sound, data[:80], answer.text)
    assert rows(network) == before


@pytest.mark.parametrize("each", SOME)
def test_a_value_that_fits_nowhere_breaks_nothing_wherever_it_is_put(network, sounds, each):
    fields = {
        (method, path_of(rule).removeprefix(BASE)): sorted(contract.takes().fields) if contract.takes else []
        for rule, contract, _ in routes(network.app)
        for method in rule.methods
    }
    spoiled = cycle(VALUES)
    for sound in filter(lambda sound: sound.is_json, sounds):
        whole = dict.fromkeys(fields[named(sound)]) | sound.body
        where = list(places(sound.body)) + [(name,) for name in whole if name not in sound.body]
        chosen = product(where, VALUES) if each is None else zip(spread(where, each), spoiled, strict=False)
        for path, value in chosen:
            sent = put({**whole, **sound.body} if path and path[0] not in sound.body else sound.body, path, value)
            with undone():
                answer = sound.send(network, {"If-Match": "*"}, data=json.dumps(sent), content_type="application/json")
            assert answer.status_code < 500, (sound, path, value, answer.text)


def spread(places: list[Any], number: int) -> list[Any]:
    """So many of them, from the first to the last."""
    return places[:: max(1, len(places) // number)][:number]


@pytest.mark.parametrize("each", [1, *SOME[1:]])
def test_whatever_is_asked_in_an_address_is_answered(network, scene, each):
    values = cycle(ASKED)
    for rule, contract, _ in routes(network.app):
        for method in rule.methods & {"GET", "POST"}:
            names = [*contract.asks().fields, "zz"] if contract.asks else ["zz"]
            for name, value in product(names, [*islice(values, each or len(ASKED))]):
                template = path_of(rule).removeprefix(BASE)
                answer = scene.asked(method, template, contract.kinds, f"{name}={value}").send(network)
                assert answer.status_code < 500, (template, name, value, answer.text)


def test_whatever_is_read_changes_no_row(network, scene):
    """But for the feed, which numbers what happened when it is first asked: that is done before."""
    scene.read("/events")
    before, read = rows(network), 0
    for rule, contract, _ in routes(network.app):
        if "GET" in rule.methods:
            answer = scene.asked("GET", path_of(rule).removeprefix(BASE), contract.kinds, "").send(network)
            read += answer.status_code == 200
    assert read > 40
    assert rows(network) == before


def test_every_post_with_a_key_is_done_once_and_answered_as_often_as_it_is_sent(network, sounds):
    repeated = [sound for sound in sounds if sound.method == "POST" and named(sound) not in NOT_REPEATED]
    assert {named(sound) for sound in repeated} == promised(network, "repeatable")
    any_of_many = ", ".join(f'"{number}"' for number in range(20))
    first = {}
    for number, (sound, tags) in enumerate(zip(repeated, cycle(["*", any_of_many]), strict=False)):
        named_so = {"X-Request-ID": f"first-{number}"}
        first[number] = sound.send(network, {"If-Match": tags, "Idempotency-Key": f"key-{number}"} | named_so)
        assert first[number].status_code in {200, 201, 202, 409, 422}, (sound, first[number].text)
        assert "Idempotency-Replayed" not in first[number].headers
    done = {f"first-{number}": answer for number, answer in first.items() if answer.status_code < 300}
    assert len(done) >= 50
    assert done.keys() <= entries(network).keys()
    before = rows(network)
    for number, sound in enumerate(repeated):
        again = sound.send(network, {"If-Match": '"999"', "Idempotency-Key": f"key-{number}"})
        assert again.headers.get("Idempotency-Replayed") == "true", (sound, again.text)
        assert (again.status_code, again.data) == (first[number].status_code, first[number].data), sound
    assert list(entries(network).values()).count("replay") >= len(repeated)
    assert rows(network) == before
