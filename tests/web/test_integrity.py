"""Administrators and auditors of a network see what the proofs of its record found, and nobody else does."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from referrals.models.certificate import Certificate
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.trail import AuditEntry
from referrals.pathway.accounts import create_network
from tests.factories import World
from tests.web.visitor import Visitor

Come = Callable[..., Visitor]
ADMIN, AUDITOR = "admin@network.example", "auditor@network.example"


@pytest.fixture
def referral(send: Callable[..., Referral]) -> Referral:
    return send()


def prove(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["integrity", "check", "--keep"])


@pytest.mark.parametrize("email", [ADMIN, AUDITOR])
def test_what_breaks_a_rule_is_named_by_its_reference(
    app: Flask, visitor: Come, db: Database, referral: Referral, email: str
):
    guest = visitor(email)
    assert "Nothing has been proved yet" in guest.get("/admin/integrity").words
    prove(app)
    assert "Every rule holds" in guest.get("/admin/integrity").words
    with db.writing() as session:
        session.execute(update(Referral).values(patient_family_name="Tampered"))
    prove(app)
    words = guest.get("/admin/integrity").words
    assert "1 rule broken" in words
    assert f"{referral.reference}: shows another name" in words
    assert "Received 1: 1 open, 0 ended." in words
    assert "Tampered" not in words
    with db.reading() as session:
        kept = {str(each) for each in session.scalars(select(Certificate.id))}
        seen = session.scalars(select(AuditEntry).where(AuditEntry.entity == "certificate").order_by(AuditEntry.id))
        assert set(list(seen)[-1].ids) == kept


def test_a_row_of_another_network_is_not_named(
    app: Flask, visitor: Come, db: Database, world: World, referral: Referral
):
    with db.writing() as session:
        other = create_network(session, "Other", "other", referral.updated_at)
        session.flush()
        session.execute(update(Referral).values(network_id=other.id))
    prove(app)
    words = visitor(ADMIN).get("/admin/integrity").words
    assert "A referral of another network" in words
    assert referral.reference not in words


def test_others_are_told_that_it_is_not_theirs(visitor: Come):
    for email in ("coordinator@network.example", "clinician@lakeside.example", "specialist@summit.example"):
        assert visitor(email).get("/admin/integrity").status == 403
