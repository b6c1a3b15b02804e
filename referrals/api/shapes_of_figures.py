"""What is answered of a report: the shapes are made from the columns that the report names."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields as plain

from referrals.api.shape_parts import maybe, there
from referrals.boundary.schemas.fields import Body, Day, Instant, Part, Whole, Word
from referrals.boundary.schemas.reports import FROM, UNTIL
from referrals.domain.reports.names import REPORTS
from referrals.domain.reports.parts import Column, Unit

MANY = 2**31
_NEVER_NULL = ("group", "label")


def _figure(column: Column) -> Any:
    kinds: Mapping[Unit, Any] = {
        Unit.WORD: (plain.String,),
        Unit.COUNT: (Whole, 0, MANY),
        Unit.PERCENT: (Whole, 0, 100),
        Unit.HOURS: (plain.Float,),
        Unit.DAYS: (plain.Float,),
    }
    say = there if column.name in _NEVER_NULL else maybe
    return say(*kinds[column.unit], metadata={"description": column.says})


def _shape(name: str) -> type[Body]:
    word = name.capitalize()
    line = Body.from_dict({each.name: _figure(each) for each in REPORTS[name].columns}, name=f"{word}LineOut")
    part = Body.from_dict(
        {
            "part": there(plain.String),
            "title": there(plain.String),
            "headline": there(plain.String, metadata={"description": "What the lines say, in a sentence."}),
            "lines": there(plain.List, Part(line)),
        },
        name=f"{word}PartOut",
    )
    whole = {
        "report": there(Word, [name]),
        "at": there(Instant),
        FROM: there(Day, metadata={"description": "The first day that was looked at."}),
        UNTIL: there(Day, metadata={"description": "The last day, included."}),
        "headline": there(plain.String),
        "alarm": maybe(plain.String, metadata={"description": "A sentence for whoever steers the network."}),
        "basis": there(plain.String, metadata={"description": "What was counted."}),
        "parts": there(plain.List, Part(part)),
    }
    return Body.from_dict(whole, name=f"{word}ReportOut")  # type: ignore[return-value]  # of the class that it is asked of


SHAPES: Mapping[str, type[Body]] = {name: _shape(name) for name in REPORTS}
