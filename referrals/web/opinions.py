"""An opinion as the pages read it: the API's answer with who read it, what came of it and its other versions."""

from collections.abc import Iterator, Mapping
from typing import Any

from referrals.boundary.opinion_answers import opinion_answer
from referrals.domain.lifecycle import Status
from referrals.models.opinion import Acknowledgement, Opinion, Outcome
from referrals.models.organization import Organization
from referrals.pathway.opinions import MAY_HAVE_ONE, NotAsSigned, latest_opinion, versions_of
from referrals.pathway.outcomes import acknowledgements_of, outcomes_of
from referrals.pathway.record import Record
from referrals.web.presenters.notices import Notice
from referrals.web.presenters.opinion import OpinionPanel, signed_panel
from referrals.web.reading import reader
from referrals.web.visit import Visit


def panel_of(visit: Visit, record: Record, answer: Mapping[str, Any], opinion: Opinion) -> OpinionPanel:
    """One signed version as it is read with its referral."""
    return signed_panel(answer, told(visit, record, opinion), reader(visit, record))


def latest_panel(visit: Visit, record: Record, answer: Mapping[str, Any]) -> OpinionPanel | None:
    return panel_of(visit, record, answer, record.opinion) if record.opinion else None


def broken_notice(visit: Visit, record: Record) -> Iterator[Notice]:
    """There is an opinion, and it is not shown: what is stored does not fit its seal."""
    may_have_one = record.opinion is None and Status(record.referral.status) in MAY_HAVE_ONE
    if may_have_one and latest_opinion(visit.session, record.referral) is not None:
        yield Notice("bad", "The opinion cannot be shown", NotAsSigned().message)


def told(visit: Visit, record: Record, opinion: Opinion) -> dict[str, Any]:
    read = acknowledgements_of(visit.session, [opinion.id]).get(opinion.id)
    outcomes = outcomes_of(visit.session, opinion)
    return opinion_answer(opinion) | {
        "center": visit.session.get_one(Organization, opinion.center_id).name,
        "acknowledgement": _acknowledged(read) if read else None,
        "outcomes": {str(advice): _became(row) for advice, row in outcomes.items()},
        "versions": versions_of(visit.session, record.referral),
    }


def _acknowledged(row: Acknowledgement) -> dict[str, Any]:
    return {"by": row.user_name, "plan": row.plan, "text": row.text, "at": row.at}


def _became(row: Outcome) -> dict[str, Any]:
    return {"result": row.result, "reason": row.reason, "by": row.author_name, "source": row.source}
