"""Whom and what a packet means: patient, diagnosis, people and organizations, found before anything is written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from referrals.domain.errors import FieldError, Invalid, gathered, refuse_unless_clean
from referrals.domain.people import Actor
from referrals.models.diagnosis import Diagnosis
from referrals.models.patient import Patient
from referrals.models.referral import Referral
from referrals.models.user import User
from referrals.pathway.ahead import Ahead
from referrals.pathway.diagnoses import (
    diagnosis_as_sent,
    first_opinion_organization,
    load_diagnosis,
    treatments_as_sent,
)
from referrals.pathway.packets import patient_as_sent
from referrals.pathway.people import clinician_by_email, preferred_center
from referrals.pathway.registry import Match, emptied_names, identifiers_of, match_patient, patient_named
from referrals.pathway.steps import Act


@dataclass(frozen=True, slots=True)
class Meant:
    """`whole` is the packet with what an id stands for filled in; `errors` are the names that nobody answers to."""

    match: Match
    diagnosis: Diagnosis | None
    clinician: User | None
    whole: dict[str, Any]
    errors: list[FieldError]


def meant_by(act: Act, packet: Mapping[str, Any], ahead: Ahead | None = None) -> Meant:
    """Everything that a packet names, with every fault at once. Raises `Conflict` for a patient contradicted.

    `ahead` is what was looked up for it together with others.
    """
    found: list[FieldError] = []
    match, diagnosis, clinician = Match(), None, None
    with gathered(found):
        patient = packet.get("patient") or {}
        holders = ahead.holders_among(patient.get("identifiers") or ()) if ahead else None
        match = match_patient(act.session, act.actor, patient, holders)
        diagnosis = known_diagnosis(act.session, packet.get("diagnosis") or {}, match.known)
    with gathered(found):
        known = ahead.clinicians if ahead else None
        clinician = clinician_by_email(act.session, act.actor, packet.get("referring_clinician"), known)
    whole = dict(packet) | _known_patient(packet, match)
    if diagnosis is not None:
        whole |= content_of_record(act.session, diagnosis, packet)
    found += unknown_organizations(act.session, act.actor.network_id, whole)
    return Meant(match, diagnosis, clinician, whole, found)


def _known_patient(packet: Mapping[str, Any], match: Match) -> dict[str, Any]:
    """A patient who is named by id need not be described again: what is known of them counts."""
    sent = packet.get("patient") or {}
    if match.known is None or not sent.get("id"):
        return {}
    said = {name: value for name, value in sent.items() if name != "id" and value is not None}
    return {"patient": patient_as_sent(match.known, ()) | said}


def known_diagnosis(session: Session, sent: Mapping[str, Any], patient: Patient | None) -> Diagnosis | None:
    """`diagnosis: {"id"}` means one of this patient's, as it stands."""
    if not sent.get("id"):
        return None
    query = select(Diagnosis.id).where(
        Diagnosis.id == _uuid(sent["id"]), Diagnosis.patient_id == (patient.id if patient else None)
    )
    found = session.scalar(query)
    if found is None:
        raise Invalid([FieldError("/diagnosis/id", "unknown", "This patient has no diagnosis by this id.")])
    refuse_unless_clean(_beside_id(sent))
    return load_diagnosis(session, found)


def _beside_id(sent: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, value in sent.items():
        if name != "id" and value is not None:
            message = "A diagnosis that is named by its id is taken as it stands: leave this out."
            yield FieldError(f"/diagnosis/{name}", "unexpected", message)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def content_of_record(session: Session, diagnosis: Diagnosis, packet: Mapping[str, Any]) -> dict[str, Any]:
    """What a diagnosis that is named by id brings with it: copied, so that later changes stay apart."""
    content: dict[str, Any] = {"diagnosis": diagnosis_as_sent(session, diagnosis)}
    if packet.get("treatments") is None and diagnosis.treatments_recorded:
        content["treatments"] = treatments_as_sent(diagnosis.treatments)
    return content


def unknown_organizations(session: Session, network_id: UUID, packet: Mapping[str, Any]) -> list[FieldError]:
    """The center that is preferred and the organization of the first opinion, where nobody is called so."""
    found: list[FieldError] = []
    with gathered(found):
        preferred_center(session, network_id, packet.get("preferences"))
    with gathered(found):
        first_opinion_organization(session, network_id, packet.get("diagnosis") or {})
    return found


def unknown_names(session: Session, actor: Actor, packet: Mapping[str, Any]) -> list[FieldError]:
    """Every name that nobody answers to in a packet whose form is faulty elsewhere."""
    found = unknown_organizations(session, actor.network_id, packet)
    with gathered(found):
        clinician_by_email(session, actor, packet.get("referring_clinician"))
    with gathered(found):
        if patient_id := (packet.get("patient") or {}).get("id"):
            patient_named(session, actor, patient_id)
    return found


@dataclass(frozen=True, slots=True)
class Ground:
    """What a patch is laid over: the packet as it stands, with what the patch names by an id put into its place."""

    packet: Mapping[str, Any]
    patch: Mapping[str, Any]
    match: Match | None = None
    diagnosis: Diagnosis | None = None
    clinician: User | None = None
    errors: list[FieldError] = field(default_factory=list)

    @property
    def moved(self) -> set[str]:
        """The members that now name another row, whatever they say of it."""
        named = {"patient": self.match, "diagnosis": self.diagnosis}
        return {name for name, row in named.items() if row is not None}

    def cut_to(self, members: Collection[str]) -> "Ground":
        """Without the members of the patch that say what stands there already."""
        return replace(self, patch={name: value for name, value in self.patch.items() if name in members})


def ground_of_draft(act: Act, referral: Referral, patch: Mapping[str, Any], before: Mapping[str, Any]) -> Ground:
    """A draft may be given to another patient of the same organization, or point to another of their diagnoses."""
    found: list[FieldError] = []
    match, diagnosis, clinician = None, None, None
    sent_patient, sent_diagnosis = patch.get("patient") or {}, patch.get("diagnosis") or {}
    with gathered(found):
        match = _another_patient(act, referral, sent_patient)
        patient = match.known if match else act.session.get_one(Patient, referral.patient_id)
        if match is None and patient is not None:
            found += emptied_names(patient, sent_patient)
        if match is not None or str(sent_diagnosis.get("id")) != str(referral.diagnosis_id):
            diagnosis = known_diagnosis(act.session, sent_diagnosis, patient)
    if "referring_clinician" in patch:
        with gathered(found):
            clinician = clinician_by_email(act.session, act.actor, patch["referring_clinician"])
    packet = _as_named(act.session, before, patch, match, diagnosis)
    return Ground(packet, _without_ids(patch, diagnosis), match, diagnosis, clinician, found)


def _another_patient(act: Act, referral: Referral, sent: Mapping[str, Any]) -> Match | None:
    if sent.get("id") in (None, str(referral.patient_id)):
        return None
    return match_patient(act.session, act.actor, sent)


def _as_named(
    session: Session,
    before: Mapping[str, Any],
    patch: Mapping[str, Any],
    match: Match | None,
    diagnosis: Diagnosis | None,
) -> dict[str, Any]:
    packet = dict(before)
    if match is not None and match.known is not None:
        packet["patient"] = patient_as_sent(match.known, identifiers_of(session, match.known.id))
    if diagnosis is not None:
        packet.pop("treatments", None)
        packet |= content_of_record(session, diagnosis, patch)
    return packet


def _without_ids(patch: Mapping[str, Any], diagnosis: Diagnosis | None) -> dict[str, Any]:
    """The members that are to be merged. A diagnosis that is named by its id has been put into its place already."""
    rest = dict(patch)
    if diagnosis is not None:
        del rest["diagnosis"]
        if rest.get("treatments") is None:
            rest.pop("treatments", None)
    for part in ("patient", "diagnosis"):
        if rest.get(part):
            rest[part] = {name: value for name, value in rest[part].items() if name != "id"}
    return rest
