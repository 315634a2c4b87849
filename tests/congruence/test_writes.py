"""Storing, changing, deleting: one answer from all stores."""

from __future__ import annotations

import pytest

from coda_graphmem import MemoryManager, MemoryType, ValidationError
from tests.congruence.stores import Stores


async def everything(stores: Stores) -> None:
    """Compare all that a namespace shows."""
    await stores.same(lambda m: m.list_memories(order="oldest"))
    await stores.same(lambda m: m.list_memories(archived=True))
    await stores.same(lambda m: m.list_entities())
    await stores.same(lambda m: m.get_memory_stats())


async def test_one_memory(stores: Stores) -> None:
    await stores.same(
        lambda m: m.store_memory(
            "Lunch with Maria in Lisbon",
            MemoryType.EMOTIONAL,
            {"mood": "glad", "nested": {"list": [1, None, True, 1.5, "é"]}, "title": "Alfama"},
            0.7,
            conversation_id="c1",
            timestamp=123.456789,
            memory_id="lunch",
        )
    )
    found = await stores.same(lambda m: m.get_memory("lunch", with_embedding=True))
    assert found is not None
    assert found.metadata["nested"] == {"list": [1, None, True, 1.5, "é"]}
    assert {entity.name for entity in found.entities} == {"Maria", "Lisbon", "Alfama"}
    await everything(stores)


async def test_repeats_and_retries(stores: Stores) -> None:
    for text, extra in (("Likes tea", {"a": 1}), ("likes  TEA", {"a": 2, "b": 3})):
        await stores.each(lambda m, t=text, e=extra: m.store_memory(t, MemoryType.PREFERENCE, e, 0.6))
    [tea] = await stores.each(lambda m: m.list_memories()) and [None]
    listed = await stores.each(lambda m: m.list_memories())
    views = {name: [(x.content, x.metadata, round(x.importance_score, 6), x.reinforcement_count) for x in found]
             for name, found in listed.items()}  # fmt: skip
    assert all(view == [("Likes tea", {"a": 1, "b": 3}, 0.64, 1)] for view in views.values()), views
    assert tea is None
    for _ in range(2):
        await stores.same(lambda m: m.store_memory("Rent", memory_id="rent", timestamp=5.0))
    with pytest.raises(ValidationError):
        await stores.same(lambda m: m.store_memory("Bill", memory_id="rent", timestamp=5.0))
    await stores.same(lambda m: m.store_memory("likes tea", MemoryType.PREFERENCE, memory_id="own"))
    assert await stores.same(lambda m: m.count()) == 3


async def test_batches(stores: Stores) -> None:
    batch = [
        {"content": f"Note {i} on {name}", "memory_id": f"n{i}", "timestamp": float(i % 5), "conversation_id": "c"}
        for i, name in enumerate(["Maria", "Anna", "Tom", "Berlin", "Rex"] * 8)
    ]
    await stores.same(lambda m: m.store_memories_batch(batch))
    await everything(stores)
    await stores.same(lambda m: m.get_conversation_context("c", 100))
    with pytest.raises(ValidationError):
        await stores.same(
            lambda m: m.store_memories_batch([{"content": "fine"}, {"content": "other", "memory_id": "n3"}])
        )
    assert await stores.same(lambda m: m.count()) == 40


async def test_updates(stores: Stores) -> None:
    await stores.same(lambda m: m.store_memory("Tom lives in Berlin", MemoryType.SEMANTIC, {"s": 1}, memory_id="t"))
    stores.clock.advance(60)
    assert await stores.same(lambda m: m.update_memory("t", importance_score=0.8))
    assert await stores.same(lambda m: m.update_memory("t", metadata={"title": "Moves"}))
    await everything(stores)
    assert await stores.same(lambda m: m.update_memory("t", content="Tom lives in Rome"))
    await everything(stores)
    assert await stores.same(lambda m: m.update_memory("t", memory_type=MemoryType.PREFERENCE))
    await everything(stores)
    assert await stores.same(lambda m: m.store_memory("Tom lives in Rome", MemoryType.PREFERENCE)) == "t"
    assert not await stores.same(lambda m: m.update_memory("nobody", content="x"))
    found = await stores.same(lambda m: m.retrieve_memories("lives in Rome", mode="vector", min_relevance=0))
    assert found[0].memory_id == "t"


async def test_deleting_and_forgetting(stores: Stores) -> None:
    for i in range(12):
        await stores.same(
            lambda m, i=i: m.store_memory(
                f"Note {i} on {('Maria', 'Anna', 'Tom')[i % 3]}",
                list(MemoryType)[i % 6],
                {"k": i % 4},
                (i % 10) / 10,
                conversation_id=f"c{i % 2}",
                timestamp=float(i),
                memory_id=f"m{i}",
            )
        )
    await stores.each(lambda m: m.store_short_term_memory("Soon over", "c0"))
    assert await stores.same(lambda m: m.delete_memory("m3"))
    assert not await stores.same(lambda m: m.delete_memory("m3"))
    await everything(stores)
    await stores.same(lambda m: m.retrieve_contextual_memories("c0", max_depth=3, limit=50))
    for chosen in (
        {"metadata": {"k": 1}},
        {"max_importance": 0.1},
        {"until": 3.0},
        {"since": 11.0},
        {"memory_types": ["semantic"]},
        {"conversation_id": "c0"},
        {"everything": True},
        {"everything": True},
    ):
        await stores.same(lambda m, chosen=chosen: m.forget(**chosen))
        await everything(stores)


async def test_tenants(stores: Stores) -> None:
    alice, bob = stores.for_namespace("alice"), stores.for_namespace("bob")
    for tenant, place in ((alice, "shed"), (bob, "well")):
        await tenant.same(
            lambda m, p=place: m.store_memory(f"Maria hid it in the {p}", memory_id="x", conversation_id="c")
        )
    for tenant, place in ((alice, "shed"), (bob, "well")):
        for mode in ("graph", "hybrid", "vector", "text"):
            found = await tenant.same(
                lambda m, mode=mode: m.retrieve_memories("Maria shed well", mode=mode, min_relevance=0)
            )
            assert [place in m.content for m in found] == [True]
    await alice.same(lambda m: m.forget(everything=True))
    assert await bob.same(lambda m: m.count()) == 1
    await everything(bob)


async def test_short_term_memories(stores: Stores) -> None:
    await stores.each(lambda m: m.store_short_term_memory("Asked about Paris", "c", 10))
    stores.clock.advance(1)
    await stores.same(lambda m: m.store_memory("Booked a flight", conversation_id="c", memory_id="flight"))

    async def texts(m: object) -> list[str]:
        return [x.content for x in await m.get_conversation_context("c")]  # type: ignore[attr-defined]

    assert await stores.same(texts) == ["Asked about Paris", "Booked a flight"]
    await everything(stores)
    stores.clock.advance(599)
    assert await stores.same(texts) == ["Booked a flight"]
    await everything(stores)


async def test_promoting_and_expiring(stores: Stores) -> None:
    kept: dict[str, list[str]] = {}
    for name, manager in stores.managers.items():
        kept[name] = [
            await manager.store_short_term_memory(f"{text} says Maria", "c", 10)
            for text in ("The code is 1234", "Never mind")
        ]
    await stores.each(lambda m: m.store_memory("Maria waits", conversation_id="c", timestamp=1.0))
    for name, manager in stores.managers.items():
        assert await manager.promote_memory(kept[name][0])

    async def view(m: MemoryManager) -> list[object]:
        context = await m.get_conversation_context("c")
        found = await m.retrieve_memories("what is the code", min_relevance=0.0)
        return [[x.content for x in context], [x.content for x in found], [x.expires_at for x in context]]

    stores.clock.advance(599)
    [context, found, _] = await stores.same(view)
    assert context == ["Maria waits", "The code is 1234 says Maria", "Never mind says Maria"]
    assert found == ["The code is 1234 says Maria", "Maria waits"]
    stores.clock.advance(1)
    [context, _, expiry] = await stores.same(view)
    assert context == ["Maria waits", "The code is 1234 says Maria"]
    assert expiry == [None, None]
    for name, manager in stores.managers.items():
        assert not await manager.promote_memory(kept[name][1])
        assert await manager.get_memory(kept[name][1]) is None
    assert await stores.same(lambda m: m.count()) == 2
    await stores.same(lambda m: m.list_entities())


async def test_cleaning_up(stores: Stores) -> None:
    for i in range(6):
        await stores.same(
            lambda m, i=i: m.store_memory(f"Note {i} on Anna", memory_id=f"n{i}", importance_score=i / 10)
        )
    stores.clock.now += 40 * 86_400.0
    planned = await stores.same(lambda m: m.cleanup_old_memories(dry_run=True))
    assert planned.memory_ids == ["n0", "n1", "n2"]
    await everything(stores)
    done = await stores.same(lambda m: m.cleanup_old_memories())
    assert done.removed.memories == 3
    await everything(stores)
