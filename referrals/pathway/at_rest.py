"""Secrets that must be read again are locked before they are stored: a ciphertext opens only in its own column and row."""

import base64
import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PURPOSE = b"referrals at rest 1"
# Named before what is locked, so that another key can be told apart from a damaged row one day.
KEY_ID = "1"
NONCE = 12


class Locked(Exception):
    """It was locked with another key, or for another place."""


class Vault:
    """AES-256-GCM under a key of its own, which follows from the instance's secret."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(hmac.new(secret_key.encode(), PURPOSE, hashlib.sha256).digest())

    def lock(self, plain: bytes, column: str, row_id: UUID) -> str:
        """`column` as table.column."""
        nonce = os.urandom(NONCE)
        return (
            f"{KEY_ID}:{base64.b64encode(nonce + self._cipher.encrypt(nonce, plain, _place(column, row_id))).decode()}"
        )

    def open(self, locked: str, column: str, row_id: UUID) -> bytes:
        key_id, _, text = locked.partition(":")
        try:
            sealed = base64.b64decode(text, validate=True)
            if key_id == KEY_ID:
                return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], _place(column, row_id))
        except (ValueError, InvalidTag):
            pass
        raise Locked


def _place(column: str, row_id: UUID) -> bytes:
    return f"{column}:{row_id}".encode()
