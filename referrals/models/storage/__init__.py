"""Where the bytes of documents lie, outside the database: one interface, whatever is behind it."""

import errno
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
CHUNK = 1 << 16


class StorageFailed(Exception):
    """The storage could not be written or read. The message says nothing of what lies in it."""


class StorageFull(StorageFailed):
    """There is no room left: nothing was kept."""

    def __init__(self) -> None:
        super().__init__("There is no room for files just now. Nothing was kept; an operator has to make room.")


class Missing(StorageFailed):
    """There is nothing under this key."""

    def __init__(self) -> None:
        super().__init__("The file is not there.")


class Harmed(StorageFailed):
    """What lies there is not what was put there, or cannot be opened with the keys that are here."""

    def __init__(self) -> None:
        super().__init__("The file is not as it was put away.")


class Store(Protocol):
    """Keys are made by us alone, from ids. What is put is whole or not there at all."""

    def put(self, key: str, source: BinaryIO) -> None: ...

    def open(self, key: str, start: int = 0) -> BinaryIO:
        """The bytes from `start` on, to be read once; raises `Missing`."""
        ...

    def remove(self, key: str) -> None:
        """Nothing lies under this key any more; nothing is wrong where nothing did."""
        ...

    def keys(self, before: datetime) -> Iterator[str]:
        """What was put before then, whatever else may have become of it."""
        ...


def chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def is_full(problem: OSError) -> bool:
    return problem.errno in FULL
