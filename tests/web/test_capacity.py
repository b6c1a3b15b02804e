"""The board of centers and weeks: the network sees every center, a center its own row, and writes it."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import update

from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.offer import Offer
from referrals.pathway.pausing import look_after_pauses
from tests.factories import World
from tests.statements import statements
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
KEEPER, SPECIALIST = "coordinator@summit.example", "specialist@summit.example"


def test_a_center_writes_its_own_row_and_the_network_reads_it(
    visitor: Come, coordinator: Visitor, offered: str, db: Database
) -> None:
    keeper = visitor(KEEPER).get("/capacity")
    assert "19 free of 20" in keeper.words
    for secret in ("Harbor", "All centers"):
        assert secret not in keeper.words
    keeper.press("Save these weeks", places="5", **{"line-0": "3", "week-0-places": "0", "week-0-reason": "congress"})
    assert keeper.at == "/capacity"
    assert "Closed, and what they hold stays:" in keeper.words
    assert "(1 referral)" in keeper.words
    words = coordinator.get("/capacity").words
    for said in ("Closed: congress", "1 referral held", "5 free of 5", "children: 3 free of 3", "20 free of 20"):
        assert said in words, said
    with db.writing() as session:
        session.execute(update(Offer).values(overbook_reason="Agreed by phone."))
    keeper.press("Save these weeks", places="1", **{"line-0": "0", "week-0-places": "0", "week-0-reason": ""})
    keeper.press("Save these weeks", places="0", **{"week-0-places": ""})
    assert "Overbooked by 1" in coordinator.get("/capacity").words
    assert "Agreed by phone." in coordinator.words


def test_what_cannot_be_saved_is_named_and_nothing_typed_is_lost(
    visitor: Come, coordinator: Visitor, world: World
) -> None:
    summit = world.organizations["summit"].id
    keeper = visitor(KEEPER).get("/capacity")
    coordinator.get("/capacity").follow_link("Summit Cancer Center")
    keeper.press("Save these weeks", **{"week-1-places": "2", "week-1-line-0": "7", "week-2-reason": "holiday"})
    assert keeper.status == 422
    assert "The week has 2 places: no line has more." in keeper.words
    assert "Only a closed week, one of 0 places, says why." in keeper.words
    keeper.press("Save these weeks", **{"week-1-line-0": "1", "week-2-places": "0"})
    assert "Closed: holiday" in keeper.words
    coordinator.press("Save these weeks", places="11")
    assert (coordinator.status, coordinator.at.partition("?")[0]) == (409, f"/capacity/{summit}")
    assert "Somebody else changed this center first" in coordinator.words
    coordinator.press("Save these weeks")
    assert "11 free of 11" in coordinator.words


def test_a_pause_says_how_it_ends_and_the_network_ends_it(
    visitor: Come, coordinator: Visitor, world: World, db: Database
) -> None:
    with db.writing() as session:
        center = session.get_one(Center, world.organizations["summit"].id)
        center.paused_at, center.paused_because, center.paused_for = datetime.now(UTC), "Silent.", "silent"
        look_after_pauses(session, datetime.now(UTC))
    specialist = visitor(SPECIALIST)
    for page in ("/capacity", "/inbox"):
        words = specialist.get(page).words
        assert "once the network ends the pause" in words
        assert "End the pause" not in words
    assert "The center's coordinator changes these places" in specialist.get("/capacity").words
    assert "Save these weeks" not in specialist.words
    assert "Summit Cancer Center: A center has let two offers lapse" in coordinator.get("/tasks").words
    coordinator.follow_link("Places of the center")
    assert "Phone the center, then end the pause." in coordinator.words
    coordinator.press("End the pause of Summit Cancer Center")
    assert "Summit Cancer Center is asked again" in coordinator.words
    assert "Paused" not in coordinator.words


def test_only_the_network_and_a_centers_own_people_read_the_board(visitor: Come, world: World) -> None:
    harbor = world.organizations["harbor"].id
    assert visitor("clinician@lakeside.example").get("/capacity").status == 403
    keeper = visitor(KEEPER)
    assert [keeper.get(f"/capacity/{harbor}").status, keeper.post(f"/capacity/{harbor}").status] == [404, 404]
    assert keeper.post(f"/capacity/{world.organizations['summit'].id}/end-pause").status == 403
    auditor = visitor("auditor@network.example").get(f"/capacity/{harbor}")
    assert (auditor.status, "Save these weeks" in auditor.words) == (200, False)


def test_the_board_is_narrowed_and_asks_the_same_however_many_centers(
    coordinator: Visitor, world: World, db: Database
) -> None:
    with db.writing() as session:
        session.get_one(Center, world.organizations["harbor"].id).places = 0
    with statements(db) as sent:
        both = coordinator.get("/capacity?family=sarcoma").words
    with statements(db) as fewer:
        words = coordinator.get("/capacity?family=sarcoma&free=true").words
    assert "Harbor" in both
    assert "Harbor" not in words
    assert "Summit" in words
    assert len(fewer) == len(sent)
    assert [coordinator.get(f"/capacity?{odd}").status for odd in ("family=x", "from=0001-01-01")] == [422, 422]
    assert coordinator.get("/capacity?from=2026-13-77").status == 200
    assert (
        "Save these weeks"
        not in coordinator.get("/capacity").follow_link("Summit Cancer Center").follow_link("Earlier weeks").words
    )
