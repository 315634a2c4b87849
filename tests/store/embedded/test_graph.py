"""The bounded walk over entities and conversations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import Bounds, EntityNode, Neighbourhood
from tests.store.factory import new

ALL = MemoryFilter()


async def walk(
    store: EmbeddedStore,
    memories: Sequence[str] = (),
    entities: Sequence[str] = (),
    depth: int = 1,
    where: MemoryFilter = ALL,
    **bounds: Any,
) -> Neighbourhood:
    return await store.graph.neighbourhood("ns", memories, entities, bounds=Bounds(**bounds), depth=depth, where=where)


@pytest.fixture
async def chain(store: EmbeddedStore) -> EmbeddedStore:
    """m1 -a- m2 -b- m3 -c- m4, each in a conversation of its own."""
    entities = {"m1": ["a"], "m2": ["a", "b"], "m3": ["b", "c"], "m4": ["c"]}
    rows = [new(name, entities=keys, conversation_id=f"c{name}") for name, keys in entities.items()]
    await store.records.insert("ns", rows, reinforcement=0.1)
    return store


@pytest.mark.parametrize(
    ("depth", "memories", "entities"),
    [
        (0, {"m1": 0}, set()),
        (1, {"m1": 0, "m2": 1}, {"a"}),
        (2, {"m1": 0, "m2": 1, "m3": 2}, {"a", "b"}),
        (3, {"m1": 0, "m2": 1, "m3": 2, "m4": 3}, {"a", "b", "c"}),
        (4, {"m1": 0, "m2": 1, "m3": 2, "m4": 3}, {"a", "b", "c"}),
    ],
)
async def test_each_depth_goes_one_step_further(
    chain: EmbeddedStore, depth: int, memories: dict[str, int], entities: set[str]
) -> None:
    found = await walk(chain, ["m1", "nothing"], depth=depth)
    assert dict(found.depths) == memories
    assert set(found.entities) == entities


async def test_edges_join_only_what_is_returned(chain: EmbeddedStore) -> None:
    found = await walk(chain, ["m1"], depth=2)
    assert sorted(found.mentions) == [("m1", "a"), ("m2", "a"), ("m2", "b"), ("m3", "b")]
    assert found.entities["b"] == EntityNode("b", "B", "PERSON", 2)


async def test_a_start_at_entities(chain: EmbeddedStore) -> None:
    assert (await walk(chain, entities=["b", "nothing"])).depths == {"m2": 1, "m3": 1}
    assert (await walk(chain, entities=["b"], depth=2)).depths == {"m2": 1, "m3": 1, "m1": 2, "m4": 2}
    still = await walk(chain, ["m2"], ["b"], depth=0)
    assert (dict(still.depths), set(still.entities), still.mentions) == ({"m2": 0}, {"b"}, [("m2", "b")])


async def test_hubs_are_neither_followed_nor_part_of_it(store: EmbeddedStore) -> None:
    rows = [new(f"m{i}", entities=["hub", f"pair{i // 2}"]) for i in range(6)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    found = await walk(store, ["m0"], ["hub"], max_mentions=5)
    assert (dict(found.depths), set(found.entities)) == ({"m0": 0, "m1": 1}, {"pair0"})
    assert sorted(found.mentions) == [("m0", "pair0"), ("m1", "pair0")]
    assert len((await walk(store, ["m0"], max_mentions=6)).depths) == 6


async def test_entities_that_lead_nowhere_take_no_place(store: EmbeddedStore) -> None:
    await store.records.insert(
        "ns", [new("m0", entities=["lonely", "shared"]), new("m1", entities=["shared"])], reinforcement=0.1
    )
    assert set((await walk(store, ["m0"], entities_per_memory=1)).entities) == {"lonely"}
    found = await walk(store, ["m0"], entities_per_memory=1, min_mentions=2)
    assert (set(found.entities), set(found.depths)) == ({"shared"}, {"m0", "m1"})


async def test_the_rarest_entities_come_first(store: EmbeddedStore) -> None:
    rows = [new("m0", entities=["common", "rare", "rare2"]), new("m1", entities=["common", "rare2"])]
    await store.records.insert("ns", [*rows, new("m2", entities=["common"])], reinforcement=0.1)
    assert set((await walk(store, ["m0"], entities_per_memory=1)).entities) == {"rare"}
    assert set((await walk(store, ["m0"], entities_per_memory=2)).entities) == {"rare", "rare2"}
    # Of equally rare ones the first by key.
    await store.records.insert("ns", [new("m3", entities=["y", "x"])], reinforcement=0.1)
    assert set((await walk(store, ["m3"], entities_per_memory=1)).entities) == {"x"}


async def test_the_newest_memories_of_an_entity_come_first(store: EmbeddedStore) -> None:
    times = {"m0": 1.0, "m1": 2.0, "m5": 3.0, "m4": 3.0, "m3": 3.0, "m2": 0.5}
    await store.records.insert(
        "ns", [new(name, entities=["e"], timestamp=at) for name, at in times.items()], reinforcement=0.1
    )
    assert set((await walk(store, entities=["e"], memories_per_entity=2)).depths) == {"m3", "m4"}
    assert set((await walk(store, entities=["e"], memories_per_entity=4)).depths) == {"m1", "m3", "m4", "m5"}
    # The filter comes before the bound.
    found = await walk(store, entities=["e"], memories_per_entity=2, where=MemoryFilter(until=2.5))
    assert set(found.depths) == {"m0", "m1"}


async def test_conversations_are_walked_in_order(store: EmbeddedStore) -> None:
    # Arrives out of order, in two batches, with two memories of the same moment.
    await store.records.insert(
        "ns",
        [new(f"m{i}", conversation_id="c", timestamp=at) for i, at in ((5, 50.0), (1, 10.0), (3, 30.0))],
        reinforcement=0.1,
    )
    await store.records.insert(
        "ns",
        [new(f"m{i}", conversation_id="c", timestamp=at) for i, at in ((2, 20.0), (4, 30.0), (6, 60.0))],
        reinforcement=0.1,
    )
    await store.records.insert(
        "ns", [new("o1", conversation_id="d", timestamp=31.0), new("n1", timestamp=32.0)], reinforcement=0.1
    )
    order = [
        m.memory_id for m in await store.records.find("ns", MemoryFilter(conversation_id="c"), order="oldest", now=0.0)
    ]
    assert order == ["m1", "m2", "m3", "m4", "m5", "m6"]
    found = await walk(store, ["m3"])
    assert dict(found.depths) == {"m3": 0, "m2": 1, "m4": 1}
    assert sorted(found.follows) == [("m2", "m3"), ("m3", "m4")]
    assert dict((await walk(store, ["m3"], depth=2)).depths) == {"m3": 0, "m2": 1, "m4": 1, "m1": 2, "m5": 2}
    assert set((await walk(store, ["m3"], conversation_steps=2)).depths) == {"m1", "m2", "m3", "m4", "m5"}
    assert set((await walk(store, ["m3"], conversation_steps=0)).depths) == {"m3"}
    assert set((await walk(store, ["n1"])).depths) == {"n1"}


async def test_what_is_archived_or_short_term_is_stepped_over(store: EmbeddedStore) -> None:
    rows = [new(f"m{i}", conversation_id="c", entities=["e"]) for i in range(4)]
    await store.records.insert(
        "ns", [*rows, new("s9", conversation_id="c", entities=["e"], expires_at=9e9)], reinforcement=0.1
    )
    await store.records.archive("ns", ["m1"], 1.0)
    found = await walk(store, ["m0", "m1", "s9"], conversation_steps=1)
    assert set(found.depths) == {"m0", "m2", "m3"}
    assert sorted(found.follows) == [("m0", "m2"), ("m2", "m3")]
    assert found.entities["e"].mention_count == 3


async def test_the_filter_holds_for_every_memory(store: EmbeddedStore) -> None:
    rows = [new(f"m{i}", conversation_id="c", entities=["e"]) for i in range(5)]
    await store.records.insert("ns", rows, reinforcement=0.1)
    found = await walk(store, ["m0", "m2"], ["e"], where=MemoryFilter(since=1002.0))
    assert dict(found.depths) == {"m2": 0, "m3": 1, "m4": 1}
    assert sorted(found.follows) == [("m2", "m3"), ("m3", "m4")]
    assert sorted(found.mentions) == [("m2", "e"), ("m3", "e"), ("m4", "e")]
    assert (await walk(store, ["m0"], where=MemoryFilter(archived=True))).depths == {}


async def test_entities_are_listed_in_one_order_however_often_they_are_mentioned(store: EmbeddedStore) -> None:
    counts = {"b": 10, "a": 10, "c": 8, "d": 7, "e": 7, "f": 1}
    rows = [
        new(f"m{i}", f"Note {i}", entities=[name for name, count in counts.items() if i < count])
        for i in range(max(counts.values()))
    ]
    await store.records.insert("ns", rows, reinforcement=0.1)
    pages = [[one.key for one in await store.graph.list_entities("ns", limit=2, offset=i)] for i in range(7)]
    assert pages == [["a", "b"], ["b", "c"], ["c", "d"], ["d", "e"], ["e", "f"], ["f"], []]
    assert [one.key for one in await store.graph.list_entities("ns", limit=9)] == list("abcdef")
