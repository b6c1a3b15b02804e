"""Asks the package index for known holes in everything that is pinned: 0 none, 1 some, 3 nobody could be asked.

An auditor that reaches no index says "no known vulnerabilities" and has checked nothing, so a package that surely is
in every index is asked for first.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("requirements.txt", "requirements-s3.txt", "requirements-dev.txt")
SURELY_THERE = "six==1.17.0\n"
HOLES, NOBODY_THERE = 1, 3


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--where-reachable", action="store_true", help="no index is no failure, and is said loudly")
    where_reachable = asked.parse_args().where_reachable
    if not is_reachable():
        print("NOT AUDITED: no index of known vulnerabilities can be reached from here.", file=sys.stderr)
        return 0 if where_reachable else NOBODY_THERE
    return HOLES if [file for file in FILES if audit(ROOT / file, "--require-hashes").returncode] else 0


def is_reachable() -> bool:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as probe:
        probe.write(SURELY_THERE)
        probe.flush()
        asked = audit(Path(probe.name), "--no-deps", quietly=True)
    return asked.returncode == 0 or "found in" in asked.stderr


def audit(file: Path, *more: str, quietly: bool = False) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", *more, "--requirement", str(file)]
    return subprocess.run(command, capture_output=quietly, text=True, check=False)


sys.exit(main())
