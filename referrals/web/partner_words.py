"""What administrators read of partner systems: scopes, proofs and refusals in words."""

from collections.abc import Mapping

from referrals.domain.partner_systems import DOUBTS
from referrals.domain.people import Scope

SCOPE: Mapping[str, str] = {
    Scope.REFERRALS_READ: "Read referrals",
    Scope.REFERRALS_WRITE: "Send and change referrals (for a provider)",
    Scope.TRIAGE_WRITE: "Triage, place and decide (for the network)",
    Scope.REVIEWS_WRITE: "Answer offers and review (for a center)",
    Scope.CENTERS_READ: "Read the directory of centers",
    Scope.CENTERS_WRITE: "Change the directory of centers",
    Scope.PATIENTS_READ: "Read patients’ records",
    Scope.PATIENTS_WRITE: "Change patients’ records",
    Scope.POLICIES_READ: "Read priority policies",
    Scope.POLICIES_WRITE: "Change priority policies",
    Scope.EVENTS_READ: "Follow what happens",
    Scope.WEBHOOKS_WRITE: "Subscribe to notices",
    Scope.AUDIT_READ: "Read the audit",
}
SECRET, JWKS, URL = "secret", "jwks", "url"
WAY: Mapping[str, str] = {
    SECRET: "By a secret that we make",
    JWKS: "By its own keys, pasted here",
    URL: "By its own keys, at an address",
}
REFUSED: Mapping[str, str] = {
    **DOUBTS,
    "invalid_scope": "Asked for a scope that it was not given",
}


def refusal_words(problem: str, code: str) -> str:
    """Why, as far as one word tells: the word itself where there is no sentence for it."""
    word = code or problem
    said = REFUSED.get(word) or word.replace("_", " ").replace("-", " ").replace("invalid", "not valid")
    return said[:1].upper() + said[1:]
