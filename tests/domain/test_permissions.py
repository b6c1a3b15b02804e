from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from referrals.domain.errors import Forbidden, PersonRequired
from referrals.domain.lifecycle import STEPS
from referrals.domain.people import Actor, Kind, Party, Role, Scope, clock_actor
from referrals.domain.permissions import (
    READERS,
    STEP_SCOPES,
    acting_parties,
    may_read,
    may_see_internal_notes,
    refuse_client_without_scope,
    refuse_without_person,
    sees,
)

NETWORK, OTHER_NETWORK, LAKESIDE, HILLCREST, OFFICE, SUMMIT, HARBOR, PERSON, CLIENT = (
    UUID(int=n) for n in range(1, 10)
)
HOME = {"provider": LAKESIDE, "network": OFFICE, "center": SUMMIT}
AWAY = {"provider": HILLCREST, "network": OFFICE, "center": HARBOR}


@dataclass(frozen=True)
class Referral:
    network_id: UUID = NETWORK
    organization_id: UUID = LAKESIDE
    submitted_at: datetime | None = datetime(2026, 11, 20, tzinfo=UTC)
    centers: frozenset[UUID] = field(default=frozenset({SUMMIT}))


RECEIVED = Referral()
DRAFT = Referral(submitted_at=None)
NOT_OFFERED = Referral(centers=frozenset())


def person(kind, role, organization=None):
    return Actor(NETWORK, organization or HOME[kind], Kind(kind), frozenset({Role(role)}), PERSON, None, "A person")


def system(kind, *scopes, organization=None):
    return Actor(
        NETWORK, organization or HOME[kind], Kind(kind), frozenset(), None, CLIENT, "A system", frozenset(scopes)
    )


PEOPLE = sorted(READERS)
SYSTEMS = [system(kind) for kind in Kind]


@pytest.mark.parametrize(("kind", "role"), PEOPLE)
def test_everyone_with_a_part_in_it_reads_what_was_received(kind, role):
    assert may_read(person(kind, role), RECEIVED)


@pytest.mark.parametrize(("kind", "role"), PEOPLE)
def test_a_draft_is_seen_by_the_referring_organization_only(kind, role):
    assert may_read(person(kind, role), DRAFT) == (kind == "provider")


@pytest.mark.parametrize(("kind", "role"), PEOPLE)
def test_a_stranger_reads_nothing(kind, role):
    assert may_read(person(kind, role, AWAY[kind]), RECEIVED) == (kind == "network")


@pytest.mark.parametrize(("kind", "role"), PEOPLE)
def test_another_network_is_another_world(kind, role):
    assert not may_read(person(kind, role), replace(RECEIVED, network_id=OTHER_NETWORK))


@pytest.mark.parametrize(("kind", "role"), PEOPLE)
def test_a_center_reads_only_what_it_was_offered(kind, role):
    assert may_read(person(kind, role), NOT_OFFERED) == (kind != "center")


@pytest.mark.parametrize("actor", SYSTEMS, ids=str)
def test_a_system_reads_what_its_organization_reads(actor):
    assert may_read(actor, RECEIVED)
    assert may_read(actor, DRAFT) == (actor.kind == "provider")
    assert may_read(actor, NOT_OFFERED) == (actor.kind != "center")
    assert may_read(replace(actor, organization_id=AWAY[actor.kind]), RECEIVED) == (actor.kind == "network")


@pytest.mark.parametrize(("kind", "role"), sorted(set(product(Kind, Role)) - set(READERS)))
def test_a_role_that_does_not_belong_there_reads_nothing(kind, role):
    assert sees(person(kind, role)) == "nothing"
    assert not may_read(person(kind, role), RECEIVED)


def test_of_two_roles_the_wider_counts():
    both = replace(person("network", "coordinator"), roles=frozenset({Role.COORDINATOR, Role.AUDITOR}))
    assert sees(both) == "everything"


def test_the_clock_works_on_all_that_was_received():
    assert may_read(clock_actor(NETWORK), RECEIVED)
    assert not may_read(clock_actor(OTHER_NETWORK), RECEIVED)


@pytest.mark.parametrize(("kind", "role"), PEOPLE)
def test_internal_notes_never_leave_the_network(kind, role):
    assert may_see_internal_notes(person(kind, role)) == (kind == "network")


def test_a_system_reads_internal_notes_only_in_the_network():
    assert {actor.kind for actor in SYSTEMS if may_see_internal_notes(actor)} == {"network"}
    assert not may_see_internal_notes(clock_actor(NETWORK))


SCOPES = {
    "R": {("provider", "referrals:write")},
    "C": {("network", "triage:write")},
    "L": {("network", "triage:write")},
    "K": {("center", "reviews:write")},
    "S": {("center", "reviews:write")},
    "A": {("provider", "referrals:write"), ("network", "triage:write")},
    "T": set(),
}


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_needs_the_scope_of_the_kind_that_takes_it(step):
    expected = set().union(*(SCOPES[party] for party in STEPS[step].parties))
    assert set(STEP_SCOPES[step].items()) == expected


@pytest.mark.parametrize(("step", "kind", "scope"), list(product(sorted(STEPS), Kind, Scope)))
def test_a_system_is_refused_unless_scope_and_kind_fit_together(step, kind, scope):
    expected = set().union(*(SCOPES[party] for party in STEPS[step].parties))
    if (kind, scope) in expected:
        refuse_client_without_scope(step, system(kind, scope))
    else:
        kinds = {kind for kind, _ in expected}
        with pytest.raises(Forbidden) as refused:
            refuse_client_without_scope(step, system(kind, scope))
        assert refused.value.code == ("insufficient_scope" if kind in kinds else "wrong_kind")


def test_a_person_needs_no_scope():
    for step in STEPS:
        refuse_client_without_scope(step, person("center", "specialist"))


@pytest.mark.parametrize("step", sorted(STEPS))
def test_only_a_system_that_named_nobody_lacks_a_person(step):
    refuse_without_person(step, person("network", "coordinator"))
    refuse_without_person(step, clock_actor(NETWORK))
    refuse_without_person(step, replace(system("network"), user_id=PERSON))
    if STEPS[step].person_required:
        with pytest.raises(PersonRequired):
            refuse_without_person(step, system("network"))
    else:
        refuse_without_person(step, system("network"))


def test_a_missing_person_is_told_after_the_table_has_spoken():
    """Without one the system stands for whomever it could name, so 403 and 409 come before 422."""
    network = system("network", "triage:write")
    assert acting_parties("mark-error", network) == {Party.C, Party.L, Party.A}
    assert acting_parties("complete-triage", network) == {Party.C}
    assert acting_parties("claim", system("network", "referrals:read")) == set()


def test_a_system_that_named_a_person_acts_as_that_person():
    lead = replace(system("network", "triage:write"), user_id=PERSON, roles=frozenset({Role.CLINICAL_LEAD}))
    assert acting_parties("decline", lead) == {Party.L}
    auditor = replace(lead, roles=frozenset({Role.AUDITOR}))
    assert acting_parties("claim", auditor) == set()
