"""What is answered of opinions, field by field."""

from marshmallow import fields as plain

from referrals.api.shape_parts import Person, maybe, there
from referrals.boundary.schemas import opinions
from referrals.boundary.schemas.fields import Body, Day, Id, Instant, Part, Whole, words_of
from referrals.domain import vocabulary as known


class FindingOut(Body):
    axis = there(words_of, known.Axis)
    result = there(words_of, known.FindingResult)
    impact = there(words_of, known.Impact)
    rationale = there(plain.String)
    revised = maybe(plain.Dict)


class AnswerOut(opinions.AnswerGiven):
    """The answer to one question, with the question as it was asked."""

    asked = there(plain.String)


class AdviceOut(opinions.Advice):
    id = there(Id)


class OutsideSpecialist(Body):
    name = there(plain.String)
    title = maybe(plain.String)


class Original(Body):
    document = there(Id)
    sha256 = there(plain.String)


class RecordedOpinion(Body):
    """Of a center outside the network: who transcribed its original, and who compared the two. The original rules."""

    by = there(plain.String)
    checked_by = there(plain.String)
    original = there(Part, Original)
    specialist = there(Part, OutsideSpecialist)
    signed_on = there(Day)


class OpinionOut(Body):
    """One signed version of an opinion. `sha256` is the seal over all of it; `amends` says why it was amended.

    `recorded` is null unless the center is outside the network.
    """

    id = there(Id)
    version = there(Whole, 1, 2**31)
    signed_at = there(Instant)
    sha256 = there(plain.String)
    authors = there(plain.List, Part(Person))
    amends = maybe(plain.String)
    short_answer = there(plain.String)
    answers = there(plain.List, Part(AnswerOut))
    findings = there(plain.List, Part(FindingOut))
    recommendations = there(plain.List, Part(AdviceOut))
    plain_summary = there(plain.String)
    dissent = maybe(plain.String)
    recorded = maybe(Part, RecordedOpinion)
