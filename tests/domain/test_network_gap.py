"""What the network lacks: grouped, counted, and said in one sentence."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from referrals.domain.matching import CONSTRAINTS
from referrals.domain.network_gap import NAMED_AT_MOST, OBSTACLES, Waits, gaps_in, headline, waited_long

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def waits(
    days: float, label: str = "Sarcoma", *, child: bool = False, region: str | None = None, **against: int
) -> Waits:
    reference, family = f"SO-{days}-{label}", label.lower()
    stuck = None if not against else {name: count for name, count in against.items() if count}
    return Waits(uuid4(), reference, "ready", family, label, region, child, NOW - days * DAY, stuck)


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        ([], "No referral waits for a center."),
        ([waits(9)], "Every referral that waits for an offer has a center that can take it."),
        (
            [waits(1, age=3, child=True), waits(6.5, age=3, expertise=2, child=True), waits(2, age=1, child=True), waits(30)],
            "3 referrals in Sarcoma have nowhere to go; the longest has waited 6 days; most often no center treats children.",
        ),
        (
            [waits(0.5, expertise=2), waits(1, "Lymphoma", place_is_left=4), waits(1.5, "Lymphoma", place_is_left=1)],
            "2 referrals in Lymphoma have nowhere to go; the longest has waited 1 day; most often no center has a free "
            "place in time. In other families it is 1 referral.",
        ),
        (
            [waits(0.2, none_at_all=0)],
            "1 referral in Sarcoma has nowhere to go; the longest has waited less than a day; most often there is no center.",
        ),
    ],
)  # fmt: skip
def test_the_headline_is_worked_out_from_who_has_nowhere_to_go(waiting: list[Waits], said: str) -> None:
    assert headline(waiting, NOW) == said


def test_gaps_stand_by_family_and_region_with_the_commonest_obstacle_first() -> None:
    north = [waits(4, region="North", expertise=2, age=9), waits(8, region="North", expertise=8)]
    first, second = gaps_in([waits(2, age=1), *north, waits(3, region="North")])
    assert (first.region, first.longest, first.against) == ("North", north[1], [("expertise", 10), ("age", 9)])
    assert (second.region, len(second.stuck)) == (None, 1)
    assert (first.most_often, second.most_often) == (OBSTACLES["expertise"], OBSTACLES["age"])


def test_whoever_waits_longest_without_an_offer_is_named_first() -> None:
    many = [waits(days) for days in range(NAMED_AT_MOST + 9)]
    assert [(NOW - each.since).days for each in waited_long(many, NOW)] == list(range(28, 8, -1))
    assert len(waited_long([waits(3), waits(3.1)], NOW)) == 1


def test_every_constraint_that_excludes_says_what_to_do_about_it() -> None:
    assert set(OBSTACLES) == set(CONSTRAINTS) - {"in_time"}
