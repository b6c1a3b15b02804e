"""A center's record and the gaps of the network, as partner systems read them."""

import csv
import io

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
