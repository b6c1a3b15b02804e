"""A center's record and the gaps of the network as partners are answered."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from referrals.boundary.center_answers import named
from referrals.domain.center_record import ACCEPTED, DECLINED, LAPSED, LATE, LOOKS_BACK, Line, Record
from referrals.domain.centers import OfferStatus
from referrals.domain.network_gap import Gap, Waits
from referrals.domain.small_numbers import FEWEST_SHOWN, TOTAL
from referrals.domain.tumor_family import family_label
from referrals.models.organization import Organization
from referrals.pathway.gaps import Report

ALL_FAMILIES, UNKNOWN_FAMILY = "All families", "Family not known"


def family_words(family: str | None) -> str:
    return family_label(family) or UNKNOWN_FAMILY


def record_answer(center: Organization, record: Record, now: datetime) -> dict[str, Any]:
    """Null wherever a number is not shown."""
    return {
        "center": named(center),
        "since": now - LOOKS_BACK,
        "hidden_below": FEWEST_SHOWN,
        "all": {"family": None, "label": ALL_FAMILIES} | _line(record[TOTAL]),
        "families": [
            {"family": family, "label": family_words(family)} | _line(line)
            for family, line in record.items()
            if family != TOTAL
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "offers": _offers(line),
        "declined_because": {reason.value: line.answered[name] for reason, name in DECLINED.items()},
        "accepted_percent": line.accepted_percent,
        "hours_to_answer": line.hours_to_answer,
        "opinions": {
            "signed": line.signed[TOTAL],
            "late": line.signed[LATE],
            "late_percent": line.late_percent,
            "median_days": line.days_to_opinion,
            "p80_days": line.days_to_opinion_of_most,
        },
    }


def _offers(line: Line) -> Mapping[str, int | None]:
    return {
        "made": line.made,
        "answered": line.answered[TOTAL],
        "accepted": line.answered[ACCEPTED],
        "declined": line.declined,
        "lapsed": line.answered[LAPSED],
        "waiting": line.otherwise[OfferStatus.LIVE],
        "returned": line.otherwise[OfferStatus.RETURNED],
        "recalled": line.otherwise[OfferStatus.RECALLED],
        "withdrawn": line.otherwise[OfferStatus.WITHDRAWN],
    }


# Of a referral its reference and id, of a patient nothing.
GAPS_HEAD = (
    "family", "region", "referrals", "longest_days", "longest_reference", "most_often", "what_to_do", "price",
)  # fmt: skip


def gaps_answer(report: Report) -> dict[str, Any]:
    return {
        "at": report.at,
        "headline": report.headline,
        "looked_at": report.looked_at,
        "complete": report.is_whole,
        "gaps": [_gap(gap, report) for gap in report.gaps],
        "waited_long": [_waits(each, report.at) for each in report.long],
        "scarce": [{"family": family, "price": price} for family, price in sorted(report.prices.items())],
    }


def _gap(gap: Gap, report: Report) -> dict[str, Any]:
    return {
        "family": gap.family,
        "label": gap.label,
        "region": gap.region,
        "referrals": len(gap.stuck),
        "longest": _waits(gap.longest, report.at),
        "most_often": gap.most_often.lacks,
        "what_to_do": gap.most_often.remedy,
        "constraints": [
            {
                "constraint": code,
                "centers": count,
                "because": gap.obstacle(code).lacks,
                "what_to_do": gap.obstacle(code).remedy,
            }
            for code, count in gap.against
        ],
        "price": report.prices.get(gap.family or ""),
    }


def _waits(each: Waits, now: datetime) -> dict[str, Any]:
    return {
        "id": each.id,
        "reference": each.reference,
        "status": each.status,
        "family": each.family,
        "region": each.region,
        "since": each.since,
        "days": (now - each.since).days,
        "center_exists": not each.is_stuck,
    }


def gaps_rows(report: Report) -> Iterator[tuple[Any, ...]]:
    """The gaps as lines of a sheet, under `GAPS_HEAD`."""
    for gap in report.gaps:
        days = (report.at - gap.longest.since).days
        often, price = gap.most_often, report.prices.get(gap.family or "")
        yield gap.label, gap.region, len(gap.stuck), days, gap.longest.reference, often.lacks, often.remedy, price
