"""The reports as people of the network and of a center see them."""

from collections.abc import Callable

from tests.factories import World, diagnosis, patient
from tests.web.conftest import Send
from tests.web.visitor import Visitor

CLAIM, TRIAGE = ("coordinator@network.example", "claim", {}), ("coordinator@network.example", "complete-triage", {})


def test_a_lead_reads_who_has_nowhere_to_go_and_how_each_center_has_answered(lead: Visitor, send: Send) -> None:
    child = {
        "patient": patient(1, birth_date="2016-04-01"),
        "diagnosis": diagnosis(icd10cm="C49.2", morphology="8890/3"),
    }
    sent = send(1, steps=(CLAIM, TRIAGE), **child)
    page = lead.get("/worklist").follow_link("Reports")
    assert "1 referral in Sarcoma of soft tissue and bone, GIST has nowhere to go" in page.words
    assert sent.reference in lead.follow_link("Download CSV").answer.text
    record = lead.get("/reports/network-gap").follow_link("Summit Cancer Center")
    assert "How it has answered" in record.words
    assert lead.get("/reports/network-gap").follow_link(sent.reference).status == 200


def test_a_center_reads_its_own_record_and_nobody_elses(visitor: Callable[..., Visitor], world: World) -> None:
    keeper = visitor("coordinator@summit.example")
    for code, is_shown in (("summit", True), ("harbor", False)):
        page = keeper.get(f"/centers/{world.organizations[code].id}")
        assert ("How it has answered" in page.words) == is_shown
    assert keeper.get("/reports/network-gap").status == 403
