"""What administrators read of partner systems: proofs and refusals in words."""

from collections.abc import Mapping

from referrals.domain.partner_systems import DOUBTS

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
