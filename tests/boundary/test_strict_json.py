"""Hostile JSON is refused with one typed error, quickly, and honest JSON is read as it was sent."""

import json
import time

import pytest
from hypothesis import given, strategies as st

from referrals.boundary.strict_json import Malformed, read, read_object
from referrals.domain.errors import Invalid

SECRET = "Ada-Example"

HOSTILE = {
    "nothing": b"",
    "white space only": b" \n ",
    "not JSON": b"{",
    "a bare word": b"{a: 1}",
    "single quotes": b"{'a': 1}",
    "a trailing comma": b'{"a": 1,}',
    "a comment": b'{"a": 1} // x',
    "two values": b"{}{}",
    "a form": b"a=1&b=2",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "a fraction past 64 bits": b'{"a": 1e999}',
    "a negative fraction past 64 bits": b'{"a": -1e999}',
    "a long fraction past 64 bits": b'{"a": ' + b"9" * 5000 + b".0}",
    "a whole number past 64 bits": b'{"a": 18446744073709551616}',
    "a negative number past 64 bits": b'{"a": -9223372036854775809}',
    "5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "5,000 negative digits": b'{"a": -' + b"9" * 5000 + b"}",
    "a leading zero": b'{"a": 01}',
    "the same member twice": b'{"a": 1, "a": 2}',
    "the same member twice, inside": b'{"b": [{"a": 1, "a": 1}]}',
    "the same member twice, one escaped": b'{"a": 1, "\\u0061": 2}',
    "51 arrays": b"[" * 51 + b"]" * 51,
    "51 objects": b'{"a":' * 51 + b"1" + b"}" * 51,
    "100,000 arrays": b"[" * 100_000,
    "100,000 arrays, closed": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000,
    "a deep array behind a string full of quotes": b'["' + b'\\"' * 500 + b'",' + b"[" * 60 + b"]" * 60 + b"]",
    "half a surrogate pair": b'{"a": "\\ud800"}',
    "the other half": b'{"a": "\\uDC00"}',
    "a pair in the wrong order": b'{"a": "\\udc00\\ud800"}',
    "half a pair as a name": b'{"\\ud800": 1}',
    "half a pair in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "NUL": b'{"a": "\\u0000"}',
    "NUL as a name": b'{"\\u0000": "a"}',
    "NUL, deep inside": b'{"a": [{"b": ["x", "y\\u0000"]}]}',
    "NUL as it is": b'{"a": "\x00"}',
    "a control character as it is": b'{"a": "\x01"}',
    "Latin-1": b'{"a": "\xff"}',
    "an overlong encoding": b'{"a": "\xc0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_is_malformed(data):
    with pytest.raises(Malformed):
        read_object(data)


@pytest.mark.parametrize("data", [b"[]", b'"a"', b"1", b"null", b"true", b"[{}]"])
def test_json_that_is_no_object_is_another_refusal(data):
    with pytest.raises(Invalid) as refusal:
        read_object(data)
    assert [error.code for error in refusal.value.errors] == ["not_an_object"]


@pytest.mark.parametrize("data", [b'{"x": "%s", }' % SECRET.encode(), b'{"%s": 1, "%s": 2}' % ((SECRET.encode(),) * 2)])
def test_a_refusal_never_repeats_what_was_sent(data):
    with pytest.raises(Malformed) as refusal:
        read_object(data)
    assert SECRET not in str(refusal.value)
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"[" * 50 + b"]" * 50, None),
        (b'{"a": 9223372036854775807}', {"a": 2**63 - 1}),
        (b'{"a": 18446744073709551615}', {"a": 2**64 - 1}),
        (b'{"a": -9223372036854775808}', {"a": -(2**63)}),
        (b'{"a": 1.5e3}', {"a": 1500.0}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a": "\\\\u0000 \\\\ud800"}', {"a": "\\u0000 \\ud800"}),
        (b'{"a": "[[[[\\"{{{{"}', {"a": '[[[["{{{{'}),
        (b'{"a": "' + b"[" * 500 + b'"}', {"a": "[" * 500}),
        (b"[" + b"[]," * 500 + b"[]]", [[]] * 501),
        (b'{"a": {"a": {"a": 1}}}', {"a": {"a": {"a": 1}}}),
    ],
)
def test_what_is_close_to_hostile_is_still_read(data, value):
    assert read(data) == (value if value is not None else json.loads(data))


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'"' * 1_000_000,
        b'\\"' * 500_000,
        b'["\\' * 300_000,
        b"[]" * 500_000,
        b'"\\"' + b"\\\\" * 500_000,
    ],
)
def test_a_mebibyte_of_malice_takes_no_longer_than_it_should(data):
    begun = time.perf_counter()
    with pytest.raises(Malformed):
        read(data)
    assert time.perf_counter() - begun < 2


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)
    ),
    max_leaves=40,
)


@given(JSON_VALUES, st.booleans())
def test_honest_json_is_read_as_it_was_sent(value, escaped):
    assert read(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_malformed(data):
    try:
        value = read(data)
    except Malformed:
        return
    assert read(json.dumps(value).encode()) == value
