"""What a referring clinician answers when a patient's condition has changed."""

from referrals.boundary.schemas.fields import LINE, Body, Day, Items, Text, Whole, Words, words_of
from referrals.domain import vocabulary as known
from referrals.domain.condition import Happening

# Together with the sentences on what happened it is the reason of a step, which has 4,000 characters.
FREE_TEXT = 2_000


class ConditionTold(Body):
    """What happened, when, and what has to be known of it."""

    what = Items(words_of(Happening), least=1, required=True)
    on = Day(required=True)
    sites = Items(Words(60), most=10, allow_none=True)
    ecog = Whole(0, 4, allow_none=True)
    modality = words_of(known.Modality, allow_none=True)
    regimen = Words(LINE, allow_none=True)
    stopped = Whole(0, 500, allow_none=True)
    stop_reason = Text(500, allow_none=True)
    text = Text(FREE_TEXT, allow_none=True)
