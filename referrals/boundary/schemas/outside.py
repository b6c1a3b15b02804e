"""What is recorded of a center outside the network: its answer, and who signed the original of its opinion."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from referrals.boundary.schemas.fields import Body, Day, Id, Text, Word, Words, words_of
from referrals.domain.errors import FieldError
from referrals.domain.outside import ANSWERS, HeardBy, answer_faults, original_faults
from referrals.domain.vocabulary import DeclineOfferReason


class AnswerHeard(Body):
    """An acceptance, a refusal, or that they give it back; and how the network came to know it."""

    answer = Word(ANSWERS, required=True)
    said_by = Words(required=True)
    role = Words(required=True)
    said_on = Day(required=True)
    channel = words_of(HeardBy, required=True)
    document = Id(allow_none=True)
    expected_on = Day(allow_none=True)
    reason = words_of(DeclineOfferReason, allow_none=True)
    text = Text(allow_none=True)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return list(answer_faults(sound, today))


class OriginalNamed(Body):
    """Whose opinion it is, and the document that it stands in."""

    specialist = Words(required=True)
    title = Words(allow_none=True)
    signed_on = Day(required=True)
    document = Id(required=True)

    def beyond_form(self, sound: Mapping[str, Any], today: date, *, is_whole: bool = True) -> list[FieldError]:
        return list(original_faults(sound, today))
