"""What is answered, field by field: from these shapes the documentation is made, and tests hold answers to them."""

from functools import cache

from marshmallow import fields as plain

from referrals.api.shape_parts import Named, Person, maybe, there
from referrals.api.shapes_of_centers import OfferOut, ReviewOut
from referrals.api.shapes_of_opinions import OpinionOut
from referrals.api.shapes_of_questions import InformationRequestOut
from referrals.boundary.schemas import packet
from referrals.boundary.schemas.fields import Body, Day, Flag, Id, Instant, Part, Whole, words_of
from referrals.domain import vocabulary as known
from referrals.domain.lifecycle import Status
from referrals.domain.people import Kind, Role, Scope


class OrganizationOut(Named):
    kind = there(words_of, Kind)


class UserOut(Person):
    email = there(plain.String)
    roles = there(plain.List, words_of(Role))
    active = there(Flag)


class Me(Body):
    """Who the caller is to us."""

    organization = there(Part, OrganizationOut)
    client = there(plain.String)
    person = maybe(Part, Person)
    scopes = there(plain.List, words_of(Scope))
    sandbox = there(Flag)
    server_time = there(Instant)


class CodeOut(Body):
    code = there(plain.String)
    display = there(plain.String)
    billable = there(Flag)


class CodesOut(Body):
    items = there(plain.List, Part(CodeOut))


class Evidence(Body):
    path = there(plain.String)
    value = plain.Raw(required=True, allow_none=True)


class VerdictOut(Body):
    criterion = there(words_of, known.Criterion)
    verdict = there(words_of, known.VerdictWord)
    rule = maybe(plain.String)
    because = there(plain.String)
    evidence = there(plain.List, Part(Evidence))
    citation = maybe(plain.String)


class Missing(Body):
    path = there(plain.String)
    could_change_tier_to = there(plain.List, words_of(known.Tier))


class TierRange(Body):
    soonest = there(words_of, known.Tier)
    latest = there(words_of, known.Tier)


class FlagOut(Body):
    code = there(plain.String)
    message = there(plain.String)
    path = maybe(plain.String)


class OverrideOut(Body):
    """The tier that a person set instead of the computed one."""

    tier = there(words_of, known.Tier)
    computed_tier = there(words_of, known.Tier)
    reason = there(words_of, known.OverrideReason)
    text = there(plain.String)
    author = there(plain.String)
    created_at = there(Instant)
    expires_at = there(Instant)
    countersign_due_at = maybe(Instant)


class Judgement(Body):
    tier = there(words_of, known.Tier)
    label = there(plain.String)
    policy = there(plain.String)
    provisional = there(Flag)
    criteria = there(plain.List, Part(VerdictOut), metadata={"minItems": 4, "maxItems": 4})
    missing = there(plain.List, Part(Missing))
    range = there(Part, TierRange)
    flags = there(plain.List, Part(FlagOut))


class Priority(Judgement):
    """Where a referral stands, and why. `due_at` is the promise."""

    due_at = maybe(Instant)
    override = maybe(Part, OverrideOut)


class AssessOut(Body):
    priority = there(Part, Priority)


class StepOut(Body):
    step = there(plain.String)
    href = there(plain.String)


class ReferralName(Body):
    id = there(Id)
    reference = there(plain.String)


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
    reference = there(plain.String)
    version = there(Whole, 1, 2**31)
    status = there(words_of, Status)
    core_status = there(words_of, known.CoreStatus)
    waiting_on = maybe(words_of, known.WaitingOn)
    next_action = maybe(plain.String)
    next_action_due_at = maybe(Instant)
    submitted_at = maybe(Instant)
    due_at = maybe(Instant)
    overdue = there(Flag)
    owner = maybe(Part, Person)
    organization = there(Part, Named)
    center = maybe(Part, Named)
    tumor_family = maybe(plain.String)
    updated_at = there(Instant)


class ReferralOut(Standing):
    """One referral, whole."""

    external_reference = maybe(plain.String)
    steps = there(plain.List, Part(StepOut))
    duplicates = there(plain.List, Part(ReferralName))
    follows = maybe(Part, ReferralName)
    patient = there(Part, PatientOfReferralOut)
    diagnosis = maybe(Part, DiagnosisIn)
    treatments = maybe(plain.List, Part(packet.Treatment))
    purposes = there(plain.List, words_of(known.Purpose))
    questions = there(plain.List, plain.String())
    summary = maybe(plain.String)
    performance_status = maybe(Part, packet.PerformanceStatus)
    other_conditions = maybe(plain.List, plain.String())
    needed_by = maybe(Part, packet.NeededBy)
    preferences = maybe(Part, packet.Preferences)
    referring_clinician = maybe(Part, packet.ReferringClinician)
    consent = maybe(Part, packet.Consent)
    information_requests = there(plain.List, Part(InformationRequestOut))
    offers = there(plain.List, Part(OfferOut))
    review = maybe(Part, ReviewOut)
    opinion = maybe(Part, OpinionOut)
    priority = maybe(Part, Priority)
    created_at = there(Instant)


class PatientShort(Body):
    id = there(Id)
    given_name = maybe(plain.String)
    family_name = maybe(plain.String)
    birth_date = maybe(Day)
    sex = maybe(words_of, known.Sex)


class DiagnosisShort(Body):
    icd10cm = maybe(plain.String)
    description = maybe(plain.String)
    morphology = maybe(plain.String)


class ReferralItem(Standing):
    """One row of a worklist."""

    tier = maybe(words_of, known.Tier)
    provisional = there(Flag)
    reasons = there(plain.List, plain.String())
    criteria_met = there(plain.List, words_of(known.Criterion))
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
    reason = there(plain.String)
    changes = there(plain.List, plain.Raw())
    author = there(plain.String)
    at = there(Instant)


class FactsOut(Body):
    """One version of the clinical facts, as they were judged."""

    id = there(Id)
    version = there(Whole, 1, 2**31)
    kind = there(plain.String)
    source = maybe(plain.String)
    reason = maybe(plain.String)
    patient = there(Part, packet.PatientOfCase)
    diagnosis = maybe(Part, packet.DiagnosisOfReferral)
    treatments = maybe(plain.List, Part(packet.Treatment))
    author = there(plain.String)
    at = there(Instant)


class EventActor(Body):
    name = there(plain.String)
    user = maybe(Id)
    client = maybe(Id)
    organization = maybe(Id)
    party = there(plain.String)


class StepTaken(Body):
    """One step of one referral. `version` is what the referral had after it."""

    id = there(Id)
    referral = there(Id)
    reference = there(plain.String)
    version = there(Whole, 1, 2**31)
    step = there(plain.String)
    from_ = maybe(words_of, Status, data_key="from")
    to = there(words_of, Status)
    at = there(Instant)
    actor = there(Part, EventActor)


class EventOut(StepTaken):
    """One step of one referral. `note` is null where it is another party's own."""

    note = maybe(plain.String)
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
    version = there(plain.String)
    status = there(words_of, known.PolicyStatus)
    author = there(plain.String)
    approver = maybe(plain.String)
    created_at = there(Instant)
    activated_at = maybe(Instant)


class PolicyOut(PolicyItem):
    document = there(plain.Dict)


class ErrorOut(Body):
    """Where something is wrong: `pointer` into the body, or the name of a `parameter`."""

    pointer = plain.String()
    parameter = plain.String()
    code = there(plain.String)
    message = there(plain.String)


class ProblemOut(Body):
    """RFC 9457. `instance` carries the request id."""

    type = there(plain.String)
    title = there(plain.String)
    status = there(Whole, 400, 599)
    detail = there(plain.String)
    instance = there(plain.String)
    errors = plain.List(Part(ErrorOut))
    code = plain.String()
    referral = plain.String()
    referral_status = words_of(Status)
    step = plain.String()
    fields_ = plain.List(plain.String(), data_key="fields")


@cache
def listed(item: type[Body]) -> type[Body]:
    """The shape of a page of these."""
    members = {
        "items": there(plain.List, Part(item), metadata={"maxItems": 200}),
        "next": maybe(plain.Url),
    }
    return type(f"{item.__name__}Page", (Body,), {**members, "__doc__": "One page; `next` is null on the last."})
