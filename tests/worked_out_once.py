"""What comes out the same each time, in every application of a process, is worked out once for all its tests."""

from collections.abc import Callable
from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


def work_out_once() -> None:
    Flask.jinja_options = {"bytecode_cache": Pages()}
    Rule._compile_builder = once_a_rule(Rule._compile_builder)
    PasswordHasher.verify = once_a_password(PasswordHasher.verify)


class Pages(BytecodeCache):
    """Compiled templates: 40 ms for a page and what it is built on. A changed source is another template."""

    def __init__(self) -> None:
        self.compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key, bucket.checksum] = bucket.code


def once_a_rule(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """Of the 90 ms in which an application starts, 65 go into writing the functions that build its addresses."""
    compiled: dict[object, Any] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        what = rule.rule, repr(rule.defaults), tuple(rule._trace), append_unknown
        if what not in compiled:
            compiled[what] = compile_builder(rule, append_unknown)
        return compiled[what]

    return compile_once


def once_a_password(verify: Callable[..., Any]) -> Callable[..., Any]:
    """27 ms for each sign-in: a password that was once right for a hash is right. A wrong one costs what it costs."""
    matched: set[tuple[str | bytes, str | bytes]] = set()

    def verify_once(hasher: PasswordHasher, kept: str | bytes, password: str | bytes) -> Any:
        if (kept, password) not in matched:
            verify(hasher, kept, password)
            matched.add((kept, password))
        return True

    return verify_once
