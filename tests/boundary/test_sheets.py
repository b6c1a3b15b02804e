"""A sheet opens as text: no cell of it is ever worked out as a formula."""

import csv
import io

from referrals.boundary.sheets import sheet


def test_what_looks_like_a_formula_is_text_in_a_sheet() -> None:
    odd = ("=1+1", "+1", "-1", "@A1", "\tx", "a=b", 'say "no", twice', None, -4)
    answer = sheet("odd", ("head",) * len(odd), [odd])
    _, row = csv.reader(io.StringIO(answer.get_data(as_text=True)))
    assert row == ["'=1+1", "'+1", "'-1", "'@A1", "'\tx", "a=b", 'say "no", twice', "", "-4"]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="odd.csv"'
