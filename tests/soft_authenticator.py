"""An authenticator in software: makes passkeys and signs with them, truthfully or with one thing wrong."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """A key pair for one site. `count` is what it says next."""

    site: str = "localhost"
    origin: str = "http://localhost"
    id: bytes = field(default_factory=lambda: token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 1
    flags: int = PRESENT | VERIFIED

    @property
    def credential_id(self) -> str:
        return bytes_to_base64url(self.id)

    def public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def created(self, options: dict[str, Any]) -> str:
        """The answer to `navigator.credentials.create`."""
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.public_key()
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        said = self._client("webauthn.create", options["challenge"])
        self.count += 1
        return self._told({"clientDataJSON": said, "attestationObject": cbor2.dumps(made)})

    def signed(self, options: dict[str, Any], user: bytes = b"", **wrong: Any) -> str:
        """The answer to `navigator.credentials.get`; `wrong` replaces challenge, origin or kind."""
        kind, challenge = wrong.get("kind", "webauthn.get"), wrong.get("challenge", options["challenge"])
        said, data = self._client(kind, challenge, wrong.get("origin")), self._data()
        signature = self.key.sign(data + sha256(said).digest(), ec.ECDSA(SHA256()))
        self.count += 1
        return self._told(
            {"clientDataJSON": said, "authenticatorData": data, "signature": signature, "userHandle": user}
        )

    def _client(self, kind: str, challenge: str, origin: str | None = None) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin or self.origin}).encode()

    def _data(self, more: int = 0) -> bytes:
        return sha256(self.site.encode()).digest() + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _told(self, response: dict[str, bytes]) -> str:
        told = {name: bytes_to_base64url(value) for name, value in response.items() if value}
        return json.dumps(
            {"id": self.credential_id, "rawId": self.credential_id, "type": "public-key", "response": told}
        )


def other_challenge() -> str:
    return bytes_to_base64url(token_bytes(32))
