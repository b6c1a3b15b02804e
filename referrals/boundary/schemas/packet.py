"""A referral as it is sent, and its parts: shapes only. What the fields mean is judged by the domain."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, post_load, validates

from referrals.boundary.schemas.fields import (
    LINE,
    REPEATED,
    SHORT,
    Body,
    Day,
    Flag,
    Id,
    Items,
    Part,
    PartialDay,
    Pattern,
    Quantity,
    Text,
    Whole,
    WholePart,
    Words,
    words_of,
)
from referrals.domain import vocabulary as known
from referrals.domain.coding import normalize_diagnosis
from referrals.domain.errors import FieldError
from referrals.domain.packet import faults
from referrals.pathway.chart import below, undescribed, unnamed

HIGHEST_LINE = 2**31 - 1  # what the column holds
MOST_KILOMETERS = 20_040  # half around the earth
EMAIL = r"[^@\s]+@[^@\s]+"
LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"


def refuse_repeated(items: list[Any]) -> None:
    """The same thing said twice in one list is a slip of whoever sends it."""
    twice = {place: [REPEATED] for place, item in enumerate(items) if item and item in items[:place]}
    if twice:
        raise ValidationError(twice)


def email(**options: Any) -> Pattern:
    return Pattern(EMAIL, "This must be an email address.", 254, **options)


def language() -> Pattern:
    return Pattern(LANGUAGE, "This must be a language tag such as en or pt-BR.", 35, allow_none=True)


def faults_below(part: str, packet: Mapping[str, Any], today: date) -> list[FieldError]:
    """What the domain finds wrong in a packet of one part, as that part is told it when it is sent by itself."""
    return below(part, faults(packet, today, submitting=False, by_client=False))


class Identifier(Body):
    system = Words(LINE, required=True)
    value = Words(LINE, required=True)


class ContactWays(Body):
    email = email(allow_none=True)
    phone = Words(SHORT, allow_none=True)


class Patient(Body):
    """A person, as one organization records them."""

    identifiers = Items(WholePart(Identifier), most=20, allow_none=True)
    given_name = Words(LINE, allow_none=True)
    family_name = Words(LINE, allow_none=True)
    birth_date = Day(allow_none=True)
    sex = words_of(known.Sex, allow_none=True)
    language = language()
    interpreter_needed = Flag(allow_none=True)
    postal_code = Words(20, allow_none=True)
    country = Pattern("[A-Za-z]{2}", "This must be a country code of two letters.", 2, allow_none=True)
    contact = Part(ContactWays, allow_none=True)
    deceased_on = Day(allow_none=True)

    @validates("identifiers")
    def refuse_twice(self, sent: list[dict[str, str]] | None, **kwargs: Any) -> None:
        refuse_repeated(sent or [])

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        missing = below("/patient", unnamed(sound)) if is_whole else []
        return faults_below("/patient", {"patient": sound}, today) + missing


class PatientOfReferral(Patient):
    """The patient of a packet: one who is known, by id, or one who is described."""

    id = Id(allow_none=True)
    pregnant = Flag(allow_none=True)


class Stage(Body):
    system = words_of(known.StageSystem, allow_none=True)
    group = Words(20, allow_none=True)
    t = Words(20, allow_none=True)
    n = Words(20, allow_none=True)
    m = Words(20, allow_none=True)


class Biomarker(Body):
    name = Words(LINE, required=True)
    value = Words(LINE, allow_none=True)
    method = Words(LINE, allow_none=True)
    date = PartialDay(allow_none=True)


class FirstOpinion(Body):
    organization = Words(SHORT, allow_none=True)
    name = Words(LINE, allow_none=True)


class Diagnosis(Body):
    """The original diagnosis: coded, or in words with `uncoded`."""

    icd10cm = Words(20, allow_none=True)
    uncoded = Flag(allow_none=True)
    topography = Words(20, allow_none=True)
    morphology = Words(20, allow_none=True)
    grade = Words(SHORT, allow_none=True)
    laterality = Words(SHORT, allow_none=True)
    description = Text(allow_none=True)
    diagnosed_on = PartialDay(allow_none=True)
    basis = words_of(known.Basis, allow_none=True)
    certainty = words_of(known.Certainty, allow_none=True)
    stage = Part(Stage, allow_none=True)
    metastatic_sites = Items(Words(LINE), allow_none=True)
    disease_status = words_of(known.DiseaseStatus, allow_none=True)
    unusual_presentation = Text(allow_none=True)
    other_codes = Items(Words(20), allow_none=True)
    biomarkers = Items(WholePart(Biomarker), allow_none=True)
    first_opinion = Part(FirstOpinion, allow_none=True)

    @post_load
    def spell(self, sent: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Codes are kept in their usual spelling, whoever sent them and however."""
        return normalize_diagnosis(sent)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        missing = below("/diagnosis", undescribed(sound)) if is_whole else []
        return faults_below("/diagnosis", {"diagnosis": sound}, today) + missing


class DiagnosisOfReferral(Diagnosis):
    """The diagnosis of a packet: one that is known, by id, or one that is described."""

    id = Id(allow_none=True)


class Treatment(Body):
    """One line or act of treatment; line 0 is surgery, or what came before the lines."""

    line = Whole(0, HIGHEST_LINE, allow_none=True)
    modality = words_of(known.Modality, required=True)
    regimen = Words(LINE, allow_none=True)
    intent = words_of(known.Intent, allow_none=True)
    status = words_of(known.TreatmentStatus, allow_none=True)
    started_on = PartialDay(allow_none=True)
    ended_on = PartialDay(allow_none=True)
    best_response = words_of(known.BestResponse, allow_none=True)
    stop_reason = Text(allow_none=True)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return faults_below("/treatments/0", {"treatments": [sound]}, today)


class PerformanceStatus(Body):
    ecog = Whole(0, 5, required=True)
    date = PartialDay(allow_none=True)


class NeededBy(Body):
    date = Day(required=True)
    kind = words_of(known.NeededByKind, required=True)


class Preferences(Body):
    remote = Flag(allow_none=True)
    center = Words(SHORT, allow_none=True)
    max_distance_km = Quantity(0, MOST_KILOMETERS, allow_none=True)
    language = language()


class ReferringClinician(Body):
    email = email(required=True)


class Consent(Body):
    given = Flag(required=True)
    given_on = Day(allow_none=True)
    given_by = words_of(known.ConsentGivenBy, allow_none=True)
    scope = Items(words_of(known.ConsentScope), most=10, allow_none=True)
    centers = Items(Words(SHORT), allow_none=True)
    until = Day(allow_none=True)
    interpreter_used = Flag(allow_none=True)


class Packet(Body):
    """A whole referral. To a draft only the patient is required; `submit` says what else must be there."""

    external_reference = Words(LINE, allow_none=True)
    patient = Part(PatientOfReferral, required=True)
    diagnosis = Part(DiagnosisOfReferral, allow_none=True)
    treatments = Items(WholePart(Treatment), allow_none=True)
    purposes = Items(words_of(known.Purpose), most=4, allow_none=True)
    questions = Items(Text(), most=20, allow_none=True)
    summary = Text(allow_none=True)
    performance_status = Part(PerformanceStatus, allow_none=True)
    other_conditions = Items(Text(), allow_none=True)
    needed_by = Part(NeededBy, allow_none=True)
    preferences = Part(Preferences, allow_none=True)
    referring_clinician = Part(ReferringClinician, allow_none=True)
    consent = Part(Consent, allow_none=True)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return faults(sound, today, submitting=False, by_client=True)


class NewReferral(Packet):
    """What `POST /referrals` takes."""

    submit = Flag(load_default=False)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return faults(sound, today, submitting=sound.get("submit") is True, by_client=True)


class PatientOfCase(Body):
    """All that a judgement may know of a person: nothing else can reach it."""

    birth_date = Day(allow_none=True)
    pregnant = Flag(allow_none=True)


class Case(Body):
    """What `POST /assess` takes: judged, answered and forgotten."""

    patient = Part(PatientOfCase, allow_none=True)
    diagnosis = Part(Diagnosis, required=True)
    treatments = Items(WholePart(Treatment), allow_none=True)
    policy = Words(SHORT, allow_none=True)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return faults(sound, today, submitting=False, by_client=True) + undescribed(sound.get("diagnosis") or {})
