"""The sentence to read aloud: where it is, who must do what by when, what follows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from referrals.domain.lifecycle import ENDED, STATUSES, Status
from referrals.web.presenters.times import Moment
from referrals.web.presenters.turn import Standing, read_aloud
from referrals.web.words import AWAITED, turn_words

# A Thursday, 10:00.
MOMENT = Moment(datetime(2026, 11, 26, 10, 0, tzinfo=UTC), ZoneInfo("UTC"))
TUESDAY = MOMENT.now - timedelta(days=2)
TODAY_16 = MOMENT.now + timedelta(hours=6)


def test_an_offer_is_told_as_the_coordinator_would_tell_it():
    standing = Standing("offered", since=TUESDAY, due=TODAY_16, center="Summit")
    assert (
        read_aloud(standing, MOMENT) == "With Summit since Tuesday; they must answer by 16:00 today; then we phone you."
    )


def test_a_late_answer_is_said_to_be_late():
    standing = Standing("offered", since=TUESDAY, due=MOMENT.now - timedelta(hours=2), center="Summit")
    assert "they should have answered by 08:00 today and are late" in read_aloud(standing, MOMENT)


def test_a_specialist_is_named_with_the_center():
    standing = Standing("in_review", since=TUESDAY, due=TODAY_16, center="Summit", specialist="Dr Ines Falk")
    assert read_aloud(standing, MOMENT).startswith(
        "With Dr Ines Falk at Summit since Tuesday; the opinion must be signed"
    )


def test_who_is_not_known_is_called_by_their_part():
    assert read_aloud(Standing("in_triage"), MOMENT).startswith("With a coordinator; the check must be done; then")


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("known", [True, False], ids=["all known", "nothing known"])
@pytest.mark.parametrize("hours", [-30, 6])
def test_every_status_makes_one_whole_sentence(status, known, hours):
    due = MOMENT.now + timedelta(hours=hours)
    standing = (
        Standing(status, TUESDAY, due, "Nadia", "Summit", "Dr Falk", "the laboratory") if known else Standing(status)
    )
    sentence = read_aloud(standing, MOMENT)
    assert sentence.endswith(".")
    assert sentence[0].isupper()
    assert "{" not in sentence
    assert "  " not in sentence
    assert " ;" not in sentence
    assert (" then " in sentence) == (status not in ENDED and status is not Status.DRAFT)


def test_whatever_is_awaited_has_words_after_the_name_of_the_party():
    awaited = {facts.next_action for facts in STATUSES.values() if facts.next_action} | {"confirm-withdrawal"}
    assert awaited == set(AWAITED)


def test_a_center_is_called_by_its_name_and_the_others_by_their_part():
    assert turn_words("center", "accept", "Summit") == "Summit: answer the offer"
    assert turn_words("center", "accept") == "Center: answer the offer"
    assert turn_words("coordinator", "claim", "Summit") == "Coordinator: take it"
    assert turn_words(None, None) == "Nobody’s turn"
