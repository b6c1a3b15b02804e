"""Texts that would run as a script, be worked out as a formula, or change a statement: wherever written, they stay texts.

The fields come from the description of the interface and from the forms, the pages and sheets from the route table.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser

from tests.api.injection import PAIRS, SINGLE, told_apart
from tests.api.one_network import OneNetwork
from tests.browser.chromium import complaints, served
from tests.browser.live.conftest import House, sign_in
from tests.browser.live.spoiled import HARM, READERS, Spoiled, assert_harmless, pages_of, spoiled_house
from tests.databases import Databases
from tests.web import scenery as scene
from tests.web.html import read
from tests.web.visitor import Visitor

ADMINISTRATOR = "admin@network.example"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture(scope="module")
def spoiled(databases_of: Callable[[str], Databases]) -> Iterator[Spoiled]:
    with spoiled_house(databases_of("sqlite")) as house:
        yield house


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest) -> None:
    request.node.user_properties.append(("database", "sqlite"))


Shown = dict[tuple[str, str], str]


@pytest.fixture(scope="module", params=[False, pytest.param(True, marks=pytest.mark.long)])
def shown(request: pytest.FixtureRequest, spoiled: Spoiled) -> Shown:
    """Pages by who saw them and where: each route once, and in the long run everything that anybody sees."""
    if not request.param:
        return spoiled.pages
    return {
        (email, path): page
        for email in READERS
        for path, page in pages_of(
            Visitor(spoiled.app).let_in(email), spoiled.scenery, spoiled.scenery.referrals, set()
        )
    }


def test_what_was_written_stands_in_pages_as_text(spoiled: Spoiled, shown: Shown) -> None:
    assert spoiled.told["JSON"] > 60
    assert spoiled.told["forms"] > 20
    showing = 0
    for (email, path), page in shown.items():
        if ".csv" not in path:
            assert_harmless(page, f"{email} {path}")
            showing += "&lt;svg/onload" in page
    assert showing > 20


def test_no_cell_of_a_sheet_is_a_formula(spoiled: Spoiled, shown: Shown) -> None:
    sheets = {path: text for (_, path), text in shown.items() if ".csv" in path}
    network = OneNetwork(spoiled.app, spoiled.world, spoiled.app.test_client(use_cookies=False))
    wanted = {"Accept": "text/csv"}
    for rule in spoiled.app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and "GET" in (rule.methods or ()):
            path = scene.address(rule, spoiled.scenery.arguments() | dict.fromkeys(rule.arguments, "turnaround"))
            answer = network.call("GET", path, network.token("network"), ADMINISTRATOR, wanted)
            if answer.mimetype == "text/csv":
                sheets[path] = answer.get_data(as_text=True)
    assert len(sheets) >= 6
    assert any(HARM[1:] in text.replace('""', '"') for text in sheets.values())
    cells = [(path, cell) for path, text in sheets.items() for row in csv.reader(io.StringIO(text)) for cell in row]
    assert [(path, cell) for path, cell in cells if cell.startswith(FORMULA) and not is_number(cell)] == []


def is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()


ROWS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def asked_by(shown: Shown) -> dict[tuple[str, str], str]:
    """Each path and parameter that a page's form or link asks with, and somebody who sees the page."""
    found: dict[tuple[str, str], str] = {}
    for (email, path), text in shown.items():
        page = read(text)
        fields = [(form.action or path, name) for form in page.forms if form.method == "get" for name, _ in form.fields]
        links = [urlsplit(href) for _, href in page.links if "?" in href]
        fields += [(link.path or path, name) for link in links for name, _ in parse_qsl(link.query)]
        found |= {each: email for each in fields if each[0].startswith("/") and each not in found}
    return found


def test_no_parameter_of_a_page_becomes_a_part_of_a_statement(spoiled: Spoiled, shown: Shown) -> None:
    guests = {email: Visitor(spoiled.app).let_in(email) for email in READERS}
    pairs, single, asked = cycle(PAIRS), cycle(SINGLE), asked_by(shown)
    for (path, name), email in asked.items():

        def tell(sent: str, path: str = path, name: str = name, guest: Visitor = guests[email]) -> tuple[int, str]:
            answer = guest.http.get(f"{path.partition('?')[0]}?{urlencode({name: sent})}")
            assert answer.status_code < 500, (path, name, sent)
            return answer.status_code, " ".join(sorted(set(ROWS.findall(answer.text))))

        assert told_apart(tell, pairs=islice(pairs, 1)) == [], (path, name)
        tell(next(single))
    assert len(asked) > 20


@pytest.mark.browser
@pytest.mark.timeout(1800)
def test_nothing_runs_in_a_browser(spoiled: Spoiled, shown: Shown, browser: Browser) -> None:
    """Six of the pages that show the most of it, and in the long run all that show any."""
    ran: list[str] = []
    times = {place: page.count("&lt;svg/onload") for place, page in shown.items() if ".csv" not in place[1]}
    chosen = sorted(filter(times.__getitem__, times), key=lambda place: -times[place])[
        : 6 if shown is spoiled.pages else None
    ]
    with served(spoiled.app) as address:
        house = House(address, spoiled.app, spoiled.db, spoiled.world, spoiled.scenery)
        for email in dict.fromkeys(email for email, _ in chosen):
            page = browser.new_page()
            page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
            sign_in(page, house, email)
            heard = complaints(page)
            for path in (path for each, path in chosen if each == email):
                page.goto(address + path)
                assert heard == [], path
            page.context.close()
    assert ran == []
