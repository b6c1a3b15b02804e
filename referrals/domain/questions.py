"""Questions about a referral: what may be asked, which of it could change anything, and by when it is due."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from referrals.domain.assessment import Assessment
from referrals.domain.calendar import WorkingCalendar
from referrals.domain.deadlines import Segment, Times, segment_due
from referrals.domain.vocabulary import Criterion, DocumentKind, Tier, VerdictWord


class RequestStatus(StrEnum):
    """`proceeded`: the referral went on without the answer; `closed`: it ended, or left the center that asked."""

    OPEN = "open"
    ANSWERED = "answered"
    PROCEEDED = "proceeded"
    CLOSED = "closed"


LONGEST_WAIT = timedelta(days=366)

# The facts that a question may ask for, by their place in the request. Who the patient is stands on their record.
FIELDS = (
    "/diagnosis/icd10cm",
    "/diagnosis/topography",
    "/diagnosis/morphology",
    "/diagnosis/grade",
    "/diagnosis/laterality",
    "/diagnosis/description",
    "/diagnosis/diagnosed_on",
    "/diagnosis/basis",
    "/diagnosis/certainty",
    "/diagnosis/stage",
    "/diagnosis/stage/system",
    "/diagnosis/stage/group",
    "/diagnosis/stage/t",
    "/diagnosis/stage/n",
    "/diagnosis/stage/m",
    "/diagnosis/metastatic_sites",
    "/diagnosis/disease_status",
    "/diagnosis/unusual_presentation",
    "/diagnosis/other_codes",
    "/diagnosis/biomarkers",
    "/treatments",
    "/patient/pregnant",
)

_CODE, _CELLS, _STAGE = "/diagnosis/icd10cm", "/diagnosis/morphology", "/diagnosis/stage"
_COURSE, _SURE, _TREATMENTS = "/diagnosis/disease_status", "/diagnosis/certainty", "/treatments"
# What else than the missing fact itself could tell it.
_ALSO_TELLS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "/diagnosis/metastatic_sites": frozenset({_STAGE}),
        "/diagnosis/other_codes": frozenset({_STAGE, _COURSE}),
    }
)
# What the report of each kind usually holds. Where a kind is not here, it could hold anything.
_CARRIES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        DocumentKind.PATHOLOGY: frozenset({_CODE, _CELLS, _STAGE, _SURE}),
        DocumentKind.IMAGING: frozenset({_STAGE, _COURSE}),
        DocumentKind.GENOMICS: frozenset({_CODE, _CELLS, _SURE}),
        DocumentKind.OPERATIVE: frozenset({_CODE, _CELLS, _STAGE, _TREATMENTS}),
    }
)

# The criteria that say which center may answer: expertise where rare, a multidisciplinary team where complex.
_CONSTRAINING = (Criterion.RARE, Criterion.COMPLEX)


class Proposed(NamedTuple):
    """A missing fact worth asking for: the tiers it could lead to, and the criteria that say which center fits."""

    path: str
    could_change_tier_to: tuple[Tier, ...]
    decides: tuple[Criterion, ...]


def proposed(judged: Assessment) -> tuple[Proposed, ...]:
    """Exactly the facts that could change the tier or which center may answer; what changes the tier comes first."""
    tiers = {item.path: item.could_change_tier_to for item in judged.missing}
    waiting = {
        verdict.criterion: verdict.wants
        for verdict in judged.criteria
        if verdict.criterion in _CONSTRAINING and verdict.verdict is VerdictWord.UNKNOWN
    }
    paths = dict.fromkeys([*tiers, *(path for path in FIELDS if any(path in wants for wants in waiting.values()))])
    return tuple(
        Proposed(path, tiers.get(path, ()), tuple(each for each, wants in waiting.items() if path in wants))
        for path in paths
        if path in FIELDS
    )


def could_matter(items: Iterable[Mapping[str, object]], missing: Iterable[Proposed]) -> bool:
    """Whether an answer to one of these items could change the tier or which center may answer."""
    paths = frozenset(item.path for item in missing)
    return any(_could_tell(item, paths) for item in items)


def _could_tell(item: Mapping[str, object], paths: frozenset[str]) -> bool:
    """Words may ask for anything, and so may a letter: they matter where anything is missing that does."""
    if field := item.get("field"):
        return not paths.isdisjoint(_told_by(str(field)))
    return not paths.isdisjoint(_CARRIES.get(str(item.get("document")), paths))


def _told_by(field: str) -> Iterator[str]:
    """The field itself, what it lies in, and what else it tells: M is a part of the stage."""
    yield from _ALSO_TELLS.get(field, ())
    while field:
        yield field
        field = field.rpartition("/")[0]


def answer_due(start: datetime, tier: Tier, times: Times, calendar: WorkingCalendar) -> datetime:
    """The policy's one segment that a referrer works in is the acknowledgement: a question has as long."""
    return segment_due(start, tier, Segment.ACKNOWLEDGEMENT, times, calendar)


def is_choice_due(*, blocking: bool, is_open: bool, choice_at: datetime | None, now: datetime) -> bool:
    """The second due time was missed: somebody must go on without it, give more time, or decline."""
    return blocking and is_open and choice_at is not None and choice_at <= now
