"""A partner system as the tests drive it: every answer that it gets is held to the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.api.agreement import refuse_other_than_documented

BASE = "/api/v1"
UNSENT = object()


class Partner:
    """Calls with one token, in the name of one person or of nobody."""

    def __init__(self, app: Flask, token: str | None, person: str | None = None) -> None:
        self.app, self.token, self.person = app, token, person
        self.http = app.test_client(use_cookies=False)

    def headers(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if self.person:
            own["On-Behalf-Of"] = self.person
        return own | dict(more or {})

    def call(
        self,
        method: str,
        path: str,
        json: Any = UNSENT,
        *,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> TestResponse:
        sent = {} if json is UNSENT else {"json": json}
        address = path if path.startswith(("/api/", "/oauth/", "/health/", "http")) else BASE + path
        answer = self.http.open(address, method=method, headers=self.headers(headers), **sent, **options)
        refuse_other_than_documented(self.app, method, address, answer)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = UNSENT, **options: Any) -> TestResponse:
        return self.call("POST", path, json, **options)

    def patch(self, path: str, json: Any, version: Any = "*", **options: Any) -> TestResponse:
        return self.call("PATCH", path, json, headers=if_match(version, options.pop("headers", None)), **options)

    def take(self, step: str, referral: Mapping[str, Any], version: Any = None, **body: Any) -> TestResponse:
        """Take a step of a referral, of the version that was read."""
        meant = referral["version"] if version is None else version
        return self.post(f"/referrals/{referral['id']}/{step}", body, headers=if_match(meant))

    def create(self, packet: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        answer = self.post("/referrals", packet, **options)
        assert answer.status_code == 201, answer.text
        return answer.json


def if_match(version: Any, more: Mapping[str, str] | None = None) -> dict[str, str]:
    tag = "*" if version == "*" else f'"{version}"'
    return {"If-Match": tag} | dict(more or {})


def pointers(answer: TestResponse) -> list[str]:
    """Where things are wrong, as the problem says."""
    return [error.get("pointer", error.get("parameter")) for error in answer.json.get("errors", [])]


def codes(answer: TestResponse) -> dict[str, str]:
    return {error.get("pointer", error.get("parameter")): error["code"] for error in answer.json.get("errors", [])}
