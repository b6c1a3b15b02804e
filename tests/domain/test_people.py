from itertools import product
from uuid import UUID

import pytest

from referrals.domain.people import Actor, Kind, Party, Role, Scope, clock_actor

NETWORK, HERE, THERE, PERSON, CLIENT = (UUID(int=n) for n in range(1, 6))


def person(kind, *roles, elsewhere=()):
    return Actor(NETWORK, HERE, Kind(kind), frozenset(map(Role, roles)), PERSON, None, "A person", other_organizations=frozenset(elsewhere))  # fmt: skip


def system(kind, *scopes, roles=None):
    """A partner system; with `roles` it speaks for a person who holds them."""
    speaks_for = PERSON if roles is not None else None
    return Actor(NETWORK, HERE, Kind(kind), frozenset(map(Role, roles or ())), speaks_for, CLIENT, "A system", frozenset(scopes))  # fmt: skip


PARTY_BY_KIND_AND_ROLE = {
    ("provider", "clinician"): "R",
    ("network", "coordinator"): "C",
    ("network", "clinical_lead"): "L",
    ("center", "center_coordinator"): "K",
    ("center", "specialist"): "S",
    ("provider", "administrator"): "A",
    ("network", "administrator"): "A",
}


@pytest.mark.parametrize(("kind", "role"), list(product(Kind, Role)))
def test_a_role_makes_its_party_only_in_its_own_kind_of_organization(kind, role):
    expected = PARTY_BY_KIND_AND_ROLE.get((kind, role))
    assert person(kind, role).parties == ({Party(expected)} if expected else set())


def test_a_lead_is_not_a_coordinator_unless_also_one():
    assert person("network", "clinical_lead").parties == {Party.L}
    assert person("network", "clinical_lead", "coordinator").parties == {Party.L, Party.C}


SCOPE_OF_KIND = {"provider": "referrals:write", "network": "triage:write", "center": "reviews:write"}
ALONE = {"provider": {"R"}, "network": {"C"}, "center": {"K", "S"}}


@pytest.mark.parametrize(("kind", "scope"), list(product(Kind, Scope)))
def test_a_system_acts_by_its_scope_and_its_kind_together(kind, scope):
    assert system(kind, scope).parties == (ALONE[kind] if scope == SCOPE_OF_KIND[kind] else set())


@pytest.mark.parametrize(("kind", "role"), list(product(Kind, Role)))
def test_a_system_that_speaks_for_a_person_is_what_the_person_is(kind, role):
    actor = system(kind, SCOPE_OF_KIND[kind], roles=[role])
    assert actor.parties == person(kind, role).parties


@pytest.mark.parametrize(("kind", "role"), list(product(Kind, Role)))
def test_a_person_lends_a_system_nothing_that_its_scopes_do_not_cover(kind, role):
    others = set(Scope) - {SCOPE_OF_KIND[kind]}
    assert system(kind, *others, roles=[role]).parties == set()


def test_the_clock_is_nobody_but_the_clock():
    clock = clock_actor(NETWORK)
    assert clock.parties == {Party.T}
    assert not clock.is_person
    assert clock.organizations == set()


def test_a_person_belongs_to_every_organization_that_has_them():
    assert person("network", "coordinator", elsewhere=[THERE]).organizations == {HERE, THERE}
    assert person("network", "coordinator").organizations == {HERE}
