"""What may not be read by whoever has the database: locked for its own column and row, found by a blind index."""

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from referrals.models.keys import DERIVED, Key, Keys, KeysRefused, Purpose

NONCE = 12
# The form of what is locked. In the first there was one key, and no name of it.
FIRST, FORM = "1", "2"
# Half of a SHA-256: nobody finds two numbers that share it.
INDEX_DIGITS = 32
VAULT = "vault"


class Locked(Exception):
    """It was locked with another key, or for another place."""


class Vault:
    """AES-256-GCM: `2:data-1:…`, where nonce and ciphertext stand behind the name of the key."""

    def __init__(self, keys: Keys | str) -> None:
        """A mere secret stands for the keys that follow from it."""
        self.keys = Keys(keys) if isinstance(keys, str) else keys

    def lock(self, plain: bytes, column: str, row_id: UUID) -> str:
        """`column` as table.column."""
        key, nonce = self.keys.current(Purpose.DATA), os.urandom(NONCE)
        sealed = _cipher(key.secret).encrypt(nonce, plain, _place(key.id, column, row_id))
        return head_of(key.id) + base64.b64encode(nonce + sealed).decode()

    def open(self, locked: str, column: str, row_id: UUID) -> bytes:
        key_id, text = parts_of(locked)
        key = self.keys.named(Purpose.DATA, key_id)
        if key is not None:
            try:
                sealed = base64.b64decode(text, validate=True)
                return _cipher(key.secret).decrypt(sealed[:NONCE], sealed[NONCE:], _place(key.id, column, row_id))
            except (ValueError, InvalidTag):
                pass
        raise Locked

    def index(self, network_id: UUID, number: str) -> str:
        """By which a number is found again, and from which nobody can tell it who lacks the key."""
        return _index(self.keys.current(Purpose.INDEX), network_id, number)

    def indexes(self, network_id: UUID, number: str) -> list[str]:
        """Under each key that may be in use: a row is found before, while and after it is moved to a new one."""
        return [_index(key, network_id, number) for key in self.keys.all(Purpose.INDEX)]


def head_of(key_id: str) -> str:
    """How everything begins that was locked with this key."""
    return f"{FIRST}:" if key_id == DERIVED else f"{FORM}:{key_id}:"


def parts_of(locked: str) -> tuple[str, str]:
    """The key's name, and what was locked; a form that is none of ours names no key."""
    form, _, rest = locked.partition(":")
    if form == FIRST:
        return DERIVED, rest
    key_id, _, text = rest.partition(":")
    return (key_id if form == FORM and key_id != DERIVED else ""), text


def vault_of(session: Session) -> Vault:
    """With whose keys this session reads and writes."""
    found: Vault | None = session.info.get(VAULT)
    if found is None:
        raise KeysRefused("This database was opened without keys.")
    return found


@lru_cache(maxsize=100)
def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(secret)


def _place(key_id: str, column: str, row_id: UUID) -> bytes:
    head = "" if key_id == DERIVED else head_of(key_id)
    return f"{head}{column}:{row_id}".encode()


def _index(key: Key, network_id: UUID, number: str) -> str:
    digest = hmac.new(key.secret, f"{network_id}:{number}".encode(), hashlib.sha256).hexdigest()
    return f"{key.id}:{digest[:INDEX_DIGITS]}"
