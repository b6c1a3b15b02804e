"""A draft needs a patient, and nobody's name: what was not given is null, and may be given later."""

import pytest

from tests.api.partner import pointers
from tests.factories import packet, patient, person, routine

HALF = {"given_name": "D"}


def done(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json


@pytest.mark.parametrize("sent", [{}, HALF, {"family_name": "E"}, {"birth_date": "1970-01-01"}])
def test_a_draft_without_both_names_shows_what_is_missing_as_null_and_can_be_rewritten(lakeside, sent):
    draft = lakeside.create({"external_reference": "D1", "patient": sent})
    names = {name: sent.get(name) for name in ("given_name", "family_name")}
    assert {name: draft["patient"][name] for name in names} == names
    (item,) = lakeside.get("/referrals").json["items"]
    assert {name: item["patient"][name] for name in names} == names
    changed = done(lakeside.patch(f"/referrals/{draft['id']}", {"summary": "x"}))
    assert (changed["summary"], changed["patient"]) == ("x", draft["patient"])


def test_a_draft_can_be_sent_back_as_it_was_answered(lakeside):
    draft = lakeside.create({"external_reference": "D1", "patient": HALF})
    done(lakeside.patch(f"/referrals/{draft['id']}", {"patient": draft["patient"], "summary": "x"}))


def test_a_name_is_given_later_and_not_taken_away_again(lakeside):
    draft = lakeside.create({"external_reference": "D1", "patient": HALF})
    path = f"/referrals/{draft['id']}"
    named = done(lakeside.patch(path, {"patient": {"family_name": "Example"}}))
    assert (named["patient"]["given_name"], named["patient"]["family_name"]) == ("D", "Example")
    emptied = lakeside.patch(path, {"patient": {"family_name": None}})
    assert (emptied.status_code, pointers(emptied)) == (422, ["/patient/family_name"])


def test_a_draft_without_a_name_is_not_sent(lakeside):
    draft = lakeside.create(routine(1, submit=False, patient=patient(1, family_name=None)))
    refused = lakeside.take("submit", draft)
    assert (refused.status_code, pointers(refused)) == (422, ["/patient/family_name"])


def test_a_patient_known_by_a_number_only_gets_the_name_that_comes_later(lakeside):
    numbers = person(1)["identifiers"]
    draft = lakeside.create({"external_reference": "D1", "patient": {"identifiers": numbers}})
    sent = lakeside.create(packet(1))
    assert sent["patient"]["id"] == draft["patient"]["id"]
    found = lakeside.get("/referrals?q=example").json["items"]
    assert {item["patient"]["family_name"] for item in found} == {"Example"}
    assert len(found) == 2


def test_a_draft_is_judged_by_the_birth_date_that_the_record_learned_meanwhile(lakeside):
    draft = lakeside.create(routine(1, submit=False, patient=patient(1, birth_date=None)))
    done(lakeside.patch(f"/patients/{draft['patient']['id']}", {"birth_date": "2015-05-05"}))
    read = lakeside.get(f"/referrals/{draft['id']}").json
    sent = done(lakeside.take("submit", read))
    (facts,) = lakeside.get(f"/referrals/{sent['id']}/facts").json["items"]
    assert facts["patient"]["birth_date"] == "2015-05-05"
