"""What is answered of centers, places, offers and matches, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import Named, Person, maybe, there
from referrals.boundary.schemas.centers import StatedExpertise
from referrals.boundary.schemas.fields import Body, Day, Flag, Id, Instant, Part, Quantity, Whole, words_of
from referrals.domain import vocabulary as known
from referrals.domain.centers import Designation, OfferStatus, Service
from referrals.domain.lifecycle import Status
from referrals.domain.outside import HeardBy


class ExpertiseOut(StatedExpertise):
    yearly_volume = maybe(Whole, 0, 1_000_000)
    evidence = maybe(plain.String)


class SiteOut(Body):
    """One of the places at which a center works; degrees are WGS84."""

    name = there(plain.String)
    city = maybe(plain.String)
    region = maybe(plain.String)
    postal_code = maybe(plain.String)
    country = maybe(plain.String)
    lat = maybe(Quantity, -90, 90)
    lon = maybe(Quantity, -180, 180)


class CenterContactOut(Body):
    role = there(plain.String)
    name = maybe(plain.String)
    phone = maybe(plain.String)
    email = maybe(plain.String)
    hours = maybe(plain.String)
    urgent = there(Flag)


class TrialOut(Body):
    """From `opened_on` on a trial takes patients, from `closed_on` on no more."""

    registry_id = there(plain.String)
    title = there(plain.String)
    families = there(plain.List, plain.String())
    phase = maybe(plain.String)
    opened_on = there(Day)
    closed_on = maybe(Day)
    contact = maybe(plain.String)
    source = maybe(plain.String)


class ConflictOut(Body):
    """For whom the center must not judge, from its first day to its last."""

    organization = there(Part, Named)
    reason = there(plain.String)
    from_day = there(Day)
    until_day = maybe(Day)


class CenterOut(Named):
    """A center of the directory. `places` is what it has in a usual week.

    Referrers see no `contacts`; `conflicts` are for the network and the center itself.
    """

    version = there(Whole, 1, 2**31)
    active = there(Flag)
    designation = maybe(words_of, Designation)
    services = there(plain.List, words_of(Service))
    languages = there(plain.List, plain.String())
    city = maybe(plain.String)
    region = maybe(plain.String)
    country = maybe(plain.String)
    lat = maybe(Quantity, -90, 90)
    lon = maybe(Quantity, -180, 180)
    url = maybe(plain.String)
    sites = there(plain.List, Part(SiteOut))
    contacts = there(plain.List, Part(CenterContactOut))
    source = maybe(plain.String)
    in_network = there(Flag)
    zone = maybe(plain.String)
    holidays = maybe(plain.List, Day())
    places = there(Whole, 0, 1000)
    checked_on = maybe(Day)
    checked_by = maybe(plain.String)
    paused = there(Flag)
    paused_because = maybe(plain.String)
    expertise = there(plain.List, Part(ExpertiseOut))
    trials = there(plain.List, Part(TrialOut))
    conflicts = there(plain.List, Part(ConflictOut))
    updated_at = there(Instant)


class ExpertiseListOut(Body):
    center = there(Part, Named)
    version = there(Whole, 1, 2**31)
    expertise = there(plain.List, Part(ExpertiseOut))


class TrialListOut(Body):
    center = there(Part, Named)
    version = there(Whole, 1, 2**31)
    trials = there(plain.List, Part(TrialOut))


class ConflictListOut(Body):
    center = there(Part, Named)
    version = there(Whole, 1, 2**31)
    conflicts = there(plain.List, Part(ConflictOut))


class UsualLine(Body):
    """How many of the places of a usual week may go to one line."""

    service = there(words_of, Service)
    places = there(Whole, 0, 1000)


class LineOut(UsualLine):
    """What is held and free of one line's places; never more free than the week has."""

    reserved = there(Whole, 0, 2**31)
    used = there(Whole, 0, 2**31)
    free = there(Whole, 0, 1000)


class WeekOut(Body):
    """A week, by its Monday: what is reserved by live offers, used by accepted ones, and free."""

    week = there(Day)
    places = there(Whole, 0, 1000)
    reserved = there(Whole, 0, 2**31)
    used = there(Whole, 0, 2**31)
    free = there(Whole, 0, 1000)
    reason = maybe(plain.String)
    services = there(plain.List, Part(LineOut))


class CapacityOut(Body):
    center = there(Part, Named)
    version = there(Whole, 1, 2**31)
    places = there(Whole, 0, 1000)
    services = there(plain.List, Part(UsualLine))
    weeks = there(plain.List, Part(WeekOut))


class RecordedAnswer(Body):
    """An answer of a center outside the network: who recorded it, who said so, when, and by which way."""

    by = there(plain.String)
    said_by = there(plain.String)
    role = there(plain.String)
    said_on = there(Day)
    channel = there(words_of, HeardBy)
    document = maybe(Id)


class OfferOut(Body):
    """One proposal to one center. `reconfirm` says what has moved since the center saw the facts.

    `recorded` is null unless the center is outside the network and has answered.
    """

    id = there(Id)
    version = there(Whole, 1, 2**31)
    center = there(Part, Named)
    status = there(words_of, OfferStatus)
    week = there(Day)
    offered_at = there(Instant)
    respond_by = there(Instant)
    answered_at = maybe(Instant)
    expected_at = maybe(Instant)
    expected_on = maybe(Day)
    reason = maybe(words_of, known.DeclineOfferReason)
    text = maybe(plain.String)
    recorded = maybe(Part, RecordedAnswer)
    because = maybe(plain.String)
    findings = there(plain.List, plain.String())
    exception_reason = maybe(plain.String)
    overbook_reason = maybe(plain.String)
    reconfirm = there(plain.List, plain.String())
    ended_at = maybe(Instant)


class InboxItem(OfferOut):
    """An offer to the caller's center. Of one that has ended, only that it was made and how it ended."""

    referral = there(Id)
    reference = there(plain.String)
    referral_status = maybe(words_of, Status)
    tier = maybe(words_of, known.Tier)
    due_at = maybe(Instant)


class ReviewOut(Body):
    """Who at the center answers."""

    specialist = there(Part, Person)
    panel = there(plain.List, Part(Person))
    started_at = maybe(Instant)


class Terms(Body):
    """What each preference added; lateness and what is unknown take away."""

    expertise = there(plain.Integer)
    trials = there(plain.Integer)
    comprehensive = there(plain.Integer)
    language = there(plain.Integer)
    distance = there(plain.Integer)
    late = there(plain.Integer)
    unknown = there(plain.Integer)


class MatchOut(Body):
    """A center that may be asked. What `acknowledge` names, the offer must acknowledge.

    `why_first` says of the first how it differs from the second, and is null for the others.
    """

    rank = there(Whole, 1, 2**31)
    center = there(Part, Named)
    score = there(plain.Integer)
    terms = there(Part, Terms)
    free_places = there(Whole, 0, 2**31)
    expected_answer_at = maybe(Instant)
    expected_rests_on = there(plain.String)
    because = there(plain.String)
    why_first = maybe(plain.String)
    acknowledge = there(plain.List, plain.String())


class NoMatchOut(Body):
    """A center that may not be asked, and every reason why."""

    center = there(Part, Named)
    because = there(plain.List, plain.String())


class ApprovedOut(Body):
    """A center that a coordinator has approved to be asked, should those before it not take the referral."""

    center = there(Part, Named)
    approved_by = there(plain.String)
    approved_at = there(Instant)


class MatchesOut(Body):
    items = there(plain.List, Part(MatchOut))
    excluded = there(plain.List, Part(NoMatchOut))
    then = there(plain.List, Part(ApprovedOut))
