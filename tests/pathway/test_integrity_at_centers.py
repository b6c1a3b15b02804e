"""Damage to what a center was offered, asks, gives back and is shown is found and named."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import delete, select, update

from referrals.domain.tasks import TaskKind
from referrals.models.center import Center
from referrals.models.document import Document
from referrals.models.offer import Offer
from referrals.models.question import InformationRequest
from referrals.models.referral import Consent, Referral
from referrals.models.task import Task
from referrals.models.trail import Notification, Outbox
from referrals.models.user import User
from referrals.pathway import documents
from referrals.pathway.notices import tell
from tests.databases import unguard
from tests.pathway.asked import COORDINATOR, asking, untold
from tests.pathway.conftest import Desk
from tests.pathway.proving import broken
from tests.pathway.test_offers import in_review, offered

SPECIALIST = "specialist@summit"


class Scene(NamedTuple):
    """One referral is offered, one is in review with advice and a document, one waits for an answer, one was left."""

    offered: Referral
    advised: Referral
    asked: Referral
    left: Referral


@pytest.fixture
def scene(desk: Desk) -> Scene:
    waiting, advised, asked = offered(desk, 1), in_review(desk, 2), untold(desk, 3)
    left = desk.receive(4, code="hillcrest", referring_clinician=None)
    desk.take("interim-advice", advised, SPECIALIST, {"text": "Begin with the stent."})
    desk.take("request-information", asked, COORDINATOR, asking())
    desk.session.flush()
    desk.session.execute(update(User).where(User.email.endswith("@hillcrest.example")).values(active=False))
    desk.take("cancel", left, COORDINATOR, {"reason": "other", "text": "The practice has closed."})
    desk.session.add(report(desk, advised))
    desk.wait(minutes=11)
    tell(desk.session, desk.now)
    desk.session.flush()
    return Scene(waiting, advised, asked, left)


def report(desk: Desk, referral: Referral) -> Document:
    return Document(
        network_id=referral.network_id, referral_id=referral.id, version=1, kind="pathology", name="report.pdf",
        media_type="application/pdf", size=1, sha256="0" * 64, is_of_opinion=False, scan="not_scanned",
        organization_id=referral.organization_id, attached_by="x", attached_at=desk.now,
    )  # fmt: skip


def spoil(desk: Desk, only: str, *statements: Any) -> list[str]:
    """Where this invariant is broken after this was done to the database; then it is whole again."""
    undone = desk.session.begin_nested()
    unguard(desk.session.connection())
    for statement in statements:
        desk.session.execute(statement)
    desk.session.expire_all()
    found = broken(desk.session, desk.now, only)
    undone.rollback()
    desk.session.expire_all()
    return found.get(only, [])


def of(table: Any, referral: Referral) -> Any:
    return table.referral_id == referral.id


def someone_else(scene: Scene) -> Any:
    """Active, and not told of their own advice."""
    return select(Offer.specialist_id).where(of(Offer, scene.advised)).scalar_subquery()


Damage = Callable[[Scene], list[Any]]
# The invariant that must tell, the referral that it must name (or the beginning of another row's name), what was done.
DAMAGES_AT_CENTERS: list[tuple[str, str, Damage]] = [
    ("3", "advised", lambda s: [delete(Notification).where(of(Notification, s.advised))]),
    ("3", "advised", lambda s: [update(Referral).where(Referral.id == s.advised.id).values(clinician_id=someone_else(s))]),
    ("3", "left", lambda s: [delete(Task).where(of(Task, s.left), Task.kind == TaskKind.TELL_REFERRER)]),
    ("offers", "offered", lambda s: [update(Offer).where(of(Offer, s.offered)).values(status="declined")]),
    ("fallbacks", "offered", lambda s: [update(Offer).where(of(Offer, s.offered)).values(offered_by="clock")]),
    ("questions", "asked", lambda s: [update(InformationRequest).values(blocking=False)]),
    ("questions", "asked", lambda s: [update(Referral).where(Referral.id == s.asked.id).values(resume_status=None)]),
    ("9", "center summit", lambda s: [update(Center).values(places=0)]),
    ("10", "advised", lambda s: [update(Offer).where(of(Offer, s.advised)).values(status="returned")]),
    ("10", "advised", lambda s: [delete(Offer).where(of(Offer, s.advised))]),
]  # fmt: skip


def test_what_is_whole_breaks_nothing(desk: Desk, scene: Scene) -> None:
    assert broken(desk.session, desk.now) == {}


def test_damage_at_a_center_is_found_and_named(desk: Desk, scene: Scene) -> None:
    for invariant, named, damage in DAMAGES_AT_CENTERS:
        rows = spoil(desk, invariant, *damage(scene))
        wanted = getattr(scene, named).reference if hasattr(scene, named) else named
        assert any(wanted in row for row in rows), (invariant, named, rows)


def test_what_waits_to_be_told_counts_as_on_its_way(desk: Desk, scene: Scene) -> None:
    lost, later = delete(Notification).where(of(Notification, scene.advised)), desk.now + timedelta(minutes=10)
    assert spoil(desk, "3", lost, update(Outbox).values(done_at=None, held_until=later)) == []


UNCOVERED: list[dict[str, Any]] = [
    {"given": False},
    {"scope": []},
    {"centers": ["harbor"]},
    {"centers": []},
    {"withdrawn_at": "now"},
    {"until": "before"},
]


def test_a_document_shown_without_consent_is_named(desk: Desk, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without consent a center is shown nothing; were there a hole in that rule, the proof would tell."""
    times = {"now": desk.now, "before": desk.now.date() - timedelta(days=2)}
    uncovered = [{name: times.get(str(value), value) for name, value in each.items()} for each in UNCOVERED]
    withdrawals = [update(Consent).where(of(Consent, scene.advised)).values(**values) for values in uncovered]
    assert all(spoil(desk, "10", each) == [] for each in withdrawals)
    monkeypatch.setattr(documents, "_is_shared_with", lambda *_: True)
    assert broken(desk.session, desk.now) == {}
    assert all(spoil(desk, "10", each) == [scene.advised.reference] for each in withdrawals)
