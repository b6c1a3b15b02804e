"""How far two places lie apart, along the great circle, and how it is said without telling where somebody lives."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088
_SAID_TO = 10


@dataclass(frozen=True, slots=True)
class Point:
    """In degrees, north and east."""

    lat: float
    lon: float


def km_between(one: Point, other: Point) -> float:
    """The haversine formula: exact enough for neighbors and for antipodes."""
    north, east = radians(other.lat - one.lat), radians(other.lon - one.lon)
    across = sin(north / 2) ** 2 + cos(radians(one.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, across)))


def distance_words(km: float) -> str:
    """Rounded to tens: from a finer number, and two centers, an address could be worked out."""
    rounded = int(km / _SAID_TO + 0.5) * _SAID_TO
    return f"about {rounded} km away" if rounded else "less than 10 km away"
