"""The lists that the rules match a case against: rare and aggressive entities, tumor families, codes that hint."""

from collections.abc import Mapping
from dataclasses import dataclass

from referrals.knowledge.once import once
from referrals.knowledge.tables import read_rows

RARE = "rare_entities_rarecarenet"
AGGRESSIVE = "aggressive_entities"


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One row as published. `counts`: it speaks for the criterion; otherwise it stands there for contrast.

    Codes, sites and histologies keep the notation of the table; whoever matches reads them.
    """

    key: str
    entity: str
    prefixes: str
    topography: str
    histology: str
    alone: bool
    counts: bool
    citation: str


@once
def lists() -> Mapping[str, tuple[EntityRow, ...]]:
    """Every list that a policy may name."""
    return {
        AGGRESSIVE: tuple(_aggressive(row) for row in read_rows(f"{AGGRESSIVE}.csv")),
        RARE: tuple(_rare(row) for row in read_rows(f"{RARE}.csv")),
    }


def _aggressive(row: Mapping[str, str]) -> EntityRow:
    return _entity(row, key=row["entity"], counts="counts_by_default", citation=_aggressive_citation(row))


def _rare(row: Mapping[str, str]) -> EntityRow:
    return _entity(row, key=row["entity_id"], counts="rare_eu_listed", citation=_rare_citation(row))


def _entity(row: Mapping[str, str], *, key: str, counts: str, citation: str) -> EntityRow:
    return EntityRow(
        key=key,
        entity=row["entity"],
        prefixes=row["icd10cm_prefixes"],
        topography=row["icdo3_topography"],
        histology=row["icdo3_histology"],
        alone=row["icd10cm_alone_sufficient"] == "Y",
        counts=row[counts] == "Y",
        citation=citation,
    )


def _aggressive_citation(row: Mapping[str, str]) -> str:
    survival = row["survival_5y_pct"]
    figure = f"; 5-year relative survival {survival} % ({row['figure_period_population']})" if survival else ""
    return f"{row['entity']}: {row['basis']}{figure}. Source: {row['source']}"


def _rare_citation(row: Mapping[str, str]) -> str:
    listed = "on" if row["rare_eu_listed"] == "Y" else "not on"
    return f"{row['entity_id']} {row['entity']}: {listed} the RARECAREnet list of rare cancers (October 2015){_incidence(row)}"


def _incidence(row: Mapping[str, str]) -> str:
    if not row["incidence_per_100k"]:
        return ""
    found = f"{row['incidence_measure']}, {row['population']} {row['period']}"
    return f"; {row['incidence_per_100k']} per 100,000 a year ({found}; {row['incidence_source']})"


@dataclass(frozen=True, slots=True)
class FamilyRow:
    family: str
    label: str
    prefixes: str
    histology_first: str


@once
def families() -> tuple[FamilyRow, ...]:
    """The families by which centers state expertise, in the order in which they claim a case."""
    rows = sorted(read_rows("tumor_families.csv"), key=lambda row: int(row["order"]))
    return tuple(
        FamilyRow(row["family"], row["label"], row["icd10cm_prefixes"], row["icdo3_histology_first"]) for row in rows
    )


@dataclass(frozen=True, slots=True)
class HintRow:
    code: str
    criterion: str
    strength: str
    meaning: str


@once
def treatment_hints() -> Mapping[str, HintRow]:
    """ICD-10-CM codes that say a treatment was given: they do not count, a person is told that they are there."""
    return {
        row["code"]: HintRow(row["code"], row["criterion"], row["strength"], row["meaning"])
        for row in read_rows("criteria_code_hints.csv")
        if row["criterion"].startswith("4_modality_")
    }
