"""Which public keys a partner system may register: the public half, strong enough, for the two known algorithms."""

import pytest
from joserfc.jwk import ECKey, RSAKey

from referrals.domain.errors import Invalid
from referrals.pathway.key_sets import key_for, names_of, registered, usable

RSA, EC, OTHER_CURVE = (
    RSAKey.generate_key(2048, auto_kid=False),
    ECKey.generate_key("P-384", auto_kid=False),
    ECKey.generate_key("P-256", auto_kid=False),
)


def public(key, **more):
    return key.as_dict(private=False) | {"kid": "one"} | more


SHORT = public(RSA, n="_" * 171)  # 1,026 bits
FAULTS = {
    "not a set": ([], "/keys", "no_keys"),
    "no key": ({"keys": []}, "/keys", "no_keys"),
    "too many": ({"keys": [public(RSA, kid=str(number)) for number in range(21)]}, "/keys", "no_keys"),
    "no object": ({"keys": ["key"]}, "/keys/0/kty", "unknown_kind"),
    "a shared secret": ({"keys": [{"kty": "oct", "k": "AAAA", "kid": "x"}]}, "/keys/0/kty", "unknown_kind"),
    "a private RSA key": ({"keys": [RSA.as_dict(private=True) | {"kid": "x"}]}, "/keys/0", "private_key"),
    "a private EC key": ({"keys": [public(RSA), EC.as_dict(private=True)]}, "/keys/1", "private_key"),
    "no name": ({"keys": [RSA.as_dict(private=False)]}, "/keys/0/kid", "required"),
    "two of one name": ({"keys": [public(RSA), public(EC)]}, "/keys/1/kid", "repeated"),
    "1024 bits": ({"keys": [SHORT]}, "/keys/0/n", "wrong_size"),
    "another curve": ({"keys": [public(OTHER_CURVE)]}, "/keys/0/crv", "wrong_curve"),
    "another algorithm": ({"keys": [public(RSA, alg="RS256")]}, "/keys/0/alg", "wrong_algorithm"),
    "for secrets": ({"keys": [public(RSA, use="enc")]}, "/keys/0/use", "wrong_use"),
    "to sign": ({"keys": [public(RSA, key_ops=["sign"])]}, "/keys/0/use", "wrong_use"),
    "off the curve": ({"keys": [public(EC, x="AA", y="AA")]}, "/keys/0", "unreadable"),
    "no number": ({"keys": [public(RSA, n=5)]}, "/keys/0/n", "wrong_size"),
    "no base64": ({"keys": [public(RSA, n="!!")]}, "/keys/0/n", "wrong_size"),
    "a huge number": ({"keys": [public(RSA, e="A" * 9000)]}, "/keys/0", "unreadable"),
}


@pytest.mark.parametrize(("document", "pointer", "code"), FAULTS.values(), ids=FAULTS)
def test_a_key_that_cannot_be_trusted_is_refused_and_said_why(document, pointer, code):
    with pytest.raises(Invalid) as refusal:
        registered(document)
    (error,) = refusal.value.errors
    assert (error.pointer, error.code) == (pointer, code)


def test_only_the_public_numbers_of_a_key_are_kept():
    kept = registered(
        {"keys": [public(RSA, alg="RS384", use="sig", x5c=["…"], key_ops=["verify"]), public(EC, kid="2")]}
    )
    assert [sorted(key) for key in kept["keys"]] == [["e", "kid", "kty", "n"], ["crv", "kid", "kty", "x", "y"]]
    assert names_of(kept) == ("one (RS384)", "2 (ES384)")
    assert key_for(kept, "one", "RS384").kid is None
    assert key_for(kept, "one", "ES384") is key_for(kept, "three", "RS384") is None


def test_of_keys_that_others_publish_the_usable_ones_are_used_unless_a_private_one_is_among_them():
    assert len(usable({"keys": [SHORT, public(RSA), {"kty": "OKP"}]})["keys"]) == 1
    assert usable({"keys": [public(RSA), EC.as_dict(private=True)]}) == {"keys": []}
