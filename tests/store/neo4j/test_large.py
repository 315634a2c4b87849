"""A small tenant beside one of 10,000 memories, and an entity that many of them mention."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from neo4j import Driver, GraphDatabase

from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.neo4j.connection import scope_of
from coda_graphmem.store.neo4j.rows import filter_parameters, filtered_by
from coda_graphmem.store.neo4j.statements import statement
from coda_graphmem.store.protocol import Bounds, Vector
from tests.servers import Server
from tests.store.factory import DIMENSION, mention, new
from tests.store.neo4j.conftest import opened
from tests.store.neo4j.consistency import check_graph
from tests.store.neo4j.tenancy import Tenancy

LARGE, SMALL, HUB = 10_000, 50, 4_000
BATCH = 2_000
ALL = MemoryFilter()


def clustered(count: int, seed: int) -> np.ndarray:
    """Unit vectors around 200 centres, as texts lie around topics."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(7).normal(size=(200, DIMENSION))
    vectors = centres[random.integers(0, 200, count)] + 0.7 * random.normal(size=(count, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


VECTORS = clustered(LARGE, 1)
QUERIES = clustered(50, 2)


def fill(driver: Driver, namespace: str) -> None:
    """Put the large tenant in place with few statements, as `Neo4jRecords.insert` would leave it."""
    for start in range(0, LARGE, BATCH):
        rows = [{"properties": properties(namespace, i), "label": "Episodic", "embedding": VECTORS[i].tolist()}
                for i in range(start, start + BATCH)]  # fmt: skip
        driver.execute_query(statement("store/insert_memories"), p={"rows": rows, "vector_property": "embedding"})
    driver.execute_query(
        "CREATE (:Namespace {name: $ns, scope: $scope, memory_count: $n, arrivals: $n, entities: 1, writes: 0}) "
        "CREATE (:Entity {namespace: $ns, key: 'hub', name: 'Hub', label: 'X', number: 1, mention_count: $hub})",
        ns=namespace, scope=scope_of(namespace), n=LARGE, hub=HUB,
    )  # fmt: skip
    for start in range(0, HUB, BATCH):
        driver.execute_query(
            "MATCH (e:Entity {namespace: $ns, key: 'hub'}) UNWIND range($start, $start + $batch - 1) AS i "
            "MATCH (m:Memory {namespace: $ns, memory_id: 'x' + toString(i)}) "
            "CREATE (m)-[:MENTIONS {name: 'Hub', label: 'X', scope: m.scope, entity: 1, epoch: m.epoch}]->(e)",
            ns=namespace, start=start, batch=BATCH,
        )  # fmt: skip


def properties(namespace: str, i: int) -> dict[str, Any]:
    content = f"text number {i} about topic{i % 100}"
    return {
        "namespace": namespace, "scope": scope_of(namespace), "memory_id": f"x{i}", "memory_type": "episodic",
        "content": content, "search_text": content, "epoch": float(i), "arrival": i + 1, "importance_score": 0.5,
        "created_at": 1.0, "touched_at": 1.0, "changed_at": 1.0, "access_count": 0, "reinforcement_count": 0,
        "metadata": "{}", "word_count": 5, "is_question": False,
        **filtered_by({"memory_type": "episodic"}, {}, (), ["hub"] if i < HUB else []),
    }  # fmt: skip


@pytest.fixture(scope="module")
def large(neo4j_server: Server) -> Iterator[str]:
    """Prefix of the namespaces ``large`` and ``small``; the second is left to the tests."""

    async def prepare() -> str:
        async with opened(neo4j_server) as store:
            return Tenancy(store).prefix

    prefix = asyncio.run(prepare())
    with GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.username, neo4j_server.password)) as driver:
        fill(driver, prefix + "large")
        yield prefix
        for query in ("MATCH (m:Memory {namespace: $ns})", "MATCH (m:Entity {namespace: $ns})"):
            with driver.session() as session:
                session.run(
                    f"{query} CALL (m) {{ DETACH DELETE m }} IN TRANSACTIONS OF {BATCH} ROWS", ns=prefix + "large"
                ).consume()
        driver.execute_query("MATCH (n:Namespace {name: $ns}) DELETE n", ns=prefix + "large")


def nearest(vectors: np.ndarray, query: Vector, limit: int, names: str) -> list[str]:
    return [f"{names}{i}" for i in np.argsort(-(vectors @ query), kind="stable")[:limit]]


async def test_recall_against_exact_search(neo4j_server: Server, large: str) -> None:
    async with opened(neo4j_server) as store:
        shares, errors = [], []
        for query in QUERIES:
            found = await store.search.search_vector(large + "large", query, 10, ALL)
            shares.append(len({c.memory_id for c in found} & set(nearest(VECTORS, query, 10, "x"))) / 10)
            exact = [float(VECTORS[int(c.memory_id[1:])] @ query) for c in found]
            errors += [abs(a - (c.similarity or 0)) for a, c in zip(exact, found, strict=True)]
            assert [c.similarity for c in found] == sorted((c.similarity or 0 for c in found), reverse=True)
    assert np.mean(shares) >= 0.98
    assert max(errors) < 1e-5


async def test_edges_are_the_same_from_either_end(
    neo4j_server: Server, large: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of rare entities all mentions are looked at, of common ones what the memories of the walk mention."""
    from coda_graphmem.store.neo4j import graph

    small = large + "edges"
    async with opened(neo4j_server) as store:
        rows = [
            new(f"e{i}", entities=["all", f"third{i % 3}", f"fifth{i % 5}"], conversation_id=f"c{i % 4}")
            for i in range(30)
        ]
        await store.records.insert(small, rows, reinforcement=0.1)
        bounds = Bounds(entities_per_memory=2, memories_per_entity=4)
        found = []
        for few in (0, 8, 200):
            monkeypatch.setattr(graph, "_FEW_MENTIONS", few)
            found.append(await store.graph.neighbourhood(small, ["e0"], [], bounds=bounds, depth=3, where=ALL))
        await store.records.forget(small, None)
    one, *others = found
    for other in others:
        assert (one.depths, one.entities) == (other.depths, other.entities)
        assert sorted(one.mentions) == sorted(other.mentions)
        assert sorted(one.follows) == sorted(other.follows)
    assert max(found[0].depths.values()) == 3
    mentioned = {row.memory_id: {entity.key for entity in row.entities} for row in rows}
    for memory_id in found[0].depths:
        assert {key for name, key in found[0].mentions if name == memory_id} == mentioned[memory_id] & set(
            found[0].entities
        )


async def test_a_small_tenant_never_comes_back_short(neo4j_server: Server, large: str) -> None:
    vectors = clustered(SMALL, 3)
    async with opened(neo4j_server) as store:
        small = large + "small"
        rows = [new(f"s{i}", f"text number {i} about topic{i}", embedding=vectors[i]) for i in range(SMALL)]
        await store.records.insert(small, rows, reinforcement=0.1)
        for query in QUERIES[:10]:
            found = await store.search.search_vector(small, query, 20, ALL)
            assert [c.memory_id for c in found] == nearest(vectors, query, 20, "s")
        assert len((await store.search.search_text(small, ["text", "number"], 50, ALL)).found) == SMALL
        assert [c.memory_id for c in (await store.search.search_text(small, ["topic7"], 5, ALL)).found] == ["s7"]
        assert len(await store.search.search_vector(small, QUERIES[0], 99, ALL)) == SMALL
        await store.records.forget(small, None)


async def test_a_narrow_filter_in_a_large_tenant(neo4j_server: Server, large: str) -> None:
    async with opened(neo4j_server) as store:
        since = MemoryFilter(since=LARGE - 30.0)
        found = await store.search.search_vector(large + "large", QUERIES[0], 25, since)
        assert [c.memory_id for c in found] == [
            f"x{LARGE - 30 + int(name[1:])}" for name in nearest(VECTORS[-30:], QUERIES[0], 25, "x")
        ]
        text = (await store.search.search_text(large + "large", ["text"], 25, since)).found
        assert len(text) == 25
        assert {c.timestamp >= LARGE - 30 for c in text} == {True}
        nothing = MemoryFilter(memory_types=(MemoryType.EMOTIONAL,))
        assert await store.search.search_vector(large + "large", QUERIES[0], 5, nothing) == []
        assert (await store.search.search_text(large + "large", ["text"], 5, nothing)).found == []


async def test_a_hub_neither_floods_nor_slows(neo4j_server: Server, large: str) -> None:
    async with opened(neo4j_server) as store:
        found = await store.graph.neighbourhood(large + "large", ["x5"], [], bounds=Bounds(), depth=1, where=ALL)
        assert set(found.entities) == {mention("hub").key}
        # The newest forty, and the start.
        assert set(found.depths) == {"x5", *(f"x{i}" for i in range(HUB - 40, HUB))}
        assert len(found.mentions) == 41
        without = await store.graph.neighbourhood(
            large + "large", ["x5"], [], bounds=Bounds(max_mentions=500), depth=1, where=ALL
        )
        assert set(without.depths) == {"x5"}
    parameters = {
        **filter_parameters(ALL, now=1.0),
        "namespace": large + "large", "scope": scope_of(large + "large"), "memory_ids": ["x5"], "entity_keys": [],
        "depth": 1, "unfiltered": True, "entities_per_memory": 20,
        "memories_per_entity": 40, "min_mentions": 1, "max_mentions": 10**6, "conversation_steps": 1,
    }  # fmt: skip
    with GraphDatabase.driver(neo4j_server.uri, auth=(neo4j_server.username, neo4j_server.password)) as driver:
        summary = driver.execute_query(f"PROFILE {statement('store/neighbourhood')}", p=parameters).summary
    assert summary.profile is not None
    assert hits(summary.profile) < 4_000


def hits(profile: dict[str, Any]) -> int:
    """How often a query touched the database."""
    return int(profile.get("dbHits", 0)) + sum(hits(child) for child in profile.get("children", ()))


def test_the_large_tenant_is_as_the_store_would_leave_it(neo4j_server: Server, large: str) -> None:
    check_graph(neo4j_server, large)
