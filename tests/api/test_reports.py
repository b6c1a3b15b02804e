"""A center's record and the gaps of the network, as partner systems read them."""

import csv
import io

import pytest

from referrals.domain.reports.names import REPORTS
from tests.api.partner import Partner
from tests.factories import World, diagnosis, packet, patient

CSV = {"Accept": "text/csv"}


def test_the_network_reads_every_record_and_a_center_its_own(partner, coordinator: Partner, world: World) -> None:
    path = f"/centers/{world.organizations['summit'].id}/record"
    for reader in (coordinator, partner("summit")):
        record = reader.get(path).json
        assert (record["center"]["code"], record["hidden_below"], record["families"]) == ("summit", 5, [])
        assert (record["all"]["offers"]["made"], record["all"]["accepted_percent"]) == (0, None)
    for other in ("harbor", "lakeside"):
        assert partner(other).get(path).status_code == 403


def test_the_gaps_are_told_without_a_word_about_a_patient(partner, lakeside: Partner, coordinator: Partner) -> None:
    child = packet(
        1, patient=patient(1, birth_date="2016-04-01"), diagnosis=diagnosis(icd10cm="C49.2", morphology="8890/3")
    )
    assert coordinator.get("/reports/network-gap").json["headline"] == "No referral waits for a center."
    referral = lakeside.create(child)
    coordinator.take("complete-triage", coordinator.take("claim", referral).json)
    answer = coordinator.get("/reports/network-gap")
    (gap,) = answer.json["gaps"]
    assert (gap["family"], gap["region"], gap["referrals"]) == ("sarcoma", None, 1)
    assert gap["longest"]["reference"] == referral["reference"]
    assert answer.json["headline"].startswith("1 referral in Sarcoma")
    for word in ("Ada", "Example", "2016", "999-00", "C49"):
        assert word not in answer.text
    head, row = csv.reader(io.StringIO(coordinator.get("/reports/network-gap", headers=CSV).text))
    assert dict(zip(head, row, strict=True))["longest_reference"] == referral["reference"]
    for other in ("lakeside", "summit"):
        assert partner(other).get("/reports/network-gap").status_code == 403


def test_every_kind_of_organization_reads_six_reports_of_its_own_referrals(
    partner, lakeside: Partner, coordinator: Partner
) -> None:
    lakeside.create(packet(1))
    found = {name: coordinator.get(f"/reports/{name}").json for name in REPORTS}
    assert {each["report"] for each in found.values()} == set(REPORTS)
    assert found["backlog"]["headline"] == "1 referral is open; none is late."
    assert (found["quality"]["alarm"], found["quality"]["parts"][0]["lines"][0]["of"]) == (None, 1)
    headlines = {code: partner(code).get("/reports/backlog").json["headline"] for code in ("hillcrest", "summit")}
    assert set(headlines.values()) == {"No referral is open."}
    for word in ("Ada", "Example", "1961", "999-00", "C25", "94110"):
        assert word not in str(found)


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_report_is_a_sheet_for_whoever_asks_for_one(lakeside: Partner) -> None:
    lakeside.create(packet(1))
    answer = lakeside.get("/reports/backlog?from=2026-01-01", headers=CSV)
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head[:4] == ["part", "group", "label", "referrals"]
    assert ["by_status", "submitted", "New", "1", "0", "100", ""] in rows


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_period_is_refused_by_name_of_what_is_wrong_with_it(lakeside: Partner) -> None:
    known = lakeside.get("/reports/quality?from=2026-02-01&until=2026-02-03").json
    assert (known["from"], known["until"]) == ("2026-02-01", "2026-02-03")
    for query, parameter, code in (
        ("since=2026-01-01", "since", "unknown_field"),
        ("from=yesterday", "from", "invalid_date"),
        ("from=", "from", "invalid_date"),
        ("from=2026-02-02&until=2026-02-01", "until", "before_from"),
        ("until=9999-12-31", "until", "out_of_range"),
    ):
        answer = lakeside.get(f"/reports/quality?{query}")
        (error,) = answer.json["errors"]
        assert (answer.status_code, error["parameter"], error["code"]) == (422, parameter, code)
    assert lakeside.get("/reports/profit").status_code == 404
