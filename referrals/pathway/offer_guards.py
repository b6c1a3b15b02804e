"""The guards of the step `offer`: what stands against a center, where it is told, and what waives it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.matching import FITS, Fit, Weight

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Guard:
    """Its word, where it is told, and what in the body waives it."""

    word: str
    pointer: str
    waived_by: str = ""


_GUARDS: Mapping[str, Guard] = MappingProxyType(
    {code: Guard("center_fits", "/center", "exception_reason") for code in FITS}
    | {
        "center_is_active": Guard("center_is_active", "/center"),
        "first_opinion": Guard("center_fits", "/center"),
        "conflict": Guard("center_fits", "/center"),
        "consent_covers_center": Guard("consent_covers_center", "/center"),
        "place_is_left": Guard("place_is_left", "/overbook_reason", "overbook_reason"),
        "in_time": Guard("in_time", "/late_acknowledged", "late_acknowledged"),
    }
)
_UNKNOWN = Guard("unknown_acknowledged", "/unknown_acknowledged", "unknown_acknowledged")


def against(fit: Fit, body: Body) -> Iterator[FieldError]:
    for finding in fit.findings:
        guard = _UNKNOWN if finding.weight is Weight.UNKNOWN else _GUARDS[finding.code]
        if not (guard.waived_by and body.get(guard.waived_by)):
            yield FieldError(guard.pointer, guard.word, finding.because)
