"""The address of a chart carries its figures, sealed for one organization: the picture shows what the page said.

Nothing is worked out twice, no address tells a figure, and whoever finds one reads nothing from it.
"""

from typing import Any
from uuid import UUID

from referrals.boundary.paging import Place, seal, unseal
from referrals.boundary.problems import Problem
from referrals.domain.errors import NotFound
from referrals.domain.reports.parts import Bar, Chart, Unit
from referrals.web import paths

SEAL = "chart"


def address_of(chart: Chart, reader: UUID | None) -> str:
    bars = [[bar.label, bar.value, bar.target] for bar in chart.bars]
    return paths.chart(seal(Place((), {"says": chart.says, "unit": chart.unit, "bars": bars}), SEAL, reader))


def chart_of(sealed: str, reader: UUID | None) -> Chart:
    """`NotFound` for what we have not sealed for this reader."""
    try:
        told: Any = unseal(sealed, SEAL, reader).filters
    except Problem:
        raise NotFound from None
    return Chart(told["says"], Unit(told["unit"]), [Bar(*each) for each in told["bars"]])
