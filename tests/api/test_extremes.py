"""The edges of what may be sent: the longest, the most, the earliest, the latest; taken and given back whole."""

import pytest

from tests.factories import days_ago, diagnosis, packet, patient, treatment

WIDE = "𝔸é漢🩺"


def test_the_longest_of_everything_is_taken_and_comes_back(lakeside):
    text = (WIDE * 1000)[:4000]
    sent = packet(
        external_reference="x" * 200,
        patient=patient(
            1,
            identifiers=[{"system": "s" * 200, "value": f"{number:0200}"} for number in range(20)],
            given_name=(WIDE * 50)[:200],
            family_name="n" * 200,
            postal_code="9" * 20,
            language="en-" + "-".join(["abcdefgh"] * 3),
            contact={"email": "e" * 240 + "@example.org", "phone": "5" * 40},
        ),
        diagnosis=diagnosis(
            description=text,
            grade="g" * 40,
            laterality="l" * 40,
            stage={"system": "AJCC8", "group": "I", "t": "t" * 20, "n": "n" * 20, "m": "m" * 20},
            metastatic_sites=[f"{number} " + "s" * 190 for number in range(100)],
            other_codes=["C78.7"] * 100,
            biomarkers=[
                {"name": "b" * 200, "value": "v" * 200, "method": "m" * 200, "date": "2026"} for _ in range(100)
            ],
            unusual_presentation=text,
            first_opinion={"organization": None, "name": "o" * 200},
        ),
        treatments=[treatment(regimen="r" * 200, stop_reason=text[:100], line=99) for _ in range(100)],
        purposes=["confirm_diagnosis", "treatment_options", "peace_of_mind", "complex_case"],
        questions=[text] * 5,
        summary=text,
        other_conditions=[text[:500]] * 20,
        preferences={"remote": None, "center": "summit", "max_distance_km": 20040, "language": "en"},
    )
    referral = lakeside.create(sent)
    assert referral["patient"] | {"id": None} == sent["patient"] | {"id": None}
    for part in ("treatments", "questions", "summary", "other_conditions", "preferences", "external_reference"):
        assert referral[part] == sent[part], part
    assert {name: referral["diagnosis"][name] for name in sent["diagnosis"]} == sent["diagnosis"]
    assert lakeside.get(f"/referrals/{referral['id']}").json == referral


@pytest.mark.parametrize(
    "change",
    [
        {"needed_by": {"date": "9999-12-31", "kind": "other"}},
        {"needed_by": {"date": days_ago(1), "kind": "surgery"}},
        {"needed_by": {"date": days_ago(0), "kind": "surgery"}},
        {"consent": {"given": True, "given_on": "1900-01-01", "until": "9999-12-31"}},
        {"treatments": [treatment(status="planned", started_on="9999-12", ended_on="9999-12-31")]},
        {"treatments": [treatment(started_on="1961", ended_on=None)]},
        {"treatments": [{"modality": "other"}]},
        {"treatments": [treatment(line=None, status=None)]},
        {"diagnosis": diagnosis(diagnosed_on="1961", biomarkers=None, other_codes=None, metastatic_sites=None)},
        {"diagnosis": diagnosis(stage={}, first_opinion={})},
        {"diagnosis": {"icd10cm": "Z85.3"}},
        {"patient": patient(1, birth_date=days_ago(0)), "diagnosis": diagnosis(diagnosed_on=days_ago(0))},
        {"patient": patient(1, birth_date="1904-02-29", deceased_on=days_ago(1))},
        {"patient": patient(1, identifiers=None)},
        {"patient": patient(1, sex="unknown", interpreter_needed=None, pregnant=None, contact=None, country=None)},
        {"performance_status": {"ecog": 5, "date": None}},
        {"preferences": {"max_distance_km": 0.5}},
        {"preferences": None, "consent": {"given": True, "given_on": days_ago(0), "scope": None}},
        {"referring_clinician": None},
    ],
)
def test_an_odd_but_possible_referral_is_taken(lakeside, coordinator, change):
    referral = lakeside.create(packet(**change))
    for caller in (lakeside, coordinator):
        assert caller.get(f"/referrals/{referral['id']}").status_code == 200
        assert caller.get("/referrals?sort=due_at").status_code == 200
    assert lakeside.get(f"/referrals/{referral['id']}/facts").status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "due_before=0001-01-01T00:00:00Z",
        "due_before=9999-12-31T23:59:59.999999999Z",
        "updated_after=0001-01-01T00:00:00Z",
        "updated_after=9999-12-31T23:59:59Z",
        "q=" + "%F0%9F%A9%BA" * 200,
        "q=" + "a " * 99,
        "q='; DROP TABLE referral; --",
        "q=%25%5F%5C",
        "q=%ff%fe",
        "tumor_family=" + "x" * 40,
        "status=draft&status=entered_in_error&status=all",
        "&".join(f"tier=P{number}" for number in (1, 2, 3, 4) for _ in range(20)),
    ],
)
def test_odd_filters_are_answered(lakeside, asked):
    lakeside.create(packet())
    assert lakeside.get(f"/referrals?{asked}").status_code == 200
    assert lakeside.get(f"/referrals/counts?{asked}").status_code == 200
