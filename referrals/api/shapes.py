"""What is answered, field by field: from these shapes the documentation is made, and tests hold answers to them."""

from functools import cache
from typing import Any

from marshmallow import fields as plain

from referrals.boundary.schemas import packet
from referrals.boundary.schemas.fields import Body, Day, Flag, Id, Instant, Items, Part, Text, Whole, Words, words_of
from referrals.domain import vocabulary as known
from referrals.domain.lifecycle import Status
from referrals.domain.people import Kind, Role, Scope


def there(kind: Any, *positional: Any, **options: Any) -> Any:
    """A field that is always answered, and never null."""
    return kind(*positional, required=True, **options)


def maybe(kind: Any, *positional: Any, **options: Any) -> Any:
    """A field that is always answered, and may be null."""
    return kind(*positional, required=True, allow_none=True, **options)


class Person(Body):
    id = there(Id)
    name = there(Words)


class Named(Body):
    """An organization, in short."""

    id = there(Id)
    code = there(Words)
    name = there(Words)


class OrganizationOut(Named):
    kind = there(words_of, Kind)


class UserOut(Person):
    email = there(Words)
    roles = there(Items, words_of(Role))
    active = there(Flag)


class Me(Body):
    """Who the caller is to us."""

    organization = there(Part, OrganizationOut)
    client = there(Words)
    person = maybe(Part, Person)
    scopes = there(Items, words_of(Scope))
    server_time = there(Instant)


class CodeOut(Body):
    code = there(Words)
    display = there(Text)
    billable = there(Flag)


class CodesOut(Body):
    items = there(Items, Part(CodeOut))


class Evidence(Body):
    path = there(Words)
    value = plain.Raw(required=True, allow_none=True)


class VerdictOut(Body):
    criterion = there(words_of, known.Criterion)
    verdict = there(words_of, known.VerdictWord)
    rule = maybe(Words)
    because = there(Text)
    evidence = there(Items, Part(Evidence))
    citation = maybe(Text)


class Missing(Body):
    path = there(Words)
    could_change_tier_to = there(Items, words_of(known.Tier))


class TierRange(Body):
    soonest = there(words_of, known.Tier)
    latest = there(words_of, known.Tier)


class FlagOut(Body):
    code = there(Words)
    message = there(Text)
    path = maybe(Words)


class OverrideOut(Body):
    """The tier that a person set instead of the computed one."""

    tier = there(words_of, known.Tier)
    computed_tier = there(words_of, known.Tier)
    reason = there(words_of, known.OverrideReason)
    text = there(Text)
    author = there(Words)
    created_at = there(Instant)
    expires_at = there(Instant)
    countersign_due_at = maybe(Instant)


class Judgement(Body):
    tier = there(words_of, known.Tier)
    label = there(Text)
    policy = there(Words)
    provisional = there(Flag)
    criteria = there(Items, Part(VerdictOut), least=4)
    missing = there(Items, Part(Missing))
    range = there(Part, TierRange)
    flags = there(Items, Part(FlagOut))


class Priority(Judgement):
    """Where a referral stands, and why. `due_at` is the promise."""

    due_at = maybe(Instant)
    override = maybe(Part, OverrideOut)


class AssessOut(Body):
    priority = there(Part, Priority)


class StepOut(Body):
    step = there(Words)
    href = there(Words)


class ReferralName(Body):
    id = there(Id)
    reference = there(Words)


class PatientIn(packet.Patient):
    """A patient as sent, with everything that was not sent as null."""

    id = there(Id)


class PatientOfReferralOut(PatientIn):
    pregnant = maybe(Flag)


class DiagnosisIn(packet.Diagnosis):
    id = maybe(Id)


class Standing(Body):
    """Whose turn it is, what is next, and what was promised."""

    id = there(Id)
    reference = there(Words)
    version = there(Whole, 1, 2**31)
    status = there(words_of, Status)
    core_status = there(words_of, known.CoreStatus)
    waiting_on = maybe(words_of, known.WaitingOn)
    next_action = maybe(Words)
    next_action_due_at = maybe(Instant)
    submitted_at = maybe(Instant)
    due_at = maybe(Instant)
    overdue = there(Flag)
    owner = maybe(Part, Person)
    organization = there(Part, Named)
    center = maybe(Part, Named)
    tumor_family = maybe(Words)
    updated_at = there(Instant)


class ReferralOut(Standing):
    """One referral, whole."""

    external_reference = maybe(Words)
    steps = there(Items, Part(StepOut))
    duplicates = there(Items, Part(ReferralName))
    follows = maybe(Part, ReferralName)
    patient = there(Part, PatientOfReferralOut)
    diagnosis = maybe(Part, DiagnosisIn)
    treatments = maybe(Items, Part(packet.Treatment))
    purposes = there(Items, words_of(known.Purpose))
    questions = there(Items, Text())
    summary = maybe(Text)
    performance_status = maybe(Part, packet.PerformanceStatus)
    other_conditions = maybe(Items, Text())
    needed_by = maybe(Part, packet.NeededBy)
    preferences = maybe(Part, packet.Preferences)
    referring_clinician = maybe(Part, packet.ReferringClinician)
    consent = maybe(Part, packet.Consent)
    information_requests = there(Items, plain.Raw())
    offers = there(Items, plain.Raw())
    opinion = plain.Raw(required=True, allow_none=True)
    priority = maybe(Part, Priority)
    created_at = there(Instant)


class PatientShort(Body):
    id = there(Id)
    given_name = there(plain.String)
    family_name = there(plain.String)
    birth_date = maybe(Day)
    sex = maybe(words_of, known.Sex)


class DiagnosisShort(Body):
    icd10cm = maybe(Words)
    description = maybe(Text)
    morphology = maybe(Words)


class ReferralItem(Standing):
    """One row of a worklist."""

    tier = maybe(words_of, known.Tier)
    provisional = there(Flag)
    reasons = there(Items, Text())
    criteria_met = there(Items, words_of(known.Criterion))
    patient = there(Part, PatientShort)
    diagnosis = there(Part, DiagnosisShort)


class Count(Body):
    """`more` says that there are more than `count`."""

    count = there(Whole, 0, 1000)
    more = there(Flag)


class Counts(Body):
    by_status = there(plain.Dict, keys=words_of(Status), values=Part(Count))
    by_tier = there(plain.Dict, keys=words_of(known.Tier), values=Part(Count))
    by_waiting_on = there(plain.Dict, keys=words_of(known.WaitingOn), values=Part(Count))
    overdue = there(Part, Count)
    unowned = there(Part, Count)


class AssessmentOut(Judgement):
    """One judgement of one version of the facts."""

    id = there(Id)
    number = there(Whole, 1, 2**31)
    facts_version = there(Whole, 1, 2**31)
    reason = there(Words)
    changes = there(Items, plain.Raw())
    author = there(Words)
    at = there(Instant)


class FactsOut(Body):
    """One version of the clinical facts, as they were judged."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    kind = there(Words)
    source = maybe(Text)
    reason = maybe(Text)
    patient = there(Part, packet.PatientOfCase)
    diagnosis = maybe(Part, packet.DiagnosisOfReferral)
    treatments = maybe(Items, Part(packet.Treatment))
    author = there(Words)
    at = there(Instant)


class EventActor(Body):
    name = there(Words)
    user = maybe(Id)
    client = maybe(Id)
    organization = maybe(Id)
    party = there(Words)


class EventOut(Body):
    """One step of one referral. `note` is null where it is another party's own."""

    id = there(Id)
    referral = there(Id)
    reference = there(Words)
    version = there(Whole, 1, 2**31)
    step = there(Words)
    from_ = maybe(words_of, Status, data_key="from")
    to = there(words_of, Status)
    at = there(Instant)
    actor = there(Part, EventActor)
    note = maybe(Text)
    data = there(plain.Dict)


class PatientOut(PatientIn):
    version = there(Whole, 1, 2**31)
    created_at = there(Instant)
    updated_at = there(Instant)


class DiagnosisOut(packet.Diagnosis):
    id = there(Id)
    patient = there(Id)
    revises = maybe(Id)
    version = there(Whole, 1, 2**31)
    created_at = there(Instant)
    updated_at = there(Instant)


class TreatmentOut(packet.Treatment):
    id = there(Id)
    diagnosis = there(Id)
    version = there(Whole, 1, 2**31)
    created_at = there(Instant)
    updated_at = there(Instant)


class PolicyItem(Body):
    version = there(Words)
    status = there(words_of, known.PolicyStatus)
    author = there(Words)
    approver = maybe(Words)
    created_at = there(Instant)
    activated_at = maybe(Instant)


class PolicyOut(PolicyItem):
    document = there(plain.Dict)


class ErrorOut(Body):
    """Where something is wrong: `pointer` into the body, or the name of a `parameter`."""

    pointer = plain.String()
    parameter = plain.String()
    code = there(Words)
    message = there(Text)


class ProblemOut(Body):
    """RFC 9457. `instance` carries the request id."""

    type = there(Words)
    title = there(Words)
    status = there(Whole, 400, 599)
    detail = there(Text)
    instance = there(Words)
    errors = Items(Part(ErrorOut))
    code = plain.String()
    referral = plain.String()
    referral_status = words_of(Status)
    step = plain.String()
    fields_ = Items(plain.String(), data_key="fields")


@cache
def listed(item: type[Body]) -> type[Body]:
    """The shape of a page of these."""
    members = {
        "items": there(Items, Part(item), most=200),
        "next": maybe(plain.Url),
    }
    return type(f"{item.__name__}Page", (Body,), {**members, "__doc__": "One page; `next` is null on the last."})
