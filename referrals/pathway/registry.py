"""Patients, their diagnoses and treatments, as an organization's record; what a referral was judged on stays apart."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, bindparam, delete, or_, select, union_all, update
from sqlalchemy.orm import Session

from referrals.domain.errors import Conflict, Erased, FieldError, Invalid, NotFound
from referrals.domain.people import Actor
from referrals.models.base import new_id
from referrals.models.patient import IdentityCheck, Patient, PatientIdentifier, PatientWord
from referrals.models.referral import Referral
from referrals.models.vault import vault_of
from referrals.pathway.scope import find_patient, still_known

_NAMES = ("given_name", "family_name")
_IDENTITY = (*_NAMES, "birth_date", "sex")
_PLAIN = ("language", "interpreter_needed", "postal_code", "country")
_CONTACT = ("email", "phone")


def fold(text: str) -> str:
    """For comparing names: case, accents and spacing set aside."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in bare if not unicodedata.combining(letter)).split())


def with_number(network_id: UUID, number: str, blinds: Sequence[str]) -> CompoundSelect[UUID]:
    """Whose number it is: a locked one by each of its `blinds`, one from before as it is; each by its own index."""
    ways = (PatientIdentifier.blind.in_(blinds), PatientIdentifier.value == number)
    patients = select(PatientIdentifier.patient_id).where(PatientIdentifier.network_id == network_id)
    return union_all(*(patients.where(way) for way in ways))


def words_of(*names: str) -> list[str]:
    return sorted({word[:200] for name in names for word in re.split(r"[^\w]+", fold(name)) if word})


@dataclass(frozen=True, slots=True)
class Registered:
    """A patient, and what a coordinator has to compare because somebody else knows one of their numbers."""

    patient: Patient
    checks: tuple[IdentityCheck, ...] = ()
    is_new: bool = False
    identifiers: tuple[PatientIdentifier, ...] = ()


class Holder(NamedTuple):
    """Whose number it is."""

    patient_id: UUID
    organization_id: UUID
    system: str
    value: str


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a sender means: a patient of theirs, or nobody whom they know; and whoever has one of the numbers."""

    known: Patient | None = None
    holders: Sequence[Holder] = ()


def register_patient(session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime) -> Registered:
    """The patient whom the sender means: the one that they already know, or a new one."""
    return register(session, actor, match_patient(session, actor, sent), sent, now)


def match_patient(
    session: Session, actor: Actor, sent: Mapping[str, Any], looked_up: Sequence[Holder] | None = None
) -> Match:
    """Find by id or by a number whom the sender means; nothing is written. `looked_up`: who holds the numbers.

    Raises `Conflict` naming the fields (never the values) in which a known patient would be contradicted,
    `Invalid` for an id that the sender knows nobody by.
    """
    holders = holders_of(session, actor.network_id, sent.get("identifiers") or []) if looked_up is None else looked_up
    own = {row.patient_id for row in holders if row.organization_id == actor.organization_id}
    if sent.get("id"):
        own.add(patient_named(session, actor, sent["id"]).id)
    if len(own) > 1:
        raise Conflict("These numbers belong to different patients.", fields=["/patient/identifiers"])
    if not own:
        return Match(None, holders)
    known = session.get_one(Patient, own.pop())
    contradicted = [f"/patient/{field}" for field in _IDENTITY if _contradicts(known, sent, field)]
    if contradicted:
        named = "id" if sent.get("id") else "number"
        raise Conflict(f"A patient of yours has this {named} and differs in these fields.", fields=contradicted)
    return Match(known, holders)


def patient_named(session: Session, actor: Actor, patient_id: Any) -> Patient:
    try:
        return still_known(find_patient(session, actor, UUID(str(patient_id))))
    except (NotFound, Erased, ValueError) as error:
        raise Invalid([FieldError("/patient/id", "unknown", "You know no patient by this id.")]) from error


def register(session: Session, actor: Actor, match: Match, sent: Mapping[str, Any], now: datetime) -> Registered:
    """Write down what the sender says of the patient whom they mean."""
    if match.known is not None:
        return _recognize(session, match, match.known, sent, now)
    patient, numbers = _new_patient(session, actor, sent, now)
    others = {row.patient_id for row in match.holders}
    return Registered(patient, _suspect_same_person(session, patient, others, now), is_new=True, identifiers=numbers)


_WAYS = ((PatientIdentifier.blind, "blinds"), (PatientIdentifier.value, "numbers"))
_HOLDERS = union_all(
    *(
        select(
            PatientIdentifier.patient_id,
            PatientIdentifier.organization_id,
            PatientIdentifier.system,
            PatientIdentifier.value,
            PatientIdentifier.blind,
        ).where(PatientIdentifier.network_id == bindparam("network_id"), column.in_(bindparam(name, expanding=True)))
        for column, name in _WAYS
    )
)


def holders_of(session: Session, network_id: UUID, identifiers: Sequence[Mapping[str, Any]]) -> list[Holder]:
    sent = {(each["system"], each["value"]) for each in identifiers}
    if not sent:
        return []
    numbers, vault = sorted({value for _, value in sent}), vault_of(session)
    meant = {blind: number for number in numbers for blind in vault.indexes(network_id, number)}
    asked = {"network_id": network_id, "numbers": numbers, "blinds": list(meant)}
    found = [
        Holder(row.patient_id, row.organization_id, row.system, row.value or meant[row.blind])
        for row in session.connection().execute(_HOLDERS, asked)
    ]
    return [holder for holder in found if (holder.system, holder.value) in sent]


def _recognize(session: Session, match: Match, patient: Patient, sent: Mapping[str, Any], now: datetime) -> Registered:
    learned = [field for field in _IDENTITY if not getattr(patient, field) and sent.get(field) is not None]
    for field in learned:
        _assign(patient, field, sent[field])
    _take_demographics(patient, sent)
    if session.is_modified(patient):
        patient.version += 1
        patient.updated_at = now
    if learned:
        _carry_names(session, patient)
    known = identifiers_of(session, patient.id)
    added = _new_numbers(session, patient, known, sent.get("identifiers") or [])
    checks = _compare_by(session, patient, added, match.holders, now)
    return Registered(patient, checks, identifiers=(*known, *added))


def _contradicts(patient: Patient, sent: Mapping[str, Any], field: str) -> bool:
    known, claimed = getattr(patient, field), sent.get(field)
    if not known or claimed is None:
        return False
    if field == "sex":
        return "unknown" not in (known, claimed) and bool(known != claimed)
    if field == "birth_date":
        return bool(known != date.fromisoformat(claimed))
    return fold(known) != fold(claimed)


def _new_patient(
    session: Session, actor: Actor, sent: Mapping[str, Any], now: datetime
) -> tuple[Patient, tuple[PatientIdentifier, ...]]:
    patient = Patient(
        id=new_id(),
        network_id=actor.network_id,
        organization_id=actor.organization_id,
        interpreter_needed=False,
        version=1,
        created_at=now,
        updated_at=now,
    )
    for field in _IDENTITY:
        _assign(patient, field, sent.get(field))
    _take_demographics(patient, sent)
    session.add(patient)
    numbers = tuple(_identifiers(session, patient, sent.get("identifiers") or []))
    session.add_all(numbers)
    _index_names(session, patient)
    return patient, numbers


def _identifiers(session: Session, patient: Patient, sent: Iterable[Mapping[str, Any]]) -> Iterator[PatientIdentifier]:
    vault = vault_of(session)
    for each in sent:
        yield PatientIdentifier.of(vault, patient, each["system"], each["value"])


def _new_numbers(
    session: Session, patient: Patient, known: Sequence[PatientIdentifier], sent: Sequence[Mapping[str, Any]]
) -> list[PatientIdentifier]:
    """The numbers that are sent for the first time, written down."""
    pairs = {(each.system, each.number) for each in known}
    new = [each for each in sent if (each["system"], each["value"]) not in pairs]
    added = list(_identifiers(session, patient, new))
    session.add_all(added)
    return added


def _index_names(session: Session, patient: Patient) -> None:
    for word in words_of(patient.given_name, patient.family_name):
        session.add(PatientWord(patient=patient, network_id=patient.network_id, word=word))


def _suspect_same_person(
    session: Session, patient: Patient, others: Collection[UUID], now: datetime
) -> tuple[IdentityCheck, ...]:
    """A number known only elsewhere: nobody is told whose it is; a coordinator compares the two."""
    checks = tuple(
        IdentityCheck(
            id=new_id(), network_id=patient.network_id, patient=patient, other_patient_id=other_id, created_at=now
        )
        for other_id in sorted(others)
    )
    session.add_all(checks)
    return checks


def _compare_by(
    session: Session,
    patient: Patient,
    added: Sequence[PatientIdentifier],
    holders: Sequence[Holder],
    now: datetime,
) -> tuple[IdentityCheck, ...]:
    """The checks that new numbers of a known patient give rise to: a pair is compared once."""
    new = {(each.system, each.number) for each in added}
    others = {row.patient_id for row in holders if (row.system, row.value) in new and row.patient_id != patient.id}
    if others:
        others -= _compared_with(session, patient)
    return _suspect_same_person(session, patient, others, now)


def _compared_with(session: Session, patient: Patient) -> set[UUID]:
    one, other = IdentityCheck.patient_id, IdentityCheck.other_patient_id
    pairs = session.execute(select(one, other).where(or_(one == patient.id, other == patient.id)))
    return {each for pair in pairs for each in pair}


def _assign(patient: Patient, field: str, value: Any) -> None:
    if field in ("birth_date", "deceased_on"):
        value = date.fromisoformat(value) if value else None
    setattr(patient, field, (value or "") if field in _NAMES else value)


def _take_demographics(patient: Patient, sent: Mapping[str, Any]) -> None:
    """What does not identify a person is kept up to date with what was sent last."""
    for field in _PLAIN:
        if sent.get(field) is not None:
            setattr(patient, field, sent[field])
    for field in _CONTACT:
        value = (sent.get("contact") or {}).get(field)
        if value is not None:
            setattr(patient, field, value)
    if sent.get("deceased_on") is not None:
        _assign(patient, "deceased_on", sent["deceased_on"])


def amend_patient(session: Session, patient: Patient, patch: Mapping[str, Any], now: datetime) -> Patient:
    """A merge patch over the record. The names that lists show on referrals follow in the same transaction."""
    for field in (*_IDENTITY, *_PLAIN, "deceased_on"):
        if field in patch:
            _assign(patient, field, patch[field])
    contact = patch.get("contact", {})
    for field in _CONTACT:
        if contact is None or field in contact:
            setattr(patient, field, (contact or {}).get(field))
    patient.interpreter_needed = bool(patient.interpreter_needed)
    if "identifiers" in patch:
        _replace_identifiers(session, patient, patch["identifiers"] or [], now)
    patient.version += 1
    patient.updated_at = now
    session.flush()
    _carry_names(session, patient)
    return patient


def emptied_names(patient: Patient, patch: Mapping[str, Any]) -> list[FieldError]:
    """A name that is known is not taken away; one that a draft never had may go on lacking."""
    emptied = [field for field in _NAMES if field in patch and not patch[field] and getattr(patient, field)]
    return [FieldError(f"/patient/{field}", "required", "A patient needs this name.") for field in emptied]


def _replace_identifiers(session: Session, patient: Patient, sent: Sequence[Mapping[str, Any]], now: datetime) -> None:
    holders = holders_of(session, patient.network_id, sent)
    own = {row.patient_id for row in holders if row.organization_id == patient.organization_id}
    if own - {patient.id}:
        raise Conflict("Another patient of yours has one of these numbers.", fields=["/patient/identifiers"])
    before = identifiers_of(session, patient.id)
    session.execute(delete(PatientIdentifier).where(PatientIdentifier.patient_id == patient.id))
    kept = {(row.system, row.number) for row in before}
    numbers = list(_identifiers(session, patient, sent))
    session.add_all(numbers)
    added = [each for each in numbers if (each.system, each.number) not in kept]
    _compare_by(session, patient, added, holders, now)


def _carry_names(session: Session, patient: Patient) -> None:
    session.execute(delete(PatientWord).where(PatientWord.patient_id == patient.id))
    _index_names(session, patient)
    session.execute(
        update(Referral)
        .where(Referral.patient_id == patient.id)
        .values(
            patient_given_name=patient.given_name,
            patient_family_name=patient.family_name,
            patient_birth_date=patient.birth_date,
            patient_sex=patient.sex,
        )
        .execution_options(synchronize_session="fetch")
    )


def identifiers_of(session: Session, patient_id: UUID) -> list[PatientIdentifier]:
    query = select(PatientIdentifier).where(PatientIdentifier.patient_id == patient_id)
    return list(session.scalars(query.order_by(PatientIdentifier.id)))


def identifiers_of_all(session: Session, patient_ids: Iterable[UUID]) -> Mapping[UUID, list[PatientIdentifier]]:
    query = select(PatientIdentifier).where(PatientIdentifier.patient_id.in_(patient_ids))
    found = defaultdict(list)
    for each in session.scalars(query.order_by(PatientIdentifier.id)):
        found[each.patient_id].append(each)
    return found
