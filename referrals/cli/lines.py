"""Takes in referrals line by line: each line is accepted or refused by itself, and none is taken in twice."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.boundary import strict_json
from referrals.boundary.schemas.fields import load
from referrals.boundary.schemas.packet import NewReferral
from referrals.cli.terminal import DOOR
from referrals.domain.errors import Conflict, FieldError, Invalid, Refusal
from referrals.domain.people import Actor
from referrals.models.engine import Database
from referrals.models.referral import Referral
from referrals.models.trail import Receipt
from referrals.pathway import intake
from referrals.pathway.trail import record_audit

IMPORT = "import"
LONGEST_LINE = 1 << 20
LONGEST_REFERENCE = 200
ACCEPTED, CHECKED, HERE, REFUSED = "accepted", "identity_check", "already_here", "refused"
_FORM = NewReferral()
_NO_REFERENCE = FieldError("/external_reference", "required", "Without your own reference a line could come in twice.")


@dataclass(frozen=True, slots=True)
class Line:
    """`packet` is what it says, or `errors` why it says nothing. Its reference is the sender's, or its own print."""

    number: int
    reference: str
    packet: Mapping[str, Any]
    errors: tuple[FieldError, ...] = ()


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


def lines_of(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that say something, numbered as an editor numbers them. An endless one is cut, not read to its end."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        whole = raw.endswith(b"\n")
        while not whole and (rest := file.readline(LONGEST_LINE)):
            whole = rest.endswith(b"\n")
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        if raw.strip():
            yield number, raw


def read_line(number: int, raw: bytes, today: date) -> Line:
    fingerprint = f"line:{hashlib.sha256(raw.strip()).hexdigest()[:32]}"
    if len(raw) > LONGEST_LINE:
        return Line(number, fingerprint, {}, (FieldError("", "too_large", "The line is longer than 1 MiB."),))
    try:
        sent = strict_json.read_object(raw)
    except Refusal as refusal:
        return Line(number, fingerprint, {}, errors_of(refusal))
    try:
        packet = load(_FORM, sent, today=today)
    except Invalid as refusal:
        return Line(number, _reference(sent) or fingerprint, {}, refusal.errors)
    reference = _reference(packet)
    return Line(number, reference or fingerprint, packet, () if reference else (_NO_REFERENCE,))


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


@dataclass(frozen=True, slots=True)
class Importer:
    database: Database
    actor: Actor
    clock: Callable[[], datetime]

    def take(self, lines: Sequence[Line]) -> list[LineReceipt]:
        """One transaction: when this returns, every receipt of it is true for good."""
        with self.database.writing() as session:
            here = self._known(session, [line.reference for line in lines if not line.errors])
            receipts = [self._receipt(session, line, here) for line in lines]
            ids = [UUID(receipt.referral) for receipt in receipts if receipt.outcome == ACCEPTED and receipt.referral]
            if ids:
                record_audit(session, self.actor, IMPORT, "referral", ids, self.clock(), DOOR)
            return self._with_checks(session, receipts, ids)

    def _known(self, session: Session, references: Sequence[str]) -> dict[str, Referral]:
        query = select(Referral).where(
            Referral.organization_id == self.actor.organization_id, Referral.external_reference.in_(references)
        )
        return {str(referral.external_reference): referral for referral in session.scalars(query)}

    def _receipt(self, session: Session, line: Line, here: dict[str, Referral]) -> LineReceipt:
        if line.errors:
            return self._refused(session, line, line.errors)
        if line.reference in here:
            return _told(line, HERE, here[line.reference])
        try:
            with session.begin_nested():
                referral = intake.receive(session, self.actor, line.packet, door=IMPORT, now=self.clock())
        except Refusal as refusal:
            # Another sender may have been faster by a moment.
            here |= self._known(session, [line.reference])
            if line.reference in here:
                return _told(line, HERE, here[line.reference])
            return self._refused(session, line, errors_of(refusal))
        here[line.reference] = referral
        return _told(line, ACCEPTED, referral)

    def _refused(self, session: Session, line: Line, errors: tuple[FieldError, ...]) -> LineReceipt:
        """A coordinator sees each refusal once, however often the same file is sent."""
        known = select(Receipt.reasons).where(
            Receipt.organization_id == self.actor.organization_id,
            Receipt.external_reference == line.reference,
            Receipt.door == IMPORT,
            Receipt.outcome == REFUSED,
        )
        reasons = [{"pointer": error.pointer, "code": error.code} for error in errors]
        if reasons not in [list(each) for each in session.scalars(known)]:
            intake.refuse(
                session,
                self.actor,
                door=IMPORT,
                errors=errors,
                external_reference=line.reference,
                now=self.clock(),
            )
        return LineReceipt(line.number, REFUSED, line.reference, reasons=errors)

    def _with_checks(self, session: Session, receipts: list[LineReceipt], ids: Sequence[UUID]) -> list[LineReceipt]:
        session.flush()
        query = select(Receipt.referral_id).where(Receipt.referral_id.in_(ids), Receipt.outcome == CHECKED)
        checked = {str(referral) for referral in session.scalars(query)} if ids else set()
        return [
            _as_checked(each) if each.outcome == ACCEPTED and each.referral in checked else each for each in receipts
        ]


def _told(line: Line, outcome: str, referral: Referral) -> LineReceipt:
    return LineReceipt(
        line.number, outcome, line.reference, str(referral.id), referral.reference, referral.status, referral.tier
    )


def _as_checked(receipt: LineReceipt) -> LineReceipt:
    return LineReceipt(
        receipt.line,
        CHECKED,
        receipt.external_reference,
        receipt.referral,
        receipt.reference,
        receipt.status,
        receipt.tier,
    )
