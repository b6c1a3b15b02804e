"""Fetch the pinned third-party files that the project carries, for developers; running the product never needs it.

    python scripts/fetch_vendored.py referrals/web/static/vendor
    python scripts/fetch_vendored.py tests/browser/vendor --pin

Each folder holds a vendor.lock.json that names package, version and members. Without --pin the fetched bytes must
match the lock; with --pin (after changing a version there) sizes and hashes are written anew. Needs npm on the PATH.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

LOCK = "vendor.lock.json"


def fingerprint(content: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


def unpacked(package: str, version: str) -> Iterator[tuple[str, bytes]]:
    """Every file of one published package, as its path inside the package and its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package}@{version}", "--silent", "--pack-destination", folder]
        # npm is looked up on the developer's own PATH; package and version come from the committed lock.
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            for member in archive.getmembers():
                stream = archive.extractfile(member)
                if stream is not None:
                    yield member.name.removeprefix("package/"), stream.read()


def differences(entry: dict, contents: dict[str, bytes]) -> list[str]:
    return [
        f"{file['file']}: the published bytes differ from the lock"
        for file in entry["files"]
        if file.get("sha384") != fingerprint(contents[file["member"]])
    ]


def pin(entry: dict, contents: dict[str, bytes]) -> None:
    for file in entry["files"]:
        content = contents[file["member"]]
        file.update(size=len(content), sha384=fingerprint(content))


def refresh(folder: Path, repin: bool) -> list[str]:
    lock = json.loads((folder / LOCK).read_text())
    for entry in lock:
        contents = dict(unpacked(entry["package"], entry["version"]))
        if repin:
            pin(entry, contents)
        elif found := differences(entry, contents):
            return found
        for file in entry["files"]:
            (folder / file["file"]).write_bytes(contents[file["member"]])
    (folder / LOCK).write_text(json.dumps(lock, indent=2) + "\n")
    return []


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--pin", action="store_true", help="accept what is published and write its hashes")
    chosen = arguments.parse_args()
    problems = refresh(chosen.folder, chosen.pin)
    sys.stdout.write("\n".join(problems) + "\n" if problems else f"{chosen.folder}: as the lock says\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
