"""A center answers in its own days: its clock changes on other Sundays than the network's, and it has other holidays."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import Segment, segment_due
from referrals.domain.vocabulary import Tier
from referrals.pathway.matching import calendar_of
from referrals.pathway.rules import Rules

BERLIN, CHICAGO, KOLKATA = "Europe/Berlin", "America/Chicago", "Asia/Kolkata"


class OneDay:
    """A center has one working day to answer."""

    def segment(self, tier: Tier, segment: Segment) -> tuple[int, bool]:
        return 1, False


@pytest.mark.parametrize(
    ("network", "center", "offered", "due"),
    [
        # Berlin leaves summer time on 25 October, Chicago a week later.
        (CHICAGO, BERLIN, "2026-10-23T09:00", "2026-10-26T10:00"),
        (BERLIN, CHICAGO, "2026-10-23T15:00", "2026-10-26T15:00"),
        (CHICAGO, None, "2026-10-23T15:00", "2026-10-26T15:00"),
        (BERLIN, CHICAGO, "2026-10-30T15:00", "2026-11-02T16:00"),
        (CHICAGO, BERLIN, "2026-10-30T15:00", "2026-11-02T15:00"),
        (BERLIN, KOLKATA, "2026-10-23T09:00", "2026-10-26T09:00"),  # Kolkata never changes its clock
        # Berlin goes over to summer time on 28 March 2027; Chicago has had it for two weeks.
        (CHICAGO, BERLIN, "2027-03-26T09:00", "2027-03-29T08:00"),
        (BERLIN, CHICAGO, "2027-03-26T15:00", "2027-03-29T15:00"),
        (BERLIN, KOLKATA, "2027-03-26T09:00", "2027-03-29T09:00"),
        # 29 February 2028 is a Tuesday, and in Kolkata it begins while it is Monday elsewhere.
        (BERLIN, CHICAGO, "2028-02-28T20:00", "2028-02-29T20:00"),
        (CHICAGO, BERLIN, "2028-02-29T12:00", "2028-03-01T12:00"),
        (CHICAGO, KOLKATA, "2028-02-25T20:00", "2028-02-27T20:00"),  # Friday in Chicago, Saturday in Kolkata
    ],
)
def test_respond_by_is_in_the_days_of_the_center(network, center, offered, due):
    assert respond_by(network, SimpleNamespace(zone=center, holidays=None), offered) == instant(due)


def test_a_center_keeps_its_own_holidays_and_else_those_of_the_network():
    leap_day = frozenset({instant("2028-02-29T00:00").date()})
    for holidays, due in ((None, "2028-03-01T09:00"), ([], "2028-02-29T09:00"), (["2028-02-29", "2028-03-01"], "2028-03-02T09:00")):  # fmt: skip
        stated = SimpleNamespace(zone=KOLKATA, holidays=holidays)
        assert respond_by(BERLIN, stated, "2028-02-28T09:00", leap_day) == instant(due)


def respond_by(network, center, offered, holidays=frozenset()):
    rules = Rules(OneDay(), WorkingCalendar(network, holidays))
    return segment_due(instant(offered), Tier.P2, Segment.OFFER, OneDay(), calendar_of(center, rules))


def instant(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
