"""What a refusal is called in the language of the domain; the doors translate it into theirs."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import NoReturn


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong, and where: `pointer` is a JSON Pointer into what was sent ("" = the whole of it)."""

    pointer: str
    code: str
    message: str


class Refusal(Exception):
    """Something was asked that may not happen; nothing has changed."""

    code = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Refusal):
    """There is no such thing, or the actor may not know that there is."""

    code = "not_found"

    def __init__(self, message: str = "There is nothing here by that name.") -> None:
        super().__init__(message)


class Erased(Refusal):
    """The actor may know that it was there; what it said of the patient is gone. `day` is when."""

    code = "erased"

    def __init__(self, day: date) -> None:
        super().__init__(
            f"What this said of the patient was erased on {day.isoformat()}, because the time for keeping it was over."
            " Its reference, status, times and figures are kept."
        )


class Forbidden(Refusal):
    """The actor may know the thing, and may not do this to it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NotAllowedNow(Refusal):
    """The step is not in the table from this status."""

    code = "not_allowed_now"

    def __init__(self, step: str, status: str) -> None:
        super().__init__(f"The step {step} is not open while the referral is {status}.")
        self.step = step
        self.status = status


class Conflict(Refusal):
    """What was sent contradicts what is known. `referral` and `fields` help the caller without telling values."""

    code = "conflict"

    def __init__(self, message: str, *, referral: str | None = None, fields: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.referral = referral
        self.fields = tuple(fields)


class Stale(Refusal):
    """Somebody else changed it first."""

    code = "stale"

    def __init__(self, message: str = "Somebody else changed this first. Read it again.") -> None:
        super().__init__(message)


class Invalid(Refusal):
    """Fields or guards that do not hold, every one of them at once."""

    code = "validation"

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.pointer or '/'}: {error.message}" for error in self.errors))


class PersonRequired(Invalid):
    """A system asked for a step that a named person must answer for."""

    code = "person_required"

    def __init__(self, step: str) -> None:
        message = f"The step {step} needs a person: name one in On-Behalf-Of."
        super().__init__([FieldError("", self.code, message)])
        self.step = step


@contextmanager
def gathered(found: list[FieldError]) -> Iterator[None]:
    """Keep what is refused for its fields, so that it can be told together with everything else that is wrong."""
    try:
        yield
    except Invalid as refusal:
        found.extend(refusal.errors)


def refuse(pointer: str, code: str, message: str) -> NoReturn:
    """Raise the one thing that is wrong."""
    raise Invalid([FieldError(pointer, code, message)])


def refuse_unless_clean(errors: Iterable[FieldError]) -> None:
    """Raise every error found together, or nothing."""
    found = tuple(errors)
    if found:
        raise Invalid(found)
