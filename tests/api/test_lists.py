"""Lists: who waits in which order, page by page, under which filters, and how many there are."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from sqlalchemy import update

from referrals.models.referral import Referral
from tests.factories import days_ago, diagnosis, in_days, packet, patient, routine, unknown_id

ITEM = {
    "id",
    "reference",
    "version",
    "status",
    "core_status",
    "waiting_on",
    "next_action",
    "next_action_due_at",
    "submitted_at",
    "due_at",
    "overdue",
    "tier",
    "provisional",
    "reasons",
    "criteria_met",
    "patient",
    "diagnosis",
    "tumor_family",
    "center",
    "owner",
    "organization",
    "updated_at",
}


def references(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["reference"] for item in answer.json["items"]]


def walk(caller, path):
    """Every item of a list, page by page, by the addresses that the pages give."""
    pages = []
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.text
        pages.append([item["id"] for item in answer.json["items"]])
        following = answer.json["next"]
        assert answer.headers.get("Link") == (f'<{following}>; rel="next"' if following else None)
        path = following
    return pages


@pytest.fixture
def mixed(lakeside):
    """One routine, one urgent, one described in words, one draft; in this order of arrival."""
    uncoded = {"uncoded": True, "description": "A lump"}
    return {
        "P4": lakeside.create(routine(1)),
        "P1": lakeside.create(packet(2)),
        "P2": lakeside.create(packet(3, diagnosis=uncoded, treatments=[], needed_by=None)),
        "draft": lakeside.create(packet(4, submit=False)),
    }


def test_an_item_says_just_what_a_row_needs(lakeside, mixed):
    item = lakeside.get("/referrals").json["items"][0]
    assert set(item) == ITEM
    assert set(item["patient"]) == {"id", "given_name", "family_name", "birth_date", "sex"}
    assert set(item["diagnosis"]) == {"icd10cm", "description", "morphology"}
    assert item["organization"]["code"] == "lakeside"
    assert len(item["reasons"]) == 2
    assert item["criteria_met"] == ["aggressive", "resistant"]


def test_the_most_urgent_comes_first_and_drafts_last(lakeside, coordinator, mixed):
    order = [mixed[word]["reference"] for word in ("P1", "P2", "P4", "draft")]
    assert references(lakeside.get("/referrals")) == order
    assert references(coordinator.get("/referrals")) == order[:3]


def test_each_sort_can_be_turned_around(lakeside, mixed):
    for sort in ("urgency", "submitted_at", "due_at", "updated_at"):
        there = references(lakeside.get(f"/referrals?sort={sort}"))
        back = references(lakeside.get(f"/referrals?sort=-{sort}"))
        assert there == back[::-1], sort
    arrived = [mixed[word]["reference"] for word in ("P4", "P1", "P2", "draft")]
    assert references(lakeside.get("/referrals?sort=submitted_at")) == arrived


def test_pages_are_walked_by_their_links_and_nothing_is_missed_when_more_comes_in(lakeside):
    made = [lakeside.create(routine(number))["id"] for number in range(7)]
    first = lakeside.get("/referrals?limit=3")
    late = lakeside.create(packet(50))["id"]
    rest = walk(lakeside, first.json["next"])
    assert [item["id"] for item in first.json["items"]] == made[:3]
    assert rest == [made[3:6], made[6:]]
    assert late in walk(lakeside, "/referrals?limit=100")[0]


def test_a_cursor_holds_its_filters_and_shows_none_of_them(lakeside, coordinator):
    for number in range(4):
        lakeside.create(routine(number))
    lakeside.create(packet(9))
    first = coordinator.get("/referrals?q=Example&tier=P4&limit=2")
    following = first.json["next"]
    assert following.startswith("http://localhost/api/v1/referrals?cursor=")
    assert "Example" not in following
    assert "P4" not in urlsplit(following).query.split("&")
    second = coordinator.get(following)
    assert {item["tier"] for item in second.json["items"]} == {"P4"}
    assert len(second.json["items"]) == 2
    assert second.json["next"] is None
    same = coordinator.get(following + "&tier=P4")
    assert same.json["items"] == second.json["items"]
    other = coordinator.get(following + "&tier=P1")
    assert (other.status_code, other.json["errors"][0]["code"]) == (422, "contradicts_cursor")


def test_a_cursor_is_of_no_use_to_others(lakeside, coordinator):
    for number in range(3):
        lakeside.create(routine(number))
    following = lakeside.get("/referrals?limit=1").json["next"]
    assert coordinator.get(following).status_code == 422
    assert lakeside.get(following.replace("/referrals?", "/patients?")).status_code == 422


def test_a_search_finds_the_same_as_the_list_without_showing_what_was_asked(lakeside):
    for number in range(3):
        lakeside.create(routine(number))
    lakeside.create(routine(9, patient=patient(9, family_name="Unlike")))
    asked = {"q": "exam", "limit": 2, "status": ["open"]}
    found = lakeside.post("/referrals/search", asked)
    assert len(found.json["items"]) == 2
    second = lakeside.post(
        "/referrals/search", asked | {"cursor": found.json["next"].split("cursor=")[1].split("&")[0]}
    )
    by_link = lakeside.get(found.json["next"])
    assert second.json["items"] == by_link.json["items"] != []
    assert references(lakeside.get("/referrals?q=exam")) == references(found) + references(second)
    assert references(lakeside.post("/referrals/search")) == references(lakeside.get("/referrals"))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"q": 1}, "/q"), ({"limit": "2"}, "/limit"), ({"overdue": "true"}, "/overdue"), ({"who": "me"}, "/who")],
)
def test_a_search_that_does_not_hold_names_its_fields(lakeside, body, pointer):
    answer = lakeside.post("/referrals/search", body)
    assert (answer.status_code, [error["pointer"] for error in answer.json["errors"]]) == (422, [pointer])


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/referrals", {"cursor": "made-up"}, "/cursor"),
        ("/referrals", {"q": "SO-26-0000001-0"}, "/q"),
        ("/referrals", {"owner": "me"}, "/owner"),
        ("/patients", {"cursor": "made-up"}, "/cursor"),
    ],
)
def test_what_a_list_cannot_use_is_named_where_it_was_sent(lakeside, path, body, pointer):
    searched = lakeside.post(f"{path}/search", body)
    assert [error.get("pointer") for error in searched.json["errors"]] == [pointer]
    listed = lakeside.get(f"{path}?{urlencode(body)}")
    assert [error.get("parameter") for error in listed.json["errors"]] == [pointer[1:]]


def test_what_is_not_late_is_what_was_promised_nothing_lies_ahead_or_has_its_answer(lakeside, db):
    late, ahead, ended = (lakeside.create(routine(number)) for number in (1, 2, 3))
    draft = lakeside.create(routine(4, submit=False))
    lakeside.take("withdraw", ended, reason="other")
    with db.writing() as session:
        past = datetime.now(UTC) - timedelta(days=1)
        overdue = Referral.id.in_([UUID(each["id"]) for each in (late, ended)])
        session.execute(update(Referral).where(overdue).values(due_at=past))
    for asked, found in (("overdue=true", [late]), ("overdue=false", [ahead, draft])):
        assert references(lakeside.get(f"/referrals?{asked}")) == [each["reference"] for each in found]
    everything = set(references(lakeside.get("/referrals?overdue=false&status=all")))
    assert everything == {each["reference"] for each in (ahead, ended, draft)}
    counts = lakeside.get("/referrals/counts?overdue=false").json
    assert (counts["by_status"]["submitted"]["count"], counts["overdue"]["count"]) == (1, 0)


def test_a_referral_is_found_by_reference_number_or_name(lakeside, coordinator):
    wanted = lakeside.create(routine(1, patient=patient(1, given_name="José", family_name="van der Berg")))
    lakeside.create(routine(2))
    reference = wanted["reference"]
    for typed in (
        reference,
        reference.replace("-", "").lower(),
        "999-00-0001",
        "EHR-2026-1",
        "jose berg",
        "BERG",
        "van%20der",
        "Jos",
    ):
        assert references(coordinator.get(f"/referrals?q={typed}")) == [reference], typed
    for typed in ("erg", "999-00", "nobody", "SO-26", "%"):
        assert references(coordinator.get(f"/referrals?q={typed}")) == [], typed


def test_filters_narrow_the_list(lakeside, coordinator, mixed, world):
    claimed = coordinator.take("claim", mixed["P1"]).json
    withdrawn = lakeside.take("withdraw", mixed["P4"], reason="other").json
    me = world.user_id("coordinator@network.example")
    p1, p2, p4 = mixed["P1"]["reference"], mixed["P2"]["reference"], mixed["P4"]["reference"]
    expected = {
        "": [p1, p2],
        "?status=open": [p1, p2],
        "?status=in_triage": [p1],
        "?status=in_triage&status=submitted": [p1, p2],
        "?status=ended": [p4],
        "?status=all": [p1, p2, p4],
        "?status=entered_in_error": [],
        "?tier=P1&tier=P4": [p1],
        "?tier=P2": [p2],
        "?waiting_on=coordinator": [p1, p2],
        "?waiting_on=center": [],
        "?owner=me": [p1],
        f"?owner={me}": [p1],
        "?owner=none": [p2],
        f"?owner={unknown_id()}": [],
        f"?center={unknown_id()}": [],
        f"?tumor_family={mixed['P1']['tumor_family']}": [p1],
        "?criterion=aggressive": [p1],
        "?criterion=aggressive&criterion=resistant": [p1],
        "?criterion=rare": [],
        "?overdue=true": [],
        "?overdue=false": [p1, p2],
        f"?due_before={in_days(4)}T00:00:00Z": [p1],
        f"?due_before={days_ago(1)}T00:00:00Z": [],
        f"?updated_after={days_ago(1)}T00:00:00Z": [p1, p2],
        f"?updated_after={claimed['updated_at']}": [],
        f"?status=all&updated_after={claimed['updated_at']}": [p4],
        "?status=submitted&tier=P1": [],
    }
    assert withdrawn["status"] == "withdrawn"
    for asked, found in expected.items():
        assert references(coordinator.get(f"/referrals{asked}")) == found, asked


def test_counts_are_made_under_the_same_filters(lakeside, coordinator, mixed):
    coordinator.take("claim", mixed["P1"])
    counts = coordinator.get("/referrals/counts").json
    assert counts["by_status"]["submitted"] == {"count": 2, "more": False}
    assert counts["by_status"]["in_triage"]["count"] == 1
    assert [counts["by_tier"][tier]["count"] for tier in ("P1", "P2", "P3", "P4")] == [1, 1, 0, 1]
    assert counts["by_waiting_on"]["coordinator"]["count"] == 3
    assert (counts["overdue"]["count"], counts["unowned"]["count"]) == (0, 2)
    assert lakeside.get("/referrals/counts").json["by_status"]["draft"]["count"] == 1
    narrowed = coordinator.get("/referrals/counts?owner=me").json
    assert (narrowed["by_status"]["in_triage"]["count"], narrowed["unowned"]["count"]) == (1, 0)
    assert coordinator.get("/referrals/counts?status=all").json["by_status"]["closed"]["count"] == 0


def test_people_organizations_and_policies_are_listed(lakeside, coordinator, world):
    people = lakeside.get("/users").json["items"]
    assert {person["email"] for person in people} == {
        "admin@lakeside.example",
        "clinician@lakeside.example",
        "colleague@lakeside.example",
    }
    assert set(people[0]) == {"id", "name", "email", "roles", "active"}
    leads = coordinator.get("/users?role=clinical_lead").json["items"]
    assert [(person["name"], person["roles"]) for person in leads] == [
        ("Deputy", ["clinical_lead"]),
        ("Lead", ["clinical_lead"]),
    ]
    organizations = lakeside.get("/organizations").json["items"]
    assert [each["code"] for each in organizations] == ["harbor", "hillcrest", "lakeside", "network", "summit"]
    assert [each["version"] for each in coordinator.get("/policies").json["items"]] == ["2026.1"]
    policy = coordinator.get("/policies/2026.1").json
    assert (policy["status"], policy["document"]["version"]) == ("active", "2026.1")
    assert coordinator.get("/policies/1999.1").status_code == 404


@pytest.mark.parametrize("path", ["/users", "/organizations", "/patients"])
def test_every_list_has_pages(lakeside, path):
    for number in range(5):
        lakeside.create(routine(number))
    whole = walk(lakeside, f"{path}?limit=200")
    pages = walk(lakeside, f"{path}?limit=2")
    assert len(whole) == 1
    assert [each for page in pages for each in page] == whole[0]
    assert [len(page) for page in pages[:-1]] == [2] * (len(pages) - 1)


def test_a_referrals_own_lists_have_pages(lakeside, coordinator):
    referral = coordinator.take("claim", lakeside.create(routine())).json
    pages = walk(coordinator, f"/referrals/{referral['id']}/events?limit=2")
    assert [len(page) for page in pages] == [2, 1]
    assert lakeside.get(f"/referrals/{referral['id']}/facts?limit=1").json["next"] is None


def test_addresses_are_absolute_and_begin_as_the_settings_say(start_app, world, db):
    from tests.api.partner import Partner
    from tests.factories import token

    app = start_app(base_url="https://referrals.example.org")
    caller = Partner(app, token(db, world, "lakeside"))
    made = caller.post("/referrals", routine(1))
    assert made.headers["Location"] == f"https://referrals.example.org/api/v1/referrals/{made.json['id']}"
    caller.create(routine(2))
    assert caller.get("/referrals?limit=1").json["next"].startswith("https://referrals.example.org/api/v1/referrals?")


def test_a_page_that_was_asked_too_long_ago_is_still_a_page(lakeside):
    """A cursor has no age: it is a place in a static order."""
    for number in range(3):
        lakeside.create(packet(number, diagnosis=diagnosis()))
    following = lakeside.get("/referrals?limit=2").json["next"]
    lakeside.take("withdraw", lakeside.get("/referrals?limit=2").json["items"][1], reason="other")
    assert len(lakeside.get(following).json["items"]) == 1
