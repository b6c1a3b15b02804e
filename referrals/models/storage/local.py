"""Documents in a folder of this machine: a file has its name only once all of it is on the disk."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from referrals.models.storage import Missing, StorageFailed, StorageFull, chunks, is_full

HALF = ".half-"


class LocalStore:
    """Files below one folder, readable for the service alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, source: BinaryIO) -> None:
        """Whoever is killed on the way leaves a half file under a name of its own, which is swept."""
        target = self.folder / key
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            half = target.with_name(f"{HALF}{uuid4().hex}")
            try:
                _write(half, source)
                half.replace(target)
                _settle(target.parent)
            finally:
                half.unlink(missing_ok=True)
        except OSError as problem:
            raise _failure(problem) from problem

    def open(self, key: str, start: int = 0) -> BinaryIO:
        try:
            file = (self.folder / key).open("rb")
            file.seek(start)
            return file
        except FileNotFoundError:
            raise Missing from None
        except OSError as problem:
            raise _failure(problem) from problem

    def remove(self, key: str) -> None:
        with suppress(FileNotFoundError):
            (self.folder / key).unlink()

    def keys(self, before: datetime) -> Iterator[str]:
        for folder, _, names in os.walk(self.folder):
            for name in names:
                file = Path(folder, name)
                with suppress(FileNotFoundError):
                    if file.stat().st_mtime < before.timestamp():
                        yield file.relative_to(self.folder).as_posix()


def _write(half: Path, source: BinaryIO) -> None:
    number = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "wb") as file:
        for chunk in chunks(source):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    """The new name itself outlives a loss of power."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _failure(problem: OSError) -> StorageFailed:
    return StorageFull() if is_full(problem) else StorageFailed("The files cannot be reached just now.")
