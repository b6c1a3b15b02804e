"""Single sign-on in an administrator's care: a person's link to an account elsewhere is removed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import object_session

from referrals.domain.second_factor import Happening
from referrals.models.user import User
from referrals.pathway.sign_in import end_sessions_of
from referrals.pathway.single_sign_on import forget_identities, identities_of
from referrals.web.session import records
from referrals.web.visit import Visit

UNLINKING = (
    "Every session of this person ends at once. When they next sign in there, a new link is made by their email address.",
    "Whoever is to stay out is switched off.",
)


def is_linked_anywhere(user: User) -> bool:
    session = object_session(user)
    return session is not None and bool(identities_of(session, user))


def unlink(visit: Visit, user: User, packet: Mapping[str, Any]) -> None:
    forget_identities(visit.session, user)
    end_sessions_of(visit.session, user, visit.now)
    records(visit.session).note(user, Happening.IDENTITY_REMOVED, visit.actor)
