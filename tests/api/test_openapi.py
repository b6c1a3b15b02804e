"""The documentation says what the code does: every route is in it, nothing else is, and it is a valid OpenAPI document."""

import json
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from referrals.api.openapi import path_of
from referrals.domain.lifecycle import STEPS
from referrals.pathway.actions import ACTIONS
from tests.factories import packet

SCHEMA = json.loads((Path(__file__).parent / "data" / "openapi-3.1.schema.json").read_text())
PREFIXES = ("/api/", "/oauth/", "/health/")


@pytest.fixture
def databases(databases_of, request):
    """The document does not depend on the database."""
    request.node.user_properties.append(("database", "sqlite"))
    return databases_of("sqlite")


@pytest.fixture
def written(stranger):
    return stranger.get("/openapi.json").json


def served(app) -> set[tuple[str, str]]:
    return {
        (path_of(rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIXES)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def documented(written) -> set[tuple[str, str]]:
    return {(path, method) for path, operations in written["paths"].items() for method in operations}


def test_every_route_is_documented_and_every_documented_route_is_served(app, written):
    assert documented(written) == served(app)


def test_the_document_is_valid_openapi(written):
    assert written["openapi"].startswith("3.1")
    faults = [error.message for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(written)]
    assert faults == []


def test_every_shape_is_a_valid_schema_and_every_reference_leads_somewhere(written):
    for name, shape in written["components"]["schemas"].items():
        jsonschema.Draft202012Validator.check_schema(shape)
        assert shape["properties"], name
    text = json.dumps(written)
    for kind, members in written["components"].items():
        for name in members:
            text = text.replace(f'"$ref": "#/components/{kind}/{name}"', "")
    assert "$ref" not in text


def test_operations_have_names_of_their_own_and_say_what_they_do(written):
    operations = [each for path in written["paths"].values() for each in path.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    assert all(each["summary"] for each in operations)
    known = {tag["name"] for tag in written["tags"]}
    assert {tag for each in operations for tag in each["tags"]} == known


def test_each_step_says_who_takes_it_from_where(written):
    for step in ACTIONS:
        operation = written["paths"][f"/api/v1/referrals/{{referral_id}}/{step}"]["post"]
        assert operation["summary"] == STEPS[step].explains
        assert all(f"`{status}`" in operation["description"] for status in STEPS[step].sources)
        headers = {each["$ref"].rpartition("/")[2] for each in operation["parameters"] if "$ref" in each}
        assert headers == {"If-Match", "Idempotency-Key", "On-Behalf-Of", "X-Request-ID"}


def test_what_is_sent_is_described_as_it_is_taken(written):
    shape = {"$ref": "#/components/schemas/NewReferral", "components": written["components"]}
    validator = jsonschema.Draft202012Validator(shape)
    assert list(validator.iter_errors(packet())) == []
    wrong = packet(purposes=["curiosity"], status="closed", questions=[""])
    assert {error.json_path for error in validator.iter_errors(wrong)} == {"$", "$.purposes[0]", "$.questions[0]"}


def test_scopes_are_named_where_they_are_needed(written):
    create = written["paths"]["/api/v1/referrals"]["post"]
    assert create["security"] == [{"oauth": ["referrals:write"]}]
    assert written["paths"]["/api/v1/me"]["get"]["security"] == [{"oauth": []}]
    assert written["paths"]["/health/live"]["get"]["security"] == []


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.ids, self.targets, self.tags = set(), set(), set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.add(tag)
        self.ids |= {given["id"]} if "id" in given else set()
        self.targets |= {given["href"]} if "href" in given else set()


def test_the_page_shows_the_whole_document_without_a_script(stranger, written):
    page = stranger.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    links = Links()
    links.feed(page.text)
    assert not {"script", "img", "iframe", "form"} & links.tags
    inside = {target.removeprefix("#") for target in links.targets if target.startswith("#")}
    assert inside <= links.ids
    for path, method in documented(written):
        assert f"{method.upper()} {path}" in page.text
    for name in written["components"]["schemas"]:
        assert f"shape-{name}" in links.ids


def test_the_page_allows_its_own_style_and_nothing_else(stranger):
    import base64
    import hashlib

    page = stranger.get("/docs")
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
