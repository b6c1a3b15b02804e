"""Centers, matches, offers and the center's side, as partner systems see them."""

from typing import Any

import pytest

from tests.api.partner import Partner, codes, if_match
from tests.factories import World, routine


@pytest.fixture
def summit(partner) -> Partner:
    return partner("summit")


@pytest.fixture
def ready(lakeside: Partner, coordinator: Partner) -> Any:
    def made(number: int = 1) -> dict[str, Any]:
        referral = lakeside.create(routine(number))
        claimed = coordinator.take("claim", referral).json
        return coordinator.take("complete-triage", claimed).json

    return made


def test_a_referral_finds_its_center_and_travels_there(
    ready, coordinator: Partner, summit: Partner, partner, world: World
):
    referral = ready()
    matches = coordinator.get(f"/referrals/{referral['id']}/matches").json
    best = matches["items"][0]
    assert (best["rank"], best["center"]["code"]) == (1, "summit")
    assert best["score"] == sum(best["terms"].values())
    assert best["expected_rests_on"] == "from the policy's review time"
    offered = coordinator.take("offer", referral, center=best["center"]["id"])
    assert offered.status_code == 200, offered.text
    assert (offered.json["status"], offered.json["offers"][0]["status"]) == ("offered", "live")
    inbox = summit.get("/offers").json["items"]
    assert [item["referral"] for item in inbox] == [referral["id"]]
    one = summit.get(f"/offers/{inbox[0]['id']}")
    assert one.json == inbox[0]
    steps = {step["step"] for step in summit.get(f"/referrals/{referral['id']}").json["steps"]}
    assert {"accept", "decline-offer"} <= steps
    accepted = summit.take("accept", offered.json)
    assert accepted.json["status"] == "accepted"
    specialist = partner("summit", person="specialist@summit.example")
    started = specialist.take("start-review", accepted.json, specialist=world.user_id("specialist@summit.example"))
    assert started.json["review"]["specialist"]["name"] == "Specialist"
    assert summit.take("return", started.json, reason="capacity").status_code == 200
    assert summit.get(f"/referrals/{referral['id']}").status_code == 404
    (left,) = summit.get("/offers?status=returned").json["items"]
    assert (left["status"], left["reason"], left["because"], left["tier"]) == ("returned", "capacity", None, None)


def test_whoever_matches_reads_why_the_first_is_first_and_who_is_approved_next(ready, coordinator: Partner):
    referral = ready()
    address = f"/referrals/{referral['id']}/matches"
    matches = coordinator.get(address).json
    first, second = matches["items"]
    assert first["why_first"].startswith("Ahead of Harbor Cancer Institute: ")
    assert (second["why_first"], matches["then"]) == (None, [])
    offered = coordinator.take("offer", referral, center=first["center"]["id"], then=[second["center"]["id"]])
    assert offered.status_code == 200, offered.text
    (approved,) = coordinator.get(address).json["then"]
    assert (approved["center"], approved["approved_by"]) == (second["center"], "Coordinator")


def test_what_stands_against_an_offer_comes_all_at_once(ready, coordinator: Partner, partner, world: World):
    center = partner("network").get("/centers").json["items"][0]
    network = partner("network")
    changed = network.patch(f"/centers/{center['id']}", {"services": ["pediatrics"], "places": 0}, center["version"])
    assert changed.status_code == 200, changed.text
    refused = coordinator.take("offer", ready(), center=center["id"])
    assert refused.status_code == 422
    assert codes(refused) == {"/center": "center_fits", "/overbook_reason": "place_is_left"}


def test_a_center_keeps_its_own_profile_true(partner, summit: Partner, world: World):
    own, other = (world.organizations[code].id for code in ("summit", "harbor"))
    seen = summit.get(f"/centers/{own}")
    told = {"expertise": [{"family": "sarcoma", "level": 0.9, "yearly_volume": 80}]}
    put = summit.call("PUT", f"/centers/{own}/expertise", told, headers=if_match(seen.json["version"]))
    assert put.status_code == 200, put.text
    assert [each["family"] for each in summit.get(f"/centers/{own}").json["expertise"]] == ["sarcoma"]
    assert summit.call("PUT", f"/centers/{other}/expertise", told, headers=if_match("*")).status_code == 403
    assert summit.patch(f"/centers/{own}", {"paused": True}).status_code == 422
    unknown = {"expertise": [{"family": "nothing", "level": 0.9}]}
    assert summit.call("PUT", f"/centers/{own}/expertise", unknown, headers=if_match("*")).status_code == 422


def test_places_are_stated_by_week_and_counted(ready, coordinator: Partner, summit: Partner, world: World):
    own = world.organizations["summit"].id
    weeks = summit.get(f"/centers/{own}/capacity").json["weeks"]
    assert len(weeks) == 8
    stated = {"weeks": [{"week": weeks[0]["week"], "places": 1}]}
    put = summit.call("PUT", f"/centers/{own}/capacity", stated, headers=if_match("*"))
    assert put.json["weeks"][0] == {
        "week": weeks[0]["week"],
        "places": 1,
        "reserved": 0,
        "used": 0,
        "free": 1,
        "reason": None,
        "services": [],
    }
    offered = coordinator.take("offer", ready(), center=str(own)).json
    week = summit.get(f"/centers/{own}/capacity").json["weeks"][0]
    assert (week["reserved"], week["used"], week["free"]) == (1, 0, 0)
    summit.take("accept", offered)
    week = summit.get(f"/centers/{own}/capacity").json["weeks"][0]
    assert (week["reserved"], week["used"], week["free"]) == (0, 1, 0)
    no_monday = {"weeks": [{"week": "2026-11-24", "places": 1}]}
    assert summit.call("PUT", f"/centers/{own}/capacity", no_monday, headers=if_match("*")).status_code == 422


def test_places_are_limited_by_line_in_a_usual_week_and_in_single_ones(summit: Partner, world: World):
    where = f"/centers/{world.organizations['summit'].id}/capacity"
    this, following = (week["week"] for week in summit.get(where).json["weeks"][:2])
    usual = [{"service": "pediatrics", "places": 3}, {"service": "multidisciplinary_team", "places": None}]
    own = {"week": following, "places": 4, "services": [{"service": "multidisciplinary_team", "places": 1}]}
    closed = {"week": this, "places": 0, "reason": "congress"}
    put = summit.call("PUT", where, {"services": usual, "weeks": [closed, own]}, headers=if_match("*"))
    assert put.status_code == 200, put.text
    answer = summit.get(where).json
    assert answer == put.json
    assert answer["services"] == usual[:1]
    assert [(week["reason"], week["free"]) for week in answer["weeks"][:3]] == [("congress", 0), (None, 4), (None, 20)]
    counted = [{"places": 3, "free": 3}, {"service": "multidisciplinary_team", "places": 1, "free": 1}]
    counted = [{"service": "pediatrics", "reserved": 0, "used": 0} | each for each in counted]
    assert answer["weeks"][1]["services"] == counted
    wrong = {"services": [{"service": "trials", "places": 1}, {"service": "pediatrics", "places": 21}]}
    refused = summit.call("PUT", where, wrong, headers=if_match("*"))
    assert codes(refused) == {"/services/0/service": "no_line", "/services/1/places": "above_places"}


def test_the_network_adds_a_center(partner, world: World):
    network, sent = partner("network"), {"code": "ridge", "name": "Ridge Cancer Center", "services": ["adults"]}
    made = network.post("/centers", sent)
    assert (made.status_code, made.json["code"], made.json["places"]) == (201, "ridge", 0)
    assert made.headers["Location"].endswith(f"/centers/{made.json['id']}")
    assert network.post("/centers", sent).status_code == 409
    assert partner("summit").post("/centers", sent | {"code": "other"}).status_code == 403


def test_only_centers_have_an_inbox(lakeside: Partner, coordinator: Partner):
    assert lakeside.get("/offers").status_code == coordinator.get("/offers").status_code == 403


def test_a_center_takes_back_its_no(ready, coordinator: Partner, summit: Partner, world: World):
    offered = coordinator.take("offer", ready(), center=str(world.organizations["summit"].id)).json
    declined = summit.take("decline-offer", offered, reason="capacity")
    assert (declined.status_code, declined.json["status"]) == (200, "ready")
    undone = summit.take("undo", declined.json)
    assert (undone.status_code, undone.json["status"]) == (200, "offered")
