"""Takes lines in, many at once: each is accepted or refused by itself, and none is taken in twice."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from referrals.boundary.importing.lines import Line, LineReceipt, errors_of
from referrals.domain.errors import FieldError, Refusal
from referrals.domain.imports import TAKEN_IN, LineOutcome
from referrals.domain.people import Actor
from referrals.models.engine import Database
from referrals.models.new_rows import write_and_let_go
from referrals.models.referral import Referral
from referrals.models.trail import Receipt
from referrals.pathway import intake
from referrals.pathway.ahead import Ahead, Number, look_ahead, number_of
from referrals.pathway.intake import Received
from referrals.pathway.steps import Act, act_of
from referrals.pathway.trail import record_audit

IMPORT = "import"


# What is written in the transaction of the lines, beside them.
Alongside = Callable[[Session, Sequence[Line], Sequence[LineReceipt]], None]


def nothing(session: Session, lines: Sequence[Line], receipts: Sequence[LineReceipt]) -> None:
    """The receipts are given to whoever called, and to nobody else."""


class _Spoiled(Exception):
    """A line was refused after some of its rows were written: the batch is undone and begun anew without it."""

    def __init__(self, line: Line, errors: tuple[FieldError, ...]) -> None:
        self.line, self.errors = line, errors


@dataclass(frozen=True, slots=True)
class Importer:
    database: Database
    actor: Actor
    clock: Callable[[], datetime]
    request_id: str | None = None
    alongside: Alongside = nothing

    def take(self, lines: Sequence[Line]) -> list[LineReceipt]:
        """When this returns, every receipt of it is true for good: what was accepted is committed."""
        try:
            return self._sorted_out(lines)
        except IntegrityError:  # another sender was faster by a moment
            return [receipt for line in lines for receipt in self._alone(line)]

    def _sorted_out(self, lines: Sequence[Line]) -> list[LineReceipt]:
        """All of them in one transaction, those that are refused late among them."""
        waiting = list(lines)
        while True:
            try:
                return self._together(waiting)
            except _Spoiled as spoiled:
                place = waiting.index(spoiled.line)
                waiting[place] = replace(spoiled.line, errors=spoiled.errors)

    def _together(self, lines: Sequence[Line]) -> list[LineReceipt]:
        """The rows of all lines are sent to the database together, which takes half the time."""
        with self.database.writing() as session, session.no_autoflush:
            act, here = act_of(session, self.actor, self.clock()), self._here(session, lines)
            batch = _Batch(act, here, self._ahead(act, lines, here))
            receipts = [batch.take(line, self.clock()) for line in lines]
            write_and_let_go(session)
            batch.ahead.give_back(session, self.actor)
            self._audit(session, receipts)
            self.alongside(session, lines, receipts)
        return receipts

    def _alone(self, line: Line) -> list[LineReceipt]:
        try:
            return self._sorted_out([line])
        except IntegrityError:
            return self._sorted_out([line])

    def _here(self, session: Session, lines: Sequence[Line]) -> dict[str, Referral]:
        query = select(Referral).where(
            Referral.organization_id == self.actor.organization_id,
            Referral.external_reference.in_([line.reference for line in lines if not line.errors]),
        )
        return {str(referral.external_reference): referral for referral in session.scalars(query)}

    def _ahead(self, act: Act, lines: Sequence[Line], here: Container[str]) -> Ahead:
        new = {line.reference: line.packet for line in lines if not line.errors and line.reference not in here}
        year = act.rules.calendar.local_date(act.now).year
        return look_ahead(act.session, self.actor, list(new.values()), year)

    def _audit(self, session: Session, receipts: Sequence[LineReceipt]) -> None:
        ids = [UUID(each.referral) for each in receipts if each.referral and each.outcome in TAKEN_IN]
        if ids:
            record_audit(session, self.actor, IMPORT, "referral", ids, self.clock(), self.request_id)


@dataclass(slots=True)
class _Batch:
    """Lines on their way into one transaction. `pending` are people whose rows have not been sent yet."""

    act: Act
    here: dict[str, Referral]
    ahead: Ahead
    pending: set[Number] = field(default_factory=set)

    def take(self, line: Line, now: datetime) -> LineReceipt:
        if line.errors:
            return self._refuse(line, now)
        if line.reference in self.here:
            return _told(line, LineOutcome.HERE, self.here[line.reference])
        self._send_if_known(line)
        before = self._written()
        try:
            received = intake.write_down(replace(self.act, now=now), line.packet, IMPORT, self.ahead)
        except Refusal as refusal:
            if self._written() != before:
                raise _Spoiled(line, errors_of(refusal)) from refusal
            return self._refuse(replace(line, errors=errors_of(refusal)), now)
        self.here[line.reference] = received.referral
        return _told(line, _outcome(received), received.referral)

    def _written(self) -> tuple[int, int]:
        """How many rows wait to be written: a line that is refused before it adds to them spoils nothing."""
        return len(self.act.session.new), len(self.act.session.dirty)

    def _send_if_known(self, line: Line) -> None:
        """Somebody who stands in an earlier line of the batch can be found only once they are in the database."""
        people = line.packet["patient"].get("identifiers") or ()
        numbers = set(map(number_of, people))
        if numbers & self.pending:
            write_and_let_go(self.act.session)
            self.pending.clear()
            self.ahead.look_again(self.act.session, self.act.actor, people)
        self.pending |= numbers

    def _refuse(self, line: Line, now: datetime) -> LineReceipt:
        """A coordinator sees each refusal once, however often the same file is sent."""
        session, actor = self.act.session, self.act.actor
        known = select(Receipt.reasons).where(
            Receipt.organization_id == actor.organization_id,
            Receipt.external_reference == line.reference,
            Receipt.door == IMPORT,
            Receipt.outcome == LineOutcome.REFUSED,
        )
        if _as_kept(line.errors) not in [list(each) for each in session.scalars(known)]:
            intake.refuse(session, actor, door=IMPORT, errors=line.errors, external_reference=line.reference, now=now)
        return LineReceipt(line.number, LineOutcome.REFUSED, line.reference, reasons=line.errors)


def _as_kept(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    return [{"pointer": error.pointer, "code": error.code} for error in errors]


def _outcome(received: Received) -> str:
    """A draft gets its receipt, and with it the word about an identity check, when it is sent."""
    is_sent = received.referral.submitted_at is not None
    return LineOutcome.CHECKED if received.registered.checks and is_sent else LineOutcome.ACCEPTED


def _told(line: Line, outcome: str, referral: Referral) -> LineReceipt:
    return LineReceipt(
        line.number, outcome, line.reference, str(referral.id), referral.reference, referral.status, referral.tier
    )
