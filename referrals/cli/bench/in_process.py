"""What is measured without a server: judging a case."""

import time
from datetime import date

from referrals.cli.bench.cases import CASES
from referrals.domain.assessment import assess
from referrals.domain.case import case_from
from referrals.domain.policy import default_policy

ROUNDS = 40


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
