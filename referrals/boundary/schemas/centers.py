"""Centers as they are sent: the profile, expertise by tumor family, trials, conflicts, places by week."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from referrals.boundary.schemas.fields import (
    LINE,
    SHORT,
    Body,
    Day,
    Flag,
    Id,
    Items,
    Pattern,
    Quantity,
    Text,
    Whole,
    WholePart,
    Words,
    words_of,
)
from referrals.boundary.schemas.packet import LANGUAGE, email
from referrals.boundary.schemas.queries import OneOrMore, Page
from referrals.domain.centers import Designation, OfferStatus, Service
from referrals.pathway.centers import Wanted

MOST_PLACES = 1000
MOST_WEEKS = 104
MOST_SITES, MOST_TRIALS = 50, 500


def _language() -> Pattern:
    return Pattern(LANGUAGE, "This must be a language tag such as en or pt-BR.", 35)


def _country() -> Pattern:
    return Pattern(r"[A-Z]{2}", "This must be a country code such as US.", 2, allow_none=True)


class Place(Body):
    """Where something lies, in words and in degrees (WGS84)."""

    city = Words(LINE, allow_none=True)
    region = Words(LINE, allow_none=True)
    country = _country()
    lat = Quantity(-90, 90, allow_none=True)
    lon = Quantity(-180, 180, allow_none=True)


class Site(Place):
    """One of the places at which a center works."""

    name = Words(LINE, required=True)
    postal_code = Words(SHORT, allow_none=True)


class CenterContact(Body):
    """Whom to call or write to, and for what."""

    role = Words(LINE, required=True)
    name = Words(LINE, allow_none=True)
    phone = Words(SHORT, allow_none=True)
    email = email(allow_none=True)
    hours = Words(LINE, allow_none=True)
    urgent = Flag(metadata={"description": "For urgent matters."})


class Center(Place):
    """What a center states of itself; the last five only the network decides."""

    designation = words_of(Designation, allow_none=True)
    services = Items(words_of(Service), most=20)
    languages = Items(_language(), most=50)
    url = Pattern(r"https?://\S+", "This must be an address such as https://center.example.", 400, allow_none=True)
    sites = Items(WholePart(Site), most=MOST_SITES)
    contacts = Items(WholePart(CenterContact), most=MOST_SITES)
    source = Text(allow_none=True, metadata={"description": "Where the entry comes from."})
    zone = Words(60, allow_none=True)
    holidays = Items(Day(), most=400, allow_none=True)
    places = Whole(0, MOST_PLACES)
    checked_on = Day(allow_none=True)
    name = Words(LINE)
    active = Flag()
    in_network = Flag(metadata={"description": "false: can be proposed, and nobody there has an account."})
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


class StatedTrial(Body):
    """A trial of the center, by its number in a registry."""

    registry_id = Words(SHORT, required=True)
    title = Text(required=True)
    families = Items(Words(SHORT), least=1, required=True)
    phase = Words(SHORT, allow_none=True)
    opened_on = Day(required=True)
    closed_on = Day(allow_none=True, metadata={"description": "The first day on which it takes nobody any more."})
    contact = Words(LINE, allow_none=True)
    source = Text(allow_none=True)


class Trials(Body):
    """The whole list: a trial that is not named is not stated any more."""

    trials = Items(WholePart(StatedTrial), most=MOST_TRIALS, required=True)


class StatedConflict(Body):
    """An organization of the network for which the center must not judge, from one day to another, both counted."""

    organization = Id(required=True)
    reason = Text(required=True)
    from_day = Day(required=True)
    until_day = Day(allow_none=True)


class Conflicts(Body):
    """The whole list: a conflict that is not named is not stated any more."""

    conflicts = Items(WholePart(StatedConflict), required=True)


class CentersAsked(Page):
    """Which centers of the directory; all of what is named holds."""

    family = Words(SHORT, metadata={"description": "Stated with a level of 0.3 or more."})
    service = OneOrMore(words_of(Service), metadata={"description": "All of these are offered."})
    designation = words_of(Designation, metadata={"description": "How comprehensive it is."})
    language = Words(SHORT, metadata={"description": "`pt` finds `pt-BR` too."})
    region = Words(LINE, metadata={"description": "As the center states it."})
    q = Words(LINE, metadata={"description": "Part of a name, a code or a city."})
    active = Flag(metadata={"description": "Whether it can be asked at all."})
    in_network = Flag(metadata={"description": "Whether people there have accounts."})


def wanted_of(asked: Mapping[str, Any]) -> Wanted:
    named = {each.name for each in fields(Wanted)} - {"services"}
    chosen = {name: asked[name] for name in named if name in asked}
    return Wanted(services=tuple(asked.get("service") or ()), **chosen)


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
