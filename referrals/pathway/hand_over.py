"""What somebody looks after goes to colleagues before they go: by the same steps as ever, each with its event."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from referrals.domain.accounts import WORK, WORKERS, Held, Work, work_lost
from referrals.domain.centers import HOLDING
from referrals.domain.errors import Conflict, FieldError, Invalid, refuse_unless_clean
from referrals.domain.lifecycle import OPEN, OPEN_RECEIVED, Status
from referrals.domain.people import Actor, Kind, Role
from referrals.models.offer import Offer
from referrals.models.referral import Referral
from referrals.models.task import Task
from referrals.models.user import User
from referrals.pathway.actions import take_step
from referrals.pathway.people import active_member
from referrals.pathway.scope import find_referral
from referrals.pathway.staying import hold_what_is_theirs
from referrals.pathway.steps import act_of, note_edit

NOTE = "Handed over: who looked after it no longer does."


@dataclass(frozen=True, slots=True)
class Holding:
    """Some of what somebody looks after; `field` is where its receiver is named."""

    work: Work
    organization_id: UUID
    ids: tuple[UUID, ...]

    @property
    def field(self) -> str:
        return f"{self.work}-{self.organization_id}"

    @property
    def roles(self) -> frozenset[Role]:
        return WORK[self.work].roles or WORKERS


def holdings(session: Session, user: User, held: Iterable[Held], left: Iterable[Held] = ()) -> list[Holding]:
    """All that this person looks after by the roles that go, `left` being those that stay."""
    before, after = tuple(held), tuple(left)
    lost: list[tuple[Work, UUID]] = list(work_lost(before, after))
    if before and not after:
        lost.append((Work.TASKS, min(before)[0]))
    found = [Holding(work, home, _FIND[work](session, user, home)) for work, home in lost]
    return [each for each in found if each.ids]


def hold_holdings(session: Session, user: User, find: Callable[[], Iterable[Holding]]) -> None:
    """What they look after, and they themselves, stay as they are until this transaction ends."""

    def referrals() -> set[UUID]:
        return {key for each in find() for key in _referrals_of(session, each)}

    if not hold_what_is_theirs(session, user, referrals):
        raise Conflict("Somebody has given them more to look after at this moment. Look again, then repeat it.")


def _referrals_of(session: Session, holding: Holding) -> Iterable[UUID]:
    """Also those that a task is about: whoever takes a step there may close it, and give another one."""
    if holding.work in _OF_REFERRALS:
        return holding.ids
    about = select(Task.referral_id).where(Task.id.in_(holding.ids), Task.referral_id.is_not(None)).distinct()
    return session.scalars(about) if holding.work is Work.TASKS else ()


def _owned(session: Session, user: User, home: UUID) -> tuple[UUID, ...]:
    return _referrals(session, Referral.owner_id == user.id, Referral.status.in_(OPEN_RECEIVED))


def _referring(session: Session, user: User, home: UUID) -> tuple[UUID, ...]:
    mine = (Referral.clinician_id == user.id, Referral.organization_id == home)
    return _referrals(session, *mine, Referral.status.in_(OPEN))


def _reviewing(session: Session, user: User, home: UUID) -> tuple[UUID, ...]:
    """As the one who signs, or beside them."""
    query = (
        select(Offer.referral_id, Offer.specialist_id, Offer.panel)
        .join(Referral, Referral.id == Offer.referral_id)
        .where(
            Offer.center_id == home,
            Offer.status.in_(HOLDING),
            Offer.review_started_at.is_not(None),
            or_(
                Referral.status == Status.IN_REVIEW,
                Referral.resume_status == Status.IN_REVIEW,
            ),
        )
        .order_by(Offer.referral_id)
    )
    rows = session.execute(query)
    return tuple(row.referral_id for row in rows if row.specialist_id == user.id or _is_beside(user, row.panel))


def _is_beside(user: User, panel: Iterable[Mapping[str, Any]]) -> bool:
    return any(each["id"] == str(user.id) for each in panel)


def _tasks(session: Session, user: User, home: UUID) -> tuple[UUID, ...]:
    return tuple(session.scalars(select(Task.id).where(Task.user_id == user.id, Task.done_at.is_(None))))


def _referrals(session: Session, *conditions: ColumnElement[bool]) -> tuple[UUID, ...]:
    return tuple(session.scalars(select(Referral.id).where(*conditions).order_by(Referral.id)))


_OF_REFERRALS = frozenset({Work.OWNED, Work.REFERRING, Work.REVIEWING})
_FIND: Mapping[Work, Callable[[Session, User, UUID], tuple[UUID, ...]]] = {
    Work.OWNED: _owned,
    Work.REFERRING: _referring,
    Work.REVIEWING: _reviewing,
    Work.TASKS: _tasks,
}


@dataclass(frozen=True, slots=True)
class Giving:
    """One holding on its way from one person to another."""

    session: Session
    actor: Actor
    holding: Holding
    leaver: User
    receiver: User
    now: datetime

    def in_place(self, kind: Kind, role: Role) -> Actor:
        """Whoever administers acts here as one who may: the steps know no administrators."""
        home = self.holding.organization_id
        return replace(self.actor, kind=kind, organization_id=home, roles=frozenset({role}), client_id=None)


def hand_over(
    session: Session,
    actor: Actor,
    leaver: User,
    held: Iterable[Holding],
    receivers: Mapping[str, Any],
    now: datetime,
) -> None:
    """Everything, or nothing: what has no receiver, or one who may not take it, is refused at its field."""
    found = [(each, _receiver(session, leaver, each, receivers.get(each.field))) for each in held]
    refuse_unless_clean(_lacking(each) for each, receiver in found if receiver is None)
    faults: dict[FieldError, None] = {}
    for holding, receiver in found:
        if receiver is not None:
            faults |= dict.fromkeys(_given(Giving(session, actor, holding, leaver, receiver, now)))
    refuse_unless_clean(faults)
    session.flush()


def _receiver(session: Session, leaver: User, holding: Holding, user_id: Any) -> User | None:
    found = active_member(session, holding.organization_id, user_id, holding.roles) if user_id else None
    return None if found is None or found.id == leaver.id else found


def _lacking(holding: Holding) -> FieldError:
    return FieldError(f"/{holding.field}", "required", "Choose who takes this over: somebody active there in a fitting role.")  # fmt: skip


def _given(giving: Giving) -> list[FieldError]:
    try:
        _GIVE[giving.holding.work](giving)
    except Invalid as refusal:
        return [FieldError(f"/{giving.holding.field}", error.code, error.message) for error in refusal.errors]
    return []


def _step(giving: Giving, step: str, actor: Actor) -> None:
    body = {"user": str(giving.receiver.id), "note": NOTE}
    for key in giving.holding.ids:
        take_step(giving.session, actor, key, step, body, giving.now)


def _give_owned(giving: Giving) -> None:
    _step(giving, "assign-owner", giving.in_place(Kind.NETWORK, Role.COORDINATOR))


def _give_referring(giving: Giving) -> None:
    _step(giving, "change-clinician", giving.in_place(Kind.PROVIDER, Role.CLINICIAN))


def _give_reviews(giving: Giving) -> None:
    actor = giving.in_place(Kind.CENTER, Role.CENTER_COORDINATOR)
    for key in giving.holding.ids:
        _give_review(giving, actor, find_referral(giving.session, actor, key, lock=True))


def _give_review(giving: Giving, actor: Actor, referral: Referral) -> None:
    """The center has confirmed nothing by it. While a question is open there is no such step: then it is an edit."""
    row = giving.session.scalars(
        select(Offer).where(Offer.referral_id == referral.id, Offer.status.in_(HOLDING)).with_for_update()
    ).one()
    seen = row.facts_version, row.reconfirm
    specialist, panel = _reviewers(giving, row)
    if referral.status == Status.IN_REVIEW:
        body = {"specialist": str(specialist), "panel": [each["id"] for each in panel], "note": NOTE}
        take_step(giving.session, actor, referral.id, "change-specialist", body, giving.now)
    else:
        row.specialist_id, row.panel = specialist, panel
        note_edit(act_of(giving.session, actor, giving.now), referral, ["specialist"])
    row.facts_version, row.reconfirm = seen


def _reviewers(giving: Giving, row: Offer) -> tuple[UUID | None, list[dict[str, str]]]:
    """The receiver in the place of the leaver, and nobody twice."""
    new = {"id": str(giving.receiver.id), "name": giving.receiver.name}
    signs = giving.receiver.id if row.specialist_id == giving.leaver.id else row.specialist_id
    panel = [new if each["id"] == str(giving.leaver.id) else each for each in row.panel]
    once = {each["id"]: each for each in panel if each["id"] != str(signs)}
    return signs, list(once.values())


def _give_tasks(giving: Giving) -> None:
    """The worker tells their new owner of them. One that is done meanwhile stays with who has done it."""
    still_open = Task.id.in_(giving.holding.ids), Task.done_at.is_(None)
    giving.session.execute(update(Task).where(*still_open).values(user_id=giving.receiver.id, told_at=None))


_GIVE: Mapping[Work, Callable[[Giving], None]] = {
    Work.OWNED: _give_owned,
    Work.REFERRING: _give_referring,
    Work.REVIEWING: _give_reviews,
    Work.TASKS: _give_tasks,
}
