"""What a partner believes to be open, beside what is: the safety net under every feed and every webhook."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from referrals.domain.people import Actor
from referrals.domain.reference import parse_reference
from referrals.models.referral import Referral
from referrals.pathway.filters import OPEN_ONLY
from referrals.pathway.scope import visible

MOST_NOT_NAMED = 10_000
CHUNK = 500
_LEAN = (
    Referral.id, Referral.reference, Referral.external_reference, Referral.status, Referral.version, Referral.ended_at
)  # fmt: skip

Found = Row[Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A referral that is open, but not as the caller believes; `fields` says in what."""

    row: Found
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`missing` as the caller named them: unknown, or out of its sight. `is_cut`: more are open than are listed."""

    missing: Sequence[str]
    ended: Sequence[Found]
    different: Sequence[Difference]
    not_named: Sequence[Found]
    agreed: int
    is_cut: bool

    def rows(self) -> list[Found]:
        return [*self.ended, *(each.row for each in self.different), *self.not_named]


def reconcile(session: Session, actor: Actor, believed: Sequence[Mapping[str, Any]]) -> Reconciled:
    """Compare. A name may be our reference, however it is written, or the caller's own number for what it has referred."""
    known = _by_name(session, actor, [each["reference"] for each in believed])
    missing, ended, different = list[str](), dict[Any, Found](), dict[Any, Difference]()
    for belief in believed:
        row = known.get(_name(belief["reference"]))
        if row is None:
            missing.append(belief["reference"])
        elif row.status not in OPEN_ONLY:
            ended[row.id] = row
        elif fields := _differing(belief, row):
            different[row.id] = Difference(row, fields)
    named = {row.id for row in known.values()}
    rest = _open_beside(session, actor, named)
    agreed = len(named) - len(ended) - len(different)
    return Reconciled(
        list(dict.fromkeys(missing)), list(ended.values()), list(different.values()),
        rest[:MOST_NOT_NAMED], agreed, len(rest) > MOST_NOT_NAMED,
    )  # fmt: skip


def _by_name(session: Session, actor: Actor, names: Iterable[str]) -> dict[str, Found]:
    wanted = sorted({_name(each) for each in names})
    found: dict[str, Found] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        own = and_(Referral.external_reference.in_(chunk), Referral.organization_id == actor.organization_id)
        query = select(*_LEAN).where(visible(actor), or_(Referral.reference.in_(chunk), own))
        for row in session.execute(query):
            found |= {name: row for name in (row.external_reference, row.reference) if name}
    return found


def _name(text: str) -> str:
    """Ours in its one spelling; anything else as it stands."""
    with suppress(ValueError):
        return parse_reference(text)
    return text


def _differing(belief: Mapping[str, Any], row: Found) -> tuple[str, ...]:
    return tuple(name for name in ("status", "version") if belief.get(name) not in (None, getattr(row, name)))


def _open_beside(session: Session, actor: Actor, named: Collection[Any]) -> list[Found]:
    """The open ones that were not named, the most urgent first; one more than is shown, to know that there are more."""
    query = (
        select(*_LEAN)
        .where(visible(actor), Referral.status.in_(OPEN_ONLY))
        .order_by(Referral.order_at, Referral.arrived_at, Referral.id)
        .limit(MOST_NOT_NAMED + len(named) + 1)
    )
    rows: list[Found] = list(session.execute(query))
    return [row for row in rows if row.id not in named]
