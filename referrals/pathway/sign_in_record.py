"""What is written down of a proof: the audit of the network, and a letter to whom it concerns."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from referrals.domain.people import Actor, Kind
from referrals.domain.second_factor import TOLD_BY_LETTER, Happening
from referrals.models.base import new_id
from referrals.models.user import User
from referrals.pathway.accounts import actor_among, memberships_of
from referrals.pathway.mail import ACCOUNT, Occasion, Stationery, queue_letters
from referrals.pathway.trail import record_audit

ENTITY = "user"


def actor_at_the_door(session: Session, user: User) -> Actor:
    """This person before they act for anybody; also one who acts for nobody, or no longer."""
    held = memberships_of(session, user.id)
    if held and user.active:
        return actor_among(user, held)
    return Actor(
        network_id=user.network_id,
        organization_id=None,
        kind=Kind.NETWORK,
        roles=frozenset(),
        user_id=user.id,
        client_id=None,
        name=user.name,
    )


class SignInRecord:
    """Writes down what happened to one person's proofs, in the transaction in which it happened."""

    def __init__(self, session: Session, mail: Stationery | None, now: datetime, request_id: str | None) -> None:
        self.session = session
        self.mail = mail
        self.now = now
        self.request_id = request_id

    def note(
        self, user: User, happening: Happening, by: Actor | None = None, detail: Mapping[str, Any] | None = None
    ) -> None:
        actor = by or actor_at_the_door(self.session, user)
        record_audit(self.session, actor, happening, ENTITY, [user.id], self.now, self.request_id, **(detail or {}))
        if happening in TOLD_BY_LETTER:
            occasion = Occasion(f"{ACCOUNT}:{new_id()}", f"{ACCOUNT} {happening}", user.network_id, None, self.now)
            queue_letters(self.session, self.mail, occasion, [user.id])

    def note_policy(self, by: Actor, roles: Iterable[str]) -> None:
        """Who must have a second factor in this network from now on."""
        record_audit(
            self.session,
            by,
            Happening.POLICY_CHANGED,
            "network",
            [by.network_id],
            self.now,
            self.request_id,
            roles=sorted(roles),
        )
