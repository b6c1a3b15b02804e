"""The reports as people of the network and of a center see them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from referrals.domain.reports.parts import Bar, Chart, Part, Report, Unit, period_of
from referrals.models.engine import Database
from referrals.models.trail import AuditEntry
from referrals.web.presenters.report import report_page
from referrals.web.presenters.times import Moment
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
    lead.get("/worklist").follow_link("Reports")
    page = lead.follow_link("Network gaps")
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


def test_a_clinician_reads_reports_of_their_own_referrals_and_takes_the_sheet_along(
    clinician: Visitor, send: Send, db: Database
) -> None:
    send(1)
    clinician.get("/referrals").follow_link("Reports")
    page = clinician.follow_link("Backlog")
    assert "1 referral is open; none is late." in page.words
    assert "by_status,submitted,New,1,0,100," in clinician.follow_link("Download CSV").answer.text
    with db.reading() as session:
        read = session.scalars(select(AuditEntry.action).where(AuditEntry.entity == "report")).all()
    assert read == ["read-backlog", "read-backlog"]
    assert clinician.get("/reports/network-gap").status == 403


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_picture_shows_what_the_page_said_in_light_and_in_dark_and_to_its_organization_alone(
    clinician: Visitor, lead: Visitor, send: Send
) -> None:
    send(1)
    page = clinician.get("/reports/backlog").answer.text
    (source, *_) = re.findall(r'src="(/reports/charts/[^"]+)"', page)
    light, dark = clinician.http.get(source), clinician.http.get(f"{source}?theme=dark")
    assert (light.mimetype, light.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert (">New<" in light.text, light.text == dark.text) == (True, False)
    for forbidden in ("style", "<script", "Ada", "http://www.w3.org/TR"):
        assert forbidden not in light.text
    assert lead.http.get(source).status_code == 404
    assert clinician.http.get(source.replace("charts/", "charts/x")).status_code == 404


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_days_that_make_no_period_are_refused_and_a_field_left_empty_says_nothing(lead: Visitor) -> None:
    for query, status in (("from=&until=", 200), ("from=2026-02-02&until=2026-02-01", 422), ("since=2026-01-01", 422)):
        assert lead.get(f"/reports/quality?{query}").status == status
    assert lead.get("/reports/profit").status == 404


def test_a_chart_of_many_centers_still_fits_into_an_address_and_says_that_it_is_cut() -> None:
    bars = [Bar(f"The Regional Comprehensive Cancer Center of Place {number}", 50.0, 100) for number in range(300)]
    chart = Chart("Opinions signed in time, by center", Unit.PERCENT, bars, "all of them")
    part = Part("centers", "Centers", "Many.", (), (), chart)
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    found = Report("centers", noon, period_of(None, None, noon.date(), "UTC"), "Many.", "", [part])
    addressed: list[Chart] = []
    moment = Moment(noon, ZoneInfo("UTC"))
    picture = report_page(found, True, moment, lambda drawn: addressed.append(drawn) or "/chart").sections[0].picture
    assert picture is not None
    assert picture.note.endswith("The line marks all of them. The first 20 of 300.")
    assert sum(len(bar.label) for bar in addressed[0].bars) <= 20 * 44
