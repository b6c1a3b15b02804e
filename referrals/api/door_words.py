"""What the documentation says beside the endpoints: introduction, headers, parts of addresses, refusals."""

from collections.abc import Mapping
from typing import Any

INTRODUCTION = (
    "Coordinates second opinions in cancer care. Bodies are JSON in snake_case; what is not named here is refused. "
    "Times are RFC 3339 in UTC with `Z`, clinical dates may be `YYYY` or `YYYY-MM`. Every single resource answers "
    "with a strong ETag; changes and steps need `If-Match`. Errors are problem documents (RFC 9457) that name every "
    "field at once and never repeat a value. The clinical content of the default policy is demonstration content "
    "that no clinician has signed."
)

TAGS: Mapping[str, str] = {
    "worklist": "Who waits, in the order of the queue.",
    "referrals": "One referral: received, read, rewritten.",
    "steps": "The steps of a referral's life.",
    "timeline": "What became of a referral.",
    "feed": "What happened to all of them, in order, and whether two systems believe the same.",
    "opinions": "The opinion as it was signed.",
    "contacts": "Calls, letters and visits about a referral.",
    "centers": "Specialist centers, their expertise and places, and which of them can answer.",
    "offers": "A center's inbox.",
    "assignments": "The whole queue placed at once, for a person to approve.",
    "reports": "What happened, and what the network lacks.",
    "documents": "Files that travel with a referral.",
    "messages": "The conversation between referrer, network and center.",
    "imports": "Many referrals in one file, each with its own receipt.",
    "exports": "All referrals of the caller in one answer.",
    "judgement": "The priority of a case that nobody has referred.",
    "patients": "Patients' records.",
    "diagnoses": "Diagnoses and treatments of a patient's record.",
    "codes": "Code look-up.",
    "directory": "The caller, its people, the organizations of the network.",
    "policies": "The rules by which priority is judged.",
    "webhooks": "Subscriptions to what happens, signed messages, and what was delivered.",
    "audit": "Who read, changed or was denied what.",
    "service": "Tokens, health, this documentation.",
}


def _header(words: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"description": words, "required": required, "schema": {"type": "string", **schema}}


HEADERS: Mapping[str, dict[str, Any]] = {
    "If-Match": _header('The version that you read, such as `"3"`, or `*`.', required=True),
    "Idempotency-Key": _header(
        "Repeat the call with the same key to get the same answer. Kept for 30 days.",
        pattern=r'^(?!""$)("[ -~]{1,255}"|[!-~]([ -~]{0,253}[!-~])?)$',
    ),
    "On-Behalf-Of": _header("The email address of the person of your organization who answers for the call."),
    "X-Request-ID": _header(
        "Echoed, and in our log, if it is made of 1 to 64 letters, digits, `-` and `_`; else we make one."
    ),
}

PATH_PARTS: Mapping[str, str] = {
    "referral_id": "The id of a referral.",
    "patient_id": "The id of a patient's record.",
    "diagnosis_id": "The id of a diagnosis.",
    "treatment_id": "The id of a treatment.",
    "document_id": "The id of a document.",
    "contact_id": "The id of a call, letter or visit.",
    "message_id": "The id of a message.",
    "center_id": "The id of a center: `id` in `GET /centers`.",
    "offer_id": "The id of an offer.",
    "plan_id": "The id of a plan: `id` in the answer of `POST /assignments`.",
    "import_id": "The id of an import.",
    "subscription_id": "The id of a subscription.",
    "delivery_id": "The id of a delivery.",
    "version": "The version of a policy, such as `2026.1`.",
    "system": "`icd10cm`, `icdo3-topography`, `icdo3-morphology`, or another that was loaded.",
}

# Which refusals an endpoint may answer, and what makes it able to.
PROBLEMS: Mapping[str, str] = {
    "malformed": "body",
    "unauthenticated": "always",
    "forbidden": "always",
    "not-found": "path",
    "conflict": "conflict",
    "gone": "path",
    "stale": "version",
    "too-large": "body",
    "unsupported-media-type": "body",
    "validation": "always",
    "precondition-required": "version",
    "rate-limited": "always",
    "unavailable": "always",
}
