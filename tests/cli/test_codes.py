"""Code tables are loaded from files: whole or not at all, and twice is the same as once."""

import pytest
from sqlalchemy import func, select, update

from referrals.domain.distance import Point
from referrals.knowledge.postal_codes import SYSTEM
from referrals.models.door import CodeTable, LoadedCode
from referrals.models.patient import Patient
from referrals.pathway.assessment import current_judgement
from referrals.pathway.code_search import find_codes
from referrals.pathway.journeys import home_of
from tests.small_network import NOW, packet, send, settle_down

MORPHOLOGY = "morphology,histology,term\n8140/3,8140,Adenocarcinoma\n8500/3,8500,Infiltrating duct carcinoma\n"


@pytest.fixture
def load(app, tmp_path):
    def load(text, system="icdo3-morphology", encoding="utf-8"):
        file = tmp_path / "table.csv"
        file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return app.test_cli_runner().invoke(args=["codes", "load", system, str(file)])

    return load


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_table_is_loaded_with_its_codes_and_words(load, database):
    loaded = load(MORPHOLOGY)
    assert loaded.exit_code == 0
    assert loaded.stdout.startswith("icdo3-morphology: 2 codes, version ")
    with database.reading() as session:
        row = session.scalars(select(LoadedCode).where(LoadedCode.code == "8140/3")).one()
    assert (row.display, row.extra) == ("Adenocarcinoma", {"billable": "Y"})


def test_loading_it_again_changes_nothing(load, database):
    load(MORPHOLOGY)
    again = load(MORPHOLOGY)
    assert again.exit_code == 0
    assert "was loaded before" in again.stdout
    assert (count(database, CodeTable), count(database, LoadedCode)) == (1, 2)


def test_another_content_is_another_version_beside_it(load, database):
    load(MORPHOLOGY)
    load(MORPHOLOGY + "8070/3,8070,Squamous cell carcinoma\n")
    with database.reading() as session:
        tables = session.scalars(select(CodeTable).order_by(CodeTable.loaded_at)).all()
    assert [table.rows for table in tables] == [2, 3]
    assert len({table.version for table in tables}) == 2


def test_a_table_of_sites_and_morphologies_is_understood(load, database):
    pairs = 'topography_ranges,site_group,morphology,source\n"C340-C349",LUNG,8041/3,SEER\n"C250-C259",PANCREAS,8500/3,SEER\n'
    assert load(pairs, "icdo3-site-histology").exit_code == 0
    with database.reading() as session:
        assert session.scalars(select(LoadedCode.extra).order_by(LoadedCode.code)).first() == {
            "sites": "C340-C349",
            "morphology": "8041/3",
        }


def test_a_row_that_stands_twice_counts_once(load, database):
    assert load(MORPHOLOGY + "8140/3,8140,Adenocarcinoma\n").exit_code == 0
    assert count(database, LoadedCode) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("morphology,term\n8140/3,\n", "Line 2"),
        ("morphology,term\n8140/3,Adenocarcinoma\n,Nothing\n", "Line 3"),
        ("morphology,term\n8140/3,One\n8140/3,Two\n", "8140/3 stands twice"),
        ("a,b\n1,2\n", "Line 1"),
        ("", "Line 1"),
        (b"morphology,term\n8140/3,Adenocarcinom\xe9\n", "UTF-8"),
        ('morphology,term\n8140/3,"Adeno\n', "comma-separated"),
        (f"morphology,term\n{'8' * 201},Adenocarcinoma\n", "longer than 200"),
    ],
)
def test_a_faulty_table_is_refused_whole(load, database, text, told):
    refused = load(text)
    assert refused.exit_code == 1
    assert told in refused.stderr
    assert (count(database, CodeTable), count(database, LoadedCode)) == (0, 0)


def test_a_system_has_a_plain_name(load):
    assert load(MORPHOLOGY, "ICD O/3").exit_code == 1


@pytest.mark.parametrize("words", [["codes", "load", "x"], ["codes", "load", "x", "/nowhere.csv"], ["codes", "drop"]])
def test_wrong_use_is_told_apart(app, words):
    assert app.test_cli_runner().invoke(args=words).exit_code == 2


def test_the_rules_flag_a_pair_that_the_loaded_table_does_not_know(load, database):
    load('topography_ranges,site_group,morphology\n"C250-C259",PANCREAS,8500/3\n', "icdo3-site-histology")
    with database.writing() as session:
        people = settle_down(session)
        known = send(session, people)
        unusual = send(session, people, diagnosis=packet()["diagnosis"] | {"morphology": "8070/3"})
    with database.reading() as session:
        flags = {
            referral.id: [flag["code"] for flag in current_judgement(session, referral)["flags"]]
            for referral in (known, unusual)
        }
    assert "unusual_site_histology" not in flags[known.id]
    assert "unusual_site_histology" in flags[unusual.id]


def test_what_was_loaded_can_be_looked_up(load, database):
    load("code,display,billable\nX1,First,N\nX2,Second,Y\n", "own")
    with database.reading() as session:
        found = find_codes(session, "own", "first", 5)
    assert [(code.code, code.billable) for code in found] == [("X1", False)]


def test_a_patient_lives_where_the_loaded_table_of_postal_codes_says(load, database):
    def home(country, code):
        with database.writing() as session:
            patient = send(session, settled, NOW).patient_id
            session.execute(update(Patient).values(country=country, postal_code=code))
            return home_of(session, patient)

    with database.writing() as session:
        settled = settle_down(session)
    assert home("US", "94110") is None
    assert load("country,code,lat,lon\nUS,94110,37.7486,-122.4158\nGB,SW1A 1AA,51.501,-0.1416\n", SYSTEM).exit_code == 0
    assert home("US", "94110-1234") == Point(37.7486, -122.4158)
    assert home("GB", "sw1a1aa") == Point(51.501, -0.1416)
    assert (home("US", "10001"), home(None, "94110"), home("US", None)) == (None, None, None)
    refused = load("country,code,lat,lon\nUS,94110,north,-122.4158\n", SYSTEM)
    assert refused.exit_code != 0
    assert "94110" not in refused.output, "a faulty line is named by its number"
