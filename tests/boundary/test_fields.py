"""What each kind of field takes, refuses, and says about it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from referrals.boundary.schemas import fields
from referrals.boundary.schemas.fields import Body, load
from referrals.domain.errors import Invalid


def shape(**members):
    return Body.from_dict(members)


def refused(field, value) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        load(shape(it=field)(), {"it": value})
    return [(error.pointer, error.code) for error in refusal.value.errors]


def taken(field, value):
    return load(shape(it=field)(), {"it": value})["it"]


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        (fields.Words(), "  Ada \n", "Ada"),
        (fields.Words(5), "12345", "12345"),
        (fields.Text(), "one\nline\tmore", "one\nline\tmore"),
        (fields.Word(["a", "b"]), " b ", "b"),
        (fields.Flag(), False, False),
        (fields.Whole(0, 5), 5, 5),
        (fields.Quantity(0, 5), 2.5, 2.5),
        (fields.Day(), "2024-02-29", "2024-02-29"),
        (fields.PartialDay(), "2019", "2019"),
        (fields.PartialDay(), "2019-03", "2019-03"),
        (fields.PartialDay(), "2019-03-31", "2019-03-31"),
        (fields.Instant(), "2026-11-18T09:30:00Z", datetime(2026, 11, 18, 9, 30, tzinfo=UTC)),
        (fields.Instant(), "2026-11-18T09:30:00.123456789Z", datetime(2026, 11, 18, 9, 30, 0, 123456, tzinfo=UTC)),
        (fields.Id(), "018F3A5E-0000-7000-8000-000000000000", "018f3a5e-0000-7000-8000-000000000000"),
        (fields.Items(fields.Whole(0, 9)), [1, 2], [1, 2]),
        (fields.Whole(0, 9), 3.0, 3),
        (fields.Pattern("[A-Z]{2}", "two letters"), "US", "US"),
    ],
)
def test_a_field_takes_what_it_is_for_and_trims_it(field, value, kept):
    assert taken(field, value) == kept


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (fields.Words(), "   ", "blank"),
        (fields.Words(5), "123456", "too_long"),
        (fields.Words(), 5, "invalid_type"),
        (fields.Words(), ["a"], "invalid_type"),
        (fields.Words(), "a\nb", "invalid_characters"),
        (fields.Text(), "a\x07b", "invalid_characters"),
        (fields.Words(), None, "required"),
        (fields.Word(["a"]), "A", "invalid_choice"),
        (fields.Word(["a"]), 1, "invalid_choice"),
        (fields.Flag(), 1, "invalid_type"),
        (fields.Flag(), "true", "invalid_type"),
        (fields.Whole(0, 5), 6, "invalid_number"),
        (fields.Whole(0, 5), True, "invalid_number"),
        (fields.Whole(0, 5), 1.5, "invalid_number"),
        (fields.Whole(0, 5), float("inf"), "invalid_number"),
        (fields.Whole(0, 5), "1", "invalid_number"),
        (fields.Quantity(0, 5), -0.1, "invalid_number"),
        (fields.Day(), "2023-02-29", "invalid_date"),
        (fields.Day(), "2023-2-9", "invalid_date"),
        (fields.Day(), "2023-W05-1", "invalid_date"),
        (fields.Day(), "20230209", "invalid_date"),
        (fields.Day(), "2023-02-09T00:00:00Z", "invalid_date"),
        (fields.PartialDay(), "2019-13", "invalid_date"),
        (fields.PartialDay(), "19", "invalid_date"),
        (fields.PartialDay(), "0000", "invalid_date"),
        (fields.PartialDay(), 2019, "invalid_date"),
        (fields.Instant(), "2026-11-18T09:30:00", "invalid_time"),
        (fields.Instant(), "2026-11-18T09:30:00+01:00", "invalid_time"),
        (fields.Instant(), "2026-11-18", "invalid_time"),
        (fields.Instant(), "2026-13-18T09:30:00Z", "invalid_time"),
        (fields.Id(), "018f3a5e", "invalid_id"),
        (fields.Id(), "{018f3a5e-0000-7000-8000-000000000000}", "invalid_id"),
        (fields.Items(fields.Flag()), True, "invalid_type"),
        (fields.Items(fields.Flag()), {"0": True}, "invalid_type"),
        (fields.Items(fields.Flag(), most=2), [True] * 3, "too_many"),
        (fields.Items(fields.Flag(), least=1), [], "too_few"),
        (fields.Part(shape(a=fields.Flag())), [], "invalid_type"),
    ],
)
def test_a_field_refuses_everything_else_by_its_name(field, value, code):
    assert refused(field, value) == [("/it", code)]


def test_every_error_is_told_at_once_each_with_its_place():
    inner = shape(name=fields.Words(required=True), day=fields.Day())
    outer = shape(parts=fields.Items(fields.WholePart(inner)), one=fields.Part(inner), flag=fields.Flag())
    sent = {"parts": [{"name": "x", "day": "no"}, {}, 4], "one": {"a/b~c": 1, "name": ""}, "flag": "yes", "more": 1}
    with pytest.raises(Invalid) as refusal:
        load(outer(), sent)
    assert [(error.pointer, error.code) for error in refusal.value.errors] == [
        ("/flag", "invalid_type"),
        ("/more", "unknown_field"),
        ("/one/a~1b~0c", "unknown_field"),
        ("/one/name", "blank"),
        ("/parts/0/day", "invalid_date"),
        ("/parts/1/name", "required"),
        ("/parts/2", "invalid_type"),
    ]


def test_a_merge_patch_may_leave_out_what_is_required_but_not_inside_a_list():
    item = shape(name=fields.Words(required=True))
    patched = shape(
        name=fields.Words(required=True), part=fields.Part(item), items=fields.Items(fields.WholePart(item))
    )
    assert load(patched(), {"part": {}}, partial=True) == {"part": {}}
    with pytest.raises(Invalid) as refusal:
        load(patched(), {"items": [{}]}, partial=True)
    assert [error.pointer for error in refusal.value.errors] == ["/items/0/name"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=8), below, max_size=3),
    max_leaves=10,
)
ANY_FIELD = st.sampled_from(
    [
        fields.Words(),
        fields.Text(),
        fields.Word(["a"]),
        fields.Flag(),
        fields.Whole(0, 9),
        fields.Quantity(0, 9),
        fields.Day(),
        fields.PartialDay(),
        fields.Instant(),
        fields.Id(),
        fields.Items(fields.Words()),
        fields.Part(shape(a=fields.Words(required=True))),
    ]
)


@given(ANY_FIELD, JSON)
def test_whatever_is_sent_is_taken_or_refused_in_words_that_do_not_repeat_it(field, value):
    errors = ()
    try:
        load(shape(it=field)(), {"it": value})
    except Invalid as refusal:
        errors = refusal.errors
        said = " ".join(error.message for error in errors)
    if errors and isinstance(value, str) and len(value) > 20:
        assert value not in said
