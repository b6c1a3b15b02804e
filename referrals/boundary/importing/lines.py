"""The lines of an import and their receipts: what each line says, or everything that is wrong with it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import IO, Any, NamedTuple

from referrals.boundary import strict_json
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import NewReferral
from referrals.domain.errors import Conflict, FieldError, Invalid, Refusal

LONGEST_LINE = 1 << 20
LONGEST_REFERENCE = 200
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORM = NewReferral()
_NO_REFERENCE = FieldError("/external_reference", "required", "Without your own reference a line could come in twice.")


class Mark(NamedTuple):
    """How far a file is read: the number of its last line, and the byte after it."""

    line: int = 0
    byte: int = 0


BEGINNING = Mark()


@dataclass(frozen=True, slots=True)
class Line:
    """`packet` is what it says, or `errors` why it says nothing. Its reference is the sender's, or its own print.

    `mark` is where reading goes on behind it.
    """

    number: int
    reference: str
    packet: Mapping[str, Any]
    errors: tuple[FieldError, ...] = ()
    mark: Mark = BEGINNING


@dataclass(frozen=True, slots=True)
class LineReceipt:
    line: int
    outcome: str
    external_reference: str
    referral: str | None = None
    reference: str | None = None
    status: str | None = None
    tier: str | None = None
    reasons: tuple[FieldError, ...] = ()

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__ if getattr(self, name) not in (None, ())}
        if self.reasons:
            told["reasons"] = [{"pointer": e.pointer, "code": e.code, "message": e.message} for e in self.reasons]
        return told


def lines_of(file: IO[bytes], begun: Mark = BEGINNING) -> Iterator[tuple[Mark, bytes]]:
    """The lines that say something, each with where it ends, numbered as an editor numbers them.

    An endless one is cut, not read to its end. `file` stands where `begun` says.
    """
    number, byte = begun
    while raw := file.readline(LONGEST_LINE + 1):
        number, byte = number + 1, byte + len(raw)
        whole = raw.endswith(b"\n")
        while not whole and (rest := file.readline(LONGEST_LINE)):
            whole, byte = rest.endswith(b"\n"), byte + len(rest)
        if number == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        if raw.strip():
            yield Mark(number, byte), raw


def read_lines(file: IO[bytes], begun: Mark, today: date) -> Iterator[Line]:
    """The lines from there on, each with everything that is wrong with it."""
    return (replace(read_line(mark.line, raw, today), mark=mark) for mark, raw in lines_of(file, begun))


def read_line(number: int, raw: bytes, today: date) -> Line:
    fingerprint = print_of(raw)
    if len(raw) > LONGEST_LINE:
        return Line(number, fingerprint, {}, (FieldError("", "too_large", "The line is longer than 1 MiB."),))
    try:
        sent = strict_json.read_object(raw)
    except Refusal as refusal:
        return Line(number, fingerprint, {}, errors_of(refusal))
    return read_packet(number, fingerprint, sent, today)


def read_packet(number: int, fingerprint: str, sent: Mapping[str, Any], today: date) -> Line:
    """What `sent` says, as `POST /referrals` would read it. Without a reference of its own it goes by its print."""
    try:
        packet = load(_FORM, sent, today=today)
    except Invalid as refusal:
        return Line(number, _reference(sent) or fingerprint, {}, refusal.errors)
    return Line(number, _reference(packet) or fingerprint, packet, tuple(_faults(packet, today)))


def print_of(raw: bytes) -> str:
    return f"line:{hashlib.sha256(raw.strip()).hexdigest()[:32]}"


def _faults(packet: Mapping[str, Any], today: date) -> Iterator[FieldError]:
    found = _FORM.beyond_form(packet, today)
    yield from found
    if not _reference(packet) and not any(error.pointer == _NO_REFERENCE.pointer for error in found):
        yield _NO_REFERENCE


def _reference(sent: Mapping[str, Any]) -> str | None:
    reference = sent.get("external_reference")
    if not isinstance(reference, str):
        return None
    return reference.strip() if 1 <= len(reference.strip()) <= LONGEST_REFERENCE else None


def errors_of(refusal: Refusal) -> tuple[FieldError, ...]:
    if isinstance(refusal, Invalid):
        return refusal.errors
    fields = refusal.fields if isinstance(refusal, Conflict) else ()
    return tuple(FieldError(pointer, refusal.code, refusal.message) for pointer in fields or ("",))
