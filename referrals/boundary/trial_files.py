"""Trials as a file of comma-separated lines: each read as the JSON door reads one, and every faulty line named."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from referrals.boundary.schemas.centers import MOST_TRIALS, StatedTrial
from referrals.boundary.schemas.fields import load
from referrals.domain.errors import FieldError, Invalid, refuse, refuse_unless_clean
from referrals.domain.known_center import trial_faults
from referrals.domain.tumor_family import family_labels

NEEDED = ("registry_id", "title", "families", "opened_on")
COLUMNS = (*NEEDED, "phase", "closed_on", "contact", "source")
LARGEST = 512 << 10

Numbered = tuple[int, Mapping[str, Any]]


def read_trials(content: bytes) -> Sequence[Mapping[str, Any]]:
    """Every trial of the file, or `Invalid` with what is wrong: `/lines/4/opened_on` is the fourth line of it."""
    found: list[FieldError] = []
    sound: list[Numbered] = []
    for number, row in _rows(_text_of(content)):
        try:
            sound.append((number, load(StatedTrial(), row)))
        except Invalid as refusal:
            found += [_at_line(number, error.pointer, error) for error in refusal.errors]
    found += _beyond_form(sound)
    refuse_unless_clean(sorted(found, key=lambda error: int(error.pointer.split("/")[2])))
    return [row for _, row in sound]


def _text_of(content: bytes) -> str:
    if len(content) > LARGEST:
        refuse("", "too_large", f"A file of trials has at most {LARGEST >> 10} KiB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refuse("", "not_utf8", "The file is not UTF-8 text.")


def _rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _refuse_head(reader.fieldnames or ())
        for count, row in enumerate(reader, 1):
            if count > MOST_TRIALS:
                refuse("", "too_many", f"A file has at most {MOST_TRIALS} trials.")
            yield reader.line_num, _packet(row)
    except csv.Error:
        refuse("", "not_csv", "The file is not comma-separated text with a line of column names.")


def _refuse_head(columns: Iterable[str]) -> None:
    missing = [name for name in NEEDED if name not in columns]
    refuse_unless_clean(FieldError(f"/lines/1/{name}", "required", "This column is missing.") for name in missing)


def _packet(row: Mapping[str, str | None]) -> dict[str, Any]:
    """A blank cell says nothing; several families stand in one cell with | between them."""
    told: dict[str, Any] = {name: text for name in COLUMNS if (text := (row.get(name) or "").strip())}
    if "families" in told:
        told["families"] = [family.strip() for family in told["families"].split("|") if family.strip()]
    return told


def _beyond_form(sound: Sequence[Numbered]) -> list[FieldError]:
    """What speaks of `/trials/0` speaks of the line from which that trial came."""
    errors = trial_faults([row for _, row in sound], family_labels())
    return [_at_line(sound[int(place)][0], f"/{rest}", error) for error in errors for place, rest in [_split(error)]]


def _split(error: FieldError) -> tuple[str, str]:
    place, _, rest = error.pointer.removeprefix("/trials/").partition("/")
    return place, rest


def _at_line(number: int, pointer: str, error: FieldError) -> FieldError:
    return FieldError(f"/lines/{number}/{pointer.split('/')[1]}", error.code, error.message)
