"""The third-party files in the tree are byte for byte the pinned ones, each with its licence beside it."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("referrals/**/vendor.lock.json")) + sorted(ROOT.glob("tests/**/vendor.lock.json"))


def locked_files() -> list:
    entries = [(lock.parent, entry) for lock in LOCKS for entry in json.loads(lock.read_text())]
    return [
        pytest.param(folder / file["file"], file, id=file["file"])
        for folder, entry in entries
        for file in entry["files"]
    ]


@pytest.mark.parametrize(("path", "pinned"), locked_files())
def test_a_vendored_file_is_the_pinned_one(path, pinned):
    content = path.read_bytes()
    assert len(content) == pinned["size"]
    assert pinned["sha384"] == "sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_every_vendored_package_names_its_licence_and_carries_it(lock):
    for entry in json.loads(lock.read_text()):
        assert entry["licence"]
        assert (lock.parent / entry["licence_file"]).read_text().strip()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_no_vendored_file_is_without_a_pin(lock):
    pinned = {file["file"] for entry in json.loads(lock.read_text()) for file in entry["files"]}
    assert {path.name for path in lock.parent.iterdir()} == pinned | {lock.name}


def test_there_is_something_to_check():
    assert len(LOCKS) == 3
