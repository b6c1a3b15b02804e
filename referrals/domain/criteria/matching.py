"""How a case meets the notation of the lists: codes, sites, histologies, and whole rows of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from referrals.domain.case import CaseDiagnosis, Morphology
from referrals.domain.criteria.verdict import Evidence
from referrals.knowledge.entities import EntityRow

_CODE = re.compile(r"=?[A-Z][0-9][0-9A-Z](\.?[0-9A-Zx]{1,4})?", re.ASCII)
_RANGE = re.compile(r"([A-Z])([0-9]{2}(?:\.[0-9])?)-\1([0-9]{2}(?:\.[0-9])?)", re.ASCII)
_HISTOLOGIES = re.compile(r"[0-9]{4}(-[0-9]{4})?", re.ASCII)


class NotationError(ValueError):
    """A list says something that this notation has no meaning for."""


@lru_cache(maxsize=16384)
def _beginnings(flat: str) -> frozenset[str]:
    """Every way in which a list may name this code: by its first characters, or whole."""
    return frozenset([f"={flat}", *(flat[:length] for length in range(3, len(flat) + 1))])


@dataclass(frozen=True, slots=True)
class CodeSet:
    """Codes by how they begin (`C25`, `C44.x1` with any digit for x, ranges `C00-C14`), or whole (`=C25`)."""

    names: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "CodeSet":
        return cls(frozenset(name for text in texts for name in _spell(text.strip())))

    def has(self, flat: str | None) -> bool:
        """`flat` is a code without its dot."""
        return flat is not None and not self.names.isdisjoint(_beginnings(flat))


def _spell(text: str) -> list[str]:
    if match := _RANGE.fullmatch(text):
        letter, first, last = match[1], match[2].replace(".", ""), match[3].replace(".", "")
        if len(first) != len(last) or first > last:
            raise NotationError(f"{text} is not a range of codes.")
        return [f"{letter}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1)]
    if not _CODE.fullmatch(text):
        raise NotationError(f"{text} is not a code, a beginning of codes or a range of them.")
    flat = text.replace(".", "")
    return [flat.replace("x", digit, 1) for digit in "0123456789"] if "x" in flat else [flat]


@dataclass(frozen=True, slots=True)
class SiteSet:
    """Sites as a list writes them: blank matches none, `any` every site, `not X,Y` every site but these."""

    sites: CodeSet
    all_but: bool = False

    @classmethod
    def of(cls, text: str) -> "SiteSet":
        excluded = text.startswith("not ")
        listed = "" if text == "any" else text.removeprefix("not ")
        return cls(CodeSet.of(listed.split(",") if listed else ()), excluded or text == "any")

    def has(self, site: str | None) -> bool:
        """Where no site is known only `any` matches: an excluded one may be the true one."""
        if site is None:
            return self.all_but and not self.sites.names
        return self.sites.has(site) is not self.all_but


@dataclass(frozen=True, slots=True)
class HistologySet:
    """Histologies as a list writes them: blank matches all; `any /6` all of that behavior."""

    numbers: frozenset[int] | None
    behavior: str | None = None

    @classmethod
    def of(cls, text: str) -> "HistologySet":
        if text.startswith("any /"):
            return cls(None, text.removeprefix("any /"))
        return cls(parse_histologies(text.split(",")) if text else None)

    def has(self, morphology: Morphology) -> bool:
        if self.behavior is not None:
            return morphology.behavior == self.behavior
        return self.numbers is None or morphology.histology in self.numbers

    def names(self, histology: int) -> bool:
        """Listed by number, not only let through by a blank."""
        return self.numbers is not None and histology in self.numbers


def parse_histologies(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(number for text in texts for number in _histologies(text.strip()))


def _histologies(text: str) -> range:
    if not _HISTOLOGIES.fullmatch(text):
        raise NotationError(f"{text} is not a histology or a range of them.")
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


@dataclass(frozen=True, slots=True)
class ListRow:
    entity: EntityRow
    codes: CodeSet
    sites: SiteSet
    histologies: HistologySet

    @classmethod
    def of(cls, entity: EntityRow) -> "ListRow":
        return _read_row(entity)


# Every version of a policy reads much the same rows.
@lru_cache(maxsize=2048)
def _read_row(entity: EntityRow) -> ListRow:
    prefixes = [prefix for prefix in entity.prefixes.split("|") if prefix]
    return ListRow(entity, CodeSet.of(prefixes), SiteSet.of(entity.topography), HistologySet.of(entity.histology))


class EntityList:
    """A list of entities, indexed so that a case looks only at the rows of its own site."""

    def __init__(self, entities: Iterable[EntityRow]) -> None:
        self.rows = tuple(ListRow.of(entity) for entity in entities)
        self._by_code = _index((row.codes, number) for number, row in enumerate(self.rows))
        self._by_site = _index((row.sites.sites, number) for number, row in self._numbered(all_but=False))
        # The same sites come again and again.
        self._at = lru_cache(maxsize=4096)(self._find)

    def at(self, diagnosis: CaseDiagnosis) -> tuple[ListRow, ...]:
        """The rows of this site: by the code, or by the topography."""
        return self._at(_flat(diagnosis), diagnosis.site)

    def by_code_alone(self, diagnosis: CaseDiagnosis) -> tuple[ListRow, ...]:
        """The rows that a code decides while the morphology is missing."""
        rows = (self.rows[number] for number in sorted(set(_listed(self._by_code, _flat(diagnosis)))))
        return tuple(row for row in rows if row.entity.alone)

    def _find(self, flat: str | None, site: str | None) -> tuple[ListRow, ...]:
        found = {*_listed(self._by_code, flat), *_listed(self._by_site, site)}
        found.update(number for number, row in self._numbered(all_but=True) if row.sites.has(site))
        return tuple(self.rows[number] for number in sorted(found))

    def _numbered(self, *, all_but: bool) -> Iterator[tuple[int, ListRow]]:
        return ((number, row) for number, row in enumerate(self.rows) if row.sites.all_but is all_but)


def _flat(diagnosis: CaseDiagnosis) -> str | None:
    return None if diagnosis.principal is None else diagnosis.principal.flat


def _index(named: Iterable[tuple[CodeSet, int]]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for codes, number in named:
        for name in codes.names:
            index.setdefault(name, []).append(number)
    return index


def _listed(index: dict[str, list[int]], flat: str | None) -> Iterator[int]:
    return (number for name in (_beginnings(flat) if flat else ()) for number in index.get(name, ()))


@dataclass(frozen=True, slots=True)
class Reading:
    """A case beside one list. `specific`: the morphology says something at this site, so it decides."""

    rows: tuple[ListRow, ...]
    specific: bool


def read_list(entities: EntityList, generic: frozenset[int], diagnosis: CaseDiagnosis) -> Reading:
    """The rows that match: by site and histology, or by the code alone while the morphology is missing.

    A generic histology that no row lists at this site ("cancer, type not stated") counts as missing.
    """
    morphology = diagnosis.morphology
    if morphology is not None:
        here = entities.at(diagnosis)
        if morphology.histology not in generic or any(row.histologies.names(morphology.histology) for row in here):
            return Reading(tuple(row for row in here if row.histologies.has(morphology)), True)
    return Reading(entities.by_code_alone(diagnosis), False)


def evidence_of_row(diagnosis: CaseDiagnosis, rows: Sequence[ListRow], specific: bool) -> tuple[Evidence, ...]:
    """The codes by which these rows matched."""
    evidence = []
    if diagnosis.principal is not None:
        evidence.append(Evidence(diagnosis.principal.path, diagnosis.principal.code))
    if specific and diagnosis.topography is not None:
        evidence.append(Evidence("/diagnosis/topography", diagnosis.topography))
    if specific and diagnosis.morphology is not None:
        evidence.append(Evidence("/diagnosis/morphology", str(diagnosis.morphology)))
    return tuple(evidence)


def names_of(rows: Iterable[ListRow]) -> str:
    """What a list calls them; that a row stands for all of its kind needs no saying."""
    return ", ".join(row.entity.entity.removesuffix(" (all)") for row in rows)
