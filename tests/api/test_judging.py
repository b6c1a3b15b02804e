"""A case is judged without being referred, and codes are looked up; nothing is stored."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from referrals.models.base import Base, new_id
from referrals.models.door import CodeTable, LoadedCode
from tests.api.partner import codes
from tests.factories import diagnosis, in_days, packet, treatment

CASES = Path(__file__).parents[1] / "data" / "vignettes.json"
QUIET = {"audit_entry", "rate_counter", "access_token"}


def rows(db) -> dict[str, int]:
    with db.reading() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table))
            for name, table in Base.metadata.tables.items()
            if name not in QUIET
        }


def test_the_answer_is_the_one_that_a_referral_would_get(lakeside, db):
    sent = packet()
    case = {"diagnosis": sent["diagnosis"], "treatments": sent["treatments"]}
    case["patient"] = {"birth_date": sent["patient"]["birth_date"], "pregnant": False}
    before = rows(db)
    judged = lakeside.post("/assess", case)
    assert judged.status_code == 200
    assert rows(db) == before
    priority = lakeside.create(sent)["priority"]
    assert judged.json == {"priority": priority | {"due_at": None}}


def test_only_the_diagnosis_is_required(partner):
    answer = partner("harbor", ("events:read",)).post("/assess", {"diagnosis": {"icd10cm": "C25.0"}})
    priority = answer.json["priority"]
    assert (priority["tier"], priority["policy"], priority["due_at"], priority["override"]) == (
        "P2",
        "2026.1",
        None,
        None,
    )
    assert [set(each) for each in priority["criteria"]] == [
        {"criterion", "verdict", "rule", "because", "evidence", "citation"}
    ] * 4
    assert {item["path"] for item in priority["missing"]}
    words = {"uncoded": True, "description": "A lump in the neck"}
    assert partner("harbor").post("/assess", {"diagnosis": words}).json["priority"]["provisional"] is True


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        ({}, {"/diagnosis": "required"}),
        ({"diagnosis": {}}, {"/diagnosis/icd10cm": "required"}),
        ({"diagnosis": {"uncoded": True}}, {"/diagnosis/description": "required"}),
        ({"diagnosis": {"icd10cm": "nope"}}, {"/diagnosis/icd10cm": "unknown_code"}),
        ({"diagnosis": diagnosis(), "policy": "1999.1"}, {"/policy": "unknown"}),
        ({"diagnosis": diagnosis(), "patient": {"sex": "female"}}, {"/patient/sex": "unknown_field"}),
        ({"diagnosis": diagnosis(), "patient": {"birth_date": in_days(9)}}, {"/patient/birth_date": "in_the_future"}),
        ({"diagnosis": diagnosis(), "treatments": [{"line": 1}]}, {"/treatments/0/modality": "required"}),
        (
            {"diagnosis": {"icd10cm": "nope", "morphology": "x"}, "policy": "1"},
            {"/diagnosis/icd10cm": "unknown_code", "/diagnosis/morphology": "unknown_code", "/policy": "unknown"},
        ),
    ],
)
def test_a_case_that_does_not_hold_is_refused_by_its_fields(lakeside, case, wrong):
    answer = lakeside.post("/assess", case)
    assert (answer.status_code, codes(answer)) == (422, wrong)


def test_a_policy_may_be_named(lakeside):
    case = {"diagnosis": diagnosis(), "treatments": [treatment()]}
    assert lakeside.post("/assess", case | {"policy": "2026.1"}).json == lakeside.post("/assess", case).json


@pytest.mark.skipif(not CASES.exists(), reason="the published cases are not here")
def test_the_published_cases_are_judged_over_http_as_they_must_be(lakeside):
    for each in json.loads(CASES.read_text())["cases"]:
        priority = lakeside.post("/assess", each["case"]).json["priority"]
        found = {criterion["criterion"]: criterion["verdict"] for criterion in priority["criteria"]}
        expected = each["expected"]
        assert (priority["tier"], priority["provisional"]) == (expected["tier"], expected["provisional"]), each["id"]
        assert {name: found[name] for name in expected["criteria"]} == expected["criteria"], each["id"]


def look_up(caller, system, query, limit=20):
    answer = caller.get(f"/codes/{system}", query_string={"q": query, "limit": str(limit)})
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json["items"]]


def test_codes_are_found_by_words_in_any_order_or_by_their_beginning(lakeside):
    item = lakeside.get("/codes/icd10cm?q=head pancreas").json["items"][0]
    assert item == {"code": "C25.0", "display": item["display"], "billable": True}
    assert look_up(lakeside, "icd10cm", "pancreas head")[0] == "C25.0"
    assert look_up(lakeside, "icd10cm", "c25")[0] == "C25"
    assert look_up(lakeside, "icd10cm", "c250")[0] == "C25.0"
    assert len(look_up(lakeside, "icd10cm", "malignant neoplasm", 7)) == 7
    assert look_up(lakeside, "icd10cm", "no such words at all") == []
    assert look_up(lakeside, "icd10cm", "lung cancer", 3)[0] == "C34"
    assert look_up(lakeside, "icd10cm", "tumour of the oesophagus", 1) == ["C15"]
    assert look_up(lakeside, "icdo3-topography", "C25")[0].startswith("C25")
    assert "8140/3" in look_up(lakeside, "icdo3-morphology", "adenocarcinoma")


def test_a_system_that_nobody_loaded_is_not_there(lakeside):
    answer = lakeside.get("/codes/snomed?q=cancer")
    assert (answer.status_code, answer.json["type"]) == (404, "/problems/not-found")


def test_what_was_loaded_is_found_and_the_newest_counts(lakeside, db):
    def load(version: str, display: str) -> None:
        table = CodeTable(id=new_id(), system="oncotree", version=version, rows=1, loaded_at=datetime.now(UTC))
        with db.writing() as session:
            session.add(table)
            session.flush()
            session.add(LoadedCode(id=new_id(), table_id=table.id, code="PAAD", display=display, extra={}))

    load("1", "Pancreatic adenocarcinoma")
    assert look_up(lakeside, "oncotree", "pancreatic") == ["PAAD"]
    load("2", "Adenocarcinoma of the pancreas")
    assert look_up(lakeside, "oncotree", "pancreatic") == []
    assert look_up(lakeside, "oncotree", "pancreas") == ["PAAD"]
