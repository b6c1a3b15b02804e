"""The gaps of the network in words, for whoever may read every referral in them."""

from dataclasses import dataclass

from referrals.domain.lifecycle import Status
from referrals.domain.network_gap import NAMED_AT_MOST, WAITED_LONG, Gap, Waits, days_words
from referrals.pathway.gaps import Report
from referrals.web import paths
from referrals.web.presenters.notices import Link
from referrals.web.presenters.report import GAP_TITLE, Tab, tabs
from referrals.web.presenters.times import Moment
from referrals.web.words import counted

NOT_STATED = "Region not stated"
WHERE = {Status.READY: "Ready for a center", Status.IN_TRIAGE: "In triage"}


@dataclass(frozen=True)
class GapRow:
    title: str
    region: str
    referrals: str
    longest: str
    reference: Link
    lacks: tuple[str, ...]
    remedy: str
    price: str


@dataclass(frozen=True)
class WaitsRow:
    reference: Link
    family: str
    region: str
    waited: str
    where: str
    center: str


@dataclass(frozen=True)
class NetworkGapPage:
    headline: str
    looked_at: str
    gaps: tuple[GapRow, ...]
    long: tuple[WaitsRow, ...]
    long_title: str
    has_prices: bool
    centers: tuple[Link, ...]
    tabs: tuple[Tab, ...] = tabs(GAP_TITLE, is_network=True)
    csv: str = paths.NETWORK_GAP_CSV


def network_gap_page(report: Report, moment: Moment) -> NetworkGapPage:
    rest = "" if report.is_whole else ", the first in the queue; more wait"
    return NetworkGapPage(
        headline=report.headline,
        looked_at=f"{counted(report.looked_at, 'referral')} without an offer looked at{rest}, {moment.at(report.at)}.",
        gaps=tuple(_gap(gap, report) for gap in report.gaps),
        long=tuple(_waits(each, report) for each in report.long),
        long_title=f"Without an offer for more than {WAITED_LONG.days} days, the {NAMED_AT_MOST} longest",
        has_prices=bool(report.prices),
        centers=tuple(Link(name, f"{paths.center(each)}#record") for each, name in report.centers),
    )


def _gap(gap: Gap, report: Report) -> GapRow:
    return GapRow(
        title=_title(gap.label),
        region=gap.region or NOT_STATED,
        referrals=f"{len(gap.stuck):,}, the longest for",
        longest=days_words(report.at - gap.longest.since),
        reference=_link(gap.longest),
        lacks=tuple(f"{_title(gap.obstacle(code).lacks)} ({count:,})" for code, count in gap.against)
        or (_title(gap.most_often.lacks),),
        remedy=gap.most_often.remedy,
        price=str(report.prices.get(gap.family or "", "")),
    )


def _waits(each: Waits, report: Report) -> WaitsRow:
    return WaitsRow(
        reference=_link(each),
        family=_title(each.label),
        region=each.region or NOT_STATED,
        waited=_title(days_words(report.at - each.since)),
        where=WHERE[Status(each.status)],
        center="None" if each.is_stuck else "At least one",
    )


def _link(each: Waits) -> Link:
    return Link(each.reference, paths.referral(each.id))


def _title(words: str) -> str:
    return words[:1].upper() + words[1:]
