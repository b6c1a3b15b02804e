"""Plain words for what an opinion says in codes: on pages, and in the document to keep."""

from collections.abc import Mapping

from referrals.domain.vocabulary import (
    Axis,
    Channel,
    ContactOutcome,
    ContactWith,
    FindingResult,
    Impact,
    OutcomeResult,
    Plan,
    RecommendationKind,
    Strength,
    Urgency,
)

AXIS: Mapping[str, str] = {
    Axis.DIAGNOSIS: "Diagnosis",
    Axis.STAGE: "Stage",
    Axis.BIOMARKERS: "Biomarkers",
    Axis.TREATMENT: "Treatment",
}
RESULT: Mapping[str, str] = {
    FindingResult.CONFIRMED: "Confirmed",
    FindingResult.REFINED: "Refined: more exact than before",
    FindingResult.CHANGED: "Changed",
    FindingResult.NOT_ASSESSABLE: "Could not be assessed",
}
IMPACT: Mapping[str, str] = {
    Impact.NONE: "Changes nothing for the patient",
    Impact.MINOR: "Changes a little for the patient",
    Impact.MAJOR: "Changes much for the patient",
}
ADVICE_KIND: Mapping[str, str] = {
    RecommendationKind.TREATMENT: "Treatment",
    RecommendationKind.TEST: "Test",
    RecommendationKind.TRIAL: "Clinical trial",
    RecommendationKind.SURVEILLANCE: "Surveillance",
    RecommendationKind.SUPPORTIVE: "Supportive care",
    RecommendationKind.REFERRAL: "Referral to somebody else",
}
STRENGTH: Mapping[str, str] = {Strength.STRONG: "Strong", Strength.WEAK: "Weak"}
URGENCY: Mapping[str, str] = {Urgency.NOW: "Now", Urgency.WEEKS: "Within weeks", Urgency.ROUTINE: "Routine"}
PLAN: Mapping[str, str] = {
    Plan.FOLLOW: "We follow it",
    Plan.PARTLY: "We follow it in part",
    Plan.NOT: "We do not follow it",
    Plan.DISCUSS: "We discuss it first",
}
OUTCOME: Mapping[str, str] = {
    OutcomeResult.FOLLOWED: "Followed",
    OutcomeResult.PARTLY: "Followed in part",
    OutcomeResult.NOT: "Not followed",
    OutcomeResult.UNKNOWN: "Not known",
}
CONTACT_WITH: Mapping[str, str] = {
    ContactWith.REFERRER: "The referrer",
    ContactWith.PATIENT: "The patient or family",
    ContactWith.LABORATORY: "A laboratory",
    ContactWith.CENTER: "The center",
    ContactWith.OTHER: "Somebody else",
}
CHANNEL: Mapping[str, str] = {
    Channel.PHONE: "Phone",
    Channel.LETTER: "Letter",
    Channel.FAX: "Fax",
    Channel.MAIL: "Email",
    Channel.IN_PERSON: "In person",
}
CONTACT_OUTCOME: Mapping[str, str] = {
    ContactOutcome.REACHED: "Reached",
    ContactOutcome.TOLD_AND_READ_BACK: "Told, and it was read back",
    ContactOutcome.LEFT_MESSAGE: "A message was left",
    ContactOutcome.NOT_REACHED: "Not reached",
}
