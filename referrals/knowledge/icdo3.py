"""ICD-O-3: the sites, and our own short labels for the morphologies that the rules name.

The published terms are © WHO and are not part of the product; `flask codes load` adds them where they may be used.
"""

import re
from collections.abc import Iterable, Mapping

from referrals.knowledge.code_table import Code, CodeTable
from referrals.knowledge.icd10cm import normalize as _dotted
from referrals.knowledge.once import once
from referrals.knowledge.tables import read_rows
from referrals.knowledge.wording import wording

BEHAVIORS: Mapping[str, str] = {
    "0": "benign",
    "1": "of uncertain behavior",
    "2": "in situ",
    "3": "malignant",
    "6": "metastatic",
    "9": "malignant, primary or metastatic not known",
}
FIRST_HISTOLOGY, LAST_HISTOLOGY = 8000, 9993
_MORPHOLOGY = re.compile(r"([0-9]{4})/([0-9])", re.ASCII)


@once
def topographies() -> CodeTable:
    rows = read_rows("icdo3_topography.csv")
    sites = (Code(row["topography"], row["label"][:1].upper() + row["label"][1:]) for row in rows)
    return CodeTable.of(sites, wording("icdo3-topography"))


@once
def morphologies() -> CodeTable:
    rows = read_rows("icdo3_morphology_labels.csv")
    return CodeTable.of((Code(row["morphology"], row["label"]) for row in rows), wording("icdo3-morphology"))


@once
def _site_categories() -> frozenset[str]:
    return frozenset(code.code[:3] for code in topographies())


def normalize_topography(text: str) -> str:
    return _dotted(text)


def is_topography(code: str) -> bool:
    """A site, or a whole category of sites (`C61`), which says less and is accepted."""
    return code in _site_categories() or topographies().lookup(code) is not None


def is_site_category(code: str) -> bool:
    return code in _site_categories()


def normalize_morphology(text: str) -> str:
    return "".join(text.split())


def is_morphology(code: str) -> bool:
    """Four digits of ICD-O-3 and a behavior. The histology may be one that only a loaded table names."""
    match = _MORPHOLOGY.fullmatch(code)
    return bool(match and FIRST_HISTOLOGY <= int(match[1]) <= LAST_HISTOLOGY and match[2] in BEHAVIORS)


def morphology_label(code: str) -> str | None:
    known = morphologies().lookup(normalize_morphology(code))
    return known.display if known else None


class SiteHistology:
    """Which morphology is known at which site, where such a table was loaded (SEER site/histology list)."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        """`pairs`: ranges of sites as published (`C000-C006,C008`), and one morphology each."""
        by_ranges: dict[str, set[str]] = {}
        for ranges, morphology in pairs:
            by_ranges.setdefault(ranges, set()).add(morphology)
        self._known: dict[str, set[str]] = {}
        for ranges, morphologies_there in by_ranges.items():
            for site in sites_in(ranges):
                self._known.setdefault(site, set()).update(morphologies_there)

    def accepts(self, topography: str, morphology: str) -> bool | None:
        """None where the table does not know the site, or knows only parts of it."""
        site = topography.replace(".", "")
        known = self._known.get(site if len(site) > 3 else site + "9")
        return None if known is None else morphology in known


def sites_in(ranges: str) -> list[str]:
    """`C000-C002,C739` → the single sites, without dots."""
    sites: list[str] = []
    for part in ranges.replace(".", "").replace(" ", "").split(","):
        first, _, last = part.partition("-")
        sites += [f"C{number:03d}" for number in range(int(first[1:]), int((last or first)[1:]) + 1)]
    return sites
