import pytest

from referrals.domain.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotAllowedNow,
    NotFound,
    PersonRequired,
    Refusal,
    Stale,
    refuse_unless_clean,
)


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (NotFound(), "not_found"),
        (Forbidden("wrong_kind", "Not yours."), "wrong_kind"),
        (NotAllowedNow("claim", "closed"), "not_allowed_now"),
        (Conflict("Known already."), "conflict"),
        (Stale(), "stale"),
        (Invalid([FieldError("/questions", "required", "Ask something.")]), "validation"),
        (PersonRequired("claim"), "person_required"),
    ],
)
def test_every_refusal_has_a_code_and_a_sentence(refusal, code):
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert refusal.message == str(refusal)
    assert refusal.message.endswith(".")


def test_a_step_refused_now_names_the_step_and_the_status():
    refusal = NotAllowedNow("claim", "closed")
    assert (refusal.step, refusal.status) == ("claim", "closed")
    assert "claim" in refusal.message
    assert "closed" in refusal.message


def test_a_conflict_points_at_fields_and_a_referral():
    refusal = Conflict("Contradicted.", referral="an-id", fields=["/patient/birth_date"])
    assert (refusal.referral, refusal.fields) == ("an-id", ("/patient/birth_date",))


def test_all_errors_are_refused_at_once():
    errors = [FieldError("/a", "required", "A."), FieldError("/b", "required", "B.")]
    with pytest.raises(Invalid) as refused:
        refuse_unless_clean(iter(errors))
    assert refused.value.errors == tuple(errors)


def test_nothing_wrong_is_no_refusal():
    refuse_unless_clean([])


def test_a_missing_person_is_an_error_that_names_the_header():
    (error,) = PersonRequired("sign-opinion").errors
    assert error.code == "person_required"
    assert "On-Behalf-Of" in error.message
