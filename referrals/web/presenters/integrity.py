"""What the proofs of the last nights found, in words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from referrals.web import paths
from referrals.web.presenters.audit import trust_tabs
from referrals.web.presenters.report import Tab
from referrals.web.presenters.times import Moment, Stamp, date_words, parse_date, span_words
from referrals.web.words import Look, counted

BY: Mapping[str, str] = MappingProxyType({"worker": "by the worker", "command": "by command"})
COUNTS_HEAD = ("Rule", "What must hold", "Rows looked at", "Rows that break it")
DAYS_HEAD = ("Day", "Received", "Open", "Ended")
ELSEWHERE = "A referral of another network"


@dataclass(frozen=True)
class BrokenRule:
    title: str
    claim: str
    rows: tuple[str, ...]
    more: str


@dataclass(frozen=True)
class Certificate:
    title: str
    stamp: Stamp
    look: Look
    told: str
    received: str
    broken: tuple[BrokenRule, ...]
    counts: tuple[tuple[str, ...], ...]
    days: tuple[tuple[str, ...], ...]
    seal: str
    changed: str


@dataclass(frozen=True)
class IntegrityPage:
    certificates: tuple[Certificate, ...]
    counts_head: tuple[str, ...] = COUNTS_HEAD
    days_head: tuple[str, ...] = DAYS_HEAD
    tabs: tuple[Tab, ...] = trust_tabs(paths.INTEGRITY, is_network=True)


def rows_named(found: Iterable[Any]) -> list[str]:
    findings = (finding for each in found for finding in each.certificate.findings)
    return sorted({named["row"] for finding in findings for named in finding["breaks"]})


def integrity_page(found: Iterable[Any], theirs: Collection[str], moment: Moment) -> IntegrityPage:
    """`theirs` are rows of other networks: that they are broken is told, which they are is not."""
    return IntegrityPage(tuple(_certificate(each, theirs, moment) for each in found))


def _certificate(shown: Any, theirs: Collection[str], moment: Moment) -> Certificate:
    row = shown.certificate
    figures = _figures(row.findings)
    return Certificate(
        title=f"Certificate {row.number}",
        stamp=moment.stamp(row.at),
        look=_look(row.findings),
        told=f"Proved {BY[row.by]} in {_took(row.took_ms)}.",
        received=_received(figures),
        broken=tuple(_broken(each, theirs) for each in row.findings if each["broken"]),
        counts=tuple(_count(each) for each in row.findings),
        days=tuple(_day(*each) for each in reversed(figures.get("days", ()))),
        seal=row.digest,
        changed="" if shown.is_untouched else "This certificate, or the one before it, is not as it was kept.",
    )


def _look(findings: Sequence[Any]) -> Look:
    broken = sum(bool(each["broken"]) for each in findings)
    return (
        Look(f"{counted(broken, 'rule')} broken", "bad", "late") if broken else Look("Every rule holds", "ok", "check")
    )


def _took(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    if not seconds:
        return "less than a second"
    return counted(seconds, "second") if seconds < 60 else span_words(timedelta(seconds=seconds))


def _figures(findings: Sequence[Any]) -> Mapping[str, Any]:
    return next((each["figures"] for each in findings if each["figures"]), {})


def _received(figures: Mapping[str, Any]) -> str:
    if "total" not in figures:
        return ""
    received, still_open, ended = (f"{each:,}" for each in figures["total"])
    return f"Received {received}: {still_open} open, {ended} ended."


def _day(day: str, *counts: int) -> tuple[str, ...]:
    return (date_words(parse_date(day)), *(f"{count:,}" for count in counts))


def _broken(finding: Any, theirs: Collection[str]) -> BrokenRule:
    named = tuple(f"{ELSEWHERE if each['row'] in theirs else each['row']}: {each['why']}" for each in finding["breaks"])
    more = finding["broken"] - len(named)
    return BrokenRule(f"Rule {finding['name']}", finding["claim"], named, f"and {more:,} more" if more else "")


def _count(finding: Any) -> tuple[str, ...]:
    return (finding["name"], finding["claim"], f"{finding['looked_at']:,}", f"{finding['broken']:,}")
