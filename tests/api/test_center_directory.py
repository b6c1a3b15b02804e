"""The directory of centers as partner systems see it: where, whom to ask, trials, conflicts, and what is looked for."""

from datetime import date
from typing import Any

import pytest

from referrals.models.engine import Database
from referrals.pathway.centers_known import conflicts_in_force, trials_in
from tests.api.partner import Partner, codes, if_match
from tests.factories import World, unknown_id
from tests.statements import statements

STATED: dict[str, Any] = {
    "city": "Minneapolis", "region": "Minnesota", "country": "US", "lat": 44.98, "lon": -93.2638,
    "url": "https://summit.example", "languages": ["en", "pt-BR"], "source": "Told by the center.",
    "sites": [{"name": "Main house", "city": "Minneapolis", "postal_code": "55401", "lat": 44.98, "lon": -93.26}],
    "contacts": [{"role": "Referral office", "email": "office@summit.example", "urgent": True}],
}  # fmt: skip
PLACED: dict[str, Any] = {"city": "Duluth", "lat": 46.7867, "lon": -92.1005}
TRIAL = {"registry_id": "NCT00000001", "title": "A study", "families": ["sarcoma"], "opened_on": "2026-01-10"}
CLOSED = TRIAL | {"registry_id": "NCT00000002", "families": ["sarcoma", "cns"], "closed_on": "2026-03-01"}
PAST = {"reason": "Both had one owner.", "from_day": "2024-01-01", "until_day": "2025-12-31"}


@pytest.fixture
def summit(partner) -> Partner:
    return partner("summit")


def put(caller: Partner, center: object, part: str, items: list[Any]) -> Any:
    return caller.call("PUT", f"/centers/{center}/{part}", {part: items}, headers=if_match("*"))


def test_a_center_says_where_it_is_and_whom_to_ask(summit: Partner, lakeside: Partner, partner, world: World):
    path = f"/centers/{world.organizations['summit'].id}"
    changed = summit.patch(path, STATED | {"checked_on": "2026-11-20"})
    assert changed.status_code == 200, changed.text
    assert changed.json["sites"] == [STATED["sites"][0] | {"region": None, "country": None}]
    called = changed.json["contacts"][0]
    assert (called["role"], called["urgent"], called["phone"]) == ("Referral office", True, None)
    assert (changed.json["checked_by"], changed.json["in_network"]) == ("summit system", True)
    seen = lakeside.get(path).json
    assert (seen["sites"], seen["contacts"]) == (changed.json["sites"], [])
    assert codes(summit.patch(path, {"in_network": False, "lat": 91, "url": "javascript:x"})) == {
        "/lat": "invalid_number",
        "/url": "invalid_format",
    }
    assert codes(summit.patch(path, {"in_network": False})) == {"/in_network": "not_yours"}
    ours = ("checked_by", "network_id", "organization_id", "paused_at", "trials", "version")
    assert codes(summit.patch(path, dict.fromkeys(ours, "x"))) == {f"/{name}": "unknown_field" for name in ours}
    assert partner("network").patch(path, {"in_network": False}).json["in_network"] is False
    of_specialist = partner("summit", person="specialist@summit.example").patch(path, {"city": "Elsewhere"})
    assert of_specialist.status_code == 403


def test_trials_and_conflicts_are_stated_whole_and_hold_on_their_days(
    summit: Partner, lakeside: Partner, partner, world: World, db: Database
):
    own, other = world.organizations["summit"].id, world.organizations["lakeside"].id
    stated = put(summit, own, "trials", [TRIAL | {"contact": "Dr. Trial"}, CLOSED])
    assert stated.status_code == 200, stated.text
    assert [each["registry_id"] for each in stated.json["trials"]] == ["NCT00000001", "NCT00000002"]
    assert put(summit, own, "conflicts", [PAST | {"organization": str(other)}]).status_code == 200
    with db.reading() as session:
        days = ("2026-01-09", "2026-01-10", "2026-02-28", "2026-03-01")
        found = [trials_in(session, world.network_id, date.fromisoformat(day)).of("sarcoma")[own] for day in days]
        assert found == [0, 2, 2, 1]
        assert trials_in(session, world.network_id, date(2026, 3, 1)).of("cns") == {own: 0}
        for day, standing in ((date(2025, 12, 31), {(own, other)}), (date(2026, 1, 1), set())):
            assert conflicts_in_force(session, [other, own], day) == standing
    assert lakeside.get(f"/centers/{own}").json["conflicts"] == []
    assert lakeside.get(f"/centers/{own}").json["trials"][0]["contact"] is None
    assert partner("network").get(f"/centers/{own}").json["conflicts"][0]["organization"]["code"] == "lakeside"
    assert put(summit, own, "trials", [TRIAL]).json["trials"][0]["contact"] is None
    assert len(summit.get(f"/centers/{own}").json["trials"]) == 1


WRONG = [
    ("trials", [TRIAL, TRIAL], {"/trials/1/registry_id": "repeated"}),
    ("trials", [TRIAL | {"families": ["sarcoma", "none"]}], {"/trials/0/families/1": "unknown"}),
    ("trials", [TRIAL | {"closed_on": "2026-01-09"}], {"/trials/0/closed_on": "before_opening"}),
    ("conflicts", [PAST | {"organization": unknown_id()}], {"/conflicts/0/organization": "unknown"}),
]


def test_a_list_that_is_stated_whole_has_to_be_there(summit: Partner, world: World):
    own = world.organizations["summit"].id
    for part in ("expertise", "trials", "conflicts"):
        lacking = summit.call("PUT", f"/centers/{own}/{part}", {}, headers=if_match("*"))
        assert codes(lacking) == {f"/{part}": "required"}


def test_what_is_wrong_with_trials_and_conflicts_is_named(summit: Partner, world: World):
    own, other = world.organizations["summit"].id, str(world.organizations["lakeside"].id)
    for part, items, wrong in WRONG:
        assert codes(put(summit, own, part, items)) == wrong
    over = put(summit, own, "conflicts", [PAST | {"organization": other, "until_day": "2023-12-31"}])
    assert codes(over) == {"/conflicts/0/until_day": "before_beginning"}
    assert put(summit, world.organizations["harbor"].id, "trials", [TRIAL]).status_code == 403


def test_centers_are_found_by_what_they_offer_in_as_many_statements(partner, world: World, db: Database):
    network, harbor = partner("network"), world.organizations["harbor"].id
    network.patch(f"/centers/{world.organizations['summit'].id}", STATED)
    network.patch(f"/centers/{harbor}", {"active": False})
    far = {"code": "far", "name": "Far Away", "in_network": False, "active": False, "paused": True, **PLACED}
    made = network.post("/centers", far)
    assert {name: made.json[name] for name in far} == far
    put(network, harbor, "expertise", [{"family": "cns", "level": 0.2}])
    asked = {
        "family=cns": ["summit"], "service=pediatrics": ["harbor"], "service=adults&service=trials": ["summit"],
        "designation=comprehensive": ["summit"], "designation=basic": [], "language=pt": ["summit"],
        "language=p": [], "region=minn": ["summit"], "active=false": ["far", "harbor"], "in_network=false": ["far"],
        "q=INSTITUTE": ["harbor"], "q=summ": ["summit"], "q=minneapolis": ["summit"], "q=%25": [],
    }  # fmt: skip
    for query, found in asked.items():
        assert [each["code"] for each in network.get(f"/centers?{query}").json["items"]] == found, query
    first = network.get("/centers?service=adults&limit=1").json
    assert [each["code"] for each in first["items"]] == ["harbor"]
    assert "cursor=" in first["next"]
    assert network.get("/centers?service=surgery").status_code == 422
    with statements(db) as one:
        network.get("/centers?limit=1")
    with statements(db) as all_of_them:
        network.get("/centers")
    assert len(one) == len(all_of_them)


@pytest.mark.parametrize("part", ["expertise", "trials", "conflicts"])
def test_a_list_that_is_stated_whole_is_not_left_out(summit: Partner, world: World, part: str):
    answer = summit.call("PUT", f"/centers/{world.organizations['summit'].id}/{part}", {}, headers=if_match("*"))
    assert (answer.status_code, codes(answer)) == (422, {f"/{part}": "required"})
