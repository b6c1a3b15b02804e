"""Where on a page the fact stands that a JSON Pointer names, and what that fact is called."""

from collections.abc import Collection, Mapping

FACTS: Mapping[str, str] = {
    "/patient/birth_date": "Birth date",
    "/patient/pregnant": "Pregnancy",
    "/diagnosis": "Diagnosis",
    "/diagnosis/icd10cm": "Diagnosis code",
    "/diagnosis/uncoded": "Diagnosis code",
    "/diagnosis/description": "Diagnosis in words",
    "/diagnosis/topography": "Site",
    "/diagnosis/morphology": "Cell type",
    "/diagnosis/grade": "Grade",
    "/diagnosis/laterality": "Side",
    "/diagnosis/diagnosed_on": "Date of diagnosis",
    "/diagnosis/basis": "Basis",
    "/diagnosis/certainty": "Certainty",
    "/diagnosis/stage": "Stage",
    "/diagnosis/stage/system": "Stage system",
    "/diagnosis/stage/group": "Stage group",
    "/diagnosis/stage/t": "T",
    "/diagnosis/stage/n": "N",
    "/diagnosis/stage/m": "M",
    "/diagnosis/metastatic_sites": "Metastatic sites",
    "/diagnosis/disease_status": "Disease status",
    "/diagnosis/unusual_presentation": "Unusual presentation",
    "/diagnosis/other_codes": "Other codes",
    "/diagnosis/biomarkers": "Biomarkers",
    "/treatments": "Treatments",
    "/treatments/*": "Treatment",
    "/treatments/*/best_response": "Best response",
    "/treatments/*/modality": "Kind of treatment",
    "/questions": "Question",
    "/consent": "Consent",
}


def anchor(pointer: str) -> str:
    """The id of the element that shows the fact: "/diagnosis/stage/m" stands at "fact-diagnosis-stage-m"."""
    return "fact" + pointer.replace("/", "-")


def parents(pointer: str) -> list[str]:
    """The pointer itself, then what it lies in, nearest first."""
    parts = pointer.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts), 1, -1)]


def nearest_anchor(pointer: str, shown: Collection[str]) -> str:
    """A link into the page that always lands: on the fact, or on what it lies in, or nowhere ("")."""
    return next((f"#{anchor(place)}" for place in parents(pointer) if place in shown), "")


def fact_name(pointer: str) -> str:
    """ "/treatments/0/best_response" is "Best response"; an unknown place is named by what it lies in."""
    starred = "/".join("*" if part.isdigit() else part for part in pointer.split("/"))
    found = [
        FACTS[place]
        for place in parents(starred.removesuffix("/*") if starred not in FACTS else starred)
        if place in FACTS
    ]
    return found[0] if found else pointer.rsplit("/", 1)[-1].replace("_", " ").capitalize()
