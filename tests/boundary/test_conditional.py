"""Which versions a caller means by If-Match."""

import pytest
from flask import Flask

from referrals.boundary.conditional import refuse_stale, versions_meant
from referrals.boundary.problems import Problem
from referrals.domain.errors import Stale

APP = Flask("test")


def meant(header: str | None):
    headers = {} if header is None else {"If-Match": header}
    with APP.test_request_context("/", headers=headers):
        return versions_meant()


@pytest.mark.parametrize("header", ['"3"', '"1", "3"', ' "3" ', "*", '"3","4"', '"x", W/"3", "3"'])
def test_a_version_that_is_named_may_be_changed(header):
    refuse_stale(meant(header), 3)


@pytest.mark.parametrize("header", ['"2"', 'W/"3"', "3", '"33"', '"3', "**", '"3";"4"', '"3" "4"', "null", '"3.0"'])
def test_any_other_version_is_stale_a_weak_one_too(header):
    with pytest.raises(Stale):
        refuse_stale(meant(header), 3)


@pytest.mark.parametrize("header", [None, "", "  "])
def test_a_change_without_a_version_is_refused(header):
    with pytest.raises(Problem) as problem:
        meant(header)
    assert problem.value.status == 428
