"""What comes out the same each time, in every application of a process, is worked out once for all its tests."""

from collections.abc import Callable
from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from referrals.models import engine


def work_out_once() -> None:
    Flask.jinja_options = {"bytecode_cache": Pages()}
    Rule.compile = once_a_rule(Rule.compile)
    PasswordHasher.verify = once_a_password(PasswordHasher.verify)
    DefaultDialect.__eq__, DefaultDialect.__hash__ = speak_alike, hash_of_a_kind
    engine.create_engine = once_a_statement(engine.create_engine)


class Pages(BytecodeCache):
    """Compiled templates: 40 ms for a page and what it is built on. A changed source is another template."""

    def __init__(self) -> None:
        self.compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.compiled[bucket.key, bucket.checksum] = bucket.code


# What compiling sets in a rule.
OF_A_RULE = ("_parts", "_trace", "_converters", "_build", "_build_unknown", "arguments")


def once_a_rule(compile_rule: Callable[[Rule], None]) -> Callable[[Rule], None]:
    """Of the 90 ms in which an application starts, 85 go into reading and building its 260 addresses."""
    compiled: dict[object, dict[str, Any]] = {}

    def compile_once(rule: Rule) -> None:
        what = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), rule.merge_slashes
        if what not in compiled:
            compile_rule(rule)
            compiled[what] = {name: getattr(rule, name) for name in OF_A_RULE}
        vars(rule).update(compiled[what])

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


# What every application of a run may ask for, on both databases.
STATEMENTS = 2_000


def speak_alike(one: DefaultDialect, other: object) -> bool:
    """What is compiled for one engine may be sent through another of its kind, if both write JSON in the same way."""
    return type(one) is type(other) and one._json_serializer is other._json_serializer


def hash_of_a_kind(dialect: DefaultDialect) -> int:
    return hash(type(dialect))


def once_a_statement(create_engine: Callable[..., Engine]) -> Callable[..., Engine]:
    """A fifth of a test at a door went into compiling the statements that the test before had compiled, too."""
    compiled = LRUCache(STATEMENTS)

    def create_engine_once(*words: Any, **options: Any) -> Engine:
        made = create_engine(*words, **options)
        made._compiled_cache = compiled
        return made

    return create_engine_once
