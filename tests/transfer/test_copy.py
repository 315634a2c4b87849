"""Copying between stores: everything arrives, an interrupted copy goes on, and the report tells the truth."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.errors import EmbeddingMismatchError, MemoryStorageError
from coda_graphmem.models import Memory, MemoryFilter, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.neo4j import Neo4jStore
from coda_graphmem.store.protocol import (
    Bounds,
    EntityNode,
    MemoryChanges,
    MemoryStore,
    NewItem,
    RetrievalTotals,
    StoredMemory,
)
from coda_graphmem.transfer.copy import copy
from tests.servers import Server
from tests.store.factory import MODEL, new, opening, unit
from tests.store.neo4j.consistency import check_graph
from tests.store.parts.build import OUTDATED, link, merge_one, run

ALL = MemoryFilter()
ANY = MemoryFilter(lifetime="any", archived=None)


def embedded(folder: Path, *, bind: bool = True) -> contextlib.AbstractAsyncContextManager[EmbeddedStore]:
    return opening(EmbeddedStore(MemoryConfig(vector_store={"persist_directory": folder})), bind=bind)


@contextlib.asynccontextmanager
async def neo4j(server: Server, *namespaces: str) -> AsyncIterator[Neo4jStore]:
    config = MemoryConfig(vector_store_type="neo4j", neo4j=server.config())
    async with opening(Neo4jStore(config)) as store:
        yield store
        for namespace in namespaces:
            await store.records.forget(namespace, None)


@pytest.fixture
def tenant() -> str:
    return f"copy-{uuid.uuid4().hex}"


async def fill(store: MemoryStore, namespace: str) -> None:
    """One of everything that a store can keep."""
    metadata = {"speaker": "Ann", "n": 1.5, "deep": {"list": [1, None, "é"]}}
    rows = [
        new("m1", "Ann: hiking in May", entities=["may", "ann"], conversation_id="c", metadata=metadata),
        new("m2", entities=["ann"], conversation_id="c", memory_type=MemoryType.SEMANTIC, dedup_key="k"),
        new("again", memory_type=MemoryType.SEMANTIC, dedup_key="k", metadata={"later": True}, created_at=2500.0),
        new("m3", entities=["bob"], conversation_id="c", timestamp=1000.5, importance_score=0.9),
        new("m4", embedding=None),
        new("s5", entities=["bob"], expires_at=9e9, memory_type=MemoryType.CONTEXTUAL, conversation_id="d"),
        new("s6", expires_at=1.0, conversation_id="d"),
        new("gone", entities=["ann"], conversation_id="c"),
        *(new(f"x{i}", entities=["many"]) for i in range(7, 30)),
    ]
    await store.records.insert(namespace, rows, reinforcement=0.1)
    await store.records.archive(namespace, ["m3", "x20"], 3000.5)
    await store.records.record_access(namespace, {"m1": 3, "x8": 1}, 3100.25)
    await store.records.update(namespace, "m4", MemoryChanges(importance_score=0.75, updated_at=3200.0))
    await store.records.delete(namespace, ["gone"])
    await store.changes.save_decay(namespace, ["x9"], [0.625])
    await merge_one(store, namespace, "z1", ["x10", "x29"], entities=["many"])
    await store.links.save_links(
        namespace,
        [
            link("m1", "x28"),
            link("m2", "m1", OUTDATED, guard="number", reason="5 / 6", run_id="r1"),
            link("x11", "m2", score=-0.25),
        ],
    )
    await store.jobs.save_run(
        run(f"{namespace}-run", "consolidate", namespace, status="done", finished_at=4001.5, changed=2)
    )
    await store.jobs.save_run(run(f"{namespace}-now", "decay", namespace))
    await store.jobs.save_setting(namespace, "rate", {"value": 0.25})
    await store.jobs.record_retrievals(namespace, RetrievalTotals(3, 1, 9, 6.5, 9, 0.75, 3300.0))
    items = [
        NewItem(("users", "nora"), "k", {"text": "é", "n": 10**30}, fields=("text",), texts=1, vectors=(unit(3),)),
        NewItem(("users", "nora"), "over", {}, ttl=1.0),
        NewItem(("x",), "own", {"t": 1}, fields=("t",), texts=1, embedder="another", vectors=(unit(4, 5),)),
    ]
    await store.items.batch(namespace, [], items, now=3400.0, model=MODEL)


async def everything(store: MemoryStore, namespace: str) -> list[Memory]:
    return await store.records.find(namespace, ANY, order="oldest", now=0.0)


async def test_there_and_back(tmp_path: Path, neo4j_server: Server, tenant: str) -> None:
    async with (
        embedded(tmp_path / "one") as source,
        neo4j(neo4j_server, tenant) as middle,
        embedded(tmp_path / "two", bind=False) as back,
    ):
        await fill(source, tenant)
        seen: list[tuple[int, int]] = []
        report = await copy(source, middle, batch_size=7, progress=lambda done, total: seen.append((done, total)))
        assert report.complete
        assert seen[0] == (0, 30)
        assert seen[-1] == (30, 30)
        assert len(seen) == 6
        [part] = report.namespaces
        assert (part.namespace, part.copied, part.present, part.differing) == (tenant, 30, 0, ())
        found = part.target
        assert (found.memories, found.live, found.short_term, found.archived) == (30, 24, 2, 4)
        assert (found.vectors, found.mentions, found.entities, found.conversations) == (29, 29, 4, 2)
        assert (found.access_count, found.reinforcement_count, found.links) == (4, 3, 1)
        assert (part.linked, found.memory_links, found.merged) == (3, 3, 2)
        assert (part.items, found.items, found.item_vectors) == (3, 3, 2)
        check_graph(neo4j_server, tenant)
        assert (await copy(middle, back, namespaces=[tenant])).complete
        assert (await back.info()).embedding_model == MODEL
        expected = await everything(source, tenant)
        for store in (middle, back):
            assert await everything(store, tenant) == expected
            assert await store.records.live_count(tenant) == 24
            await same_history(source, store, tenant)
            # Names of entities are those of the first mention, also where that memory is gone.
            assert await store.graph.list_entities(tenant, limit=9) == await source.graph.list_entities(tenant, limit=9)
            for query in (unit(8), unit(25)):
                best = await source.search.search_vector(tenant, query, 5, ALL)
                assert [c.memory_id for c in await store.search.search_vector(tenant, query, 5, ALL)] == [
                    c.memory_id for c in best
                ]
            assert [c.memory_id for c in (await store.search.search_text(tenant, ["hike"], 5, ALL)).found] == ["m1"]
            around = await store.graph.neighbourhood(tenant, ["m1"], [], bounds=Bounds(), depth=2, where=ALL)
            assert around.follows == [("m1", "m2")]
            # A repetition still finds the memory it repeats.
            [stored] = await store.records.insert(
                tenant, [new("r", memory_type=MemoryType.SEMANTIC, dedup_key="k")], reinforcement=0.1
            )
            assert stored.memory_id == "m2"
            # A merge can be undone there as here.
            undone = await store.merges.undo_merge(tenant, "z1")
            assert undone is not None
            assert undone.restored_ids == ["x10", "x29"]


async def same_history(source: MemoryStore, copied: MemoryStore, namespace: str) -> None:
    ids = [memory.memory_id for memory in await everything(source, namespace)]
    links = await source.links.find_links(namespace, ids)
    assert len(links) == 3
    assert await copied.links.find_links(namespace, ids) == links
    assert await copied.merges.find_merges(namespace) == await source.merges.find_merges(namespace)
    # What runs is the business of the store it runs on.
    assert [run.job for run in await source.jobs.find_runs(namespace=namespace)] == ["consolidate", "decay"]
    assert await copied.jobs.find_runs(namespace=namespace) == await source.jobs.find_runs(
        namespace=namespace, job="consolidate"
    )
    assert await copied.jobs.settings(namespace) == {"rate": {"value": 0.25}}
    assert await copied.jobs.retrieval_totals(namespace) == await source.jobs.retrieval_totals(namespace)


async def test_an_interrupted_copy_goes_on(
    tmp_path: Path, neo4j_server: Server, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with embedded(tmp_path) as source, neo4j(neo4j_server, tenant) as target:
        await fill(source, tenant)
        broken = Neo4jStore(MemoryConfig(vector_store_type="neo4j", neo4j=neo4j_server.config()))
        whole, left = broken.transfer.import_memories, 2

        async def interrupted(namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]) -> int:
            nonlocal left
            left -= 1
            if left < 0:
                raise MemoryStorageError("interrupted")
            return await whole(namespace, rows, entities)

        monkeypatch.setattr(broken.transfer, "import_memories", interrupted)
        await broken.open()
        with pytest.raises(MemoryStorageError):
            await copy(source, broken, batch_size=10)
        await broken.close()
        report = await copy(source, target, batch_size=10)
        assert report.complete
        assert (report.namespaces[0].copied, report.namespaces[0].present) == (10, 20)
        again = (await copy(source, target)).namespaces[0]
        assert (again.present, again.linked) == (30, 0)
        await same_history(source, target, tenant)
        assert await everything(target, tenant) == await everything(source, tenant)


async def test_what_differs_is_named(tmp_path: Path, neo4j_server: Server, tenant: str) -> None:
    async with embedded(tmp_path) as source, neo4j(neo4j_server, tenant) as target:
        await fill(source, tenant)
        await copy(source, target)
        await target.records.update(tenant, "x9", MemoryChanges(importance_score=0.1, updated_at=1.0))
        await target.records.update(
            tenant, "x12", MemoryChanges(content="content of x12", embedding=unit(99), updated_at=2.0)
        )
        await target.records.insert(tenant, [new("more")], reinforcement=0.1)
        await target.links.delete_links(tenant, "r1")
        await target.links.save_links(tenant, [link("m2", "m1", OUTDATED, reason="other")])
        report = await copy(source, target)
    assert not report.complete
    [part] = report.namespaces
    assert part.differing == ("m2", "x12", "x9")
    assert part.target.memories == part.source.memories + 1


async def test_only_the_namespaces_asked_for(tmp_path: Path) -> None:
    async with embedded(tmp_path / "one") as source, embedded(tmp_path / "two") as target:
        for name in ("a", "b", "c"):
            await source.records.insert(name, [new("m1")], reinforcement=0.1)
        report = await copy(source, target, namespaces=["b", "b", "nothing"])
        assert [(part.namespace, part.copied) for part in report.namespaces] == [("b", 1), ("nothing", 0)]
        assert report.complete
        assert await target.records.namespaces() == ["b"]


async def test_a_target_of_another_model_is_refused(tmp_path: Path) -> None:
    async with embedded(tmp_path / "one") as source, embedded(tmp_path / "two", bind=False) as target:
        await source.records.insert("a", [new("m1")], reinforcement=0.1)
        await target.vectors.bind_model("other", 8)
        await target.records.insert("a", [new("m2", embedding=unit(1, 8))], reinforcement=0.1)
        with pytest.raises(EmbeddingMismatchError):
            await copy(source, target)
        assert await target.records.count("a", ANY, now=0.0) == 1


async def test_a_key_that_is_held_is_given_up(tmp_path: Path, neo4j_server: Server, tenant: str) -> None:
    async with embedded(tmp_path) as source, neo4j(neo4j_server, tenant) as target:
        for store, name in ((source, "theirs"), (target, "ours")):
            await store.records.insert(
                tenant, [new(name, memory_type=MemoryType.SEMANTIC, dedup_key="k")], reinforcement=0.1
            )
        report = await copy(source, target)
        assert report.namespaces[0].differing == ()
        assert await target.records.live_count(tenant) == 2
        [stored] = await target.records.insert(
            tenant, [new("r", memory_type=MemoryType.SEMANTIC, dedup_key="k")], reinforcement=0.1
        )
        assert stored.memory_id == "ours"
