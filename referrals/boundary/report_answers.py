"""A report as partners are answered: whole as JSON, and its lines as one sheet."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from referrals.boundary.schemas.reports import FROM, UNTIL
from referrals.domain.reports.names import REPORTS
from referrals.domain.reports.parts import Column, Line, Part, Report


def report_answer(report: Report) -> dict[str, Any]:
    columns = REPORTS[report.name].columns
    return {
        "report": report.name,
        "at": report.at,
        FROM: report.period.first,
        UNTIL: report.period.last,
        "headline": report.headline,
        "alarm": report.alarm,
        "basis": report.basis,
        "parts": [_part(part, columns) for part in report.parts],
    }


def _part(part: Part, columns: Sequence[Column]) -> dict[str, Any]:
    return {
        "part": part.name,
        "title": part.title,
        "headline": part.headline,
        "lines": [_line(line, columns) for line in part.lines],
    }


def _line(line: Line, columns: Sequence[Column]) -> Mapping[str, Any]:
    """Every figure of the report, null where it means nothing here or is not told."""
    return {column.name: line.get(column.name) for column in columns}


def report_head(name: str) -> list[str]:
    return ["part", *(column.name for column in REPORTS[name].columns)]


def report_rows(report: Report) -> Iterator[list[Any]]:
    """All parts, one under the other, under `report_head`."""
    names = [column.name for column in REPORTS[report.name].columns]
    for part in report.parts:
        for line in part.lines:
            yield [part.name, *(line.get(name) for name in names)]
