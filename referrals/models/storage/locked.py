"""Files locked piece by piece before they are stored, wherever that is: each opens only whole, and in its own place."""

import io
import os
from collections.abc import Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from referrals.models.keys import DERIVED, KEY_BYTES, Key, Keys, Purpose, is_name
from referrals.models.storage import CHUNK, Harmed, StorageFailed, Store

# No form of file that is taken begins like this.
MAGIC = b"\x89RFL\x00\x01\r\n"
NAME, SALT, TAG = 24, 32, 16
HEAD = len(MAGIC) + NAME + SALT
PIECE = CHUNK + TAG
KEPT_IN_MEMORY = 16 * CHUNK


class LockedStore:
    """Before its pieces each file has a head: the key's name, and a salt from which the file's own key follows.

    The number of a piece and whether it is the last are part of its nonce, so that none can be dropped, doubled or
    moved; the head and the place of the file are part of what is proved. Files from before are read as they are.
    """

    def __init__(self, inner: Store, keys: Keys) -> None:
        self.inner, self._keys = inner, keys

    def put(self, key: str, source: BinaryIO) -> None:
        with cast(BinaryIO, SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)) as locked:
            for piece in self._locked(key, source):
                locked.write(piece)
            locked.seek(0)
            self.inner.put(key, locked)

    def open(self, key: str, start: int = 0) -> BinaryIO:
        # At the very end of a file the last piece is opened all the same: only it says that nothing was cut off.
        number = max(start - 1, 0) // CHUNK
        head, pieces = self._from(key, number)
        if not head.startswith(MAGIC):
            pieces.close()
            return self.inner.open(key, start)
        try:
            opened = io.BufferedReader(_Opened(pieces, self._cipher_of(head), head + key.encode(), number), CHUNK)
            opened.read(start - number * CHUNK)
        except StorageFailed:
            pieces.close()
            raise
        return cast(BinaryIO, opened)

    def remove(self, key: str) -> None:
        self.inner.remove(key)

    def keys(self, before: datetime) -> Iterator[str]:
        return self.inner.keys(before)

    def relock(self, key: str) -> bool:
        """Under the current key from now on. Whoever reads it at this moment reads the old one to its end."""
        with self.open(key) as found:
            self.put(key, found)
        return True

    def current_key(self) -> str:
        return self._keys.current(Purpose.DATA).id

    def key_of(self, key: str) -> str:
        """The name of the key that this file was locked with; "" for one from before."""
        head = self._head(key)
        return _name_in(head) if head.startswith(MAGIC) else ""

    def _head(self, key: str) -> bytes:
        with self.inner.open(key) as found:
            return found.read(HEAD)

    def _from(self, key: str, number: int) -> tuple[bytes, BinaryIO]:
        """The head and what follows from this piece on; both of one file, though it may be moved to another key between."""
        found = self.inner.open(key)
        head = found.read(HEAD)
        while number and head.startswith(MAGIC):
            found.close()
            found = self.inner.open(key, HEAD + number * PIECE)
            if (now := self._head(key)) == head:
                break
            head = now
        return head, found

    def _locked(self, place: str, source: BinaryIO) -> Iterator[bytes]:
        key = self._keys.current(Purpose.DATA)
        head = MAGIC + key.id.encode().ljust(NAME, b"\0") + os.urandom(SALT)
        cipher, proved = _cipher(key, head), head + place.encode()
        yield head
        number, piece = 0, _whole(source, CHUNK)
        while True:
            following = _whole(source, CHUNK)
            yield cipher.encrypt(_nonce(number, is_last=not following), piece, proved)
            if not following:
                return
            number, piece = number + 1, following

    def _cipher_of(self, head: bytes) -> AESGCM:
        name = _name_in(head)
        if len(head) < HEAD or not (is_name(name) or name == DERIVED):
            raise Harmed
        key = self._keys.named(Purpose.DATA, name)
        if key is None:  # it may be on another machine: nothing is said of the file itself
            raise StorageFailed("The file was locked with a key that is not here.")
        return _cipher(key, head)


class _Opened(io.RawIOBase):
    """Gives out a piece only once it is proved, and the end only where the last piece said that it is one."""

    def __init__(self, source: BinaryIO, cipher: AESGCM, proved: bytes, number: int) -> None:
        self._source, self._cipher, self._proved, self._number = source, cipher, proved, number
        self._ahead, self._left = _whole(source, PIECE), memoryview(b"")
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        while not self._left and not self._is_over:
            self._left = memoryview(self._next())
        size = min(len(room), len(self._left))
        room[:size], self._left = self._left[:size], self._left[size:]
        return size

    def close(self) -> None:
        self._source.close()
        super().close()

    def _next(self) -> bytes:
        piece, self._ahead = self._ahead, _whole(self._source, PIECE)
        self._is_over = not self._ahead
        try:
            opened = self._cipher.decrypt(_nonce(self._number, is_last=self._is_over), piece, self._proved)
        except (InvalidTag, ValueError):
            raise Harmed from None
        self._number += 1
        return opened


def _cipher(key: Key, head: bytes) -> AESGCM:
    """A key for this one file: pieces of two files never share a nonce."""
    made = HKDF(SHA256(), length=KEY_BYTES, salt=head[-SALT:], info=b"referrals file 1")
    return AESGCM(made.derive(key.secret))


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _name_in(head: bytes) -> str:
    return head[len(MAGIC) : len(MAGIC) + NAME].rstrip(b"\0").decode("ascii", "replace")


def _whole(source: BinaryIO, size: int) -> bytes:
    """So many bytes, however few a source gives at once; fewer only at its end."""
    parts, left = [], size
    while left and (part := source.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
