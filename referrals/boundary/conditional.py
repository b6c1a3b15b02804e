"""Versions in headers: every single resource says which one it is, and a change says which one it means."""

import re

from flask import request

from referrals.boundary.problems import Problem
from referrals.domain.errors import Stale

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_LIST = re.compile(rf"\s*{_TAG.pattern}\s*(?:,\s*{_TAG.pattern}\s*)*")


def etag(version: int | str) -> str:
    return f'"{version}"'


class AnyVersion:
    """`If-Match: *`: whatever version is there."""

    def __contains__(self, version: object) -> bool:
        return True


Versions = AnyVersion | frozenset[str]


def versions_meant() -> Versions:
    """The versions that `If-Match` names. A weak tag names none: it promises too little for a change."""
    sent = request.headers.get("If-Match")
    if sent is None or not sent.strip():
        raise Problem("precondition-required", 'Send If-Match with the version that you read, such as "3", or *.')
    if sent.strip() == "*":
        return AnyVersion()
    if not _LIST.fullmatch(sent):
        return frozenset()
    return frozenset(tag for weak, tag in _TAG.findall(sent) if not weak)


def refuse_stale(meant: Versions, version: int) -> None:
    if str(version) not in meant:
        raise Stale
