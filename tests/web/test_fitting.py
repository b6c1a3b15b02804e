"""The centers that fit, on the page of those who choose: why, when, who is next; and nobody else learns of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from referrals.web.presenters.events import event_details
from referrals.web.presenters.fitting import answer_words
from referrals.web.presenters.times import Moment
from tests.factories import World
from tests.web.conftest import Send
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
PANEL = ("Centers that fit", "Why first:", "First free place", "before the promise", "Compare all 2")


def test_those_who_choose_see_which_centers_fit_and_approve_who_is_next(
    visitor: Come, coordinator: Visitor, send: Send, world: World
) -> None:
    summit, harbor = (str(world.organizations[code].id) for code in ("summit", "harbor"))
    home = f"/referrals/{send(1).id}"
    assert "Centers that fit" not in coordinator.get(home).words
    coordinator.press("Take it")
    coordinator.get(home)
    assert [words for words in PANEL if words not in coordinator.words] == []
    assert "Ahead of Harbor Cancer Institute: more expertise in " in coordinator.words
    assert "Can be asked" in coordinator.get(f"{home}/centers").words
    coordinator.get(f"{home}/place").press("Complete triage and send to a center", center=summit, then_1=harbor)
    assert (coordinator.status, "Choose this one first." in coordinator.words) == (422, True)
    coordinator.press("Complete triage and send to a center", center=summit, then_0=summit, then_1="")
    assert (coordinator.status, "It is named before. Choose another center." in coordinator.words) == (422, True)
    coordinator.press("Complete triage and send to a center", center=summit, then_0=harbor)
    assert "If they decline or do not answer by" in coordinator.words
    assert "If they do not take it, then Harbor Cancer Institute" in coordinator.words
    assert "Beside Summit Cancer Center, which is asked already." in coordinator.words
    for other in ("clinician@lakeside.example", "coordinator@summit.example"):
        words = visitor(other).get(home).words
        assert "Offered to a center" in words
        assert not [told for told in ("Harbor", "asked next", *PANEL) if told in words]
        assert visitor(other).get(f"{home}/centers").status == 403
    coordinator.get(home).press("Ask nobody next")
    assert "Nobody is asked next any more. You choose." in coordinator.words
    assert "If they decline or do not answer by" not in coordinator.words


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(days=1), "Answers by Tue 24 Nov 2026, 2 days before the promise"),
        (timedelta(days=6), "Answers by Sun 29 Nov 2026, 3 days after the promise"),
        (timedelta(days=3, hours=2), "Answers by Thu 26 Nov 2026, 2 h after the promise"),
    ],
)
def test_an_answer_is_set_against_the_promise(later: timedelta, words: str) -> None:
    now = datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert answer_words(now + later, now + timedelta(days=3), Moment(now, ZoneInfo("America/Chicago"))) == words


def test_the_timeline_says_in_whose_name_the_clock_asked_and_who_comes_next() -> None:
    asked = {"center_name": "Harbor", "center": "1", "offer": 2}
    assert event_details("offer", asked | {"approved_by": "Cora Delgado"}) == (
        "Offered to Harbor next, as Cora Delgado had approved",
    )
    assert event_details("offer", asked | {"then": ["North", "South"]}) == (
        "To Harbor", "If they do not take it, then North, then South",
    )  # fmt: skip
