"""Whatever is sent, the answer is a problem that names the fault; never a failure of ours, and nothing half-written."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import func, select

from referrals.models.referral import Referral
from referrals.models.trail import Receipt
from tests.api.spoiling import MALFORMED, places, put
from tests.factories import packet

JSON_TYPE = {"Content-Type": "application/json"}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_json_is_malformed(lakeside, name):
    answer = lakeside.call("POST", "/referrals", data=MALFORMED[name], headers=JSON_TYPE)
    assert (answer.status_code, answer.json["type"]) == (400, "/problems/malformed"), answer.text


def test_a_malformed_packet_has_a_receipt_too(lakeside, stranger, db):
    lakeside.call("POST", "/referrals", data=b"{", headers=JSON_TYPE)
    stranger.call("POST", "/referrals", data=b"{", headers=JSON_TYPE)
    with db.reading() as session:
        (receipt,) = session.scalars(select(Receipt)).all()
    assert (receipt.outcome, receipt.reasons) == ("refused", [{"pointer": "", "code": "malformed"}])


@pytest.mark.parametrize("body", ["[]", "null", "1", '"text"', "true", "[{}]"])
def test_json_that_is_no_object_is_invalid(lakeside, body):
    answer = lakeside.call("POST", "/referrals", data=body, headers=JSON_TYPE)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json; charset=latin-1"],
)
def test_another_form_than_json_is_not_read(lakeside, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = lakeside.call("POST", "/referrals", data=json.dumps(packet()), headers=headers)
    assert (answer.status_code, answer.json["type"]) == (415, "/problems/unsupported-media-type")


def test_a_compressed_body_is_not_read(lakeside):
    answer = lakeside.call("POST", "/referrals", data=b"x", headers=JSON_TYPE | {"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_json_in_utf8_said_in_full_is_read(lakeside):
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    assert lakeside.call("POST", "/referrals", data=json.dumps(packet()), headers=headers).status_code == 201


def test_more_than_a_mebibyte_is_too_large(lakeside, db):
    large = json.dumps(packet(summary="x")).replace('"x"', '"' + "x" * (1 << 20) + '"')
    answer = lakeside.call("POST", "/referrals", data=large, headers=JSON_TYPE)
    assert (answer.status_code, answer.json["type"]) == (413, "/problems/too-large")
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_a_method_that_a_path_does_not_know_is_a_problem(lakeside, stranger):
    for caller in (lakeside, stranger):
        answer = caller.call("DELETE", "/referrals")
        assert (answer.status_code, answer.json["type"]) == (405, "/problems/method-not-allowed")
        assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/api/v2/referrals", "/api/v1/nothing", "/oauth", "/health/x"])
def test_a_path_that_leads_nowhere_is_a_problem(stranger, path):
    answer = stranger.http.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("path", "parameter", "code"),
    [
        ("/referrals?nothing=1", "nothing", "unknown_field"),
        ("/referrals?limit=0", "limit", "invalid_number"),
        ("/referrals?limit=201", "limit", "invalid_number"),
        ("/referrals?limit=ten", "limit", "invalid_number"),
        ("/referrals?limit=1&limit=2", "limit", "repeated"),
        ("/referrals?limit=99999999999999999999999", "limit", "invalid_number"),
        ("/referrals?cursor=abc", "cursor", "invalid_cursor"),
        ("/referrals?cursor=", "cursor", "blank"),
        ("/referrals?status=lost", "status", "invalid_choice"),
        ("/referrals?status=open&status=lost", "status", "invalid_choice"),
        ("/referrals?tier=P5", "tier", "invalid_choice"),
        ("/referrals?waiting_on=godot", "waiting_on", "invalid_choice"),
        ("/referrals?criterion=cruel", "criterion", "invalid_choice"),
        ("/referrals?owner=somebody", "owner", "invalid_format"),
        ("/referrals?owner=me", "owner", "person_required"),
        ("/referrals?center=summit", "center", "invalid_format"),
        ("/referrals?due_before=tomorrow", "due_before", "invalid_time"),
        ("/referrals?updated_after=2026-11-18T09:30:00", "updated_after", "invalid_time"),
        ("/referrals?overdue=maybe", "overdue", "invalid_type"),
        ("/referrals?sort=fairness", "sort", "invalid_choice"),
        ("/referrals?q=SO-26-0000001-0", "q", "wrong_reference"),
        ("/referrals?q=%00", "q", "invalid_characters"),
        ("/referrals/counts?limit=5", "limit", "unknown_field"),
        ("/codes/icd10cm", "q", "required"),
        ("/codes/icd10cm?q=x&limit=0", "limit", "invalid_number"),
        ("/users?role=king", "role", "invalid_choice"),
        ("/me?verbose=1", "verbose", "unknown_field"),
        ("/policies/2026.1?full=1", "full", "unknown_field"),
    ],
)
def test_a_wrong_parameter_is_named(lakeside, path, parameter, code):
    answer = lakeside.get(path)
    assert answer.status_code == 422, answer.text
    assert [(error["parameter"], error["code"]) for error in answer.json["errors"]] == [(parameter, code)]


@pytest.mark.parametrize(
    "path",
    ["/codes/%00?q=x", "/codes/%0A?q=x", "/policies/%00", "/policies/%F0%9F%92%89", "/codes/" + "x" * 3000 + "?q=a"],
)
def test_an_odd_word_in_an_address_is_nothing_that_is_there(lakeside, path):
    assert lakeside.get(path).status_code == 404


def test_parameters_are_refused_on_what_writes_as_well(lakeside, db):
    answer = lakeside.post("/referrals?dry_run=true", packet())
    assert (answer.status_code, answer.json["errors"][0]["parameter"]) == (422, "dry_run")
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Referral)) == 0


WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(WORDS, below, max_size=3),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_a_packet_with_anything_anywhere_is_taken_or_refused_and_never_breaks_us(lakeside, data):
    whole = packet(1, external_reference=data.draw(st.text(string.ascii_letters, min_size=20, max_size=20)))
    spoiled = put(whole, data.draw(st.sampled_from(list(places(whole)))), data.draw(ANYTHING))
    answer = lakeside.call("POST", "/referrals", data=json.dumps(spoiled), headers=JSON_TYPE)
    assert answer.status_code in (201, 409, 422), answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.data())
def test_a_case_with_anything_anywhere_is_judged_or_refused_and_never_breaks_us(lakeside, data):
    whole = {name: packet()[name] for name in ("diagnosis", "treatments")} | {"patient": {"birth_date": "1961-03-02"}}
    spoiled = put(whole, data.draw(st.sampled_from(list(places(whole)))), data.draw(ANYTHING))
    answer = lakeside.call("POST", "/assess", data=json.dumps(spoiled), headers=JSON_TYPE)
    assert answer.status_code in (200, 422), answer.text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(sent=st.binary(max_size=40))
def test_any_bytes_are_answered_with_a_problem(lakeside, sent):
    answer = lakeside.call("POST", "/referrals", data=sent, headers=JSON_TYPE)
    assert answer.status_code in (400, 422)
