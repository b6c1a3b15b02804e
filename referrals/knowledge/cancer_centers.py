"""The cancer centers of the national list: names, cities and designations as published, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from referrals.knowledge.once import once
from referrals.knowledge.tables import read_rows


@dataclass(frozen=True, slots=True)
class CenterRow:
    """One row as published. `designation` is its first word, in small letters; the point is that of the city."""

    code: str
    name: str
    city: str
    state: str
    country: str
    designation: str
    treats_patients: bool
    pediatric_only: bool
    lat: float
    lon: float
    source: str


@once
def cancer_centers() -> tuple[CenterRow, ...]:
    return tuple(_center(row) for row in read_rows("nci_cancer_centers.csv"))


def _center(row: Mapping[str, str]) -> CenterRow:
    return CenterRow(
        code=row["center_id"].lower(),
        name=row["name"],
        city=row["city"],
        state=row["state"],
        country=row["country"],
        designation=row["designation"].split()[0].lower(),
        treats_patients=row["treats_patients"] == "Y",
        pediatric_only=row["pediatric_only"] == "Y",
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        source=f"{row['source']}. Position: {row['coord_source']}.",
    )
