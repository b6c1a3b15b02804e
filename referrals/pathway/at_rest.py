"""What lies locked in the database, column by column; whoever keeps another secret there adds a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from referrals.models.door import IdempotencyKey
from referrals.models.keys import Keys, Purpose
from referrals.models.patient import NUMBER, PatientIdentifier
from referrals.models.second_factor import AuthenticatorApp
from referrals.models.vault import Locked as Locked, Vault as Vault, head_of
from referrals.models.webhook import WebhookSubscription

SECRET_OF_WEBHOOK, KEPT_ANSWER = "webhook_subscription.secret", "idempotency_key.body"
SEED_OF_APP, PENDING_SEED = "authenticator_app.seed", "authenticator_app.pending"
# How an answer is marked whose body is locked; one from before is not.
ANSWER_IS_LOCKED = "Locked"

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LockedColumn:
    """`place` is what its rows were locked for, together with the id in `row`; `key` names one row.

    `beside` are columns that take part when a row is locked anew: nothing happens if one of them has changed meanwhile.
    """

    locked: InstrumentedAttribute[Any]
    place: str
    row: InstrumentedAttribute[Any]
    key: tuple[InstrumentedAttribute[Any], ...]
    beside: tuple[InstrumentedAttribute[Any], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.locked.class_.__tablename__}.{self.locked.key}"

    def is_of(self, key_id: str) -> ColumnElement[bool]:
        return begins(self.locked, head_of(key_id))

    def is_plain(self) -> ColumnElement[bool]:
        """From before there was anything to lock it with."""
        return false()

    def is_current(self, keys: Keys) -> ColumnElement[bool]:
        return self.is_of(keys.current(Purpose.DATA).id)

    def waits(self, keys: Keys) -> ColumnElement[bool]:
        """What is still to be locked with the current keys."""
        return or_(self.is_plain(), and_(self.locked.is_not(None), ~self.is_current(keys)))

    def anew(self, row: Row[Any], vault: Vault) -> Values:
        """What a row says that is locked with the current keys; raises `Locked`."""
        row_id = getattr(row, self.row.key)
        plain = vault.open(getattr(row, self.locked.key), self.place, row_id)
        return {self.locked.key: vault.lock(plain, self.place, row_id)}


class _Numbers(LockedColumn):
    """Patients' numbers: a row from before has its number in `value`, and every locked one has a blind index."""

    def is_plain(self) -> ColumnElement[bool]:
        return PatientIdentifier.value.is_not(None)

    def is_current(self, keys: Keys) -> ColumnElement[bool]:
        index = begins(PatientIdentifier.blind, f"{keys.current(Purpose.INDEX).id}:")
        return and_(self.is_of(keys.current(Purpose.DATA).id), index)

    def anew(self, row: Row[Any], vault: Vault) -> Values:
        plain = row.value.encode() if row.locked is None else vault.open(row.locked, self.place, row.id)
        blind = vault.index(row.network_id, plain.decode())
        return {"value": None, "locked": vault.lock(plain, self.place, row.id), "blind": blind}


class _Answers(LockedColumn):
    """Answers that are kept for a repeated call: one from before shows a document, which begins with no digit."""

    def is_plain(self) -> ColumnElement[bool]:
        return and_(IdempotencyKey.body.is_not(None), ~or_(begins(self.locked, "1:"), begins(self.locked, "2:")))

    def anew(self, row: Row[Any], vault: Vault) -> Values:
        is_locked = ANSWER_IS_LOCKED in row.headers
        plain = vault.open(row.body, self.place, row.client_id) if is_locked else row.body.encode()
        locked = vault.lock(plain, self.place, row.client_id)
        return {"body": locked, "headers": {**row.headers, ANSWER_IS_LOCKED: "yes"}}


def begins(column: Any, head: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.startswith(head, autoescape=True)
    return found


_NUMBER, _HOOK, _ANSWER, _APP = PatientIdentifier, WebhookSubscription, IdempotencyKey, AuthenticatorApp
LOCKED_COLUMNS: Sequence[LockedColumn] = (
    _Numbers(_NUMBER.locked, NUMBER, _NUMBER.id, (_NUMBER.id,), (_NUMBER.value, _NUMBER.blind, _NUMBER.network_id)),
    LockedColumn(_HOOK.secret, SECRET_OF_WEBHOOK, _HOOK.id, (_HOOK.id,)),
    LockedColumn(_HOOK.previous_secret, SECRET_OF_WEBHOOK, _HOOK.id, (_HOOK.id,)),
    _Answers(_ANSWER.body, KEPT_ANSWER, _ANSWER.client_id, (_ANSWER.client_id, _ANSWER.key), (_ANSWER.headers,)),
    LockedColumn(_APP.seed, SEED_OF_APP, _APP.user_id, (_APP.user_id,)),
    LockedColumn(_APP.pending, PENDING_SEED, _APP.user_id, (_APP.user_id,)),
)
