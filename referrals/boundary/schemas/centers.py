"""Centers as they are sent: the profile, expertise by tumor family, places by week."""

from referrals.boundary.schemas.fields import (
    LINE,
    SHORT,
    Body,
    Day,
    Flag,
    Items,
    Pattern,
    Quantity,
    Text,
    Whole,
    WholePart,
    Words,
    words_of,
)
from referrals.boundary.schemas.packet import LANGUAGE
from referrals.boundary.schemas.queries import Page
from referrals.domain.centers import Designation, OfferStatus, Service

MOST_PLACES = 1000
MOST_WEEKS = 104


def _language() -> Pattern:
    return Pattern(LANGUAGE, "This must be a language tag such as en or pt-BR.", 35)


class Center(Body):
    """What a center states of itself; the last four only the network decides."""

    designation = words_of(Designation, allow_none=True)
    services = Items(words_of(Service), most=20)
    languages = Items(_language(), most=50)
    city = Words(LINE, allow_none=True)
    region = Words(LINE, allow_none=True)
    country = Pattern(r"[A-Z]{2}", "This must be a country code such as US.", 2, allow_none=True)
    zone = Words(60, allow_none=True)
    holidays = Items(Day(), most=400, allow_none=True)
    places = Whole(0, MOST_PLACES)
    checked_on = Day(allow_none=True)
    name = Words(LINE)
    active = Flag()
    paused = Flag()
    paused_because = Text(allow_none=True)


class NewCenter(Center):
    """A center that joins the network."""

    code = Pattern(r"[a-z0-9][a-z0-9-]*", "This must be small letters, digits and hyphens.", SHORT, required=True)
    name = Words(LINE, required=True)


class StatedExpertise(Body):
    family = Words(SHORT, required=True)
    level = Quantity(0, 1, required=True)
    yearly_volume = Whole(0, 1_000_000, allow_none=True)
    evidence = Text(allow_none=True)


class Expertise(Body):
    """The whole list: a family that is not named is not stated any more."""

    expertise = Items(WholePart(StatedExpertise), required=True)


class StatedLine(Body):
    """How many of the places may go to one line: pediatrics or multidisciplinary_team. Null: no limit of its own."""

    service = words_of(Service, required=True)
    places = Whole(0, MOST_PLACES, required=True, allow_none=True)


class StatedWeek(Body):
    """`places` of null: as usual; 0: closed, for `reason`. Without `services` the limits stay as they are."""

    week = Day(required=True)
    places = Whole(0, MOST_PLACES, required=True, allow_none=True)
    services = Items(WholePart(StatedLine), most=20)
    reason = Words(LINE, allow_none=True)


class Capacity(Body):
    """The usual places a week with the usual limits by line, and the weeks that differ. What is not named stays."""

    places = Whole(0, MOST_PLACES)
    services = Items(WholePart(StatedLine), most=20)
    weeks = Items(WholePart(StatedWeek), most=MOST_WEEKS)


class WeeksAsked(Body):
    weeks = Whole(1, MOST_WEEKS, metadata={"description": "How many, from this one on; 8 where not said."})


class OffersAsked(Page):
    status = words_of(OfferStatus, metadata={"description": "Live and accepted ones where not said."})
