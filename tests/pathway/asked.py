"""What tests of questions ask and answer."""

from collections.abc import Mapping
from typing import Any

from referrals.models.referral import Referral
from referrals.pathway.integrity.check import prove
from referrals.pathway.questions import Asked, questions_of
from tests.factories import diagnosis
from tests.pathway.conftest import Desk

COORDINATOR, LEAD, CLINICIAN = "coordinator@network", "lead@network", "clinician@lakeside"
STATUS_ITEM = {"field": "/diagnosis/disease_status"}
TOLD = {"value": "refractory"}


def asking(*items: Mapping[str, Any], blocking: bool = True, **more: Any) -> dict[str, Any]:
    return {"asked": "referrer", "blocking": blocking, "items": list(items or (STATUS_ITEM,)), **more}


def untold_diagnosis() -> dict[str, Any]:
    """Pancreas, and nobody has said what became of it under treatment: P2, and P1 if it did not respond."""
    return diagnosis(disease_status=None, icd10cm="C25.0")


def untold(desk: Desk, number: int = 1, **changes: Any) -> Referral:
    referral = desk.receive(
        number, **({"diagnosis": untold_diagnosis(), "treatments": None, "needed_by": None} | changes)
    )
    desk.take("claim", referral, COORDINATOR)
    return referral


def last(desk: Desk, referral: Referral) -> Asked:
    return questions_of(desk.session, referral.id)[-1]


def answers(desk: Desk, referral: Referral, *given: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    items = last(desk, referral).items
    return {"answers": [{"item": str(item.id), **each} for item, each in zip(items, given, strict=False)], **more}


def reasons(desk: Desk, referral: Referral) -> dict[str, Any]:
    return {"reasons": [{"item": str(item.id), "reason": "Lost."} for item in last(desk, referral).required]}


def broken(desk: Desk) -> list[str]:
    return [each.row for finding in prove(desk.session, desk.now) for each in finding.breaks]
