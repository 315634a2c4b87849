"""Upkeep as the graph shows it: what undoing restores, what is found wrong, what a lost confirmation leaves."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from neo4j import AsyncManagedTransaction, Driver, GraphDatabase
from neo4j.exceptions import IncompleteCommit

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryFilter, Statement
from coda_graphmem.store.neo4j import Neo4jStore, jobs
from coda_graphmem.store.protocol import MemoryChanges, ReadMemory, Repaired, RetrievalTotals
from tests.servers import Server
from tests.store.factory import new, unit
from tests.store.neo4j.conftest import opened
from tests.store.neo4j.consistency import check_graph
from tests.store.parts.build import MERGES, OUTDATED, fill_for_merges, link, merge, merge_one, run

ALL = MemoryFilter()

#: Properties of a namespace that only count what was written.
COUNTERS = {"writes", "revision", "arrivals", "entities"}

_NODES = """
    MATCH (x) WHERE x.namespace = $ns OR (x:Namespace AND x.name = $ns)
    RETURN labels(x) AS labels, properties(x) AS properties
"""
_RELATIONSHIPS = """
    MATCH (a)-[r]->(b) WHERE a.namespace = $ns OR b.namespace = $ns
    RETURN coalesce(a.memory_id, a.key) AS start, type(r) AS type, properties(r) AS properties,
      coalesce(b.memory_id, b.key, b.conversation_id) AS end
"""
_NAMED = """
    MATCH (x) WHERE any(key IN keys(x) WHERE toStringOrNull(x[key]) CONTAINS $ns) RETURN labels(x) AS labels
"""


@pytest.fixture
def ns() -> str:
    return f"upkeep-{uuid.uuid4().hex}"


@pytest.fixture
async def store(neo4j_server: Server, ns: str) -> Any:
    async with opened(neo4j_server) as one:
        yield one
        await one.records.forget(ns, None)


@pytest.fixture
def driver(neo4j_server: Server) -> Any:
    with GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.username, neo4j_server.password)) as found:
        yield found


def dump(driver: Driver, ns: str) -> list[list[str]]:
    """Every node with its labels and properties, and every relationship, of a namespace."""
    nodes = []
    for labels, properties in driver.execute_query(_NODES, ns=ns).records:
        kept = {key: properties[key] for key in sorted(properties) if key not in COUNTERS or "Namespace" not in labels}
        nodes.append(f"{sorted(labels)} {kept}")
    relationships = [
        f"{start} {kind} {dict(sorted(properties.items()))} {end}"
        for start, kind, properties, end in driver.execute_query(_RELATIONSHIPS, ns=ns).records
    ]
    return [sorted(nodes), sorted(relationships)]


async def live_in(store: Neo4jStore, ns: str, **places: str) -> None:
    """Let memories that are there say where somebody lives."""
    for memory in await store.records.get(ns, list(places)):
        place = places[memory.memory_id]
        said = Statement(
            subject="User", subject_key="user", attribute="residence", value=place, value_key=place.lower()
        )
        await store.facts.save_statements(ns, [ReadMemory(memory.memory_id, memory.content, (said,))])


async def test_undoing_restores_every_node_and_relationship(
    store: Neo4jStore, driver: Driver, neo4j_server: Server, ns: str
) -> None:
    await fill_for_merges(store, ns)
    await live_in(store, ns, m0="Paris", m1="Rome", m2="Rome", m3="Oslo", m5="Oslo", m8="Rome")
    await store.facts.set_standing(ns, "m7", "superseded", at=3.0, superseded_by="m9", actor="caller", now=3.0)
    before = dump(driver, ns)
    assert await store.merges.merge(ns, MERGES, run_id="run", at=4000.0) == [True, True, True]
    check_graph(neo4j_server, ns)
    await store.links.save_links(ns, [link("b", "m8"), link("c", "m9", OUTDATED)])
    await store.changes.save_decay(ns, ["c"], [0.125])
    await store.records.record_access(ns, {"c": 3}, 4500.0)
    assert dump(driver, ns) != before
    for merged_id in ("c", "b", "a"):
        assert await store.merges.undo_merge(ns, merged_id) is not None
    check_graph(neo4j_server, ns)
    after = dump(driver, ns)
    assert after[0] == before[0]
    assert after[1] == before[1]


async def test_a_merge_needs_an_id_of_its_own(store: Neo4jStore, driver: Driver, ns: str) -> None:
    await store.records.insert(ns, [new(f"m{i}") for i in range(3)], reinforcement=0.1)
    before = dump(driver, ns)
    with pytest.raises(ValidationError) as caught:
        await store.merges.merge(ns, [merge("m0", ["m1", "m2"])], run_id="run", at=4000.0)
    assert caught.value.field == "memory_id"
    assert dump(driver, ns) == before


def lose_confirmation(monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Let the next commit succeed without the driver's hearing of it. The answer tells whether that has happened."""
    commit = AsyncManagedTransaction._commit
    lost = False

    async def commit_and_lose(self: AsyncManagedTransaction) -> None:
        nonlocal lost
        await commit(self)
        if not lost:
            lost = True
            raise IncompleteCommit("connection lost")

    monkeypatch.setattr(AsyncManagedTransaction, "_commit", commit_and_lose)
    return lambda: lost


async def test_a_lost_confirmation_changes_nothing(
    store: Neo4jStore, neo4j_server: Server, ns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.records.insert(
        ns, [new(f"m{i}", entities=["e"], conversation_id="c") for i in range(6)], reinforcement=0.1
    )
    totals = RetrievalTotals(retrievals=2, results=3, seconds=0.5)
    calls: list[tuple[Callable[[], Awaitable[Any]], Any]] = [
        (lambda: store.links.save_links(ns, [link("m0", "m1", run_id=f"{ns}-r"), link("m0", "m2", OUTDATED)]), 2),
        (lambda: store.links.delete_links(ns, f"{ns}-r"), 1),
        (
            lambda: store.merges.merge(ns, [merge("x", ["m3", "m4"], conversation_id="c")], run_id=f"{ns}-r", at=9.0),
            [True],
        ),
        (lambda: store.records.archive(ns, ["m5"], 5.0), 1),
        (lambda: store.records.unarchive(ns, ["m5"], 6.0), ["m5"]),
        (lambda: store.changes.save_decay(ns, ["m0", "m1"], [0.5, 0.5]), 2),
        (lambda: store.jobs.record_retrievals(ns, totals), None),
        (lambda: store.jobs.save_setting(ns, "key", {"a": 1}), None),
        (lambda: store.jobs.save_run(run(f"{ns}-r", f"{ns}-job", ns)), None),
        (lambda: store.jobs.acquire_lease(f"{ns}-lease", "me", 60.0), True),
        (lambda: store.jobs.release_lease(f"{ns}-lease", "me"), None),
        (lambda: store.health.repair(ns), Repaired()),
    ]
    for call, expected in calls:
        with monkeypatch.context() as patch:
            happened = lose_confirmation(patch)
            assert await call() == expected
            assert happened()
    assert await store.jobs.retrieval_totals(ns) == totals
    assert len(await store.jobs.find_runs(job=f"{ns}-job")) == 1
    assert await store.records.live_count(ns) == 5
    with monkeypatch.context() as patch:
        happened = lose_confirmation(patch)
        undone = await store.merges.undo_merge(ns, "x")
        assert happened()
    assert undone is not None
    assert undone.restored_ids == ["m3", "m4"]
    assert await store.records.live_count(ns) == 6
    check_graph(neo4j_server, ns)


async def test_one_of_many_gets_a_lease(
    store: Neo4jStore, neo4j_server: Server, ns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Takers on three connections, one of which is on a machine whose clock is a day ahead."""
    lease, tomorrow = f"{ns}-lease", time.time() + 86_400.0
    async with AsyncExitStack() as stack:
        stores = [store, *[await stack.enter_async_context(opened(neo4j_server)) for _ in range(2)]]
        for _ in range(3):
            takers = [(one, f"{number}-{i}") for number, one in enumerate(stores) for i in range(4)]
            answers = await asyncio.gather(*(one.jobs.acquire_lease(lease, name, 60.0) for one, name in takers))
            assert answers.count(True) == 1
            winner, holder = takers[answers.index(True)]
            with monkeypatch.context() as patch:
                patch.setattr(time, "time", lambda: tomorrow)
                assert not await stores[1].jobs.acquire_lease(lease, "ahead", 60.0)
            # Renewed by its holder while others ask for it and give back what they do not have.
            answers = await asyncio.gather(
                winner.jobs.acquire_lease(lease, holder, 60.0),
                *(one.jobs.acquire_lease(lease, "another", 60.0) for one in stores),
                *(one.jobs.release_lease(lease, "another") for one in stores),
            )
            assert answers[:4] == [True, False, False, False]
            await winner.jobs.release_lease(lease, holder)


async def test_a_lease_that_is_cleared_away_while_many_wait_for_it_goes_to_one(
    store: Neo4jStore, driver: Driver, ns: str
) -> None:
    lease = f"{ns}-lease"
    assert await store.jobs.acquire_lease(lease, "before", 60.0)
    await store.jobs.release_lease(lease, "before")
    with driver.session() as session, session.begin_transaction() as clearing:
        clearing.run("MATCH (lease:MaintenanceLease {name: $lease}) DELETE lease", lease=lease).consume()
        waiting = asyncio.gather(*(store.jobs.acquire_lease(lease, f"h{i}", 60.0) for i in range(4)))
        await asyncio.sleep(0.3)
        clearing.commit()
    assert (await waiting).count(True) == 1


async def forgetting_waits(driver: Driver, ns: str) -> None:
    """Return once the forgetting of a namespace waits for a lock of the transaction whose metadata names it."""
    async with asyncio.timeout(60.0):
        while True:
            answer = await asyncio.to_thread(driver.execute_query, "SHOW TRANSACTIONS YIELD *")
            mine = {row["transactionId"] for row in answer.records if row["metaData"].get("test") == ns}
            asked = [row for row in answer.records if (row["parameters"].get("p") or {}).get("namespace") == ns]
            # A status names those that are waited for: Blocked by: [neo4j-transaction-1, neo4j-transaction-12].
            if any(not mine.isdisjoint(re.findall(r"[\w.-]+", row["status"])) for row in asked):
                return
            await asyncio.sleep(0.05)


async def test_a_lease_that_is_taken_while_it_is_cleared_away_is_kept(
    store: Neo4jStore, driver: Driver, ns: str
) -> None:
    lease, taken = f"{ns}-lease", []
    await store.records.insert(ns, [new("m")], reinforcement=0.1)
    # Whoever else forgets a namespace of this server clears the lease away while it is free: made until it is locked.
    while not taken:
        assert await store.jobs.acquire_lease(lease, "before", 60.0)
        await store.jobs.release_lease(lease, "before")
        with driver.session() as session, session.begin_transaction({"test": ns}) as taking:
            taken = taking.run(
                "MATCH (lease:MaintenanceLease {name: $lease})"
                " SET lease.holder = 'h', lease.expires_at = datetime.realtime() + duration({seconds: 60})"
                # Writing to a node that was removed while it was waited for does not say so.
                " WITH lease WHERE lease.holder IS NOT NULL RETURN lease.name",
                lease=lease,
            ).values()
            if taken:
                clearing = asyncio.create_task(store.records.forget(ns, None))
                await forgetting_waits(driver, ns)
                taking.commit()
    await clearing
    assert not await store.jobs.acquire_lease(lease, "another", 60.0)


async def test_the_newest_runs_of_a_job_are_kept(store: Neo4jStore, ns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "KEPT_RUNS", 3)
    await store.jobs.save_run(run(f"{ns}-x", f"{ns}-other", ns, started_at=0.0))
    for i in (3, 1, 4, 2, 5):
        await store.jobs.save_run(run(f"{ns}-{i}", f"{ns}-job", None if i == 5 else ns, started_at=float(i)))
    assert [one.started_at for one in await store.jobs.find_runs(job=f"{ns}-job")] == [5.0, 4.0, 3.0]
    assert len(await store.jobs.find_runs(job=f"{ns}-other")) == 1
    monkeypatch.setattr(jobs, "KEPT_RUNS", 0)
    await store.jobs.save_run(run(f"{ns}-6", f"{ns}-job", None, started_at=6.0))
    assert await store.jobs.find_runs(job=f"{ns}-job") == []


async def test_what_is_wrong_is_found_and_put_right(
    store: Neo4jStore, driver: Driver, neo4j_server: Server, ns: str
) -> None:
    rows = [new(f"m{i}", f"word{i}", entities=["a"] if i < 4 else ["b"]) for i in range(6)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await live_in(store, ns, m0="Paris", m1="Rome", m2="Oslo")
    sound = dump(driver, ns)
    damage = [
        "MATCH (n:Namespace {name: $ns}) SET n.memory_count = 99",
        "MATCH (e:Entity {namespace: $ns, key: 'a'}) SET e.mention_count = 7",
        "CREATE (:Entity {namespace: $ns, key: 'c', name: 'C', label: 'X', number: 3, mention_count: 1})",
        "MATCH (m:Memory {namespace: $ns, memory_id: 'm1'})-[r:MENTIONS]->() SET r.scope = null, r.epoch = 0.0",
        "MATCH (m:Memory {namespace: $ns, memory_id: 'm1'}) REMOVE m.search_text",
        "MATCH (m:Memory {namespace: $ns, memory_id: 'm2'}) REMOVE m.embedding",
        "MATCH (m:Memory {namespace: $ns, memory_id: 'm3'}) SET m.embedding = [1.0, 0.0]",
        "MATCH (m:Memory {namespace: $ns, memory_id: 'm4'}) SET m.embedding = [x IN m.embedding | x / 0.0]",
        "MATCH (f:Fact {namespace: $ns, value: 'Paris'}) SET f.valid_until = null",
        "MATCH (:Memory {namespace: $ns})-[r:STATES]->(:Fact {value: 'Rome'}) DELETE r",
        "MATCH (f:Fact {namespace: $ns, value: 'Oslo'}) DETACH DELETE f",
    ]
    for query in damage:
        driver.execute_query(query, ns=ns)
    found = await store.health.diagnose(ns, now=0.0)
    assert (found.live, found.recorded_live, found.without_text) == (6, 99, 1)
    assert (found.orphan_entities, found.wrong_mention_counts) == (1, 2)
    assert (found.without_vector, found.wrong_vectors) == (1, 2)
    assert (found.offline_indexes, found.damage) == ([], [])
    assert (found.facts_without_sources, found.overlapping_facts, found.wrong_facts) == (1, 1, 3)
    revision = await store.changes.revision(ns)
    # The entity that nothing mentions goes, so that its counter needs no repair.
    assert await store.health.repair(ns) == Repaired(counters=2, entities=1, text_rows=1, vectors=2, facts=3)
    assert dump(driver, ns)[1] == sound[1]
    found = await store.health.diagnose(ns, now=0.0)
    assert (found.without_vector, found.wrong_vectors) == (3, 0)
    assert await store.changes.revision(ns) != revision
    assert [c.memory_id for c in (await store.search.search_text(ns, ["word1"], 9, ALL)).found] == ["m1"]
    check_graph(neo4j_server, ns)
    revision = await store.changes.revision(ns)
    assert await store.health.repair(ns) == Repaired()
    assert await store.changes.revision(ns) == revision


Search = Callable[[Neo4jStore, str], Awaitable[list[str]]]


async def _by_vector(store: Neo4jStore, ns: str) -> list[str]:
    return sorted(c.memory_id for c in await store.search.search_vector(ns, unit(1), 9, ALL))


async def _by_id(store: Neo4jStore, ns: str) -> list[str]:
    return sorted(await store.search.similarities(ns, await _ids(store, ns), unit(1)))


async def _by_neighbours(store: Neo4jStore, ns: str) -> list[str]:
    return [
        *sorted(key for key, _ in (await store.search.nearest(ns, ["m0"], limit=9, min_similarity=-1.0))["m0"]),
        "m0",
    ]


async def _of_candidates(store: Neo4jStore, ns: str) -> list[str]:
    found = await store.search.candidates(ns, await _ids(store, ns), unit(1))
    return sorted(c.memory_id for c in found if c.similarity is not None)


async def _ids(store: Neo4jStore, ns: str) -> list[str]:
    return [candidate.memory_id for candidate in (await store.search.search_text(ns, ["words"], 9, ALL)).found]


@pytest.mark.parametrize("search", [_by_vector, _by_id, _by_neighbours, _of_candidates])
@pytest.mark.parametrize("value", ["[1.0, 0.0]", "[x IN m.embedding | x / 0.0]"], ids=["short", "infinite"])
async def test_vectors_that_cannot_be_compared_keep_nothing_else_from_being_found(
    store: Neo4jStore, driver: Driver, ns: str, search: Search, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    await store.records.insert(ns, [new(f"m{i}", "words", entities=["e"]) for i in range(3)], reinforcement=0.1)
    driver.execute_query(f"MATCH (m:Memory {{namespace: $ns, memory_id: 'm2'}}) SET m.embedding = {value}", ns=ns)
    assert set(await search(store, ns)) == {"m0", "m1"}
    found = await store.health.diagnose(ns, now=0.0)
    assert found.without_vector + found.wrong_vectors == 1
    assert [record.message.split(" vectors")[0] for record in caplog.records] == ["Removed 1"] * found.without_vector


async def test_pages_add_up(store: Neo4jStore, ns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.store.neo4j.health._PAGE", 2)
    monkeypatch.setattr("coda_graphmem.store.neo4j.vectors._PAGE", 2)
    monkeypatch.setattr("coda_graphmem.store.neo4j.changes._KEPT_AT_ONCE", 2)
    await store.records.insert(ns, [new(f"m{i}", entities=[f"e{i}"]) for i in range(5)], reinforcement=0.1)
    assert (await store.health.diagnose(ns, now=0.0)).live == 5
    assert await store.health.repair(ns) == Repaired()
    assert await store.changes.save_decay(ns, [f"m{i}" for i in range(5)], [0.5] * 5) == 5
    assert {m.decay_factor for m in await store.records.find(ns, ALL, now=0.0)} == {0.5}


async def test_decay_is_in_no_index(store: Neo4jStore, driver: Driver) -> None:
    records = driver.execute_query("SHOW INDEXES YIELD properties RETURN properties").records
    indexed = {name for [names] in records for name in names or ()}
    assert "changed_at" in indexed
    assert "decay_factor" not in indexed


async def test_forgetting_leaves_nothing_of_a_name(store: Neo4jStore, driver: Driver, ns: str) -> None:
    await store.records.insert(ns, [new("m1"), new("m2"), new("m3")], reinforcement=0.1)
    await live_in(store, ns, m1="Paris", m3="Rome")
    await store.records.update(ns, "m3", MemoryChanges(importance_score=0.75, updated_at=2500.0))
    await merge_one(store, ns, "merged", ["m1", "m2"])
    await store.links.save_links(ns, [link("merged", "m3", run_id=f"{ns}-r")])
    await store.jobs.save_setting(ns, "key", {"namespace": ns})
    await store.jobs.save_run(run(f"{ns}-r", "job", ns))
    await store.jobs.record_retrievals(ns, RetrievalTotals(retrievals=1))
    await store.jobs.acquire_lease(f"{ns}-lease", "me", 60.0)
    # While it is held: whoever takes a lease on this server meanwhile removes those that were given back.
    kinds = {label for [labels] in driver.execute_query(_NAMED, ns=ns).records for label in labels}
    assert {"Memory", "Namespace", "Setting", "MaintenanceRun", "MaintenanceLease"} <= kinds
    assert {"Fact", "Subject", "MemoryVersion"} <= kinds
    await store.jobs.release_lease(f"{ns}-lease", "me")
    await store.records.forget(ns, None)
    assert driver.execute_query(_NAMED, ns=ns).records == []


_SAYING = """
    MATCH (x) WHERE any(key IN keys(x) WHERE toStringOrNull(x[key]) CONTAINS $word) RETURN labels(x) AS found
    UNION ALL
    MATCH ()-[x]->() WHERE any(key IN keys(x) WHERE toStringOrNull(x[key]) CONTAINS $word) RETURN [type(x)] AS found
"""


async def test_removing_leaves_nothing_of_what_was_said(store: Neo4jStore, driver: Driver, ns: str) -> None:
    words = {f"m{i}": uuid.uuid4().hex for i in range(3)}
    rows = [new(one, f"I live in {word}") for one, word in words.items()]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await live_in(store, ns, **words)
    await store.records.update(ns, "m0", MemoryChanges(content="something else", updated_at=2500.0))
    await store.records.archive(ns, ["m1"], 2600.0)

    def kinds(word: str) -> set[str]:
        return {kind for [found] in driver.execute_query(_SAYING, word=word).records for kind in found}

    assert kinds(words["m0"]) == {"MemoryVersion"}
    assert {"Memory", "MemoryVersion", "Fact", "SAYS_OF"} <= kinds(words["m1"])
    await store.records.delete(ns, ["m0", "m1"])
    assert kinds(words["m0"]) == kinds(words["m1"]) == set()
    assert {"Memory", "Fact", "SAYS_OF"} <= kinds(words["m2"])
