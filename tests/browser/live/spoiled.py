"""A house in which every text that anybody may write is one that would do harm: run as a script, or as a formula."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask

from config import Settings
from referrals.app import create_app
from referrals.models.engine import Database
from tests.api.one_network import OneNetwork, undone
from tests.api.sound_calls import Sound, Sounds
from tests.api.spoiling import places, put
from tests.databases import Databases
from tests.factories import World, settle
from tests.over_http import ClientOverHTTP
from tests.web import scenery as scene
from tests.web.html import Form
from tests.web.scenery import COORDINATOR, LAKESIDE, LEAD, Scenery
from tests.web.visitor import Visitor

# Read as a cell it is a formula; in a page it leaves whatever it stands in, and would run.
HARM = "=\"'></title></textarea><svg/onload=alert(1)>"
RAW = ("<svg/onload", "</title></textarea>", "\"'>")
OK, FAILURE = 200, 500
KINDS = ("opinion_issued", "in_triage")
# Together they see every page.
READERS = (COORDINATOR, LAKESIDE, LEAD, "admin@network.example", "specialist@summit.example")
# What would end the visit, or lock the door behind it.
LEFT_ALONE = ("/sign-out", "/me/organization")


@dataclass(frozen=True)
class Spoiled:
    """`told` is how many texts each door took; `pages` what was met on the way, by who saw it and where."""

    app: Flask
    db: Database
    world: World
    scenery: Scenery
    told: dict[str, int]
    pages: dict[tuple[str, str], str]


@contextmanager
def spoiled_house(databases: Databases) -> Iterator[Spoiled]:
    url = databases.fresh()
    with TemporaryDirectory(prefix="documents") as folder:
        app = create_app(
            Settings(
                env="development", secret_key="only for the tests", database_url=url, data_dir=Path(folder),
                calls_per_minute=1_000_000, log_level="ERROR",
            )
        )  # fmt: skip
        app.test_client_class = ClientOverHTTP
        db: Database = app.extensions["database"]
        with db.writing() as session:
            world = settle(session)
        sounds = Sounds(OneNetwork(app, world, app.test_client(use_cookies=False)))
        pages: dict[tuple[str, str], str] = {}
        told = {"JSON": by_json(sounds), "forms": by_forms(app, sounds.scenery, pages)}
        yield Spoiled(app, db, world, sounds.scenery, told, pages)
        db.close()
        databases.forget(url)


def by_json(sounds: Sounds) -> int:
    """Each call with the text in every place that takes it, found by trying each place by itself."""
    told = 0
    for sound in filter(lambda sound: sound.is_json, sounds.all()):
        whole = dict.fromkeys(contract_fields(sounds, sound)) | sound.body
        with undone():
            taken = [path for path in places(whole) if is_text(whole, path) and is_taken(sounds, sound, whole, path)]
        body = sound.body
        for path in taken:
            body = put(body if path[0] in body else {**body, path[0]: None}, path, HARM)
        told += len(taken) if sound.send(sounds.network, {"If-Match": "*"}, json=body).status_code < 300 else 0
    return told


def contract_fields(sounds: Sounds, sound: Sound) -> list[str]:
    app = sounds.network.app
    rule, _ = app.url_map.bind("localhost").match("/api/v1" + sound.address, method=sound.method, return_rule=True)
    contract = app.view_functions[rule.endpoint].contract
    return sorted(contract.takes().fields) if contract.takes else []


def is_text(whole: Any, path: tuple[Any, ...]) -> bool:
    for step in path:
        whole = whole[step]
    return bool(path) and (whole is None or isinstance(whole, str))


def is_taken(sounds: Sounds, sound: Sound, whole: Any, path: tuple[Any, ...]) -> bool:
    body = {name: value for name, value in whole.items() if value is not None or name == path[0]}
    answer = sound.send(sounds.network, {"If-Match": "*"}, json=put(body, path, HARM))
    return answer.status_code < 300


def by_forms(app: Flask, scenery: Scenery, pages: dict[tuple[str, str], str]) -> int:
    """Every form, as the first who meets its page sends it, with the text in each blank field; the pages are kept."""
    met: set[str] = set()
    sent = 0
    for email in READERS:
        guest = Visitor(app).let_in(email)
        for path, page in pages_of(guest, scenery, KINDS, met):
            pages[email, path] = page
            forms = guest.page.forms if guest.answer.mimetype == "text/html" else []
            sent += sum(spoil(guest, form, form.action or path) for form in forms if form.method == "post")
            if not guest.is_in():
                guest.let_in(email)
    return sent


def spoil(guest: Visitor, form: Form, wanted: str) -> bool:
    """Whether the form has a blank field; what is refused is shown again, harmless, too."""
    if wanted in LEFT_ALONE or all(value for _, value in form.fields):
        return False
    answer = guest.send(wanted, [(name, value or HARM) for name, value in form.fields], follow=False).answer
    assert answer.status_code < FAILURE, wanted
    assert_harmless(answer.text, wanted)
    return True


def assert_harmless(page: str, where: str) -> None:
    """No piece of the text stands in the page as markup."""
    found = [raw for raw in RAW if raw in page]
    assert not found, (where, page[max(0, page.find(found[0]) - 200) :][:500])


def pages_of(guest: Visitor, scenery: Scenery, kinds: Iterable[str], met: set[str]) -> Iterator[tuple[str, str]]:
    """Each address of a route not met before that this person sees, with what it shows; of referrals these kinds."""
    for rule in [each for each in scene.rules(guest.app, "GET") if each.rule not in met]:
        for path in scene.each_address(rule, scenery, kinds):
            if guest.get(path).status == OK and guest.answer.mimetype.startswith("text/"):
                met.add(rule.rule)
                yield path, guest.answer.get_data(as_text=True)
