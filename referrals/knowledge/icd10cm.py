"""ICD-10-CM, release of April 2026: every code, which of them are parents, and their titles."""

import re

from referrals.knowledge.code_table import Code, CodeTable
from referrals.knowledge.once import once
from referrals.knowledge.tables import read_packed
from referrals.knowledge.wording import wording

RELEASE = "2026-04-01"
FILE = "icd10cm_2026_04.tsv.gz"

IcdCode = Code

# C77-C79 and C7B are what a primary cancer has spread to.
_STRETCHES = (("C00", "C77"), ("C7A", "C7B"), ("C80", "D00"), ("C77", "C7A"), ("C7B", "C80"), ("D00", "D50"))
_SHAPE = re.compile(r"([A-Z][0-9][0-9A-Z])\.?([0-9A-Z]{1,4})?", re.ASCII)


@once
def table() -> CodeTable:
    """A search is answered by primary cancers, then secondary ones, other neoplasms, the rest of medicine."""
    return CodeTable(read_packed(FILE), first=_STRETCHES, wording=wording("icd10cm"))


def normalize(text: str) -> str:
    """`c250 ` becomes `C25.0`. What has not the shape of a code comes back trimmed: no table knows it."""
    plain = text.strip().upper()
    match = _SHAPE.fullmatch(plain)
    if match is None or plain.endswith("."):
        return plain
    category, rest = match.groups()
    return f"{category}.{rest}" if rest else category


def lookup(code: str) -> IcdCode | None:
    """The code as normalized, parent or not; None where this release has no such code."""
    return table().lookup(code)


def display(code: str) -> str | None:
    known = lookup(normalize(code))
    return known.display if known else None
