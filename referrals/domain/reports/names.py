"""The reports that there are: what each is called, what it answers, and the figures in its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from referrals.domain.reports import backlog, centers, concordance, equity, quality, turnaround
from referrals.domain.reports.parts import Column


@dataclass(frozen=True, slots=True)
class ReportName:
    title: str
    asks: str
    columns: Sequence[Column]
    basis: str


REPORTS: Mapping[str, ReportName] = MappingProxyType(
    {
        "turnaround": ReportName(
            "Turnaround", "How long each part of the way takes, and whether it keeps its target", turnaround.COLUMNS,
            "Turns that ended within the period and led on, by the priority that the referral has now. A blocking"
            " question stops the clock of the turn that it interrupts, and never that of the whole way.",
        ),
        "backlog": ReportName(
            "Backlog", "What waits now, where, for how long, and how much of it is late", backlog.COLUMNS,
            "Open referrals as they stand now, drafts left out. The period counts only for what came in.",
        ),
        "concordance": ReportName(
            "Concordance", "How often a second opinion changed the first", concordance.COLUMNS,
            "Opinions signed within the period, each in its latest version, by the tumor family of the referral.",
        ),
        "centers": ReportName(
            "Centers", "How each center answers, and how fast", centers.COLUMNS,
            "Offers answered or lapsed and opinions first signed within the period. Numbers below five are hidden,"
            " and those from which they could be worked out.",
        ),
        "equity": ReportName(
            "Equity", "Whether people of one priority wait alike", equity.COLUMNS,
            "Referrals received within the period that were answered or are late, by the priority that they have now."
            " Numbers below five are hidden, and those from which they could be worked out. Whoever waits in time is"
            " not counted yet; what ended without an opinion is not counted at all.",
        ),
        "quality": ReportName(
            "Data quality", "How complete referrals come in", quality.COLUMNS,
            "Referrals received, intakes at every door, and changes of priority within the period.",
        ),
    }
)  # fmt: skip
