"""The six reports as pages, sheets and pictures, each of the referrals that the reader may read."""

from typing import Any

from flask import Blueprint, Response, request

from referrals.boundary import bodies, sheets
from referrals.boundary.report_answers import report_head, report_rows
from referrals.boundary.schemas.fields import Body, Day
from referrals.boundary.schemas.reports import FROM, UNTIL, ask_for
from referrals.domain.people import Kind
from referrals.domain.reports.parts import Chart, Report
from referrals.pathway.reports.report import refuse_who_reads_nothing, report
from referrals.web import drawing, paths
from referrals.web.charts import address_of, chart_of
from referrals.web.pages import Seen, Shown
from referrals.web.presenters.report import report_page, reports_page
from referrals.web.visit import Visit, page, write_down

figures = Blueprint("figures", __name__)


class DayOrNone(Day):
    """A field of a form that was left empty says nothing."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value, attr, data, **kwargs) if value else None


DAYS: type[Any] = Body.from_dict({FROM: DayOrNone(), UNTIL: DayOrNone()}, name="DaysChosen")


@figures.get(paths.REPORTS)
@page
def index(visit: Visit) -> Shown:
    refuse_who_reads_nothing(visit.actor)
    return Shown("reports.html", reports_page(visit.actor.kind))


@figures.get(paths.report("<name>"))
@page
def show(visit: Visit, name: str) -> Shown:
    found = _found(visit, name)

    def address(chart: Chart) -> str:
        return address_of(chart, visit.actor.organization_id)

    shown = report_page(found, visit.actor.kind is Kind.NETWORK, visit.moment, address)
    return Shown("report.html", shown, _seen(name))


@figures.get(paths.report("<name>.csv"))
@page
def sheet(visit: Visit, name: str) -> Response:
    found = _found(visit, name)
    write_down(visit, [_seen(name)])
    return sheets.sheet(name, report_head(name), report_rows(found))


@figures.get(paths.chart("<sealed>"))
@page
def chart(visit: Visit, sealed: str) -> Response:
    """The figures were read, and the reading written down, when the page was shown."""
    refuse_who_reads_nothing(visit.actor)
    drawn = chart_of(sealed, visit.actor.organization_id)
    colors = drawing.DARK if request.args.get("theme") == "dark" else drawing.LIGHT
    return Response(drawing.svg(drawn, colors), mimetype="image/svg+xml")


def _found(visit: Visit, name: str) -> Report:
    asked, _ = bodies.query(DAYS)
    return report(name, ask_for(visit.session, visit.actor, visit.rules, visit.now, asked))


def _seen(name: str) -> Seen:
    return Seen("report", (), f"read-{name}")
