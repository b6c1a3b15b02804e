"""Every list and count of the worklist goes through the index that was made for it: asserted by the plan, never by time."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from referrals.cli.bench.bulk import load
from referrals.cli.bench.cast import Cast
from referrals.domain.lifecycle import Status
from referrals.domain.people import Actor, Kind, Scope
from referrals.domain.reference import make_reference
from referrals.domain.vocabulary import Tier
from referrals.models.engine import Database
from referrals.models.vault import Vault
from referrals.pathway import queue
from referrals.pathway.queue import ENDED_ONLY, Filters
from tests.databases import KINDS, Databases

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
REFERRALS = 6_000
LIMIT = 50


@dataclass(frozen=True)
class Loaded:
    database: Database
    cast: Cast

    @property
    def dialect(self) -> str:
        return self.database.engine.dialect.name

    def actor(self, kind: Kind) -> Actor:
        home = {
            Kind.NETWORK: self.cast.home,
            Kind.PROVIDER: self.cast.providers[3],
            Kind.CENTER: self.cast.centers[3],
        }[kind]
        return Actor(
            network_id=self.cast.network_id,
            organization_id=home,
            kind=kind,
            roles=frozenset(),
            user_id=None,
            client_id=self.cast.network_id,
            name="System",
            scopes=frozenset(Scope),
        )


@pytest.fixture(scope="module", params=KINDS)
def loaded(request: pytest.FixtureRequest, databases_of: Callable[[str], Databases]) -> Iterator[Loaded]:
    databases = databases_of(request.param)
    url = databases.fresh()
    vault = Vault("secret")
    cast = load(url, REFERRALS, NOW, vault)
    database = Database(url, vault=vault)
    yield Loaded(database, cast)
    database.close()
    databases.forget(url)


@pytest.fixture(autouse=True)
def _which_database(request: pytest.FixtureRequest, loaded: Loaded) -> None:
    request.node.user_properties.append(("database", loaded.dialect))


class Plan:
    """How a database means to answer: which indexes it goes through, and what it sorts or reads whole."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def __repr__(self) -> str:
        return "\n" + "\n".join(self.lines)

    def mentions(self, *words: str) -> bool:
        return any(all(word in line for word in words) for line in self.lines)

    @property
    def sorts(self) -> bool:
        return any(re.search(r"\bSort\b|TEMP B-TREE FOR (?!GROUP|DISTINCT)", line) for line in self.lines)

    def reads_whole(self, table: str) -> bool:
        return any(re.search(rf"Seq Scan on {table}\b|SCAN {table}\b(?! USING)", line) for line in self.lines)

    def indexes(self) -> set[str]:
        found = [re.search(r"(?:using|INDEX|Index Scan on) (\w+)", line) for line in self.lines]
        return {each[1] for each in found if each}


def plan_of(loaded: Loaded, ask: Callable[[Session], object]) -> Plan:
    """The plan of the one statement that `ask` sends."""
    sent: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        sent.append((statement, parameters))

    with loaded.database.reading() as session:
        event.listen(loaded.database.engine, "before_cursor_execute", note)
        try:
            ask(session)
        finally:
            event.remove(loaded.database.engine, "before_cursor_execute", note)
        assert len(sent) == 1
        [(statement, parameters)] = sent
        driver = session.connection().connection.cursor()
        explain = "EXPLAIN QUERY PLAN " if loaded.dialect == "sqlite" else "EXPLAIN "
        driver.execute(explain + statement, parameters)
        return Plan([str(row[3] if loaded.dialect == "sqlite" else row[0]) for row in driver.fetchall()])


def page_plan(loaded: Loaded, actor: Actor, filters: Filters, *, deep: bool = False) -> Plan:
    after = key_in_the_middle(loaded, actor, filters) if deep else None
    return plan_of(loaded, lambda session: queue.worklist(session, actor, filters, after=after, limit=LIMIT, now=NOW))


def key_in_the_middle(loaded: Loaded, actor: Actor, filters: Filters) -> tuple[Any, ...]:
    with loaded.database.reading() as session:
        _, after = queue.worklist(session, actor, filters, after=None, limit=LIMIT, now=NOW)
    assert after is not None
    return after


OWN, NETWORK, CENTER = Kind.PROVIDER, Kind.NETWORK, Kind.CENTER
PAGES = {
    "the network's worklist": (NETWORK, Filters(), "ix_referral_worklist"),
    "an organization's own worklist": (OWN, Filters(), "ix_referral_own_worklist"),
    "the network's worklist from its end": (NETWORK, Filters(sort="-urgency"), "ix_referral_worklist"),
    "one status of the network": (NETWORK, Filters(statuses=frozenset({Status.READY})), "ix_referral_network_status"),
    "one ended status": (NETWORK, Filters(statuses=frozenset({Status.CLOSED})), "ix_referral_network_status"),
    "one status of an organization": (
        OWN, Filters(statuses=frozenset({Status.CLOSED})), "ix_referral_organization_status",
    ),
    "by promise": (NETWORK, Filters(sort="due_at"), "ix_referral_due"),
    "by arrival": (NETWORK, Filters(sort="submitted_at"), "ix_referral_network_id_arrived_at_id"),
    "by last change, newest first": (NETWORK, Filters(sort="-updated_at"), "ix_referral_network_id_updated_at_id"),
}  # fmt: skip


@pytest.mark.parametrize("deep", [False, True], ids=["first page", "deep page"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_in_the_order_of_its_index(loaded: Loaded, name: str, deep: bool) -> None:
    kind, filters, index = PAGES[name]
    plan = page_plan(loaded, loaded.actor(kind), filters, deep=deep)
    assert index in plan.indexes(), plan
    assert not plan.sorts, plan
    assert not plan.reads_whole("referral"), plan


# Of these there are few: as many as a center has places for, as one organization has open.
SORTED_AFTERWARDS = {
    "a center's worklist": (CENTER, Filters(), {"ix_referral_center"}),
    "a center's answered ones": (CENTER, Filters(statuses=ENDED_ONLY), {"ix_referral_center"}),
    "by promise, an organization's": (
        OWN, Filters(sort="due_at"), {"ix_referral_own_worklist", "ix_referral_organization_counts"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SORTED_AFTERWARDS)
def test_what_is_sorted_is_narrowed_by_its_index_before(loaded: Loaded, name: str) -> None:
    kind, filters, indexes = SORTED_AFTERWARDS[name]
    plan = page_plan(loaded, loaded.actor(kind), filters)
    assert indexes & plan.indexes(), plan
    assert not plan.reads_whole("referral"), plan


@pytest.mark.parametrize("kind", [NETWORK, OWN])
def test_a_deep_page_begins_at_its_key_and_not_at_the_beginning(loaded: Loaded, kind: Kind) -> None:
    """The key bounds the range of the index; as a mere filter it would walk over everything before it."""
    plan = page_plan(loaded, loaded.actor(kind), Filters(), deep=True)
    bound = "order_at,arrived_at,id)>" if loaded.dialect == "sqlite" else "Index Cond"
    assert plan.mentions(bound, "order_at"), plan


def test_the_owners_page_goes_through_the_owners_index(loaded: Loaded) -> None:
    owner = loaded.cast.coordinators[2]
    for deep in (False, True):
        plan = page_plan(loaded, loaded.actor(NETWORK), Filters(owner=owner), deep=deep)
        assert "ix_referral_owner" in plan.indexes(), plan
        assert not plan.sorts, plan


def test_the_page_of_those_without_owner_is_read_in_order(loaded: Loaded) -> None:
    plan = page_plan(loaded, loaded.actor(NETWORK), Filters(owner="none"))
    assert "ix_referral_unowned" in plan.indexes(), plan
    assert not plan.sorts, plan


UNNAMED_IN_SQLITE = {
    "uq_referral_organization_id_external_reference": "(organization_id=? AND external_reference=?)",
    "uq_referral_network_id_reference": "(network_id=? AND reference=?)",
}
SEARCHES = {
    "the beginning of a name": ("Aldado", "ix_patient_word_network_id_word_patient_id"),
    "two beginnings of names": ("ada aldad", "ix_patient_word_network_id_word_patient_id"),
    "a patient's number": ("MRN-00000321", "ix_patient_identifier_network_id_blind"),
    "the sender's own reference": ("EHR-00000321", "uq_referral_organization_id_external_reference"),
    "a reference": (make_reference(2026, 321), "uq_referral_network_id_reference"),
    "a reference's number": ("0000321", "uq_referral_network_id_reference"),
}


@pytest.mark.parametrize("kind", [NETWORK, OWN])
@pytest.mark.parametrize("name", SEARCHES)
def test_a_search_reads_no_table_whole(loaded: Loaded, name: str, kind: Kind) -> None:
    typed, index = SEARCHES[name]
    plan = page_plan(loaded, loaded.actor(kind), Filters(q=typed))
    assert index in plan.indexes() or plan.mentions(UNNAMED_IN_SQLITE.get(index, index)), plan
    for table in ("referral", "patient_identifier", "patient_word", "patient"):
        assert not plan.reads_whole(table), plan


NARROWED = {
    "everything open": Filters(),
    "one tier": Filters(tiers=frozenset({Tier.P1})),
    "one status": Filters(statuses=frozenset({Status.SUBMITTED})),
    "ended": Filters(statuses=ENDED_ONLY),
}


@pytest.mark.parametrize("kind", [NETWORK, OWN, CENTER])
@pytest.mark.parametrize("name", NARROWED)
def test_counts_read_no_table_whole_and_sort_nothing(loaded: Loaded, name: str, kind: Kind) -> None:
    actor = loaded.actor(kind)
    plan = plan_of(loaded, lambda session: queue.counts(session, actor, NARROWED[name], NOW))
    assert not plan.reads_whole("referral"), plan
    assert not plan.sorts, plan


@pytest.mark.parametrize("kind", [NETWORK, OWN])
def test_the_counts_of_a_whole_worklist_read_indexes_alone(loaded: Loaded, kind: Kind) -> None:
    """Each number ends at a thousand entries of an index, however many referrals there are."""
    plan = plan_of(loaded, lambda session: queue.counts(session, loaded.actor(kind), Filters(), NOW))
    reads = [line for line in plan.lines if re.search(r"\breferral\b", line) and re.search("Scan|SEARCH|SCAN", line)]
    assert reads
    for line in reads:
        assert re.search("Index Only Scan|COVERING INDEX", line), plan


def test_what_is_due_before_a_day_is_a_range_of_the_due_index(loaded: Loaded) -> None:
    filters = Filters(due_before=NOW + timedelta(days=3), sort="due_at")
    plan = page_plan(loaded, loaded.actor(NETWORK), filters)
    assert "ix_referral_due" in plan.indexes(), plan
    assert plan.mentions("due_at<" if loaded.dialect == "sqlite" else "due_at <"), plan


def test_a_filter_that_most_rows_pass_does_not_change_the_order_of_reading(loaded: Loaded) -> None:
    filters = replace(Filters(), tiers=frozenset({Tier.P2, Tier.P3}))
    plan = page_plan(loaded, loaded.actor(NETWORK), filters)
    assert "ix_referral_worklist" in plan.indexes(), plan
    assert not plan.sorts, plan


def test_this_file_sees_a_plan_that_sorts_and_reads_whole(loaded: Loaded) -> None:
    """The words looked for above are the ones that these databases use."""
    from sqlalchemy import text

    bad = text("SELECT id FROM referral ORDER BY reasons")
    plan = plan_of(loaded, lambda session: session.execute(bad).all())
    assert plan.sorts
    assert plan.reads_whole("referral")
    assert json.dumps(plan.lines)
