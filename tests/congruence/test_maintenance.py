"""Decay, consolidation, health and jobs: one answer from all stores."""

from __future__ import annotations

import pytest

from coda_graphmem import ConsolidationResult, Memory, MemoryConsolidationError, MemoryManager, MemoryType
from coda_graphmem.models import LinkKind
from tests.congruence.stores import Stores

DAY = 86_400.0
#: The stand-in vectors measure the share of words in common.
THRESHOLD = 0.6

SAID = [
    ("like", "I like ripe plums.", MemoryType.PREFERENCE, {"a": 1, "tags": ["x"]}, "c1"),
    ("three", "I bought three plums.", MemoryType.SEMANTIC, {}, None),
    ("paris", "I live in Paris.", MemoryType.SEMANTIC, {}, None),
    ("love", "I love ripe plums.", MemoryType.PREFERENCE, {"a": 2, "tags": ["y"]}, "c2"),
    ("five", "I bought five plums.", MemoryType.SEMANTIC, {}, "c2"),
    ("rome", "I live in Rome now.", MemoryType.SEMANTIC, {}, None),
    ("adore", "I adore ripe plums, Maria.", MemoryType.PREFERENCE, {}, "c2"),
    ("event", "Tom met Anna in Berlin.", MemoryType.EPISODIC, {}, "c1"),
]


async def fill(stores: Stores) -> None:
    batch = [
        {
            "content": content,
            "type": kind,
            "metadata": metadata,
            "memory_id": memory_id,
            "importance_score": i / 10,
            "conversation_id": conversation,
            "timestamp": stores.clock.now + i,
        }
        for i, (memory_id, content, kind, metadata, conversation) in enumerate(SAID)
    ]
    stores.clock.advance(len(batch))
    await stores.same(lambda m: m.store_memories_batch(batch))
    await stores.same(lambda m: m.retrieve_memories("ripe plums", limit=3, min_relevance=0.0, mode="vector"))


async def everything(stores: Stores) -> list[object]:
    """Compare all that a namespace shows; the answers of the first store."""
    return [
        await stores.same(lambda m: m.list_memories(order="oldest", as_of=0.0)),
        await stores.same(lambda m: m.list_memories(order="oldest", archived=True, as_of=0.0)),
        await stores.same(lambda m: m.list_entities()),
        await stores.same(_context),
        await stores.same(lambda m: m.services.resources.store.transfer.inventory(m.namespace)),
        (await stores.same(lambda m: m.get_memory_stats())).model_copy(update={"storage_bytes": None}),
    ]


async def _context(memory: MemoryManager) -> list[Memory]:
    found = await memory.get_conversation_context("c2")
    return [item.model_copy(update={"decay_factor": None}) for item in found]


def named(memories: list[Memory], names: dict[str, str]) -> list[Memory]:
    """Memories with ids that are the same in every store: merged ones have random ids."""
    return [
        memory.model_copy(
            update={
                "memory_id": names.get(memory.memory_id, memory.memory_id),
                "consolidated_into": names.get(memory.consolidated_into or "", memory.consolidated_into),
            }
        )
        for memory in memories
    ]


async def merged_ids(results: dict[str, ConsolidationResult]) -> dict[str, str]:
    return {
        proposal.merged_id: f"merged {min(proposal.merged.source_ids)}"
        for result in results.values()
        for proposal in result.proposals
        if proposal.merged_id
    }


def plain(result: ConsolidationResult) -> ConsolidationResult:
    """Without what is random or measured."""
    return result.model_copy(
        update={
            "run_id": "",
            "proposals": [proposal.model_copy(update={"merged_id": None}) for proposal in result.proposals],
        }
    )


async def test_consolidating_and_undoing(stores: Stores) -> None:
    await fill(stores)
    before = await everything(stores)
    stores.clock.advance(60)

    async def dry(m: MemoryManager) -> ConsolidationResult:
        return plain(await m.consolidate_memories(similarity_threshold=THRESHOLD, dry_run=True))

    planned = await stores.same(dry)
    assert await everything(stores) == before
    done = await stores.each(lambda m: m.consolidate_memories(similarity_threshold=THRESHOLD))
    names = await merged_ids(done)
    assert len(set(names.values())) == len(planned.proposals) > 0

    async def as_done(m: MemoryManager) -> ConsolidationResult:
        store = next(name for name, manager in stores.managers.items() if manager is m)
        return plain(done[store])

    result = await stores.same(as_done)
    assert [p.merged for p in result.proposals] == [p.merged for p in planned.proposals]
    assert result.links > 0

    async def looked(m: MemoryManager) -> list[list[Memory]]:
        found = [await m.list_memories(order="oldest"), await m.list_memories(order="oldest", archived=True)]
        return [sorted(named(memories, names), key=lambda x: x.memory_id) for memories in found]

    [live, archived] = await stores.same(looked)
    assert {m.consolidated_into for m in archived} <= set(names.values())
    outdated = next(m for m in live if m.memory_id == "paris")
    assert outdated.possibly_outdated_by == ["rome"]

    async def links(m: MemoryManager) -> list[tuple[str, str, LinkKind, str | None, float]]:
        ids = [x.memory_id for x in await m.list_memories()]
        found = await m.services.resources.store.links.find_links(m.namespace, ids)
        return sorted(
            (names.get(x.source_id, x.source_id), names.get(x.target_id, x.target_id), x.kind, x.guard, x.score)
            for x in found
        )

    assert len(await stores.same(links)) == result.links
    stores.clock.advance(60)
    run_ids = {id(manager): done[name].run_id for name, manager in stores.managers.items()}

    async def undo(m: MemoryManager) -> tuple[list[str], int, int, list[str]]:
        undone = await m.undo_consolidation(run_ids[id(m)])
        return sorted(undone.restored_ids), len(undone.removed_ids), undone.removed_links, undone.changed_ids

    restored, removed, removed_links, changed = await stores.same(undo)
    assert (len(restored), removed, removed_links, changed) == (
        result.consolidated_count, result.merged_count, result.links, [],
    )  # fmt: skip
    assert await everything(stores) == before

    async def history(m: MemoryManager) -> list[tuple[str, int, dict[str, int]]]:
        return [(run.status, run.changed, run.summary) for run in await m.list_consolidations()]

    [(status, _, summary)] = await stores.same(history)
    assert (status, summary["restored"]) == ("undone", len(restored))
    with pytest.raises(MemoryConsolidationError):
        await stores.same(lambda m: m.undo_consolidation("nothing"))


async def test_a_later_run_is_undone_first(stores: Stores) -> None:
    await fill(stores)
    before = await everything(stores)
    first = await stores.each(lambda m: m.consolidate_memories(similarity_threshold=THRESHOLD))
    stores.clock.advance(DAY)
    await stores.same(lambda m: m.store_memory("I enjoy ripe plums.", MemoryType.PREFERENCE, memory_id="enjoy"))
    stores.clock.advance(1)
    second = await stores.each(lambda m: m.consolidate_memories(similarity_threshold=THRESHOLD))
    runs = {id(m): (first[name].run_id, second[name].run_id) for name, m in stores.managers.items()}
    with pytest.raises(MemoryConsolidationError):
        await stores.same(lambda m: m.undo_consolidation(runs[id(m)][0]))

    async def undo_both(m: MemoryManager) -> list[int]:
        return [len((await m.undo_consolidation(run)).restored_ids) for run in reversed(runs[id(m)])]

    await stores.same(undo_both)
    await stores.same(lambda m: m.delete_memory("enjoy"))
    assert await everything(stores) == before


async def test_decay(stores: Stores) -> None:
    await fill(stores)
    stores.clock.advance(30 * DAY)
    planned = await stores.same(lambda m: m.apply_decay(dry_run=True))
    kept = await stores.same(lambda m: m.apply_decay())
    assert (planned.lowest, planned.saved, kept.saved) == (kept.lowest, 0, len(SAID))
    later = stores.clock.now + 100 * DAY
    await stores.same(lambda m: m.apply_decay(as_of=later))
    listed = await stores.same(lambda m: m.list_memories(as_of=later))

    async def stored(m: MemoryManager) -> list[float | None]:
        found = await m.services.resources.store.records.get(m.namespace, [x.memory_id for x in listed])
        return [x.decay_factor for x in found]

    assert await stores.same(stored) == pytest.approx([x.decay_factor for x in listed])
    await everything(stores)


async def test_linking(stores: Stores) -> None:
    await fill(stores)

    async def link(m: MemoryManager) -> tuple[int, int]:
        done = await m.link_similar(min_similarity=THRESHOLD, limit=2)
        return done.considered, done.links

    considered, links = await stores.same(link)
    assert considered == len(SAID)
    assert links > 0
    assert (await stores.same(link)) == (considered, 0)


async def test_health_stats_and_optimising(stores: Stores) -> None:
    await fill(stores)
    await stores.each(lambda m: m.store_short_term_memory("For now", "c1", 1))
    await stores.same(lambda m: m.retrieve_memories("nothing of the kind", min_relevance=1.0))
    stores.clock.advance(3600)
    searches = await stores.same(lambda m: m.get_retrieval_stats())
    assert (searches.total_retrievals, searches.empty_retrievals) == (2, 1)

    async def health(m: MemoryManager) -> list[tuple[str, str, int, float]]:
        found = await m.check_memory_health()
        return [(x.kind, x.severity, x.count, x.share) for x in found.issues if not x.kind.startswith("job")]

    issues = await stores.same(health)
    assert "expired_memories" in {kind for kind, *_ in issues}

    async def optimize(m: MemoryManager) -> list[int]:
        done = await m.optimize_storage()
        return [done.expired, done.consolidated_count, done.repaired_counters, done.removed_entities]

    assert await stores.same(optimize) == [1, 0, 0, 0]
    assert "expired_memories" not in {kind for kind, *_ in await stores.same(health)}


@pytest.mark.all_namespaces
async def test_jobs(stores: Stores) -> None:
    await fill(stores)
    for name in ("decay", "expire", "limit", "link"):
        runs = await stores.each(lambda m, name=name: m.run_job(name))
        for store, run in runs.items():
            assert run is not None, store
            assert (run.job, run.status, run.error) == (f"scheduled {name}", "done", None), store
        listed = await stores.each(lambda m: m.list_jobs())
        for store, jobs in listed.items():
            last = next(job.last_run for job in jobs if job.name == name)
            assert last == runs[store], store
        newest = await stores.each(lambda m, name=name: m.list_runs(f"scheduled {name}", 1))
        assert {store: found[0] for store, found in newest.items()} == runs


async def test_choosing_refusing_and_unarchiving(stores: Stores) -> None:
    await fill(stores)
    await stores.same(lambda m: m.refuse_merge(["like", "love"]))
    before = await everything(stores)
    assert [x.guard for x in await stores.same(lambda m: m.list_links(["like"]))] == ["refused"]

    async def proposed(m: MemoryManager) -> list[list[str]]:
        review = await m.consolidate_memories(similarity_threshold=THRESHOLD, dry_run=True)
        return [proposal.merged.source_ids for proposal in review.proposals]

    assert not any({"like", "love"} <= set(ids) for ids in await stores.same(proposed))
    with pytest.raises(MemoryConsolidationError):
        await stores.same(lambda m: m.merge_memories(["like", "love"], similarity_threshold=THRESHOLD))
    with pytest.raises(MemoryConsolidationError):
        await stores.same(lambda m: m.merge_memories(["three", "five"], similarity_threshold=THRESHOLD))
    chosen = await stores.each(lambda m: m.merge_memories(["love", "adore"], despite_guards=True))
    names = {done.proposal.merged_id or "": "merged" for done in chosen.values()}
    runs = {done.run_id: "run" for done in chosen.values()}

    async def told(m: MemoryManager) -> list[object]:
        merges = await m.list_merges(["adore"])
        links = await m.list_links([merges[0].merged_id])
        refused = await m.unarchive_memories(["adore", "rome", "nothing"])
        return [
            [(names[x.merged_id], x.source_ids, runs[x.run_id], x.merged_at) for x in merges],
            sorted((names.get(x.source_id, x.source_id), names.get(x.target_id, x.target_id), x.guard) for x in links),
            refused.model_copy(update={"merged": {key: runs[run] for key, run in refused.merged.items()}}),
        ]

    [_, links, refused] = await stores.same(told)
    assert ("like", "merged", "refused") in links
    assert (refused.merged, refused.live_ids, refused.missing_ids) == ({"adore": "run"}, ["rome"], ["nothing"])
    run_ids = {id(manager): chosen[name].run_id for name, manager in stores.managers.items()}
    await stores.each(lambda m: m.undo_consolidation(run_ids[id(m)]))
    assert await everything(stores) == before
    assert await stores.same(lambda m: m.allow_merge(["like", "love"])) == 1
    assert [x.guard for x in await stores.same(lambda m: m.list_links(["like"]))] == [None]
    gone = await stores.same(lambda m: m.archive_memories(["event", "nothing", "paris"]))
    assert (gone.archived_ids, gone.archived_at) == (["event", "paris"], stores.clock.now)
    stores.clock.advance(60)
    back = await stores.same(lambda m: m.unarchive_memories(["paris", "event", "paris"]))
    assert back.restored_ids == ["paris", "event"]
    assert (await stores.same(lambda m: m.get_memory("event", as_of=0.0))).updated_at == stores.clock.now
    graph = await stores.same(lambda m: graph_of(m, "maria"))
    assert graph == (["memory:adore"], [("memory:adore", "entity:maria")])


async def graph_of(memory: MemoryManager, key: str) -> tuple[list[str], list[tuple[str, str]]]:
    graph = await memory.get_graph(entity_keys=[key])
    mentions = [(edge.source, edge.target) for edge in graph.edges if edge.kind == "MENTIONS"]
    return [node.node_id for node in graph.nodes if node.kind == "memory"], mentions
