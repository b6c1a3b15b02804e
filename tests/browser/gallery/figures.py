"""Reports of a busy network, of a quiet one, and with an alarm; and the pictures in them."""

from datetime import timedelta

from referrals.domain.people import Kind
from referrals.domain.policy import default_policy
from referrals.domain.reports import backlog, turnaround
from referrals.domain.reports.backlog import Waiting
from referrals.domain.reports.names import REPORTS
from referrals.domain.reports.parts import ALL, Chart, Part, Report, period_of, tier_labels
from referrals.domain.reports.turnaround import QUESTION, STAGES, WHOLE, Turn, summed
from referrals.domain.vocabulary import Tier, WaitingOn
from referrals.web import paths
from referrals.web.presenters.report import report_page, reports_page
from tests.browser.gallery.frames import Shown, clinician, coordinator
from tests.browser.gallery.people import MOMENT, NOW

POLICY = default_policy()
LABELS = tier_labels(lambda tier: POLICY.label(Tier(tier)), [tier.value for tier in Tier])
PERIOD = period_of(None, None, NOW.date(), "UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# The pictures of the pages that were shown, by the end of their address.
DRAWN: dict[str, Chart] = {}


def kept(chart: Chart) -> str:
    DRAWN[str(len(DRAWN))] = chart
    return paths.chart(str(len(DRAWN) - 1))


def shown(name: str, parts: list[Part], alarm: str | None = None) -> Shown:
    found = Report(name, NOW, PERIOD, parts[0].headline, REPORTS[name].basis, parts, alarm)
    return Shown("report.html", report_page(found, True, MOMENT, kept), coordinator(f"/reports/{name}"))


def turns() -> list[Part]:
    parties = {"answer": WaitingOn.CENTER, "review": WaitingOn.CENTER, QUESTION: WaitingOn.REFERRER, WHOLE: None}
    spans = {WHOLE: 6 * HOUR, "review": 4 * HOUR}
    found = [
        Turn(
            stage,
            tier,
            parties.get(stage, WaitingOn.COORDINATOR),
            number * tier.rank * spans.get(stage, HOUR),
            NOW - DAY,
            None if stage == QUESTION else number % 9 > 0,
        )
        for stage in STAGES
        for tier in Tier
        for number in range(1, 3 + 9 * tier.rank)
    ]
    labels = {**LABELS, ALL: "All priorities"}
    return turnaround.parts(summed(found, PERIOD), POLICY, labels)


def open_ones() -> list[Part]:
    waiting = [
        Waiting(status, tier, party, number % 4, number % 3 == 0, 3 + 7 * number)
        for number, (status, party, tier) in enumerate(
            (("submitted", "coordinator", "P1"), ("ready", "coordinator", "P2"), ("in_review", "center", "P3"), ("information_requested", "third_party", "P4"))
        )
    ]  # fmt: skip
    parts = backlog.parts(waiting, backlog.age_limits(POLICY), LABELS)
    return [*parts, backlog.tier_mix({"P1": 44, "P2": 50, "P3": 61, "P4": 20}, LABELS, 20)]


FIGURE_PAGES = {
    "reports": lambda: Shown("reports.html", reports_page(Kind.PROVIDER), clinician("/reports")),
    "report-turnaround": lambda: shown("turnaround", turns()),
    "report-alarm": lambda: shown("backlog", open_ones(), backlog.alarm({"P1": 44, "P2": 131}, 20)),
    "report-nothing": lambda: shown("turnaround", turnaround.parts({}, POLICY, LABELS)),
}
