"""Counts what referrals carry and lack, what the doors did and what people changed: four statements."""

import json
import re
from collections import Counter
from collections.abc import Mapping

from sqlalchemy import ColumnElement, String, case, cast, exists, func, or_, select

from referrals.domain.questions import RequestStatus
from referrals.domain.reports import quality as figures
from referrals.domain.reports.quality import Refused
from referrals.models.assessment import Override
from referrals.models.diagnosis import Biomarker, Diagnosis
from referrals.models.question import InformationItem, InformationRequest
from referrals.models.referral import Referral
from referrals.models.trail import Receipt
from referrals.pathway.reports.ask import Ask, Told
from referrals.pathway.reports.scope import receipts, reported

_PLACE = re.compile(r"/\d+(?=/|$)")
_asked = exists().where(InformationRequest.referral_id == Referral.id)
# What is counted of a referral, under the names that the report has for it.
MARKS: Mapping[str, ColumnElement[bool]] = {
    "stage": or_(*(each.is_not(None) for each in (Diagnosis.stage_group, Diagnosis.stage_t, Diagnosis.stage_m))),
    "morphology": Referral.morphology.is_not(None),
    "biomarkers": exists().where(Biomarker.diagnosis_id == Referral.diagnosis_id),
    "performance_status": Referral.performance_status.is_not(None),
    "uncoded": Referral.icd10cm.is_(None),
    "asked": _asked,
    "unanswered": _asked.where(InformationRequest.status == RequestStatus.OPEN),
    "gone_on_without": _asked.where(
        InformationItem.request_id == InformationRequest.id, InformationItem.reason.is_not(None)
    ),
}


def quality(ask: Ask) -> Told:
    counts = _marks(ask)
    return Told(figures.parts(counts.pop("received"), counts, _intakes(ask), _refused(ask), _overrides(ask)))


def _marks(ask: Ask) -> dict[str, int]:
    marks = (func.coalesce(func.sum(case((mark, 1), else_=0)), 0).label(name) for name, mark in MARKS.items())
    query = (
        select(func.count().label("received"), *marks)
        .select_from(Referral)
        .outerjoin(Diagnosis, Diagnosis.id == Referral.diagnosis_id)
        .where(ask.received)
    )
    return dict(ask.session.execute(query).one()._mapping)


def _intakes(ask: Ask) -> dict[str, int]:
    query = select(Receipt.outcome, func.count().label("found")).where(receipts(ask.actor), ask.within(Receipt.at))
    return {row.outcome: row.found for row in ask.session.execute(query.group_by(Receipt.outcome))}


def _refused(ask: Ask) -> list[Refused]:
    """Refusals for the same reasons come counted from the database; each fault counts once a refusal."""
    text = cast(Receipt.reasons, String)
    query = select(text, func.count()).where(receipts(ask.actor), ask.within(Receipt.at), Receipt.outcome == "refused")
    found: Counter[tuple[str, str]] = Counter()
    for reasons, count in ask.session.execute(query.group_by(text)):
        for fault in {_fault(each) for each in json.loads(reasons)}:
            found[fault] += count
    return [Refused(code, pointer, count) for (code, pointer), count in found.items()]


def _fault(reason: Mapping[str, str]) -> tuple[str, str]:
    """A name that nobody knows came from outside, and may be anything: only where it stood is told."""
    code, pointer = reason["code"], _PLACE.sub("/*", reason["pointer"])
    return code, pointer.rpartition("/")[0] if code == "unknown_field" else pointer


def _overrides(ask: Ask) -> dict[str, int]:
    query = (
        select(Override.reason, func.count().label("found"))
        .join(Referral, Referral.id == Override.referral_id)
        .where(reported(ask.actor), ask.within(Override.created_at))
        .group_by(Override.reason)
    )
    return {row.reason: row.found for row in ask.session.execute(query)}
