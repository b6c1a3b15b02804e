"""What arrives as a file of referrals: lines and tables, sound and hostile. What is tested lies above the databases."""

import csv
import io
import json
import tracemalloc

import pytest

from referrals.boundary.importing.columns import template
from referrals.domain.imports import MOST_LINES
from tests.api.partner import codes
from tests.api.test_imports import NDJSON, line, lines, receipts, send, work

__all__ = ["work"]
CSV = {"Content-Type": "text/csv; charset=utf-8"}


@pytest.fixture
def databases(databases_of, request):
    request.node.user_properties.append(("database", "sqlite"))
    return databases_of("sqlite")


def test_receipts_come_in_pages_narrowed_or_whole_as_lines_or_table(lakeside, work):
    run = send(lakeside, lines(line(1), line(2, questions=["=1+1"], purposes=[]), line(3))).json
    work()
    path = f"/imports/{run['id']}/receipts"
    first = lakeside.get(f"{path}?limit=2").json
    second = lakeside.get(first["next"]).json
    assert [each["line"] for each in (*first["items"], *second["items"])] == [1, 2, 3]
    assert second["next"] is None
    refused = lakeside.get(f"{path}?outcome=refused").json["items"]
    assert [each["line"] for each in refused] == [2]
    whole = lakeside.get(path, headers={"Accept": "application/x-ndjson"})
    assert whole.mimetype == "application/x-ndjson"
    assert [json.loads(each) for each in whole.text.splitlines()] == [*first["items"], *second["items"]]
    table = lakeside.get(f"{path}?outcome=refused", headers={"Accept": "text/csv"})
    head, row = csv.reader(io.StringIO(table.text))
    assert dict(zip(head, row, strict=True))["reasons"].startswith("/purposes: ")


def table(*rows, columns=("external_reference", "patient_family_name", "diagnosis_icd10cm"), delimiter=","):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows([columns, *rows])
    return written.getvalue().encode()


def test_a_table_comes_in_by_its_columns(lakeside, work):
    columns = (
        "external_reference", "patient_given_name", "patient_family_name", "patient_birth_date", "patient_sex",
        "diagnosis_icd10cm", "purposes_1", "questions_1", "questions_3", "treatments_1_modality", "treatments_3_modality",
        "treatments_3_line", "consent_given", "consent_given_on", "submit",
    )  # fmt: skip
    good = ("A1", "Ada", "Example", "1961-03-02", "female", "c250", "second_opinion", "Why?\nAnd how?", "And then?",
            "surgery", "chemotherapy", "2", "yes", "2026-11-01", "TRUE")  # fmt: skip
    odd = ("A2", "Bo", "Example", "02.03.1961", "female", "c250", "treatment_options", "Why?", "", "surgery",
           "magic", "x", "yes", "2026-11-01", "TRUE")  # fmt: skip
    good = tuple("treatment_options" if cell == "second_opinion" else cell for cell in good)
    run = send(lakeside, b"\xef\xbb\xbf" + table(good, odd, columns=columns, delimiter=";"), CSV).json
    work()
    first, second = receipts(lakeside, run)
    assert (first["line"], first["outcome"], second["line"]) == (2, "accepted", 4)
    made = lakeside.get(f"/referrals/{first['referral']}").json
    assert (made["questions"], made["diagnosis"]["icd10cm"]) == (["Why?\nAnd how?", "And then?"], "C25.0")
    assert [(each["modality"], each.get("line")) for each in made["treatments"]] == [
        ("surgery", None),
        ("chemotherapy", 2),
    ]
    told = {each["pointer"]: each["message"] for each in second["reasons"]}
    assert "(Column patient_birth_date.)" in told["/patient/birth_date"]
    assert "(Column treatments_3_modality.)" in told["/treatments/1/modality"]
    assert "(Column treatments_3_line.)" in told["/treatments/1/line"]


def test_a_table_may_have_names_of_its_own(lakeside, work):
    own = json.dumps({"Surname": "/patient/family_name", "Given": "/patient/given_name", "Ward": None})
    sent = table(("1", "Example", "Ada", "7"), columns=("external_reference", "Surname", "Given", "Ward"))
    answer = lakeside.post("/imports", query_string={"columns": own}, data=sent, headers=CSV)
    assert answer.status_code == 202, answer.text
    work()
    (receipt,) = receipts(lakeside, answer.json)
    assert receipt["outcome"] == "accepted"


NOT_TAKEN = (
    (CSV, table(("1", "2"), columns=("external_reference", "surprise")), {}, 422, {"/surprise": "unknown_column"}),
    (CSV, table(columns=("patient_sex", "treatments_101_line", "Patient_Sex")), {}, 422, {"/treatments_101_line": "unknown_column", "/Patient_Sex": "repeated"}),
    (CSV, table(("A1", "Ada"), columns=("Ada", "Example")), {}, 422, {"": "no_header"}),
    (CSV, table(), {}, 422, {"": "empty"}),
    (CSV, table(("1", "2", "3")), {"columns": "[]"}, 422, {"columns": "invalid_columns"}),
    (NDJSON, b" \n\n", {}, 422, {"": "empty"}),
    (NDJSON, b"1\n" * (MOST_LINES + 1), {}, 422, {"": "too_many_lines"}),
    (NDJSON, b"x" * 300_001, {}, 413, {}),
    ({"Content-Type": "application/json"}, b"{}", {}, 415, {}),
    (NDJSON | {"Content-Encoding": "gzip"}, b"{}", {}, 415, {}),
)  # fmt: skip


def test_what_cannot_be_a_file_of_referrals_is_refused_at_once(start_app, lakeside):
    lakeside.app = start_app(import_limit=300_000)
    lakeside.http = lakeside.app.test_client(use_cookies=False)
    for headers, data, query, status, wrong in NOT_TAKEN:
        answer = lakeside.post("/imports", query_string=query, data=data, headers=headers)
        assert (answer.status_code, codes(answer)) == (status, wrong), answer.text
    assert lakeside.get("/imports").json["items"] == []
    documents = lakeside.app.config["SETTINGS"].data_dir / "documents"
    assert [each for each in documents.rglob("*") if each.is_file()] == []


DEEP = b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}"
HOSTILE = (
    DEEP, b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b'{"a": 1e999}', b'{"a": ' + b"9" * 5_000 + b"}", b"\xff\xfe",
    b'{"a": "' + b"x" * (2 << 20) + b'"}', b'{"a": 1, "a": 2}', b"[]", b"null", b"{}",
)  # fmt: skip


def test_hostile_lines_are_refused_with_receipts_and_the_others_come_in(lakeside, work):
    run = send(lakeside, lines(line(1), *HOSTILE, line(2))).json
    work()
    told = receipts(lakeside, run)
    assert [each["outcome"] for each in told] == ["accepted", *["refused"] * len(HOSTILE), "accepted"]
    assert all(each["reasons"] for each in told[1:-1])
    rows = b'"1\n2,x,y\n3,a\0b,c\n4,"' + b"x" * 200_000 + b'",d\n5,\xff,e\n6,a"b,c,d\n7,"a"b,c\n8,fine,C50.9\n'
    odd = send(lakeside, b"external_reference,patient_family_name,diagnosis_icd10cm\n" + rows, CSV).json
    work()
    assert {each["line"] for each in receipts(lakeside, odd)} == set(range(2, 10))


def test_the_template_names_columns_that_come_in(lakeside):
    answer = lakeside.get("/imports/template.csv")
    assert next(csv.reader(io.StringIO(answer.text))) == template()
    assert send(lakeside, table(["x"] * len(template()), columns=template()), CSV).status_code == 202


def test_a_large_file_is_taken_in_little_memory(lakeside, tmp_path):
    row = lines(line(1) | {"summary": "x" * 3_000})
    large = tmp_path / "large.ndjson"
    large.write_bytes(row * ((6 << 20) // len(row)))
    with large.open("rb") as file:
        tracemalloc.start()
        answer = lakeside.post("/imports", input_stream=file, content_length=large.stat().st_size, headers=NDJSON)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (answer.status_code, answer.json["size"]) == (202, large.stat().st_size)
    assert peak < 4 << 20
