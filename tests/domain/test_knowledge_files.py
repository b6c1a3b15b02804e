"""Code files that may be loaded: read in the layout of their publishers, refused by the line that is wrong."""

import pytest

from referrals.knowledge.code_files import SITE_HISTOLOGY, CodeFileError, CodeRow, parse_code_file, site_pair
from referrals.knowledge.icdo3 import SiteHistology, sites_in


@pytest.fixture
def write(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "codes.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_any_system_comes_as_code_and_display(write):
    path = write("code,display,billable\nA1, Alpha \nA2,Beta,N\nA3,Gamma,Y\n")
    assert list(parse_code_file("local", path)) == [
        CodeRow("A1", "Alpha"),
        CodeRow("A2", "Beta", billable=False),
        CodeRow("A3", "Gamma"),
    ]


def test_a_byte_order_mark_and_other_columns_do_no_harm(write):
    path = write("\ufeffsource,code,display\nx,A1,Alpha\n")
    assert [row.code for row in parse_code_file("local", path)] == ["A1"]


def test_morphologies_come_in_the_layout_of_their_publisher(write):
    path = write("morphology,histology,behaviour,term\n8140/3,8140,3,Some term\n")
    assert list(parse_code_file("icdo3-morphology", path)) == [CodeRow("8140/3", "Some term")]


@pytest.mark.parametrize(("text", "message"), [
    ("code,name\nA1,Alpha\n", "Line 1: the column display is missing."),
    ("", "Line 1: the column code, display is missing."),
    ("code,display\nA1,Alpha\nA2,\n", "Line 3: one of code, display is empty."),
    ("code,display\nA1\n", "Line 2: one of code, display is empty."),
    ('code,display\n"A1,Alpha\n', "The file is not comma-separated text"),
])  # fmt: skip
def test_a_wrong_line_is_named_and_its_content_is_not(write, text, message):
    with pytest.raises(CodeFileError, match=message) as refusal:
        list(parse_code_file("local", write(text)))
    assert "Alpha" not in str(refusal.value)


def test_a_file_in_another_encoding_is_refused(write):
    with pytest.raises(CodeFileError, match="not UTF-8"):
        list(parse_code_file("local", write("code,display\nA1,Sézary\n", "latin-1")))


def test_pairs_of_site_and_histology_become_a_table(write):
    path = write('topography_ranges,site_group,morphology\n"C000-C002,C008",LIP,8070/3\nC619,PROSTATE,8140/3\n')
    table = SiteHistology(map(site_pair, parse_code_file(SITE_HISTOLOGY, path)))
    assert table.accepts("C00.1", "8070/3") is True
    assert table.accepts("C00.1", "8140/3") is False
    assert table.accepts("C61", "8140/3") is True
    assert table.accepts("C61.9", "8070/3") is False
    assert table.accepts("C25.0", "8140/3") is None
    assert table.accepts("C820", "9690/3") is None


@pytest.mark.parametrize("line", ["skin,SKIN,8070/3", "C44,SKIN,8070/3", "C440,SKIN,8070", "C440-,SKIN,8070/3"])
def test_a_pair_that_the_rules_could_not_read_is_refused_when_it_is_loaded(write, line):
    path = write(f"topography_ranges,site_group,morphology\nC440,SKIN,8070/3\n{line}\n")
    with pytest.raises(CodeFileError, match=r"Line 3: (topography_ranges|morphology)"):
        list(parse_code_file(SITE_HISTOLOGY, path))


def test_ranges_of_sites_may_cross_a_category():
    assert sites_in("C098-C101, C739") == ["C098", "C099", "C100", "C101", "C739"]
