"""A partner system has the whole queue placed: asked for, made by the worker, read, approved."""

from datetime import UTC, datetime

from referrals.worker.planning import make_plan
from tests.api.partner import Partner
from tests.factories import routine


def test_the_whole_queue_is_placed_and_approved(lakeside: Partner, coordinator: Partner, partner, database):
    ready = []
    for number in (1, 2):
        claimed = coordinator.take("claim", lakeside.create(routine(number))).json
        ready.append(coordinator.take("complete-triage", claimed).json)
    network = partner("network")
    asked = network.post("/assignments", {})
    assert (asked.status_code, asked.json["status"], asked.json["proposals"]) == (202, "waiting", [])
    address = f"/assignments/{asked.json['id']}"
    assert asked.headers["Location"].endswith(address)
    assert network.post(f"{address}/approve", {}).status_code == 409
    assert make_plan(database, lambda session: datetime.now(UTC)) == 1
    made = network.get(address).json
    assert (made["status"], made["progress"], made["unplaced"]) == ("ready", 100, [])
    assert [each["referral"] for each in made["proposals"]] == [each["id"] for each in ready]
    assert [each["center"]["code"] for each in made["proposals"]] == ["summit", "summit"]
    assert {each["rank_of_choice"] for each in made["proposals"]} == {1}
    unknown = network.post(f"{address}/approve", {"referrals": [asked.json["id"]]})
    assert [error["pointer"] for error in unknown.json["errors"]] == ["/referrals/0"]
    approved = network.post(f"{address}/approve", {"referrals": [ready[0]["id"]]}).json
    assert (approved["status"], [each["outcome"] for each in approved["proposals"]]) == (
        "approved",
        ["offered", "left_out"],
    )
    assert [network.get(f"/referrals/{each['id']}").json["status"] for each in ready] == ["offered", "ready"]
    assert [partner(code).get(address).status_code for code in ("lakeside", "summit")] == [403, 403]
