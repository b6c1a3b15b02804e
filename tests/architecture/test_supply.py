"""What comes from others: pinned with the fingerprint of every file, listed with its license."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ("requirements.txt", "requirements-s3.txt", "requirements-dev.txt", "requirements/audit.txt")
PINNED = re.compile(r"(?P<name>[a-z0-9.-]+)(\[[a-z0-9,]+\])?==(?P<version>\S+)( ; .+?)? \\")


def pins(file: str) -> dict[str, str]:
    """Each package with its exact version."""
    found = [PINNED.fullmatch(line) for line in (ROOT / file).read_text().splitlines() if line[:1] not in "# -"]
    return {each["name"]: each["version"] for each in found if each}


def asked_for(file: str) -> set[str]:
    lines = (ROOT / "requirements" / file).read_text().splitlines()
    return {line.split(";")[0].strip() for line in lines if line and line[0] not in "#-"}


@pytest.mark.parametrize("file", FILES)
def test_every_package_is_pinned_exactly_and_by_the_fingerprint_of_its_files(file: str):
    text = (ROOT / file).read_text()
    packages = [line for line in text.splitlines() if line[:1] not in "# -"]
    assert packages
    assert [line for line in packages if not PINNED.fullmatch(line)] == []
    blocks = re.split(r"\n(?=[a-z0-9])", text)[1:]
    assert [block.split("=")[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    ("asked", "file"),
    [("run.in", "requirements.txt"), ("s3.in", "requirements-s3.txt"), ("dev.in", "requirements-dev.txt")],
)
def test_what_is_asked_for_is_what_is_pinned(asked: str, file: str):
    pinned = {f"{name}=={version}" for name, version in pins(file).items()}
    assert {re.sub(r"\[.*?\]", "", each) for each in asked_for(asked)} <= pinned


def test_all_installations_have_the_same_versions():
    run, storage, dev = (pins(file) for file in FILES[:3])
    assert run.items() <= storage.items() <= dev.items()


def test_the_list_for_security_officers_holds_what_runs_and_nothing_else():
    parts = json.loads((ROOT / "docs/sbom.json").read_text())["components"]
    assert {plain(part["name"]): part["version"] for part in parts} == pins("requirements-s3.txt")


def test_every_package_that_runs_has_a_license_in_the_list():
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (\S.*) \|$", (ROOT / "docs/licenses.md").read_text(), re.MULTILINE)
    assert {plain(name): version for name, version, _ in rows[1:]} == pins("requirements-s3.txt")


def plain(name: str) -> str:
    """As the index compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()
