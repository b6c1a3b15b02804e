"""The worklist: bands of the place in the queue, times, turns, reasons, and the address that keeps the filters."""

import pytest

from referrals.domain.lifecycle import Status
from referrals.web.presenters import worklist
from referrals.web.presenters.filters import FILTER_NAMES, worklist_filters
from referrals.web.presenters.worklist import (
    Asked,
    bands,
    count_words,
    place_band,
    view_tabs,
    worklist_page,
    worklist_row,
)
from tests.browser.gallery.people import FAMILIES, IN_ORDER, ITEMS, MOMENT, TIERS, hours


def row(**changes):
    return worklist_row({**ITEMS[3], **changes}, MOMENT, TIERS)


def page(items=IN_ORDER, asked=Asked(me="u"), next_cursor=None):  # noqa: B008 - frozen
    rows = [worklist_row(item, MOMENT, TIERS) for item in items]
    return worklist_page(items, asked, rows, view_tabs(asked.view, {}), (), next_cursor, MOMENT)


@pytest.mark.parametrize(
    ("place", "title"),
    [
        (hours(-1), "Start now"),
        (hours(0), "Start now"),
        (hours(0.1), "This week"),
        (hours(7 * 24), "This week"),
        (hours(7 * 24 + 0.1), "Later"),
    ],
)
def test_the_band_is_where_the_place_in_the_queue_lies(place, title):
    assert place_band(place, MOMENT)[0] == title


def test_bands_never_change_the_order_of_the_rows():
    rows = [worklist_row(item, MOMENT, TIERS) for item in ITEMS]
    found = bands(ITEMS, rows, "", MOMENT)
    assert [row.reference for band in found for row in band.rows] == [item["reference"] for item in ITEMS]


def test_sorted_by_promise_the_bands_are_of_the_promise_and_else_there_are_none():
    by_promise = sorted(ITEMS, key=lambda item: item["due_at"])
    assert page(by_promise, Asked(sort="due_at")).bands[0].title == "Late"
    assert [band.title for band in page(ITEMS, Asked(sort="submitted_at")).bands] == [""]


def test_a_row_shows_both_times_and_marks_what_is_late():
    shown = row(next_action_due_at=hours(-2), due_at=hours(30))
    assert (shown.action_due.left, shown.promise.left) == ("Late by 2 h", "1 day 6 h left")
    assert (shown.action_due.is_late, shown.promise.is_late) == (True, False)


def test_a_row_that_waits_for_somebody_else_stays_late_when_it_is_late():
    shown = row(
        status="information_requested", waiting_on="referrer", next_action="answer-information", due_at=hours(-5)
    )
    assert shown.promise.is_late
    assert shown.turn == "Referrer: answer the question"
    assert not shown.is_our_turn


@pytest.mark.parametrize("status", ["opinion_issued", "acknowledged", "closed"])
def test_an_answered_referral_has_no_promise_left_to_break(status):
    assert row(status=status, due_at=hours(-5), next_action=None).promise.left == "Answered"


def test_only_what_nobody_has_taken_can_be_taken_and_only_by_who_may():
    new = {**ITEMS[4]}
    assert worklist_row(new, MOMENT, TIERS).take == f"/referrals/{new['id']}/claim"
    assert worklist_row(new, MOMENT, TIERS, may_take=False).take == ""
    assert row(status="in_triage").take == ""


def test_a_row_has_at_most_two_reasons():
    assert row(reasons=["a", "b", "c"]).reasons == ("a", "b")


def test_a_code_alone_is_named_by_its_title():
    shown = worklist_row(
        {**ITEMS[3], "diagnosis": {"icd10cm": "C25.0"}}, MOMENT, TIERS, {"C25.0": "Head of pancreas"}.get
    )
    assert (shown.diagnosis, shown.code) == ("Head of pancreas", "C25.0")
    assert row(diagnosis={"icd10cm": None, "description": "A mass"}).code == ""


def test_next_to_open_is_the_first_in_the_queue_that_is_ones_own_or_nobodys():
    items = [{**ITEMS[1], "owner": {"id": "somebody", "name": "Jonas"}}, {**ITEMS[2]}, {**ITEMS[4]}]
    assert page(items).open_next_href == f"/referrals/{ITEMS[4]['id']}"
    assert page([ITEMS[2]]).open_next_href == ""


def test_the_next_page_keeps_view_filters_and_sort_and_the_first_page_drops_the_cursor():
    shown = page(ITEMS, Asked("late", {"tier": "P2", "owner": ""}, "due_at", "here"), "there")
    assert shown.next_href == "/worklist/late?tier=P2&sort=due_at&cursor=there"
    assert shown.first_href == "/worklist/late?tier=P2&sort=due_at"
    assert shown.filters_set == 1


def test_an_empty_view_says_why_and_filters_offer_to_be_cleared():
    assert page([], Asked("late")).empty.text == "No promised time has passed."
    assert page([], Asked("late", {"tier": "P4"})).empty.href == "/worklist/late"
    assert page().empty is None


@pytest.mark.parametrize(
    ("count", "words"),
    [({"count": 1000, "more": True}, "1,000+"), (3, "3"), ({"count": 0, "more": False}, "0"), (None, "")],
)
def test_a_capped_count_says_so(count, words):
    assert count_words(count) == words


def test_late_is_alarming_only_while_something_is_late():
    def late(count):
        return next(tab for tab in view_tabs("", {"late": count}) if tab.label == "Late").is_alarming

    assert late({"count": 2, "more": False})
    assert not late({"count": 0, "more": False})


def test_every_view_asks_only_for_what_the_list_knows():
    known = {*FILTER_NAMES, "status"}
    for rule in worklist.VIEW_RULES:
        assert set(rule.asks) <= known
        statuses = rule.asks.get("status", ())
        assert {Status(status) for status in ([statuses] if isinstance(statuses, str) else statuses)} <= set(Status)


def test_filters_are_named_as_the_api_names_them_and_remember_what_was_chosen():
    shown = worklist_filters({"tier": "P2", "sort": "due_at"}, TIERS, FAMILIES, [("u1", "Amara Osei")])
    assert [one.name for one in shown] == [*FILTER_NAMES, "sort"]
    assert [one.name for one in shown if one.is_set] == ["tier", "sort"]
    chosen = [option.words for one in shown for option in one.options if option.is_chosen]
    assert chosen[:2] == ["Priority: P2 Urgent", "Status: any open"]


def test_the_page_says_of_how_many_it_shows_some():
    assert worklist.shown_words(50, "56") == "50 of 56 referrals on this page"
    assert worklist.shown_words(50, "1,000+") == "50 of 1,000+ referrals on this page"
    assert worklist.shown_words(1, "1") == "1 referral on this page"
    assert worklist.shown_words(12, "") == "12 referrals on this page"
