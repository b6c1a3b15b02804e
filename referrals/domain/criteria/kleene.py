"""Three-valued logic: unknown is never no, and never yes."""

from collections.abc import Iterable

from referrals.domain.vocabulary import VerdictWord

MET, NOT_MET, UNKNOWN = VerdictWord.MET, VerdictWord.NOT_MET, VerdictWord.UNKNOWN


def any_of(verdicts: Iterable[VerdictWord]) -> VerdictWord:
    """Met if one is met, else unknown if one is unknown."""
    words = set(verdicts)
    if MET in words:
        return MET
    return UNKNOWN if UNKNOWN in words else NOT_MET
