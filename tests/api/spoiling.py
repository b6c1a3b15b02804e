"""What somebody sends who wants to break us: bodies that are no JSON, values that fit nowhere, and where to put them."""

import json
from collections.abc import Iterator
from typing import Any

Path = tuple[Any, ...]

MALFORMED = {
    "nothing": b"",
    "no JSON": b"patient=Ada",
    "half of it": b'{"patient": ',
    "two values": b"{} {}",
    "a comment": b"{} // hello",
    "single quotes": b"{'a': 1}",
    "deeply nested": b'{"a":' * 60 + b"1" + b"}" * 60,
    "very deeply nested": b"[" * 100_000,
    "a member twice": b'{"submit": true, "submit": false}',
    "not a number": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "too large a fraction": b'{"a": 1e999}',
    "too many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "more than 64 bits": b'{"a": 18446744073709551616}',
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "half a surrogate pair as a name": b'{"\\udc00": 1}',
    "NUL": b'{"a": "\\u0000"}',
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
}

DEEP: Any = json.loads('{"diagnosis":' * 48 + "null" + "}" * 48)
# Each is JSON; hardly any fits where it is put.
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**63 - 1, 2**63, 2**64 - 1, -(2**63), 1.5, 1e308, -0.0),
    *("", " ", "x" * 5000, "x" * 300, [], {}, [[]], [None], [{}], {"a": {"b": []}}, DEEP, [{}] * 5000, ["x"] * 101),
    *("0000-00-00", "0000", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "٢٠٢٦-١١-١٨", "2026-11-18\u2003"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999Z", "2026-11-18T09:30:60Z"),
    *(
        "018f3a5e-0000-7000-8000-000000000000",
        "018F3A5E00007000800000000000000",
        "٠18f3a5e-0000-7000-8000-000000000000",
    ),
    *("' OR '1'='1", "'; DROP TABLE referral; --", '" OR ""="', "1) UNION SELECT NULL--", "' AND SLEEP(5)#", "%_\\"),
    *(
        "$1",
        ":name",
        "%(name)s",
        "{{7*7}}",
        "${jndi:ldap://x}",
        "<script>alert(1)</script>",
        "=1+1",
        "../../etc/passwd",
    ),
    *(
        "🩺",
        "a\u0300" * 100,
        "\u202e\u200f",
        "\ufffe\uffff",
        "\u2028",
        "ß",
        "nan",
        "Infinity",
        "٣",
        "İ@network.example",
    ),
    *("e" * 400 + "@x.example", "/diagnosis/morphology", "/", "C25.0", "8140/3", "x\u0085y", "\x1f"),
)
# What stands behind the `=` of a query, as it goes over the wire.
ASKED = (
    *("", "%00", "%ff", "%", "%zz", "%ED%A0%80", "%F0%9F%A9%BA", "0", "-1", "9" * 400, "9223372036854775808", "1e999"),
    *("%D9%A3", "'%20OR%201=1--", "a" * 8000, "0000-00-00", "10000-01-01", "9999-12-31T23:59:59.999999999Z", "NaN"),
    *("0001-01-01T00:00:00Z", "018f3a5e-0000-7000-8000-000000000000", "[]", "{}", "true", "%20", "1&zz=1", "1;2"),
)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a packet where something else could stand."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inside:
        yield from places(below, (*path, key))


def put(value: Any, path: Path, other: Any) -> Any:
    if not path:
        return other
    first, *rest = path
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = put(copy[first], tuple(rest), other)
    return copy
