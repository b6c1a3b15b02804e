"""What is said to an authenticator and what it answers, checked by the webauthn library."""

from collections.abc import Iterable
from dataclasses import dataclass

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from referrals.models.user import User


class NotProven(Exception):
    """What came back is not what was asked for. Which of its parts it was is said to nobody."""


@dataclass(frozen=True, slots=True)
class Site:
    """Whom a passkey is for: the domain it belongs to, the exact origin it may be used from, and the name shown."""

    domain: str
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class NewKey:
    credential_id: str
    public_key: str
    sign_count: int


def creation_options(site: Site, user: User, known: Iterable[str], challenge: str) -> str:
    """A key that is found without an address being typed, and that asks who holds the device."""
    options = generate_registration_options(
        rp_id=site.domain,
        rp_name=site.name,
        user_id=user.id.bytes,
        user_name=user.email,
        user_display_name=user.name,
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
    )
    return options_to_json(options)


def request_options(site: Site, known: Iterable[str], challenge: str) -> str:
    """Of these keys one; of any that the device has for us, where none is named."""
    options = generate_authentication_options(
        rp_id=site.domain,
        challenge=base64url_to_bytes(challenge),
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def _described(known: Iterable[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known]


def registered(site: Site, challenge: str, answer: str) -> NewKey:
    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception as problem:  # whatever a stranger's bytes make the library stumble over proves nothing
        raise NotProven from problem
    return NewKey(
        bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key), found.sign_count
    )


@dataclass(frozen=True, slots=True)
class Named:
    """Which key says that it has answered, and for whom, if it says so. Nothing is proven by that."""

    credential_id: str
    user_handle: bytes | None


def named(answer: str) -> Named:
    try:
        found = parse_authentication_credential_json(answer)
        return Named(bytes_to_base64url(found.raw_id), found.response.user_handle)
    except Exception as problem:  # whatever a stranger's bytes make the library stumble over proves nothing
        raise NotProven from problem


def count_after(site: Site, challenge: str, answer: str, public_key: str, sign_count: int) -> int:
    """The key has signed this challenge, here, by its holder: its new count. A count that goes back is refused."""
    try:
        found = verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.domain,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception as problem:  # whatever a stranger's bytes make the library stumble over proves nothing
        raise NotProven from problem
    return found.new_sign_count
