"""Whatever the document allows is taken or refused as it says, and whatever it forbids is refused: schemathesis tries.

With a token of each kind of organization, with ids of real rows, on both databases. `make test-long` tries all phases.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from referrals.api.endpoint import Contract
from referrals.api.openapi import routes
from referrals.domain.lifecycle import STEPS
from referrals.domain.people import Kind, Party
from referrals.pathway.clients import issue_token
from tests import factories
from tests.api.example_walk import PEOPLE, TODAY, Walk, many, one_life, records, told_by_webhook
from tests.api.fuzzing import Caller, findings

TAKES: Mapping[str, frozenset[Party]] = {
    "clinician": frozenset({Party.R}),
    "coordinator": frozenset({Party.C, Party.L, Party.A}),
    "specialist": frozenset({Party.K, Party.S}),
}
OF_KIND: Mapping[str, Kind] = {"clinician": Kind.PROVIDER, "coordinator": Kind.NETWORK, "specialist": Kind.CENTER}
BOUNDED = frozenset({"examples", "fuzzing"})
ALL_PHASES = frozenset({"examples", "coverage", "fuzzing", "stateful"})


@pytest.fixture
def app(start_app):
    return start_app(token_requests_per_minute=10**6, calls_per_minute=10**6)


@pytest.fixture(autouse=True)
def day_of_the_examples():
    with time_machine.travel(TODAY):
        yield


@pytest.fixture
def walk(app, db, world):
    walk = Walk(app, db, world)
    for part in (one_life, records, many, told_by_webhook):
        part(walk)
    return walk


def tried(walk, who, phases, often=1, left_out=frozenset()):
    code, person = PEOPLE[who]
    token = lasting_token(walk, code)
    found = findings(walk.app, Caller(token, str(person), walk.names, left_out), phases, often)
    still = walk.app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert still.status_code == 200, "the last calls were refused for their token, and have tried nothing"
    return "".join(f"\n{who}: {each}" for each in found)


def lasting_token(walk, code: str) -> str:
    """A long run outlives a token's five minutes."""
    with walk.db.writing() as session:
        made_at = datetime.now(UTC) + timedelta(hours=6)
        return issue_token(session, walk.world.clients[code], factories.ALL_SCOPES, made_at).token


def whose(contract: Contract) -> str:
    """The first who may: each operation is tried by one of the three."""
    parties = contract.parties.union(*(STEPS[step].parties for step in contract.steps))
    return next(
        who
        for who, kind in OF_KIND.items()
        if (not parties or parties & TAKES[who]) and (not contract.kinds or kind in contract.kinds)
    )


def left_to_others(app) -> Iterator[tuple[str, frozenset[str]]]:
    owners = {rule.endpoint.removeprefix("api.").replace(".", "-"): whose(each) for rule, each, _ in routes(app)}
    for who in OF_KIND:
        yield who, frozenset(name for name, owner in owners.items() if owner != who)


def test_every_operation_holds_for_an_organization_of_the_kind_that_it_is_for(app, walk):
    found = [tried(walk, who, BOUNDED, left_out=left_out) for who, left_out in left_to_others(app)]
    assert "".join(found) == ""


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", OF_KIND)
def test_every_check_holds_in_every_phase_for_each_kind_of_organization(walk, who):
    assert tried(walk, who, ALL_PHASES, often=20) == ""
