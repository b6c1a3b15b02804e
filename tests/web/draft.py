"""A draft as a clinician begins it through the form, and what is kept of it."""

from typing import Any

from sqlalchemy import select

from referrals.models.engine import Database
from referrals.models.referral import Facts, Referral
from tests.factories import days_ago
from tests.web.visitor import Visitor

NAMES = {"given_name": "Grete", "family_name": "Lind", "birth_date": "1960-02-01", "sex": "female"}
CONSENT = {"consent_given": "yes", "consent_given_on": days_ago(2), "consent_given_by": "patient"}
QUESTION = {"purposes": "treatment_options", "questions-0-text": "Is surgery possible?"}
SAVE, SEND = "Save and continue", "Send the referral"


def only(db: Database) -> Referral:
    with db.reading() as session:
        return session.scalars(select(Referral)).one()


def content(db: Database) -> dict[str, Any]:
    with db.reading() as session:
        found = session.scalars(select(Facts).order_by(Facts.version.desc())).first()
    assert found
    return found.content


def begin(guest: Visitor, **answers: Any) -> str:
    """A draft with a patient; the address of its pages."""
    guest.get("/referrals/new").press(SAVE, **NAMES | answers)
    assert guest.status == 200, guest.words
    return guest.at.rpartition("/")[0]
