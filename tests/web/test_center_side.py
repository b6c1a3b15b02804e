"""The way to a center and back on pages: triage and offer at once, the inbox, the answer, ten minutes to undo it."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from referrals.models.base import new_id
from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.offer import JoinedClinician
from tests.factories import World
from tests.web.conftest import Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
KEEPER, SPECIALIST = "coordinator@summit.example", "specialist@summit.example"


def test_triage_and_offer_are_both_made_or_neither(
    coordinator: Visitor, send: Send, world: World, db: Database
) -> None:
    summit = world.organizations["summit"].id
    with db.writing() as session:
        session.get_one(Center, summit).services = ["pediatrics"]
    home = f"/referrals/{send(1).id}"
    coordinator.get(home).press("Take it")
    coordinator.get(f"{home}/place").press("Complete triage and send to a center", center=str(summit))
    assert coordinator.status == 422
    assert "The center does not treat adults." in coordinator.words
    assert "In triage" in coordinator.get(home).words


def test_a_center_answers_from_its_inbox_and_may_take_it_back(visitor: Come, offered: str) -> None:
    keeper = visitor(KEEPER)
    assert "You answer by" in keeper.get("/inbox").words
    keeper.get(offered)
    assert "The network asks your center: answer by" in keeper.words
    keeper.follow_link("Decline the offer")
    keeper.press("Decline the offer", reason="capacity", text="Full this week.")
    assert keeper.at == "/inbox"
    assert "You declined SO-" in keeper.words
    keeper.press("Undo")
    assert "The network asks your center: answer by" in keeper.words
    keeper.follow_link("Accept")
    keeper.press("Accept")
    assert "Accepted by a center" in keeper.words
    assert "Accepted, not begun" in keeper.get("/inbox").words


def test_a_specialist_begins_advises_and_gives_back(visitor: Come, offered: str, world: World) -> None:
    keeper, specialist = visitor(KEEPER), visitor(SPECIALIST)
    keeper.get(f"{offered}/accept").press("Accept")
    keeper.get(offered).follow_link("Start the review")
    keeper.press("Start the review", specialist=world.user_id(SPECIALIST))
    specialist.get(offered).follow_link("Send advice now")
    specialist.press("Send advice now", text="Stop the drug today.")
    assert "Stop the drug today." in specialist.words
    clinician = visitor("clinician@lakeside.example").get(offered)
    assert "Advice before the opinion: “Stop the drug today.”" in clinician.words
    assert "phone the referrer" in visitor("coordinator@network.example").get("/tasks").words
    clinician.press("I have read it")
    assert "Advice before the opinion" not in clinician.words
    assert "phone the referrer" not in visitor("coordinator@network.example").get("/tasks").words
    specialist.get(f"{offered}/return").press("Give it back", reason="expertise")
    assert specialist.at == "/inbox"
    assert specialist.get(offered).status == 404


def test_the_network_sees_whom_it_asked_and_what_they_said(visitor: Come, coordinator: Visitor, offered: str) -> None:
    visitor(KEEPER).get(f"{offered}/decline-offer").press("Decline the offer", reason="conflict", text="I know her.")
    words = coordinator.get(offered).words
    assert "Summit Cancer Center" in words
    assert "A conflict of interest" in words
    assert "I know her." in words


def test_a_center_learns_nothing_of_who_was_asked_before(
    visitor: Come, coordinator: Visitor, offered: str, world: World
) -> None:
    visitor(KEEPER).get(f"{offered}/decline-offer").press("Decline the offer", reason="conflict", text="I know her.")
    coordinator.get(offered).follow_link("Send to a center")
    coordinator.press("Send to a center", center=str(world.organizations["harbor"].id))
    words = visitor("specialist@harbor.example").get(offered).words
    assert "Offer declined by the center" in words
    assert "Another center" in words
    for secret in ("Summit", "I know her.", "A conflict of interest"):
        assert secret not in words


def test_a_clinician_who_has_joined_reads_and_does_not_act(
    visitor: Come, coordinator: Visitor, offered: str, world: World, db: Database
) -> None:
    joined = visitor("clinician@hillcrest.example")
    assert joined.get(offered).status == 404
    with db.writing() as session:
        row = {"network_id": world.network_id, "referral_id": UUID(offered.rpartition("/")[2])}
        user = world.people["clinician@hillcrest.example"].id
        session.add(JoinedClinician(id=new_id(), user_id=user, joined_at=datetime.now(UTC), **row))
    assert "Offered to a center" in joined.get(offered).words
    assert "End…" not in joined.words
    assert joined.get(f"{offered}/withdraw").status == 403


def test_others_have_no_inbox(visitor: Come, coordinator: Visitor) -> None:
    assert coordinator.get("/inbox").status == 403
    assert visitor("clinician@lakeside.example").get("/inbox").status == 403
