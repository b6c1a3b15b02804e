"""Plain words for what centers state: services, designations, how expert they are."""

from collections.abc import Mapping

from referrals.domain.centers import Designation, Service
from referrals.domain.matching import COMPETENT, EXPERT

SERVICE: Mapping[str, str] = {
    Service.MULTIDISCIPLINARY_TEAM: "Multidisciplinary team",
    Service.TRIALS: "Trials",
    Service.PATHOLOGY_REVIEW: "Pathology review",
    Service.MOLECULAR_BOARD: "Molecular tumor board",
    Service.REMOTE: "Answers from afar",
    Service.PEDIATRICS: "Children",
    Service.ADULTS: "Adults",
}
# Whom a center treats is asked apart from what it does.
TREATS = (Service.ADULTS, Service.PEDIATRICS)
DESIGNATION: Mapping[str, str] = {
    Designation.COMPREHENSIVE: "Comprehensive cancer center",
    Designation.CLINICAL: "Clinical cancer center",
    Designation.BASIC: "Basic laboratory cancer center",
}


def level_words(level: float) -> str:
    """ "Expert, 0.85": the words follow the marks that matching uses."""
    word = "Expert" if level >= EXPERT else "Competent" if level >= COMPETENT else "Little" if level else "None"
    return f"{word}, {level:g}"
