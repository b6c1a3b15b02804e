"""What holds for every address of the dashboard, also for those of next year: the lists come from the route table."""

import gzip
import re
from collections.abc import Callable, Iterator
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from referrals.boundary.refused_calls import Refusals
from referrals.domain.audit import DENIED
from referrals.models.base import new_id
from referrals.models.engine import Database
from referrals.models.trail import AuditEntry
from referrals.web.headers import SECURITY_HEADERS
from tests.databases import in_turn
from tests.factories import PEOPLE, World
from tests.web import scenery as scene
from tests.web.scenery import COORDINATOR, ELSEWHERE, LAKESIDE, LEAD, Scenery
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
OUTSIDERS = (
    "clinician@hillcrest.example",
    "coordinator@summit.example",
    "specialist@summit.example",
    "specialist@harbor.example",
    ELSEWHERE,
)
# One of each role in each organization.
ROLES = (*(email for email in PEOPLE if email.partition("@")[0] not in ("colleague", "second", "deputy")), ELSEWHERE)
SEE_MOST = {LAKESIDE, COORDINATOR, LEAD}
ONLY_READ = ("admin@lakeside.example", "admin@network.example", "auditor@network.example")
# The pages that everybody may see, signed in or not.
OPEN = {"/", "/sign-in", "/signed-out", "/outcome/made-up", "/forgotten", "/password/made-up"}
OPEN_TO_POST = {
    "/sign-in",
    "/sign-in/passkey",
    "/sign-in/passkey/ask",
    "/sign-out",
    "/outcome/made-up",
    "/forgotten",
    "/password/made-up",
}
NAMES_OF_ROWS = {
    "referral_id",
    "check_id",
    "receipt_id",
    "task_id",
    "delivery_id",
    "document_id",
    "message_id",
    "advice_id",
    "plan_id",
    "center_id",
    "import_id",
    "system_id",
    "subscription_id",
    "sending_id",
    "user_id",
    "glass_id",
    "membership_id",
    "hold_id",
}


IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


def may_know(email: str, rule: Rule) -> bool:
    """A center's entry is known to its whole network, its weeks to its own people; elsewhere there is no such center."""
    knows_weeks = rule.rule.startswith("/capacity/") and email.endswith("@summit.example")
    return "center_id" in rule.arguments and email != ELSEWHERE and (rule.rule.startswith("/centers/") or knows_weeks)


@pytest.fixture
def scenery(app: Flask, db: Database, world: World) -> Scenery:
    return scene.build(db, world, app.extensions["archive"])


def send(guest: Visitor, path: str, token: str | None, **headers: str) -> TestResponse:
    data = {"version": "1", "decision": "same"} | ({} if token is None else {"csrf_token": token})
    return guest.http.post(path, data=data, headers=headers)


def test_no_post_works_without_a_token_or_from_another_site(app: Flask, visitor: Come, scenery: Scenery, db: Database):
    guest = visitor(COORDINATOR)
    token, before = guest.token(), scene.contents(db)
    foreign = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"})
    for path in scene.addresses(app, "POST", scenery):
        assert send(guest, path, None).status_code == 400, path
        assert send(guest, path, "made-up").status_code == 400, path
        for headers in foreign:
            assert send(guest, path, token, **headers).status_code == 400, (path, headers)
    assert scene.contents(db) == before
    assert guest.is_in()


def test_nothing_but_get_and_post_is_answered(app: Flask, visitor: Come, scenery: Scenery):
    guest = visitor(COORDINATOR)
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = guest.http.open("/worklist", method=method)
        assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert {method for rule in app.url_map.iter_rules() if rule.endpoint.startswith("web.") for method in rule.methods} == {
        "GET",
        "HEAD",
        "POST",
    }  # fmt: skip


def test_a_stranger_is_led_to_the_door_from_everywhere(app: Flask, visitor: Come, scenery: Scenery):
    guest = visitor().get("/")
    token = guest.token()
    for path in scene.addresses(app, "GET", scenery):
        answer = guest.http.get(path)
        assert answer.status_code == (200 if path in OPEN else 303), path
        assert "Ada Example" not in answer.text
    for path in scene.addresses(app, "POST", scenery):
        if path not in OPEN_TO_POST:
            answer = send(guest, path, token)
            assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), path


@pytest.mark.parametrize(
    ("databases", "method", "email"), in_turn(product(["GET", "POST"], OUTSIDERS)), indirect=["databases"]
)
def test_an_outsider_cannot_tell_a_record_from_nothing(
    app: Flask, visitor: Come, scenery: Scenery, db: Database, email: str, method: str
):
    guest = visitor(email)
    token, before, asked = guest.token(), scene.contents(db), 0
    app.extensions["denials"] = Refusals(10_000)
    for rule in scene.rules(app, method):
        named = rule.arguments & NAMES_OF_ROWS
        if not named or may_know(email, rule):
            continue
        unknown = scenery.arguments() | {name: str(new_id()) for name in named}
        guessed = ask(guest, method, scene.address(rule, unknown), token)
        assert guessed[0] in (403, 404), (rule.rule, guessed[0])
        for path in scene.each_address(rule, scenery, ("draft", "submitted", "declined")):
            assert ask(guest, method, path, token) == guessed, path
            asked += 1
        asked += 1
    assert scene.contents(db) == before
    with db.reading() as session:
        denied = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == DENIED)
        assert session.scalar(denied) == asked


def ask(guest: Visitor, method: str, path: str, token: str) -> tuple[int, str]:
    answer = guest.http.get(path) if method == "GET" else send(guest, path, token)
    return answer.status_code, scene.steady(answer.text)


def test_a_malformed_id_is_an_unknown_one(app: Flask, visitor: Come, scenery: Scenery):
    guest = visitor(COORDINATOR)
    unknown = scene.steady(guest.http.get(f"/referrals/{new_id()}").text)
    for odd in ("1", "x" * 400, "%00", "..%2f", "a'b", f"{{{new_id()}}}", str(new_id()).replace("-", "")):
        answer = guest.http.get(f"/referrals/{odd}")
        assert answer.status_code in (400, 404), odd
        assert answer.status_code == 400 or scene.steady(answer.text) == unknown, odd


def test_the_network_does_not_see_a_draft(app: Flask, visitor: Come, scenery: Scenery):
    for email in (COORDINATOR, LEAD, "admin@network.example", "auditor@network.example"):
        guest = visitor(email)
        for rule in scene.rules(app, "GET"):
            if "referral_id" in rule.arguments:
                answer = guest.http.get(scene.address(rule, scenery.arguments("draft")))
                assert answer.status_code in (403, 404), (email, rule.rule)


@pytest.mark.parametrize(("databases", "email"), in_turn((each,) for each in ONLY_READ), indirect=["databases"])
def test_who_only_reads_changes_nothing(app: Flask, visitor: Come, scenery: Scenery, db: Database, email: str):
    """An administrator takes one step alone: marking a mistake, with a second person; keeps the directory true, and
    looks after the people of the organization."""
    guest, own = visitor(email), () if email.startswith("auditor") else ("/mark-error",)
    token, before = guest.token(), scene.contents(db)
    for rule in scene.rules(app, "POST"):
        is_own_work = rule.rule.startswith(("/admin/", "/centers/")) and email == "admin@network.example"
        is_own_work |= rule.rule.startswith("/admin/break-glass/") and email == "auditor@network.example"
        is_own_work |= rule.rule.startswith("/admin/users/") and email == "admin@lakeside.example"
        if rule.arguments - {"token"} and not is_own_work and not rule.rule.endswith(own):
            for kind in scene.share(scenery, len(rule.rule)):
                answer = send(guest, scene.address(rule, scenery.arguments(kind)), token)
                looks_only = rule.rule.endswith("/what-if") and answer.status_code in (200, 422)
                assert looks_only or answer.status_code in (403, 404), (rule.rule, kind, answer.status_code)
    assert scene.contents(db) == before


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("databases", "email"), in_turn(((each,) for each in ROLES), everywhere=SEE_MOST), indirect=["databases"]
)
def test_a_page_changes_no_row_is_kept_by_nobody_and_notes_who_looked(
    app: Flask,
    visitor: Come,
    scenery: Scenery,
    db: Database,
    world: World,
    email: str,
    whole: bool,
):
    """Each role walks a third of the kinds of referrals, in turn; in the long run all of them, faster than any person."""
    app.extensions["denials"] = Refusals(100_000)
    guest = visitor(email)
    before = scene.contents(db)
    kinds = list(scenery.referrals) if whole else scene.share(scenery, ROLES.index(email))
    for path in scene.addresses(app, "GET", scenery, kinds):
        with noted(db) as entries:
            answer = guest.http.get(path)
        assert answer.status_code < 500, (path, answer.text)
        assert_guarded(answer, path)
        shows_somebody = answer.status_code == 200 and ("Example" in body_of(answer) or names_record(path))
        named = set(IDS.findall(path))
        wanted = 1 if shows_somebody or is_denial(answer.status_code, named) else 0
        assert len(entries()) == wanted or is_list_without_rows(answer, entries()), (
            path,
            answer.status_code,
            entries(),
        )
        if wanted and named and not path.startswith("/assignments/"):  # a plan is what it says of its referrals
            assert named & set(entries()[0].ids), (path, entries()[0].entity)
    assert scene.contents(db) == before


def is_denial(status: int, named: set[str]) -> bool:
    return status == 403 or (status == 404 and bool(named))


def names_record(path: str) -> bool:
    records = (
        "/referrals/",
        "/assignments/",
        "/centers/",
        "/imports/",
        "/admin/api-clients/",
        "/admin/webhooks/",
        "/admin/users/",
        "/admin/break-glass/",
        "/admin/legal-holds/",
    )
    return path.startswith(records) and not path.endswith(("/new", "/template.csv"))


def body_of(answer: TestResponse) -> str:
    """The page between its frame, where only the reader is named. A document is none."""
    if answer.mimetype != "text/html":
        return ""
    return answer.text.partition("<main")[2].partition("</main>")[0]


def is_list_without_rows(answer: TestResponse, entries: list[AuditEntry]) -> bool:
    return (
        answer.status_code == 200
        and len(entries) == 1
        and (
            entries[0].action in ("list", "compare", "read-network-gap", "export")
            or entries[0].entity in ("report", "audit")
        )
    )


class noted:  # noqa: N801 - reads as a word of the test
    """The audit entries that the block has caused."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def __enter__(self) -> Callable[[], list[AuditEntry]]:
        with self.db.reading() as session:
            last = session.scalar(select(func.max(AuditEntry.id))) or 0

        def found() -> list[AuditEntry]:
            with self.db.reading() as session:
                return list(session.scalars(select(AuditEntry).where(AuditEntry.id > last)))

        return found

    def __exit__(self, *exception: object) -> None:
        return None


def assert_guarded(answer: TestResponse, path: str) -> None:
    if answer.mimetype == "text/html":
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value, path
    assert answer.headers["Cache-Control"] == "no-store", path
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def files(app: Flask) -> Iterator[str]:
    yield from ("/static/app.css", "/static/app.js", "/static/icon.svg")


def test_files_are_kept_for_good_and_loaded_by_their_fingerprint(app: Flask, visitor: Come):
    guest = visitor()
    for path in files(app):
        answer = guest.http.get(path)
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers
        answer.close()
    assert guest.http.get("/static/../door.py").status_code == 404
    assert guest.http.get("/static/nothing.css").status_code == 404


def test_text_travels_packed_to_those_who_can_unpack_it(visitor: Come):
    guest, accepting = visitor(), {"Accept-Encoding": "gzip"}
    for path in ("/static/app.css", "/static/app.js"):
        plain, packed = guest.http.get(path), guest.http.get(path, headers=accepting)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert gzip.decompress(packed.data) == plain.data
        plain.close()
        packed.close()


def test_the_machine_doors_do_not_know_the_cookie(app: Flask, visitor: Come, scenery: Scenery):
    guest = visitor(LAKESIDE)
    token = guest.token()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith(("openapi.json", "/docs")):
            path = scene.address(rule, scenery.arguments() | {name: str(new_id()) for name in rule.arguments})
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answer = guest.http.open(path, method=method, json={}, headers={"X-CSRFToken": token})
                assert answer.status_code == 401, (method, rule.rule)


def test_every_page_names_itself(app: Flask, visitor: Come, scenery: Scenery):
    """Tabs and histories tell pages apart by their titles."""
    guest = visitor(COORDINATOR)
    titles: dict[str, str] = {}
    for rule in scene.rules(app, "GET"):
        path = scene.address(rule, scenery.arguments("in_triage"))
        if path in {"/policies/current", "/", "/sign-in"}:
            continue
        guest.get(path)
        if guest.status == 200 and guest.answer.mimetype == "text/html":
            assert guest.page.title not in titles, (path, titles.get(guest.page.title))
            titles[guest.page.title] = path
    assert len(titles) > 15
