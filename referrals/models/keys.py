"""Keys in files of their own, apart from the database and its backups: which one locks now, and every one that opens."""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

KEY_BYTES = 32
SUFFIX, CURRENT, RETIRED = ".key", "current", "retired"
# What follows from the instance's secret, as it was before there were files.
DERIVED = "1"
# A clock of files may stand still that long: whoever looked within it looks again.
UNSURE_FOR = 50_000_000


class Purpose(StrEnum):
    """What a key is for; none is used for anything else."""

    DATA = "data"
    INDEX = "index"
    SEAL = "seal"


_DERIVED_FOR: Mapping[Purpose, bytes] = {
    Purpose.DATA: b"referrals at rest 1",
    Purpose.INDEX: b"referrals blind index 1",
    Purpose.SEAL: b"referrals audit seal 1",
}
_NAME = re.compile(rf"({'|'.join(Purpose)})-([1-9][0-9]{{0,5}})")


class KeysRefused(Exception):
    """The keys cannot be used as they are. The message names a file, and never what is in it."""


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ring:
    """What the folder held at one look: its keys by name, and which of them were chosen."""

    keys: Mapping[str, bytes] = field(repr=False)
    chosen: Mapping[Purpose, str]

    def of(self, purpose: Purpose) -> list[Key]:
        """The current one first: that which was chosen, or the oldest while none was."""
        names = sorted((name for name in self.keys if purpose_of(name) is purpose), key=_number)
        names.sort(key=lambda name: name != self.chosen.get(purpose))
        return [Key(name, self.keys[name]) for name in names]


class KeyFolder:
    """One file for each key, and one that says which are current. What others may read is refused where `is_strict`;
    elsewhere the first keys are made when somebody needs them, as the development secret is.
    """

    def __init__(self, folder: Path, *, is_strict: bool = False) -> None:
        self.folder, self.is_strict = folder, is_strict
        self._ring, self._seen, self._looked = Ring({}, {}), -1, 0

    def ring(self) -> Ring:
        """As the folder is now: a key that was put there a moment ago is known to every process."""
        changed = self._changed()
        if changed != self._seen or self._looked - changed < UNSURE_FOR:
            self._looked = time.time_ns()
            try:
                self._ring, self._seen = self._read_or_make(), changed
            except KeysRefused:
                if not self._ring.keys:
                    raise
                # Somebody is copying files there at this moment: what was known goes on until all of it is there.
        return self._ring

    def _read_or_make(self) -> Ring:
        """Of the first keys each that is missing is made: another process may be half-way through making them."""
        ring = self._read()
        missing = [purpose for purpose in Purpose if not ring.of(purpose)]
        if not missing or self.is_strict:
            return ring
        for purpose in missing:
            with suppress(FileExistsError):  # another process was faster: its key stands
                self._write(f"{purpose}-1{SUFFIX}", _new_key())
        return self._read()

    def make(self, purpose: Purpose) -> str:
        """A new key under the next number; it is not current yet."""
        used = [_number(name) for name in self._names() if purpose_of(name) is purpose]
        name = f"{purpose}-{max(used, default=0) + 1}"
        self._write(f"{name}{SUFFIX}", _new_key())
        return name

    def choose(self, *names: str) -> None:
        """From now on these lock what is written."""
        ring = self._read()
        for name in names:
            if name not in ring.keys:
                raise KeysRefused(f"There is no key {name} in {self.folder}.")
        chosen = {**ring.chosen, **{purpose_of(name): name for name in names}}
        self._write(CURRENT, "".join(f"{chosen[each]}\n" for each in Purpose if each in chosen), anew=True)

    def chosen_at(self) -> float:
        """When somebody last said which keys are current; long ago where nobody ever did."""
        file = self.folder / CURRENT
        return file.stat().st_mtime if file.exists() else 0.0

    def retire(self, name: str) -> None:
        """Set apart, for the day on which an old backup has to be read; no process uses it any more."""
        (self.folder / RETIRED).mkdir(mode=0o700, exist_ok=True)
        (self.folder / f"{name}{SUFFIX}").rename(self.folder / RETIRED / f"{name}{SUFFIX}")

    def _changed(self) -> int:
        try:
            return self.folder.stat().st_mtime_ns
        except OSError:
            return 0

    def _names(self) -> Iterator[str]:
        for place in (self.folder, self.folder / RETIRED):
            yield from (file.stem for file in place.glob(f"*{SUFFIX}") if is_name(file.stem))

    def _read(self) -> Ring:
        try:
            files = sorted(self.folder.glob(f"*{SUFFIX}"))
            keys = {file.stem: self._key_in(file) for file in files if is_name(file.stem)}
            chosen = self.folder / CURRENT
            names = chosen.read_text().split() if chosen.exists() else []
        except OSError as problem:
            raise KeysRefused(f"The keys in {self.folder} cannot be read: {problem.strerror}.") from None
        if unknown := [name for name in names if name not in keys]:
            raise KeysRefused(f"{chosen} names {', '.join(map(repr, unknown))}, and there is no such key beside it.")
        return Ring(keys, {purpose_of(name): name for name in names})

    def _key_in(self, file: Path) -> bytes:
        mode = file.stat().st_mode
        if self.is_strict and stat.S_IMODE(mode) & 0o077:
            raise KeysRefused(f"{file} may be read by others than the service: chmod 600 {file}")
        try:
            found = base64.b64decode(file.read_text().strip(), validate=True)
        except (ValueError, binascii.Error):
            found = b""
        if len(found) != KEY_BYTES:
            raise KeysRefused(f"{file} holds no key: it should be {KEY_BYTES} bytes in base64.")
        return found

    def _write(self, name: str, text: str, *, anew: bool = False) -> None:
        """Whole or not at all, and never over what is there unless `anew`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.folder / f".draft-{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                if self.is_strict:
                    os.fsync(file.fileno())
            if anew:
                draft.replace(self.folder / name)
            else:
                os.link(draft, self.folder / name)
        finally:
            draft.unlink(missing_ok=True)


class Keys:
    """The keys of an instance: those of its folder, and what was derived from its secret before there was one."""

    def __init__(self, secret: str, folder: KeyFolder | None = None) -> None:
        self.folder = folder
        self._derived = {
            purpose: Key(DERIVED, hmac.new(secret.encode(), label, hashlib.sha256).digest())
            for purpose, label in _DERIVED_FOR.items()
        }

    def refuse_unless_complete(self) -> None:
        """In production nothing is written under a key that follows from the secret."""
        if self.folder is None:
            return
        ring = self.folder.ring()
        if missing := [purpose for purpose in Purpose if not ring.of(purpose)]:
            raise KeysRefused(
                f"{self.folder.folder} holds no key for: {', '.join(missing)}. Make the keys once with "
                "`flask --app wsgi keys new`, keep a copy apart from the backups, and give every machine the same ones."
            )

    def current(self, purpose: Purpose) -> Key:
        return self.all(purpose)[0]

    def all(self, purpose: Purpose) -> list[Key]:
        """The current one first. What is derived counts only where there is no folder."""
        if self.folder is None:
            return [self._derived[purpose]]
        found = self.folder.ring().of(purpose)
        if not found:
            self.refuse_unless_complete()
        return found

    def named(self, purpose: Purpose, key_id: str) -> Key | None:
        if key_id == DERIVED:
            return self._derived[purpose]
        return next((key for key in self.all(purpose) if key.id == key_id), None)


def is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))


def purpose_of(name: str) -> Purpose:
    return Purpose(name.partition("-")[0])


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def _new_key() -> str:
    return f"{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"
