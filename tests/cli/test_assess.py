"""A case is judged from a file, with or without a database behind it, and nothing is stored."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from config import settings_from
from referrals.models.assessment import Policy
from tests.small_network import NOW, settle_down

VIGNETTES = json.loads((Path(__file__).parents[1] / "data" / "vignettes.json").read_text())["cases"]
GLIOBLASTOMA = next(each for each in VIGNETTES if each["id"] == "V09")


@pytest.fixture(scope="module")
def judge_app(tmp_path_factory):
    """An application whose database nobody has made: judging needs none."""
    from referrals.app import create_app

    app = create_app(
        settings_from({"REFERRALS_ENV": "test", "REFERRALS_DATA_DIR": str(tmp_path_factory.mktemp("data"))})
    )
    yield app
    app.extensions["database"].close()


@pytest.fixture
def assess(judge_app, tmp_path):
    def assess(case, *words, app=judge_app):
        file = tmp_path / "case.json"
        file.write_text(case if isinstance(case, str) else json.dumps(case))
        return app.test_cli_runner().invoke(args=["assess", str(file), *words])

    return assess


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda each: each["id"])
def test_every_published_case_gets_its_tier(assess, vignette):
    done = assess(vignette["case"], "--json")
    assert done.exit_code == 0
    priority = json.loads(done.stdout)["priority"]
    assert priority["tier"] == vignette["expected"]["tier"]
    assert priority["provisional"] == vignette["expected"]["provisional"]


def test_the_answer_has_the_form_of_the_api(assess):
    answer = json.loads(assess(GLIOBLASTOMA["case"], "--json").stdout)
    assert list(answer) == ["priority"]
    assert set(answer["priority"]) == {
        "tier", "label", "due_at", "policy", "provisional", "override", "criteria", "missing", "range", "flags",
    }  # fmt: skip
    assert answer["priority"]["due_at"] is None


def test_for_people_it_says_tier_criteria_and_reasons(assess):
    done = assess(GLIOBLASTOMA["case"])
    assert done.exit_code == 0
    assert done.stdout.startswith("P1")
    for criterion in ("aggressive", "resistant", "rare", "complex"):
        assert criterion in done.stdout
    assert "no clinician has signed" in done.stdout


def test_for_people_it_says_what_is_missing_and_what_that_could_change(assess):
    unknown = next(each for each in VIGNETTES if each["id"] == "V73")
    told = assess(unknown["case"]).stdout
    assert "Between P1 and P4" in told
    assert "/diagnosis/stage" in told


def test_a_version_of_the_policy_can_be_named(assess, app, database):
    assert assess(GLIOBLASTOMA["case"], "--policy", "2026.1").exit_code == 0
    with database.writing() as session:
        network = settle_down(session).network.network_id
        kept = session.scalars(select(Policy)).one()
        document = dict(kept.document) | {"version": "2027.1"}
        session.add(
            Policy(network_id=network, version="2027.1", status="draft", document=document, author="x", created_at=NOW)
        )
    other = assess(GLIOBLASTOMA["case"], "--policy", "2027.1", "--json", app=app)
    assert json.loads(other.stdout)["priority"]["policy"] == "2027.1"
    refused = assess(GLIOBLASTOMA["case"], "--policy", "1999.9", app=app)
    assert refused.exit_code == 1
    assert "/policy" in refused.stderr


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("{", "Refused"),
        ("[]", "object"),
        ({}, "/diagnosis"),
        ({"diagnosis": {}}, "/diagnosis/icd10cm"),
        ({"diagnosis": {"icd10cm": "C99.9"}}, "/diagnosis/icd10cm"),
        ({"diagnosis": {"icd10cm": "C25.0"}, "extra": 1}, "/extra"),
        ({"diagnosis": {"icd10cm": "C25.0"}, "treatments": [{"modality": "magic"}]}, "/treatments/0/modality"),
    ],
)
def test_a_faulty_case_is_refused_by_field(assess, case, told):
    refused = assess(case)
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert refused.stdout == ""


def test_every_fault_of_a_case_is_told_at_once(assess, app, database):
    with database.writing() as session:
        settle_down(session)
    coded = {"icd10cm": "C99.9", "diagnosed_on": "2999"}
    for diagnosis in (coded, coded | {"grade": 5}):
        told = assess({"diagnosis": diagnosis, "policy": "1999.9"}, app=app).stderr
        for pointer in ("/diagnosis/icd10cm", "/diagnosis/diagnosed_on", "/policy"):
            assert pointer in told
    assert "/diagnosis/grade" in told


@pytest.mark.parametrize("words", [["assess"], ["assess", "/nowhere.json"]])
def test_wrong_use_is_told_apart(judge_app, words):
    assert judge_app.test_cli_runner().invoke(args=words).exit_code == 2
