"""Under which name an identity provider knows somebody, and attempts to sign in there that are under way."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from referrals.domain.single_sign_on import LONGEST_ISSUER, LONGEST_SUBJECT, Purpose
from referrals.models.base import Base, Key, Words, one_of, to


class UserIdentity(Base):
    """One person at one provider. The subject is the provider's own name for them, which it gives to nobody else."""

    __tablename__ = "user_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    user_id: Mapped[UUID] = to("user_account")
    issuer: Mapped[str] = mapped_column(String(LONGEST_ISSUER))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    linked_at: Mapped[datetime]


class SignOnAttempt(Base):
    """Somebody is at the provider now: taken once, within ten minutes, by the browser that began it.

    The browser's cookie holds the secret of `id_hash`, the provider sends back that of `state_hash`. Nobody is known
    yet where somebody signs in: then there is no `user_id`, and no network. `kept` is sealed for whom it belongs to.
    """

    __tablename__ = "sign_on_attempt"
    __table_args__ = (Index(None, "expires_at"), one_of("purpose", Purpose))

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    network_id: Mapped[UUID | None] = to("network")
    user_id: Mapped[UUID | None] = to("user_account")
    state_hash: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(20))
    nonce: Mapped[str] = mapped_column(String(100))
    verifier: Mapped[str] = mapped_column(String(100))
    onward: Mapped[Words]
    kept: Mapped[Words]
    expires_at: Mapped[datetime]
