"""Every route, called by each kind of organization with each set of scopes: allowed is what the contract's tables say."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from referrals.api.endpoint import Contract
from referrals.api.openapi import path_of, routes
from referrals.domain.lifecycle import STEPS
from referrals.domain.people import Kind, Role
from referrals.models.user import User
from tests.api.one_network import OneNetwork, one_network
from tests.api.partner import BASE
from tests.databases import KINDS, Databases
from tests.factories import ALL_SCOPES, PEOPLE, unknown_id
from tests.papers import form

HOMES = {Kind.PROVIDER: "lakeside", Kind.NETWORK: "network", Kind.CENTER: "summit"}
EVERY_KIND = frozenset(Kind)


class Needs(NamedTuple):
    """What a call needs; `acts` stands for the scope in which each kind of organization takes its steps."""

    scope: str | None = None
    kinds: frozenset[Kind] = EVERY_KIND
    acts: str = ""


def needs(scope: str, kinds: str = "provider network center") -> Needs:
    return Needs(scope, frozenset(Kind(kind) for kind in kinds.split()))


# api.md: the scope in which a system acts, as whom it acts by itself, and whom it may name beside that.
ACTING: Mapping[Kind, tuple[str, str, str]] = {
    Kind.PROVIDER: ("referrals:write", "R", "A"),
    Kind.NETWORK: ("triage:write", "C", "LA"),
    Kind.CENTER: ("reviews:write", "KS", ""),
}
ANYBODY, ACTS = Needs(), Needs(acts="RCKS")
PATIENTS = needs("patients:read"), needs("patients:write", "provider")
CARE = needs("webhooks:write"), needs("webhooks:write")
# By the first word of the address: what reading needs, and what everything else does.
BY_WORD: Mapping[str, tuple[Needs, Needs]] = {
    "assess": (ANYBODY, ANYBODY),
    "assignments": (needs("triage:write", "network"), needs("triage:write", "network")),
    "audit": (needs("audit:read"), ANYBODY),
    "centers": (needs("centers:read"), needs("centers:write", "network center")),
    "codes": (ANYBODY, ANYBODY),
    "deliveries": CARE,
    "diagnoses": PATIENTS,
    "documents": (needs("referrals:read"), ACTS),
    "events": (needs("events:read"), ANYBODY),
    "imports": (needs("referrals:write", "provider"), needs("referrals:write", "provider")),
    "me": (ANYBODY, ANYBODY),
    "offers": (needs("referrals:read", "center"), ANYBODY),
    "organizations": (ANYBODY, ANYBODY),
    "patients": PATIENTS,
    "policies": (needs("policies:read"), needs("policies:write", "network")),
    "reconcile": (ANYBODY, needs("referrals:read")),
    "referrals": (needs("referrals:read"), ACTS),
    "reports": (needs("referrals:read"), ANYBODY),
    "subscriptions": CARE,
    "treatments": PATIENTS,
    "users": (ANYBODY, ANYBODY),
}
# Where an address needs something else than its first word says.
BY_ADDRESS: Mapping[str, Needs] = {
    "POST /centers": needs("centers:write", "network"),
    "GET /centers/{center_id}/record": needs("centers:read", "network center"),
    "POST /patients/search": needs("patients:read"),
    "POST /referrals": needs("referrals:write", "provider"),
    "PATCH /referrals/{referral_id}": Needs(acts="RC"),
    "POST /referrals/search": needs("referrals:read"),
    "GET /referrals/export": needs("referrals:read", "provider"),
    "GET /referrals/{referral_id}/matches": needs("referrals:read", "network"),
    "GET /reports/network-gap": needs("referrals:read", "network"),
}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    contract: Contract

    @property
    def needs(self) -> Needs:
        first = self.path.split("/")[1]
        usual = BY_WORD[first][self.method != "GET"]
        return BY_ADDRESS.get(f"{self.method} {self.path}", usual)

    @property
    def step(self) -> str | None:
        return next(iter(self.contract.steps), None)

    @property
    def address(self) -> str:
        """With ids that no row has: whoever passes is told that there is no such row."""
        words = {"{version}": "2026.1", "{system}": "icd10cm"}
        parts = [words.get(part, unknown_id() if part.endswith("_id}") else part) for part in self.path.split("/")]
        return BASE + "/".join(parts)

    def needed(self, kind: Kind) -> str | None:
        """The scope without which an organization of this kind is refused."""
        return ACTING[kind][0] if self.step or self.needs.acts else self.needs.scope

    def allows(self, kind: Kind, scopes: tuple[str, ...]) -> bool:
        needed, itself, named = self.needed(kind), *ACTING[kind][1:]
        if needed is not None and needed not in scopes:
            return False
        if self.step:
            rule = STEPS[self.step]
            return not rule.parties.isdisjoint(itself + named if rule.person_required else itself)
        if self.needs.acts:
            return not set(self.needs.acts).isdisjoint(itself)
        return kind in self.needs.kinds


def walked(network: OneNetwork) -> list[Route]:
    return [
        Route(method, path_of(rule).removeprefix(BASE), contract)
        for rule, contract, _ in routes(network.app)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]


def told(network: OneNetwork, route: Route, token: str, person: str | None = None) -> tuple[int, str]:
    """The status, and why it is forbidden."""
    body: dict[str, Any] = {}
    if route.method != "GET":
        body = form() if route.contract.carries and not route.contract.streamed else {"json": {}}
    answer = network.call(route.method, route.address, token, person, {"If-Match": "*"}, **body)
    return answer.status_code, answer.json["code"] if answer.status_code == 403 else ""


@pytest.fixture(scope="module", params=KINDS)
def network(
    request: pytest.FixtureRequest,
    databases_of: Callable[[str], Databases],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[OneNetwork]:
    with one_network(databases_of(request.param), tmp_path_factory.mktemp("walk")) as found:
        with found.database.writing() as session:
            session.get_one(User, found.world.people["colleague@lakeside.example"].id).active = False
        yield found


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest, network: OneNetwork) -> None:
    request.node.user_properties.append(("database", network.dialect))


def test_what_a_route_says_of_itself_is_what_the_contract_says(network):
    for route in walked(network):
        says = route.contract.scope, route.contract.kinds or EVERY_KIND
        assert says == (route.needs.scope, route.needs.kinds), route


def sets_of_scopes(needed: str | None, number: int, *, every_single_one: bool) -> set[tuple[str, ...]]:
    """None, all, all but the needed one, and single ones: where one acts that of each kind, and others in turn."""
    acting = {scope for scope, _, _ in ACTING.values()}
    chosen = {needed or ALL_SCOPES[0], ALL_SCOPES[number % len(ALL_SCOPES)]} | (acting if needed in acting else set())
    single = ALL_SCOPES if every_single_one else chosen
    return {(), ALL_SCOPES, tuple(each for each in ALL_SCOPES if each != needed), *((scope,) for scope in single)}


@pytest.mark.parametrize("every_single_one", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_call_passes_with_the_scope_and_the_kind_that_it_needs_and_with_nothing_less(network, every_single_one):
    for number, route in enumerate(walked(network)):
        for kind in Kind:
            for scopes in sets_of_scopes(route.needed(kind), number, every_single_one=every_single_one):
                said = told(network, route, network.token(HOMES[kind], scopes))
                assert is_as_it_should_be(route, route.allows(kind, scopes), *said), (route, kind, scopes, said)


def is_as_it_should_be(route: Route, allowed: bool, status: int, code: str) -> bool:
    if not allowed:
        return code in {"insufficient_scope", "wrong_kind", "not_this_actor"}
    return status == 404 if "_id}" in route.path else status < 500 and status not in {401, 403, 404}


LETTERS = {
    Role.CLINICIAN: "R",
    Role.COORDINATOR: "C",
    Role.CLINICAL_LEAD: "L",
    Role.CENTER_COORDINATOR: "K",
    Role.SPECIALIST: "S",
    Role.ADMINISTRATOR: "A",
    Role.AUDITOR: "",
}


def test_a_person_who_is_named_takes_the_steps_of_their_role_and_nobody_elses(network):
    steps = [route for route in walked(network) if route.step]
    me = next(route for route in walked(network) if route.path == "/me")
    for home in HOMES.values():
        token = network.token(home)
        for person, role in PEOPLE.items():
            if not person.endswith(f"@{home}.example") or person.startswith("colleague@"):
                for route in (me, *steps[:3]):
                    assert told(network, route, token, person) == (403, "unknown_person"), (person, route)
                continue
            for route in steps:
                theirs = not STEPS[route.step].parties.isdisjoint(LETTERS[role])
                assert told(network, route, token, person)[0] == (404 if theirs else 403), (person, route)
