"""Finds referrals by what somebody types: a reference, a number of the patient or the sender, beginnings of names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, select, union
from sqlalchemy.orm import Session, aliased

from referrals.domain.people import Actor
from referrals.domain.permissions import Sees, sees
from referrals.domain.reference import parse_reference, references_with
from referrals.models.organization import Organization
from referrals.models.patient import PatientWord
from referrals.models.referral import Referral
from referrals.models.vault import vault_of
from referrals.pathway.registry import with_number, words_of

# Found apart from the list that is narrowed by it, each way through its own index.
_Found, _Other = aliased(Referral), aliased(PatientWord)


def found_by(actor: Actor, typed: str, blinds: Sequence[str]) -> ColumnElement[bool]:
    """Those whom one of the ways finds, a number by its blind indexes. Who may see them is not asked here."""
    return Referral.id.in_(union(_by_number(actor, typed, blinds), _by_sender(actor, typed), *_by_words(actor, typed)))


def blinds_of(session: Session, actor: Actor, typed: str) -> tuple[str, ...]:
    return tuple(vault_of(session).indexes(actor.network_id, typed.strip()))


def _by_number(actor: Actor, typed: str, blinds: Sequence[str]) -> Select[Any]:
    known = with_number(actor.network_id, typed.strip(), blinds).subquery()
    return select(_Found.id).join(known, known.c.patient_id == _Found.patient_id)


def _by_sender(actor: Actor, typed: str) -> Select[Any]:
    """The number under which the sender keeps it."""
    return select(_Found.id).where(_sent_by(actor), _Found.external_reference == typed.strip())


def _sent_by(actor: Actor) -> ColumnElement[bool]:
    if sees(actor) is Sees.OWN_ORGANIZATION:
        return _Found.organization_id == actor.organization_id
    senders = select(Organization.id).where(Organization.network_id == actor.network_id)
    return _Found.organization_id.in_(senders)


def _by_words(actor: Actor, typed: str) -> list[Select[Any]]:
    """A reference is no name. A number may be that of a reference, or begin a name."""
    try:
        return [_by_reference(actor, parse_reference(typed))]
    except ValueError:
        numbered = references_with(typed)
        return [*([_by_reference(actor, *numbered)] if numbered else []), *_by_name(actor, typed)]


def _by_reference(actor: Actor, *references: str) -> Select[Any]:
    return select(_Found.id).where(_Found.network_id == actor.network_id, _Found.reference.in_(references))


def _by_name(actor: Actor, typed: str) -> list[Select[Any]]:
    words = words_of(typed)
    if not words:
        return []
    longest = max(words, key=len)
    others = [
        exists().where(_Other.patient_id == _Found.patient_id, _begins(_Other.word, word)).correlate(_Found)
        for word in words
        if word != longest
    ]
    begins = (
        select(_Found.id)
        .join(PatientWord, PatientWord.patient_id == _Found.patient_id)
        .where(PatientWord.network_id == actor.network_id, _begins(PatientWord.word, longest), *others)
    )
    return [begins]


def _begins(column: Any, word: str) -> ColumnElement[bool]:
    """A range over the prefix: no pattern, so that both databases use the index in any locale."""
    return and_(column >= word, column < word + "\U0010ffff")
