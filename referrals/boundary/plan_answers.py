"""Plans for the whole queue as partners are answered."""

from collections.abc import Sequence
from typing import Any

from referrals.models.plan import Plan


def plan_answer(plan: Plan, rows: Sequence[Any]) -> dict[str, Any]:
    """`rows` stand in the order of the queue, one for each referral."""
    return {
        "id": plan.id,
        "version": plan.version,
        "status": plan.status,
        "progress": plan.progress,
        "cause": plan.cause,
        "asked_at": plan.asked_at,
        "asked_by": plan.asked_by,
        "note": plan.note,
        "finished_at": plan.finished_at,
        "approved_at": plan.approved_at,
        "approved_by": plan.approved_by,
        "proposals": [_proposal(row) for row in rows if row[0].center_id],
        "unplaced": [_unplaced(row) for row in rows if row[0].code],
        "scarce": plan.scarce,
    }


def _proposal(row: Any) -> dict[str, Any]:
    planned = row[0]
    return {
        **_about(row),
        "center": {"id": planned.center_id, "code": row.center_code, "name": row.center_name},
        "week": planned.week,
        "score": planned.score,
        "rank_of_choice": planned.rank_of_choice,
        "runner_up": _runner_up(row),
        "because": planned.because,
        "acknowledge": planned.acknowledge,
        "outcome": planned.outcome,
        "outcome_because": planned.outcome_because,
    }


def _runner_up(row: Any) -> dict[str, Any] | None:
    if row[0].runner_up_id is None:
        return None
    return {"id": row[0].runner_up_id, "code": row.runner_up_code, "name": row.runner_up_name}


def _unplaced(row: Any) -> dict[str, Any]:
    return {**_about(row), "code": row[0].code, "because": row[0].because}


def _about(row: Any) -> dict[str, Any]:
    return {"referral": row[0].referral_id, "reference": row.reference, "tier": row[0].tier}
