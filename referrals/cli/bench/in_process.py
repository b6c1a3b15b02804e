"""What is measured without a server: judging a case, and taking in whole referrals on one core."""

import io
import time
from datetime import date
from itertools import islice

import orjson

from referrals.cli.bench.cases import CASES
from referrals.cli.bench.subjects import new_packets
from referrals.cli.imports import importer_for, take_in
from referrals.domain.assessment import assess
from referrals.domain.case import case_from
from referrals.domain.policy import default_policy
from referrals.models.engine import Database

ROUNDS, IMPORTED, WARM_UP = 40, 1_000, 50
PROVIDER = "provider-0"


def judging() -> float:
    """Milliseconds of CPU for one case, from its JSON to the verdict as JSON."""
    policy, today, facts = default_policy(), date(2026, 11, 20), [case.facts() for case in CASES]
    for each in facts:
        assess(case_from(each, today), policy)
    began = time.process_time()
    for _ in range(ROUNDS):
        for each in facts:
            assess(case_from(each, today), policy).to_json()
    return (time.process_time() - began) / (ROUNDS * len(facts)) * 1000


def importing(url: str) -> float:
    """Whole referrals a second of one core: read, checked, judged and written as `import` does."""
    database = Database(url)
    importer = importer_for(database, PROVIDER, None)
    packets = new_packets()
    take_in(_file(list(islice(packets, WARM_UP))), importer, io.StringIO())
    lines = _file(list(islice(packets, IMPORTED)))
    began = time.process_time()
    counts = take_in(lines, importer, io.StringIO())
    taken = time.process_time() - began
    database.close()
    if counts["accepted"] != IMPORTED:
        raise RuntimeError(f"of {IMPORTED} lines were taken in: {dict(counts)}")
    return IMPORTED / taken


def _file(packets: list[dict[str, object]]) -> io.BytesIO:
    return io.BytesIO(b"".join(orjson.dumps(packet) + b"\n" for packet in packets))
