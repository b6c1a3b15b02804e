"""What became of each specialist's advice in a month: numbers for a note, and nothing about a patient."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.models.opinion import Opinion, Outcome, Recommendation


@dataclass(frozen=True, slots=True)
class Note:
    """`results` counts recommendations by what was told of them last in the month; `silent` those that nobody told."""

    user_id: UUID
    network_id: UUID
    results: Mapping[str, int]
    silent: int


def notes_for(session: Session, month: date) -> list[Note]:
    """One note for each specialist who signed advice of which something was told, or not told, in this month."""
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    ends = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
    query = (
        select(Opinion.signed_by_id, Opinion.network_id, Outcome.recommendation_id, Outcome.result, Outcome.source)
        .join(Recommendation, Recommendation.id == Outcome.recommendation_id)
        .join(Opinion, Opinion.id == Recommendation.opinion_id)
        .where(Outcome.at >= begins, Outcome.at < ends)
        .order_by(Outcome.at, Outcome.id)
    )
    last: dict[UUID, dict[UUID, tuple[str, str]]] = {}
    network: dict[UUID, UUID] = {}
    for row in session.execute(query):
        network[row.signed_by_id] = row.network_id
        last.setdefault(row.signed_by_id, {})[row.recommendation_id] = (row.result, row.source)
    return [_note(user, network[user], told) for user, told in sorted(last.items())]


def _note(user: UUID, network: UUID, told: Mapping[UUID, tuple[str, str]]) -> Note:
    results = Counter(result for result, source in told.values() if source != "no_response")
    return Note(user, network, dict(results), sum(source == "no_response" for _, source in told.values()))
