"""What a referral must hold to be sent, and what would help though nobody is refused for it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from referrals.domain.errors import FieldError
from referrals.domain.vocabulary import DocumentKind, Modality, TreatmentStatus

Packet = Mapping[str, Any]


class Recommended(NamedTuple):
    pointer: str
    sentence: str


def missing_to_submit(packet: Packet, *, by_client: bool) -> list[FieldError]:
    """Everything that keeps this packet (in the shape of the API) from being sent, at once."""
    return [
        *_missing_reference(packet, by_client),
        *_missing_of_patient(_part(packet, "patient")),
        *_missing_of_diagnosis(_part(packet, "diagnosis")),
        *_missing_of_request(packet),
        *_missing_of_consent(_part(packet, "consent")),
    ]


def _missing_reference(packet: Packet, by_client: bool) -> Iterator[FieldError]:
    if by_client and _is_blank(packet.get("external_reference")):
        yield _required("/external_reference", "Send your own reference, so that nothing is sent twice unseen.")


_PATIENT_FIELDS = {
    "given_name": "Enter the given name of the patient.",
    "family_name": "Enter the family name of the patient.",
    "birth_date": "Enter the birth date of the patient.",
    "sex": "Enter the sex of the patient; “unknown” is an answer.",
}


def _missing_of_patient(patient: Packet) -> Iterator[FieldError]:
    if not _is_blank(patient.get("id")):
        return
    for field, sentence in _PATIENT_FIELDS.items():
        if _is_blank(patient.get(field)):
            yield _required(f"/patient/{field}", sentence)


def _missing_of_diagnosis(diagnosis: Packet) -> Iterator[FieldError]:
    if not _is_blank(diagnosis.get("id")) or not _is_blank(diagnosis.get("icd10cm")):
        return
    if diagnosis.get("uncoded") is not True:
        yield _required("/diagnosis/icd10cm", "Enter the diagnosis code, or say that it is uncoded and describe it.")
    elif _is_blank(diagnosis.get("description")):
        yield _required("/diagnosis/description", "Describe the diagnosis in words, because it has no code.")


def _missing_of_request(packet: Packet) -> Iterator[FieldError]:
    if not _has_one(packet.get("purposes")):
        yield _required("/purposes", "Choose at least one purpose.")
    if not _has_one(packet.get("questions")):
        yield _required("/questions", "Write at least one question for the specialist.")


def _missing_of_consent(consent: Packet) -> Iterator[FieldError]:
    if consent.get("given") is not True:
        yield _required("/consent/given", "The patient, or who speaks for them, must have agreed before it is sent.")
    if _is_blank(consent.get("given_on")):
        yield _required("/consent/given_on", "Enter the day on which consent was given.")


def recommended(packet: Packet, documents: Collection[str] = ()) -> tuple[Recommended, ...]:
    """What would let the network and a center judge better. Never a reason to refuse.

    `documents` are the kinds already attached.
    """
    return (
        *(Recommended(item.pointer, item.sentence) for item in _RECOMMENDED if not item.is_there(packet)),
        *_responses_not_told(packet),
        *(Recommended("/documents", text) for kind, text in _DOCUMENTS.items() if kind not in documents),
    )


class _Item(NamedTuple):
    pointer: str
    sentence: str
    is_there: Callable[[Packet], bool]


def _filled(*path: str) -> Callable[[Packet], bool]:
    *parents, field = path

    def is_there(packet: Packet) -> bool:
        for name in parents:
            packet = _part(packet, name)
        return not _is_blank(packet.get(field))

    return is_there


def _is_staged(packet: Packet) -> bool:
    stage = _part(_part(packet, "diagnosis"), "stage")
    return any(not _is_blank(stage.get(key)) for key in ("group", "t", "n", "m"))


def _tells_treatments(packet: Packet) -> bool:
    return packet.get("treatments") is not None


_RECOMMENDED: tuple[_Item, ...] = (
    _Item("/diagnosis/icd10cm", "The diagnosis code.", _filled("diagnosis", "icd10cm")),
    _Item("/diagnosis/morphology", "The cell type (morphology) from the pathology report.", _filled("diagnosis", "morphology")),
    _Item("/diagnosis/stage", "The stage, where this cancer has one: group, or T, N and M.", _is_staged),
    _Item("/diagnosis/basis", "How the diagnosis was made: histology, cytology, imaging or clinical.", _filled("diagnosis", "basis")),
    _Item("/diagnosis/certainty", "How certain the diagnosis is.", _filled("diagnosis", "certainty")),
    _Item("/diagnosis/disease_status", "Whether the disease is new, stable, responding or back.", _filled("diagnosis", "disease_status")),
    _Item("/diagnosis/diagnosed_on", "When the diagnosis was made; a year is enough.", _filled("diagnosis", "diagnosed_on")),
    _Item("/treatments", "Treatments given or planned, or that there are none.", _tells_treatments),
    _Item("/performance_status/ecog", "How active the patient is (ECOG 0 to 5).", _filled("performance_status", "ecog")),
    _Item("/summary", "A short summary of the story so far.", _filled("summary")),
)  # fmt: skip

_DOCUMENTS: Mapping[str, str] = {
    DocumentKind.PATHOLOGY: "The pathology report.",
    DocumentKind.IMAGING: "The latest imaging report.",
}

# What is never judged by a response.
_WITHOUT_RESPONSE = {Modality.SURGERY, Modality.SUPPORTIVE, Modality.OTHER}


def _responses_not_told(packet: Packet) -> Iterator[Recommended]:
    for index, treatment in enumerate(packet.get("treatments") or ()):
        given = treatment.get("status") in (None, TreatmentStatus.GIVEN)
        if given and treatment.get("modality") not in _WITHOUT_RESPONSE and _is_blank(treatment.get("best_response")):
            yield Recommended(f"/treatments/{index}/best_response", "How the cancer responded to this treatment.")


def _part(packet: Packet, name: str) -> Packet:
    part = packet.get(name)
    return part if isinstance(part, Mapping) else {}


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _has_one(values: object) -> bool:
    return (
        isinstance(values, Sequence) and not isinstance(values, str) and any(not _is_blank(value) for value in values)
    )


def _required(pointer: str, sentence: str) -> FieldError:
    return FieldError(pointer, "required", sentence)
