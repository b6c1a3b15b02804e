"""What people prove themselves by beside a password: an authenticator app, passkeys, recovery codes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from referrals.models.base import Base, Key, Name, Words, to


class AuthenticatorApp(Base):
    """The seed of somebody's codes, locked. `pending` is one that no code has confirmed yet: it counts for nothing.

    `last_step` is the half minute of the last code that was taken: no code is taken twice.
    """

    __tablename__ = "authenticator_app"
    __table_args__ = (
        CheckConstraint("(seed IS NULL) = (confirmed_at IS NULL)", name="confirmed_with_a_seed"),
        CheckConstraint("(pending IS NULL) = (pending_at IS NULL)", name="pending_since_a_time"),
    )

    user_id: Mapped[UUID] = to("user_account", primary_key=True)
    network_id: Mapped[UUID] = to("network")
    seed: Mapped[Words | None]
    confirmed_at: Mapped[datetime | None]
    pending: Mapped[Words | None]
    pending_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)


class Passkey(Base):
    """A key pair whose private half never leaves somebody's device. `credential_id` and `public_key` as base64url.

    `sign_count` is what the device last said: one that goes back may be a copy.
    """

    __tablename__ = "passkey"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    user_id: Mapped[UUID] = to("user_account")
    name: Mapped[Name]
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[Words]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of a set that was shown once: 120 random bits, of which the SHA-256 is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[Key]
    network_id: Mapped[UUID] = to("network")
    user_id: Mapped[UUID] = to("user_account")
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """What a passkey is asked to sign: once, for five minutes, by whoever holds the secret of its digest.

    Nobody is known yet where somebody signs in with a passkey alone: then there is no `user_id`, and no network.
    """

    __tablename__ = "passkey_challenge"
    __table_args__ = (Index(None, "expires_at"),)

    id_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    network_id: Mapped[UUID | None] = to("network")
    user_id: Mapped[UUID | None] = to("user_account")
    purpose: Mapped[str] = mapped_column(String(20))
    challenge: Mapped[str] = mapped_column(String(100))
    expires_at: Mapped[datetime]
