"""What reading an opinion and closing with its outcome ask."""

from collections.abc import Mapping
from typing import Any

from referrals.pathway.outcomes import LINK, outcomes_of
from referrals.pathway.record import Record
from referrals.web.asking_parts import Asking, Body
from referrals.web.forms.fields import Group
from referrals.web.forms.opinion import ACKNOWLEDGE, closing_groups
from referrals.web.opinions import latest_panel
from referrals.web.presenters.opinion import OpinionPanel
from referrals.web.records import whole
from referrals.web.visit import Visit


def _read_version(visit: Visit, record: Record, body: Body) -> Body:
    """What was read is what the page showed; had it been amended since, the referral would have moved on."""
    return body | {"version": record.opinion.version if record.opinion else None}


def _opinion(visit: Visit, record: Record) -> OpinionPanel | None:
    return latest_panel(visit, record, whole(record, visit.now))


def _advice(visit: Visit, record: Record) -> tuple[Group, ...]:
    return closing_groups(record.opinion.content["recommendations"] if record.opinion else ())


def _told_before(record: Record, visit: Visit) -> dict[str, Any]:
    """What a link in a mail has said already stands there, to be confirmed."""
    if record.opinion is None:
        return {}
    known = outcomes_of(visit.session, record.opinion)
    advice = [each["id"] for each in record.opinion.content["recommendations"]]
    told = {str(key): row.result for key, row in known.items() if row.source == LINK}
    return {"outcomes": [{"recommendation": each, "result": told.get(each)} for each in advice]}


def _closed_with(visit: Visit, record: Record, body: Body) -> Body:
    """Either of the two: what cannot be found out has no outcomes. A recommendation that nobody judged is not told."""
    told = [each for each in body.get("outcomes") or () if each.get("result")]
    if body.get("unobtainable") and not told:
        return {name: value for name, value in body.items() if name != "outcomes"}
    return body | {"outcomes": told}


AFTER_OPINION: Mapping[str, Asking] = {
    "acknowledge": Asking(groups=lambda visit, record: ACKNOWLEDGE, body=_read_version, opinion=_opinion),
    "close": Asking(groups=_advice, body=_closed_with, shows=_told_before, opinion=_opinion),
}
