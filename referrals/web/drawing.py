"""Draws a chart as SVG, in the colors of the light or the dark page, without a style that the content policy forbids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from referrals.domain.reports.parts import Bar, Chart, Unit

WIDTH, LEFT, RIGHT, EDGE = 400, 4, 64, 6
ROW, THICK, TEXT = 40, 13, 13
LETTERS = "Helvetica, Arial, 'Liberation Sans', sans-serif"
# What is longer is cut, and what is more left out: both stand whole in the table, and an address has its limit.
LONGEST_LABEL, MOST_BARS = 44, 20
LONG_HOURS = 48


@dataclass(frozen=True, slots=True)
class Colors:
    """The tokens of the stylesheet by their values: a picture cannot read the variables of the page around it."""

    surface: str
    ink: str
    bar: str
    target: str


LIGHT = Colors("#ffffff", "#131d26", "#2472a8", "#a11239")
DARK = Colors("#171f26", "#e9eef2", "#5fb0e2", "#ffb3c1")


def fitting(chart: Chart) -> Chart:
    """As much of it as is drawn."""
    return replace(chart, bars=[replace(bar, label=_short(bar.label)) for bar in chart.bars[:MOST_BARS]])


def height_of(chart: Chart) -> int:
    return ROW * len(chart.bars) + 2 * EDGE


def figure_words(value: float | None, unit: Unit) -> str:
    """ "72%", "3.5 h", "12 d", "1,200"; a dash for what is not told. Two days and more are said in days."""
    if value is None:
        return "–"
    if unit is Unit.PERCENT:
        return f"{value:g}%"
    if unit is Unit.HOURS and value >= LONG_HOURS:
        return figure_words(value / 24, Unit.DAYS)
    return f"{value:,.1f}".removesuffix(".0") + {Unit.HOURS: " h", Unit.DAYS: " d"}.get(unit, "")


def svg(chart: Chart, colors: Colors) -> bytes:
    # Loaded when the first chart is drawn: a process that draws none stays small.
    from reportlab.graphics import renderSVG

    drawing = _drawing(chart, colors)
    canvas = renderSVG.SVGCanvas((drawing.width, drawing.height))
    renderSVG.draw(drawing, canvas, 0, 0)
    root = canvas.doc.documentElement
    _without_styles(root)
    for name in ("title", "desc"):
        for placeholder in root.getElementsByTagName(name):
            placeholder.firstChild.data = chart.says
    return bytes(root.toxml().encode())


def _drawing(chart: Chart, colors: Colors) -> Any:
    from reportlab.graphics.shapes import Drawing, Rect
    from reportlab.lib.colors import HexColor

    height, highest = height_of(chart), _highest(chart)
    drawing = Drawing(WIDTH, height)
    drawing.add(Rect(0, 0, WIDTH, height, fillColor=HexColor(colors.surface), strokeColor=None))
    drawing.add(_bars(chart, colors, highest))
    for place, bar in enumerate(chart.bars):
        bottom = height - EDGE - ROW * (place + 1)
        drawing.add(_figure(figure_words(bar.value, chart.unit), bottom, colors))
        for shape in _target(bar, bottom, highest, colors):
            drawing.add(shape)
    return drawing


def _highest(chart: Chart) -> float:
    if chart.unit is Unit.PERCENT:
        return 100
    return max([number for bar in chart.bars for number in (bar.value, bar.target) if number], default=1)


def _bars(chart: Chart, colors: Colors, highest: float) -> Any:
    from reportlab.graphics.charts.barcharts import HorizontalBarChart
    from reportlab.lib.colors import HexColor

    bars = HorizontalBarChart()
    bars.x, bars.y, bars.width, bars.height = LEFT, EDGE, WIDTH - LEFT - RIGHT, ROW * len(chart.bars)
    bars.data = [[bar.value or 0 for bar in chart.bars]]
    bars.useAbsolute, bars.barWidth, bars.groupSpacing = 1, THICK, ROW - THICK
    bars.bars[0].fillColor, bars.bars[0].strokeColor = HexColor(colors.bar), None
    bars.valueAxis.valueMin, bars.valueAxis.valueMax, bars.valueAxis.visible = 0, highest, 0
    axis = bars.categoryAxis
    axis.reverseDirection, axis.visibleTicks, axis.visibleAxis = 1, 0, 0
    axis.categoryNames = [bar.label for bar in chart.bars]
    axis.labels.boxAnchor, axis.labels.dx, axis.labels.dy = "sw", 1, THICK / 2 + 1
    axis.labels.fontSize, axis.labels.fillColor = TEXT, HexColor(colors.ink)
    return bars


def _figure(words: str, bottom: float, colors: Colors) -> Any:
    """In a column of its own, where neither a bar nor a target reaches."""
    from reportlab.graphics.shapes import String
    from reportlab.lib.colors import HexColor

    x, y = WIDTH - LEFT, bottom + ROW / 2 - TEXT / 3
    return String(x, y, words, textAnchor="end", fontSize=TEXT, fontName="Helvetica", fillColor=HexColor(colors.ink))


def _target(bar: Bar, bottom: float, highest: float, colors: Colors) -> Sequence[Any]:
    """A line across the bar and below it, so that it is seen without its color."""
    from reportlab.graphics.shapes import Line
    from reportlab.lib.colors import HexColor

    if bar.target is None:
        return ()
    x, middle = LEFT + (WIDTH - LEFT - RIGHT) * bar.target / highest, bottom + ROW / 2
    ends = middle - THICK / 2 - 7, middle + THICK / 2
    return (Line(x, ends[0], x, ends[1], strokeColor=HexColor(colors.target), strokeWidth=2.5),)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _without_styles(element: Any) -> None:
    """The library writes inline styles; each of their properties is an attribute of SVG as well."""
    if element.hasAttribute("style"):
        for part in filter(None, (each.strip() for each in element.getAttribute("style").split(";"))):
            name, _, value = part.partition(":")
            element.setAttribute(name.strip(), LETTERS if name.strip() == "font-family" else value.strip())
        element.removeAttribute("style")
    for below in element.childNodes:
        if below.nodeType == below.ELEMENT_NODE:
            _without_styles(below)
