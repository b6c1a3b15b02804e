"""The figures of the reports, from rows alone: turns, shares, alarms, and what is hidden so that nobody is seen."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from referrals.domain.calendar import WorkingCalendar
from referrals.domain.policy import default_policy
from referrals.domain.reports import backlog, concordance, equity, quality, turnaround
from referrals.domain.reports.equity import Had
from referrals.domain.reports.parts import ALL, percentile, period_of, span_words, tier_labels
from referrals.domain.reports.turnaround import Move, Turn, Turns, summed
from referrals.domain.statuses import Status
from referrals.domain.vocabulary import AskedParty, Tier

S, POLICY = Status, default_policy()
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LABELS = {**tier_labels(lambda tier: "of all", [tier.value for tier in Tier]), ALL: "All"}
WORKDAYS = WorkingCalendar("UTC")


def moves(*passed: tuple[float, Status], tier: Tier = Tier.P2, step: str = "any") -> list[Move]:
    """Hours since Friday, and the status from then on."""
    promised = ((), (FRIDAY, FRIDAY + 7 * DAY))
    return [
        Move(
            FRIDAY + hours * HOUR,
            step,
            status,
            AskedParty.LABORATORY,
            "summit",
            tier,
            tier,
            *promised[status is S.OPINION_ISSUED],
        )
        for hours, status in passed
    ]


def turns(*passed: tuple[float, Status], **more: object) -> dict[str, Turn]:
    return {turn.stage: turn for turn in Turns(POLICY, WORKDAYS, {}).of(moves(*passed, **more))}


def test_a_percentile_is_a_number_that_was_measured():
    assert [percentile([3, 1, 2, 4], share) for share in (0.1, 0.5, 0.75, 0.9, 1)] == [1, 2, 3, 4, 4]
    assert percentile([], 0.5) is None
    assert [span_words(hours) for hours in (0.2, 1, 30, 60)] == ["1 hour", "1 hour", "30 hours", "2.5 days"]


def test_a_period_is_whole_days_of_the_network_and_a_year_where_nothing_is_said():
    period = period_of(None, FRIDAY.date(), FRIDAY.date(), "America/Chicago")
    assert (period.before - period.since, period.since.hour) == (366 * DAY, 6)


def test_a_question_stops_the_turn_that_it_interrupts_and_is_a_turn_of_whoever_was_asked():
    found = turns((0, S.SUBMITTED), (2, S.IN_TRIAGE), (4, S.INFORMATION_REQUESTED), (100, S.IN_TRIAGE), (101, S.READY))
    assert (found["triage"].took, found["triage"].in_target) == (5 * HOUR, True)
    assert (found["question"].took, found["question"].party, found["question"].in_target) == (96 * HOUR, "third_party", None)  # fmt: skip


def test_a_target_is_counted_in_working_days_and_the_promise_in_days():
    way = (
        (0, S.SUBMITTED),
        (3 * 24, S.READY),
        (4 * 24 + 1, S.OFFERED),
        (5 * 24, S.ACCEPTED),
        (8 * 24, S.OPINION_ISSUED),
    )
    found = turns(*way)
    # Friday to Monday is one working day, Monday to an hour later on Tuesday more than one.
    assert [found[stage].in_target for stage in ("triage", "placing", "answer")] == [True, False, True]
    assert (found["to_opinion"].took, found["to_opinion"].in_target) == (8 * DAY, False)
    # Where a priority runs on all days, a weekend is no excuse.
    assert turns(*way, tier=Tier.P1)["triage"].in_target is False


@pytest.mark.parametrize(
    ("passed", "step"),
    [
        (((0, S.READY), (1, S.WITHDRAWN)), "withdraw"),
        (((0, S.OFFERED), (1, S.READY)), "withdraw-offer"),
        (((0, S.IN_REVIEW), (1, S.READY)), "recall"),
    ],
)
def test_a_turn_that_was_cut_short_says_nothing_of_who_had_it(passed: tuple[tuple[float, Status], ...], step: str):
    assert turns(*passed, step=step) == {}


def test_turns_are_told_by_priority_and_party_and_the_headline_says_how_many_were_late():
    period = period_of(None, None, FRIDAY.date() + 9 * DAY, "UTC")
    found = [Turn("triage", Tier.P1, None, n * HOUR, FRIDAY, n < 6) for n in range(1, 8)]
    outside = Turn("triage", Tier.P1, None, HOUR, FRIDAY + 99 * DAY, True)
    triage = turnaround.parts(summed([*found, outside], period), POLICY, LABELS, ("triage",))[0]
    assert [(line["group"], line["turns"], line["in_target"]) for line in triage.lines] == [("P1", 7, 5), ("all", 7, 5)]
    assert (triage.lines[0]["median_hours"], triage.lines[0]["p90_hours"], triage.lines[0]["target_days"]) == (
        4.0,
        7.0,
        1,
    )
    assert (
        triage.headline == "Half of the P1 referrals were triaged within 4 hours; 2 of 7 took longer than the target."
    )
    few = turnaround.parts(summed(found[:4], period), POLICY, LABELS, ("triage",))[0]
    assert (few.lines[0]["median_hours"], few.lines[0]["turns"]) == (None, 4)


@pytest.mark.parametrize(("ceiling", "alarms"), [(None, False), (20, False), (19, True)])
def test_an_alarm_is_raised_only_beyond_the_share_that_the_network_has_set(ceiling: int | None, alarms: bool):
    received = {"P1": 20, "P4": 80}
    assert (backlog.alarm(received, ceiling) is not None) is alarms
    assert backlog.tier_mix(received, LABELS, ceiling).headline.startswith("20 percent of the 100 referrals")
    assert backlog.alarm({}, ceiling) is None


def had(tier: Tier, language: str, *, late: int = 0, in_time: int = 0) -> list[Had]:
    answers = [2 * DAY] * in_time + [9 * DAY] * late
    return [Had(tier, language, "female", None, S.CLOSED, FRIDAY, FRIDAY + 7 * DAY, FRIDAY + took) for took in answers]


def told(*rows: list[Had]) -> dict[tuple[object, object], tuple[object, ...]]:
    cells = equity.cells_of([each for row in rows for each in row], FRIDAY + 30 * DAY)
    names = ("referrals", "in_target", "late", "in_target_percent")
    return {(line["tier"], line["group"]): tuple(map(line.get, names)) for line in equity.parts(cells, LABELS)[0].lines}


def test_people_of_one_priority_are_compared_and_no_small_number_can_be_worked_out():
    spanish, english = had(Tier.P2, "es-MX", late=10, in_time=10), had(Tier.P2, "en", late=6, in_time=24)
    assert told(spanish, english)["P2", "es"] == (20, 10, 10, 50)
    part = equity.parts(equity.cells_of(spanish + english, FRIDAY + 30 * DAY), LABELS)[0]
    assert part.headline == "The widest gap is in P2 of all: 80 percent in time (English), 50 percent (Spanish)."
    hidden = told(spanish, had(Tier.P2, "en", late=3, in_time=24))
    assert hidden["P2", "en"][1:] == (None, None, None)
    assert hidden["P2", "es"][2] is None  # else it would follow from the total
    assert hidden["P2", "all"] == (47, 34, 13, 72)


def test_what_only_the_total_could_protect_is_left_out_and_whoever_waits_in_time_is_not_counted():
    assert told(had(Tier.P3, "en", late=3, in_time=30)) == {("P3", "all"): (None, None, None, None)}
    waiting = Had(Tier.P3, "en", "male", None, S.READY, FRIDAY, FRIDAY + 7 * DAY, None)
    assert equity.cells_of([waiting], FRIDAY) == {}
    assert equity.cells_of([waiting], FRIDAY + 8 * DAY)["sex", Tier.P3]["male"].ends == {equity.LATE: 1}


def test_in_every_part_the_total_of_a_priority_is_shown_alike_or_not_at_all():
    """Whoever lays the parts beside each other finds no number that one hides and another tells."""
    for late, in_time, more in product((0, 3, 5, 12), (0, 4, 9), (0, 2, 8)):
        rows = had(Tier.P1, "en", late=late, in_time=in_time) + had(Tier.P1, "so", late=more, in_time=more)
        totals = set()
        for part in equity.parts(equity.cells_of(rows, FRIDAY + 30 * DAY), LABELS):
            for line in part.lines:
                assert not any(0 < int(line[name] or 0) < 5 for name in ("referrals", "in_target", "late"))
                if line["group"] == ALL:
                    totals.add((line["referrals"], line["in_target"], line["late"]))
        assert len(totals - {(None, None, None)}) <= 1


def test_a_distance_is_told_in_bands():
    assert [equity.band_of(km) for km in (0, 49.9, 50, 300, None)] == [
        "under_50", "under_50", "under_150", "from_300", "not_told",
    ]  # fmt: skip


def test_other_reports_say_what_stands_out():
    judged = [concordance.Judged("breast", "diagnosis", "changed", "major", 3), concordance.Judged(None, "diagnosis", "confirmed", "none", 9)]  # fmt: skip
    part = concordance.parts(judged)[0]
    assert part.headline == "Diagnosis: 3 of 12 opinions changed it, 3 with a major effect on care."
    assert [line["changed_percent"] for line in part.lines] == [100, 0, 25]
    refused = [quality.Refused("required", "/consent", 4)]
    parts = quality.parts(10, {"stage": 7, "morphology": 2}, {"accepted": 6, "refused": 4}, refused, {})
    assert parts[2].headline == "4 of 10 intakes were refused."
    assert parts[3].lines[0]["percent"] == 100
    assert (
        backlog.headline([backlog.Waiting("ready", "P1", "coordinator", 0, True, 1)])
        == "1 referral is open; 1 is late."
    )
    fresh = [
        backlog.Waiting("ready", "P1", "coordinator", 0, False, 2),
        backlog.Waiting("offered", "P2", "center", 1, True, 1),
    ]
    by_status, _, by_party, _ = backlog.parts(fresh, backlog.age_limits(POLICY), LABELS)
    assert by_status.headline.endswith("2 of 3, none of them late.")
    late = backlog.parts(fresh[1:], backlog.age_limits(POLICY), LABELS)[0]
    assert (late.headline.endswith("1 of 1, 1 of them late."), by_party.lines[1]["referrals"]) == (True, 2)


def test_nothing_is_said_of_nothing():
    period = period_of(None, None, FRIDAY.date(), "UTC")
    empty = [
        *turnaround.parts(summed([], period), POLICY, LABELS),
        *backlog.parts([], backlog.age_limits(POLICY), LABELS),
        backlog.tier_mix({}, LABELS, 10),
        *concordance.parts([]),
        *equity.parts({}, LABELS),
        *quality.parts(0, {}, {}, [], {}),
    ]
    assert not any(part.lines or (part.chart and part.chart.is_worth_drawing) for part in empty)
    assert all(part.headline.endswith(".") for part in empty)
