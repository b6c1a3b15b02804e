"""What a backup holds: every file with its fingerprint, and how far the audit was sealed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from referrals.domain.errors import Conflict
from referrals.models.storage import chunks
from referrals.pathway.seals import Head

NAME = "manifest.json"
FORM = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files` by their name below the folder; `keys` are the ids of the keys without which it cannot be read."""

    at: str
    revision: str
    audit_position: int
    audit_digest: str
    documents: str
    files: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    form: int = FORM

    @property
    def head(self) -> Head:
        return Head(self.audit_position, self.audit_digest)

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=2, sort_keys=True) + "\n")


def read(folder: Path) -> Manifest:
    try:
        told = json.loads((folder / NAME).read_text())
        return Manifest(**{**told, "keys": tuple(told["keys"])})
    except (OSError, ValueError, TypeError, KeyError):
        raise Conflict(f"There is no whole backup in {folder}.") from None


def fingerprints(folder: Path) -> dict[str, str]:
    found = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != NAME)
    return {file.relative_to(folder).as_posix(): fingerprint(file) for file in found}


def fingerprint(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        for chunk in chunks(source):
            digest.update(chunk)
    return digest.hexdigest()


def faults(folder: Path, manifest: Manifest) -> list[str]:
    """What is not as it was written, each in one line."""
    found = fingerprints(folder)
    missing = [f"{name} is missing" for name in manifest.files.keys() - found.keys()]
    more = [f"{name} does not belong here" for name in found.keys() - manifest.files.keys()]
    other = [
        f"{name} has changed" for name in found.keys() & manifest.files.keys() if found[name] != manifest.files[name]
    ]
    return sorted([*missing, *more, *other])


def moment(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
