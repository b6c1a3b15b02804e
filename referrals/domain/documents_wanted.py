"""Which kinds of documents a reader of the packet looks for first, by what is known of the case.

A reminder and nothing more: what is missing refuses nobody, holds nothing up and changes no priority. It is this
project's own reading of what second opinions commonly ask for; no clinician has signed it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from referrals.domain.vocabulary import DocumentKind, Modality, Purpose, TreatmentStatus

Treatments = Sequence[Mapping[str, Any]]


class Known(NamedTuple):
    """What decides: the family of the tumor, what the request is for, and the treatments as sent."""

    tumor_family: str | None = None
    purposes: Collection[str] = ()
    treatments: Treatments = ()

    @property
    def given(self) -> frozenset[str]:
        """The kinds of treatment that were given."""
        return frozenset(
            str(each.get("modality"))
            for each in self.treatments
            if (each.get("status") or TreatmentStatus.GIVEN) == TreatmentStatus.GIVEN
        )


class Wanted(NamedTuple):
    kind: DocumentKind
    because: str


# Families in whose care genetic findings are commonly reported beside the pathology.
REPORTED_WITH_GENETICS = frozenset({"leukemia", "lymphoma", "myeloma", "thoracic", "cns", "sarcoma", "melanoma"})
IN_HOSPITAL = frozenset({Modality.SURGERY.value, Modality.TRANSPLANT.value, Modality.CELL_THERAPY.value})
CHOSEN_BY_MARKER = frozenset({Modality.TARGETED.value, Modality.IMMUNOTHERAPY.value})


def _always(known: Known) -> bool:
    return True


def _rests_on_genetics(known: Known) -> bool:
    is_about_treatment = Purpose.TREATMENT_OPTIONS in known.purposes
    return bool(known.given & CHOSEN_BY_MARKER) or (is_about_treatment and known.tumor_family in REPORTED_WITH_GENETICS)


WANTED: tuple[tuple[Wanted, Callable[[Known], bool]], ...] = (
    (Wanted(DocumentKind.PATHOLOGY, "What was seen under the microscope"), _always),
    (Wanted(DocumentKind.IMAGING, "The last images, or the report of them"), _always),
    (Wanted(DocumentKind.GENOMICS, "If the tumor was tested for genetic changes"), _rests_on_genetics),
    (
        Wanted(DocumentKind.OPERATIVE, "Because surgery is among the treatments"),
        lambda known: Modality.SURGERY.value in known.given,
    ),
    (
        Wanted(DocumentKind.DISCHARGE, "Because a treatment was given in hospital"),
        lambda known: bool(known.given & IN_HOSPITAL),
    ),
)


def documents_wanted(known: Known) -> tuple[Wanted, ...]:
    """In the order in which they are shown."""
    return tuple(wanted for wanted, applies in WANTED if applies(known))
