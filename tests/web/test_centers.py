"""The directory of centers on the dashboard: found, read by those who may, and kept true by those who must."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from referrals.models.center import Center
from referrals.models.engine import Database
from referrals.models.trail import AuditEntry
from tests.factories import World
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
SUMMIT = "coordinator@summit.example"


@pytest.fixture
def own(world: World) -> str:
    return f"/centers/{world.organizations['summit'].id}"


def entries(db: Database) -> list[tuple[str, str]]:
    with db.reading() as session:
        return [(each.action, each.entity) for each in session.query(AuditEntry).order_by(AuditEntry.id)]


def test_everybody_finds_centers_by_what_they_offer(clinician: Visitor, coordinator: Visitor, db: Database):
    for guest in (clinician, coordinator):
        guest.get("/centers?treats=pediatrics")
        assert "Harbor Cancer Institute" in guest.answer.text
        assert "Summit Cancer Center" not in guest.answer.text
    coordinator.get("/centers?q=nowhere&family=cns")
    assert "No center fits" in coordinator.answer.text
    assert ("list", "center") in entries(db)
    assert coordinator.get("/centers?service=surgery").status == 422


def test_a_profile_shows_contacts_to_those_who_ask_and_conflicts_to_those_they_concern(
    visitor: Come, own: str, world: World
):
    keeper = visitor(SUMMIT)
    typed = {"languages": "en, es", "lat": "44.98", "lon": "-93.26", "contacts-0-role": "Referral office",
             "contacts-0-phone": "+1 555 0100", "contacts-0-urgent": "yes", "sites-0-name": "Main house"}  # fmt: skip
    keeper.get(f"{own}/profile").press("Save", **typed)
    assert keeper.at == own, keeper.answer.text
    lakeside = str(world.organizations["lakeside"].id)
    keeper.get(f"{own}/conflicts").press(
        "Save",
        **{
            "conflicts-0-organization": lakeside,
            "conflicts-0-reason": "One owner.",
            "conflicts-0-from_day": "2026-01-01",
        },
    )
    assert keeper.at == own, keeper.answer.text
    seen = {
        email: visitor(email).get(own).answer.text
        for email in ("coordinator@network.example", "specialist@harbor.example", "clinician@lakeside.example")
    }
    assert [name for name, text in seen.items() if "Referral office, for urgent matters" in text] == [*seen][:2]
    assert [name for name, text in seen.items() if "One owner." in text] == [*seen][:1]
    assert all("English and Spanish" in text and "Main house" in text for text in seen.values())
    assert keeper.get("/centers/ours").answer.text.count("In force") == 1


def test_a_center_keeps_its_entry_true_and_nobody_else_of_it(visitor: Come, own: str, db: Database):
    keeper = visitor(SUMMIT)
    keeper.get(f"{own}/expertise").press(
        "Save", **{"cns-level": "much", "sarcoma-level": "", "sarcoma-evidence": "Many years."}
    )
    assert keeper.status == 422
    assert "Brain, spinal cord, meninges, level: this must be a number from 0 to 1." in keeper.answer.text
    assert "Sarcoma of soft tissue and bone, GIST, level: this field is required." in keeper.answer.text
    assert 'value="much"' in keeper.answer.text
    keeper.press("Save", **{"cns-level": "0.9", "sarcoma-level": "0.5"})
    assert "Expert, 0.9" in keeper.answer.text
    keeper.get(f"{own}/trials").press("Add a trial", **{"trials-0-registry_id": "NCT1"})
    keeper.press(
        "Save", **{"trials-0-title": "A study", "trials-0-families": "cns, sarcoma", "trials-0-opened_on": "2026-01-01"}
    )
    assert "Open since 1 Jan 2026" in keeper.answer.text
    keeper.press("I have checked this entry today")
    assert "Noted: checked today" in keeper.answer.text
    assert [action for action, entity in entries(db) if entity == "center" and action != "read"] == [
        "expertise",
        "trials",
        "check",
    ]
    for email in ("specialist@summit.example", "auditor@network.example", "clinician@lakeside.example"):
        reader = visitor(email)
        assert "Change the profile" not in reader.get(own).answer.text
        assert reader.get(f"{own}/profile").status == 403
    assert "Only the network decides" in visitor("admin@network.example").get(f"{own}/profile").answer.text


def test_what_two_people_change_at_once_is_compared_and_nothing_typed_is_lost(
    visitor: Come, own: str, db: Database, world: World
):
    looker, keeper = visitor("lead@network.example").get(own), visitor(SUMMIT).get(f"{own}/profile")
    with db.writing() as session:
        session.get_one(Center, world.organizations["summit"].id).city = "Duluth"
    assert looker.press("I have checked this entry today").status == 409
    assert "Look at it as it stands now." in looker.answer.text
    keeper.press("Add a site", city="Minneapolis")
    assert "Site 2" in keeper.answer.text
    keeper.press("Save")
    assert keeper.status == 409
    assert "Somebody else changed this entry first" in keeper.answer.text
    assert "Duluth" in keeper.answer.text
    assert keeper.press("Save").at == own
    assert "Minneapolis" in keeper.answer.text


def test_trials_of_a_file_come_whole_or_with_every_faulty_line_named(visitor: Come, own: str):
    keeper = visitor(SUMMIT)
    head = "registry_id,title,families,opened_on\n"

    def send(text: str) -> str:
        page: Any = keeper.get(f"{own}/trials-file").page
        fields = dict(next(form.fields for form in page.forms if (form.action or "").endswith("trials-file")))
        keeper.send(f"{own}/trials-file", [*fields.items(), ("file", (BytesIO(text.encode()), "t.csv"))])
        return keeper.answer.text

    refused = send(head + "NCT1,First,cns,2026-01-01\nNCT2,Second,none,soon\n")
    assert "Line 3, opened_on: " in refused
    assert "A study" not in keeper.get(own).answer.text
    assert "NCT1 First" in send(head + "NCT1,First,cns,2026-01-01\n")
    assert "Choose a file" in send("")
