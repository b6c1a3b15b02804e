"""Writes docs/licenses.md from docs/sbom.json: every package that runs in production, with its license.

Of the list for machines it keeps what names a package and its license; where its makers can be met changes too often.
"""

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
# Where the package's own description states none: read by us in the license file that it carries.
READ_BY_US = {"protobuf": "BSD-3-Clause"}
SPOKEN = "License :: OSI Approved :: "
HEAD = """# Licenses

What runs in production, worked out by `make sbom` from the pinned requirements. [sbom.json](sbom.json) is the same
list for machines (CycloneDX 1.6). Fonts and code tables that are carried along stand in
[dependencies](decisions/dependencies.md) and in `referrals/knowledge/README.md`, with their sources.

| package | version | license |
|---|---|---|
"""


def main() -> None:
    told = without_addresses(json.loads((DOCS / "sbom.json").read_text()))
    (DOCS / "sbom.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    parts = told["components"]
    rows = [f"| {part['name']} | {part['version']} | {license_of(part)} |" for part in parts]
    (DOCS / "licenses.md").write_text(HEAD + "\n".join(sorted(rows, key=str.lower)) + "\n")


def without_addresses(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: without_addresses(each) for name, each in told.items() if name != "externalReferences"}
    return [without_addresses(each) for each in told] if isinstance(told, list) else told


def license_of(part: dict[str, Any]) -> str:
    """As the package states it; in the words of its classifiers, where it names no identifier."""
    if part["name"] in READ_BY_US:
        return READ_BY_US[part["name"]]
    told = [each.get("expression") or each["license"].get("id") or each["license"]["name"] for each in part["licenses"]]
    exact = [name for name in told if not name.startswith(SPOKEN)]
    return ", ".join(exact or [name.removeprefix(SPOKEN) for name in told])


main()
