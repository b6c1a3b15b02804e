"""The secrets that webhook messages are signed with: made, locked, and opened for as long as they are valid."""

import secrets
from uuid import UUID

from referrals.domain.webhooks import SECRET_BYTES
from referrals.pathway.at_rest import SECRET_OF_WEBHOOK, Vault


def new_secret(vault: Vault, subscription_id: UUID) -> tuple[bytes, str]:
    """As it is shown once, and as it is stored."""
    plain = secrets.token_bytes(SECRET_BYTES)
    return plain, vault.lock(plain, SECRET_OF_WEBHOOK, subscription_id)


def opened(vault: Vault, subscription_id: UUID, *locked: str | None) -> list[bytes]:
    """Every secret that there is, the newest first."""
    return [vault.open(each, SECRET_OF_WEBHOOK, subscription_id) for each in locked if each is not None]
