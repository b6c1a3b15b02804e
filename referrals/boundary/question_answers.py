"""Questions about a referral as partners are answered."""

from datetime import datetime
from typing import Any

from referrals.models.question import InformationItem
from referrals.pathway.questions import Asked


def question_answer(asked: Asked, now: datetime) -> dict[str, Any]:
    """One question with its items and their answers. `changes` says what its answer changed in the judgement."""
    row = asked.request
    return {
        "id": row.id,
        "asked": row.asked,
        "blocking": row.blocking,
        "status": row.status,
        "due_at": row.due_at,
        "items": [_item(item) for item in asked.items],
        "message": row.message,
        "author": row.author_name,
        "created_at": row.created_at,
        "extended": row.extended,
        "choice_due": asked.is_choice_due(now),
        "ended_at": row.ended_at,
        "answered_by": row.answered_by,
        "source": row.source,
        "changes": row.changes,
    }


def _item(item: InformationItem) -> dict[str, Any]:
    (kind,) = (name for name in ("field", "document", "text") if getattr(item, name) is not None)
    asks = {kind: getattr(item, kind)}
    return {"id": item.id, **asks, "required": item.required, "answer": item.answer, "reason": item.reason}
