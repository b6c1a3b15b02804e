"""The third and fourth topic of the referral form: the diagnosis as it stands, and what was done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from referrals.domain.errors import FieldError
from referrals.domain.vocabulary import StageSystem
from referrals.web.forms.bind import group_of
from referrals.web.forms.fields import Field, Group, Kind, Option, Repeat, options_of
from referrals.web.words import (
    BASIS,
    CERTAINTY,
    DISEASE_STATUS,
    ECOG,
    INTENT,
    LATERALITY,
    MODALITY,
    RESPONSE,
    STAGE_SYSTEM,
    TREATMENT_STATUS,
)

CHOOSE = Option("", "Not said")
DX = "/diagnosis"
YEAR_IS_ENOUGH = "The year alone is enough."

CODE_NEEDED = Field(
    "icd10cm",
    "Diagnosis code (ICD-10-CM)",
    Kind.CODE,
    f"{DX}/icd10cm",
    hint="Type a code or a few words, such as C25.0 or pancreas head.",
    is_required=True,
    unknown_pointer=f"{DX}/uncoded",
)
DESCRIPTION = Field(
    "description",
    "Diagnosis in words",
    Kind.AREA,
    f"{DX}/description",
    hint="Needed when you do not know the code. A coordinator adds it the same day.",
)
NAME = group_of(CODE_NEEDED, DESCRIPTION)
# Where a referral was sent already: its code may be missing, and then it is added.
CODE = replace(CODE_NEEDED, is_required=False)
TISSUE = group_of(
    Field(
        "morphology",
        "Cell type (ICD-O-3 morphology)",
        Kind.CODE,
        f"{DX}/morphology",
        hint="From the pathology report, such as 8140/3 or adenocarcinoma. It can change the priority.",
    ),
    Field("topography", "Site (ICD-O-3 topography)", pointer=f"{DX}/topography", hint="Only if it differs from the diagnosis code."),
    Field("grade", "Grade", pointer=f"{DX}/grade", width="s"),
    Field("laterality", "Side", Kind.SELECT, f"{DX}/laterality", options=(CHOOSE, *options_of(LATERALITY)), width="m"),
    legend="Cell type and site",
)  # fmt: skip
SURE = group_of(
    Field("certainty", "How certain is the diagnosis?", Kind.RADIOS, f"{DX}/certainty", options=options_of(CERTAINTY)),
    Field("basis", "What does it rest on?", Kind.SELECT, f"{DX}/basis", options=(CHOOSE, *options_of(BASIS))),
    Field("diagnosed_on", "Date of diagnosis", Kind.PARTIAL_DATE, f"{DX}/diagnosed_on", hint=YEAR_IS_ENOUGH),
    legend="Certainty",
)
STAGE = group_of(
    Field(
        "stage_system",
        "Staging system",
        Kind.SELECT,
        f"{DX}/stage/system",
        options=(CHOOSE, *options_of(STAGE_SYSTEM, StageSystem)),
        width="m",
    ),
    Field("stage_group", "Stage group", pointer=f"{DX}/stage/group", hint="Such as IIB or IV.", width="s"),
    Field("stage_t", "T", pointer=f"{DX}/stage/t", width="xs"),
    Field("stage_n", "N", pointer=f"{DX}/stage/n", width="xs"),
    Field("stage_m", "M", pointer=f"{DX}/stage/m", width="xs"),
    Field(
        "metastatic_sites",
        "Where it has spread",
        Kind.LINES,
        f"{DX}/metastatic_sites",
        hint="One place a line, such as liver. Leave it empty if there is none.",
    ),
    legend="Stage",
)
COURSE = group_of(
    Field(
        "disease_status",
        "How does the disease behave now?",
        Kind.SELECT,
        f"{DX}/disease_status",
        options=(CHOOSE, *options_of(DISEASE_STATUS)),
    ),
    Field(
        "unusual_presentation",
        "Unusual presentation",
        Kind.AREA,
        f"{DX}/unusual_presentation",
        hint="What is unusual, in your words. Leave it empty if nothing is.",
    ),
    Field("other_codes", "Other codes", Kind.LIST, f"{DX}/other_codes", hint="One code a line, such as C78.7."),
    legend="Course",
)
MARKERS = group_of(
    Repeat(
        "biomarkers",
        "Biomarker",
        f"{DX}/biomarkers",
        (
            Field("name", "Name", pointer="name", width="m"),
            Field("value", "Result", pointer="value", width="m"),
            Field("method", "Method", pointer="method", width="m"),
            Field("date", "Date", Kind.PARTIAL_DATE, "date", hint=YEAR_IS_ENOUGH),
        ),
        add="Add another biomarker",
    ),
    legend="Biomarkers",
)
FIRST = group_of(
    Field("first_opinion_name", "Who gave the first opinion", pointer=f"{DX}/first_opinion/name"),
    legend="First opinion",
)

DIAGNOSIS: tuple[Group, ...] = (NAME, TISSUE, SURE, STAGE, COURSE, MARKERS, FIRST)

LISTED, NONE, UNKNOWN = "listed", "none", "unknown"
TREATMENTS_TOLD = Field(
    "treatments_told",
    "What is known about treatment so far?",
    Kind.RADIOS,
    "/treatments_told",
    options=(
        Option(LISTED, "It is listed below"),
        Option(NONE, "There was none", "Nothing was given and nothing is planned."),
    ),
)
# What is said of treatments without listing any: none and unknown are two answers, and no answer is neither.
TOLD: Mapping[str, list[Any] | None] = {NONE: [], UNKNOWN: None}


def treatments_misfit(pointer: str, told: str | None, listed: Sequence[Any] | None) -> list[FieldError]:
    """Where the answer about treatments and the list below it do not fit."""
    if told == LISTED and not listed:
        return [FieldError(pointer, "required", "List at least one treatment, or choose another answer.")]
    if told in TOLD and listed:
        return [FieldError(pointer, "contradiction", "Treatments are listed below. Say so, or empty them.")]
    return []


TREATMENTS = Repeat(
    "treatments",
    "Treatment",
    "/treatments",
    (
        Field("line", "Line", Kind.NUMBER, "line", hint="0 for surgery or before the first line.", width="s"),
        Field("modality", "Kind of treatment", Kind.SELECT, "modality", options=(CHOOSE, *options_of(MODALITY)), width="m"),
        Field("status", "Given or planned", Kind.SELECT, "status", options=options_of(TREATMENT_STATUS), value="given", width="m"),
        Field("intent", "Intent", Kind.SELECT, "intent", options=(CHOOSE, *options_of(INTENT)), width="m"),
        Field("regimen", "Regimen or operation", pointer="regimen"),
        Field("started_on", "Started", Kind.PARTIAL_DATE, "started_on", hint=YEAR_IS_ENOUGH),
        Field("ended_on", "Ended", Kind.PARTIAL_DATE, "ended_on", hint=YEAR_IS_ENOUGH),
        Field("best_response", "Best response", Kind.SELECT, "best_response", options=(CHOOSE, *options_of(RESPONSE)), width="m"),
        Field("stop_reason", "Why it was stopped", pointer="stop_reason"),
    ),
    add="Add another treatment",
)  # fmt: skip
TREATMENT: tuple[Group, ...] = (
    group_of(
        Field(
            "treatments_known",
            "What do you know about treatment so far?",
            Kind.RADIOS,
            "/treatments_known",
            options=(
                Option(LISTED, "I list it below"),
                Option(NONE, "There was none", "Nothing was given and nothing is planned."),
                Option(UNKNOWN, "I do not know", "Unknown is not the same as none: the priority is judged with care."),
            ),
        ),
        TREATMENTS,
    ),
    group_of(
        Field(
            "ecog",
            "Daily activity (ECOG)",
            Kind.SELECT,
            "/performance_status/ecog",
            options=(CHOOSE, *options_of(ECOG)),
            is_number=True,
        ),
        Field("ecog_on", "Seen on", Kind.PARTIAL_DATE, "/performance_status/date", hint=YEAR_IS_ENOUGH),
        Field("other_conditions", "Other conditions", Kind.LINES, "/other_conditions", hint="One a line."),
        legend="General health",
    ),
)
