"""What becomes of a memory that several conversations share when one of them goes, in every store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from coda_graphmem.models import EntityMention, LinkKind, Memory, MemoryFilter
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, Outcome, Stored
from tests.store.factory import new, unit
from tests.store.parts.build import link, merge_one

pytestmark = pytest.mark.parametrize("store", ["embedded", "neo4j_2026"], indirect=True)

ALL = MemoryFilter(lifetime="any", archived=None)


def of(conversation_id: str | None = None, **conditions: Any) -> MemoryFilter:
    return ALL.model_copy(update={"conversation_id": conversation_id, **conditions})


async def say(
    store: MemoryStore, ns: str, number: int, conversation_id: str | None, text: str = "I like tea", **metadata: Any
) -> Stored:
    title = EntityMention(key=f"book {number}", name=f"Book {number}", label="TITLE")
    row = new(
        f"m{number}", text, conversation_id=conversation_id, timestamp=1000.0 + number,
        created_at=2000.0 + number, importance_score=0.5, metadata=metadata, dedup_key="tea",
        embedding=unit(1),
    )  # fmt: skip
    row = replace(row, entities=(EntityMention(key="tea", name=text.rsplit(maxsplit=1)[-1], label="CONCEPT"), title))
    [stored] = await store.records.insert(ns, [row], reinforcement=0.1)
    return stored


async def only(store: MemoryStore, ns: str) -> Memory:
    [found] = await store.records.find(ns, ALL, now=0.0)
    return found


async def names(store: MemoryStore, ns: str) -> set[str]:
    return {entity.name for entity in await store.graph.list_entities(ns, limit=9)}


async def test_what_is_left_is_the_other_conversation_s(store: MemoryStore, ns: str) -> None:
    assert await say(store, ns, 0, "c1", mood="glad") == Stored("m0", Outcome.CREATED)
    assert await say(store, ns, 1, "c2", mood="calm", place="Porto") == Stored("m0", Outcome.REINFORCED)
    await say(store, ns, 2, "c2", day=3)
    assert (await only(store, ns)).metadata == {"mood": "glad", "place": "Porto", "day": 3}
    receipt = await store.records.forget(ns, of("c1"))
    assert (receipt.memories, receipt.conversations, receipt.rebuilt_ids) == (0, 1, ["m0"])
    found = await only(store, ns)
    assert (found.memory_id, found.content, found.conversation_id) == ("m0", "I like tea", "c2")
    assert (found.timestamp, found.created_at, found.reinforcement_count) == (1001.0, 2001.0, 1)
    assert found.metadata == {"mood": "calm", "place": "Porto", "day": 3}
    assert await names(store, ns) == {"tea", "Book 1"}
    assert await say(store, ns, 3, "c2") == Stored("m0", Outcome.REINFORCED)
    assert (await store.records.forget(ns, of("c2"))).memories == 1
    assert await store.records.find(ns, ALL, now=0.0) == []


async def test_what_the_other_conversation_added_goes(store: MemoryStore, ns: str) -> None:
    await say(store, ns, 0, "c1", mood="glad")
    before = await only(store, ns)
    await say(store, ns, 1, "c2", place="Porto")
    await say(store, ns, 2, None, day=3)
    assert await store.records.forget(ns, of("c9")) == await store.records.forget(ns, of("c9"))
    assert (await store.records.forget(ns, of("c2"))).rebuilt_ids == ["m0"]
    assert (await only(store, ns)).metadata == {"mood": "glad", "day": 3}
    await store.records.forget(ns, of(metadata={"day": 3.0}))
    found = await only(store, ns)
    assert found.model_copy(update={"updated_at": before.updated_at}) == before
    [stored] = await store.transfer.export_memories(ns, after=-1, limit=9)
    assert stored.sayings == ()


async def test_times_are_those_of_each(store: MemoryStore, ns: str) -> None:
    for number, conversation in enumerate(["c1", "c2", "c3"]):
        await say(store, ns, number, conversation)
    await store.records.insert(ns, [new("next", timestamp=1001.5, conversation_id="c3")], reinforcement=0.1)
    await store.links.save_links(ns, [link("m0", "next", LinkKind.POSSIBLY_OUTDATED_BY)])
    assert (await store.records.forget(ns, of(until=1002.0, conversation_id="c2"))).rebuilt_ids == ["m0"]
    assert (await store.records.get(ns, ["m0"]))[0].possibly_outdated_by == ["next"]
    assert (await store.records.forget(ns, of(until=1001.0))).rebuilt_ids == ["m0"]
    [found] = await store.records.get(ns, ["m0"])
    assert (found.conversation_id, found.timestamp, found.possibly_outdated_by) == ("c3", 1002.0, [])
    assert (await store.records.forget(ns, of(since=0.0))).memories == 2


async def test_each_is_written_as_it_was_there(store: MemoryStore, ns: str) -> None:
    await say(store, ns, 0, "c1", "I LIKE TEA")
    await say(store, ns, 1, "c2", "I like  Tea")
    await say(store, ns, 2, "c3", "I LIKE TEA", day=3)
    await say(store, ns, 3, "c4", "I like tea")
    await store.records.forget(ns, of("c1"))
    assert (await only(store, ns)).content == "I like  Tea"
    assert await names(store, ns) == {"Tea", "Book 1"}
    await store.records.forget(ns, of("c2"))
    assert ((await only(store, ns)).content, (await only(store, ns)).metadata) == ("I LIKE TEA", {"day": 3})
    assert await names(store, ns) == {"TEA", "Book 2"}
    await store.records.forget(ns, of("c3"))
    found = await only(store, ns)
    assert (found.content, found.conversation_id, found.reinforcement_count) == ("I like tea", "c4", 0)
    assert await names(store, ns) == {"tea", "Book 3"}


async def test_a_merge_says_only_what_is_left(store: MemoryStore, ns: str) -> None:
    await say(store, ns, 0, "c1", mood="glad")
    await say(store, ns, 1, "c2", place="Porto")
    other = new("other", "I am fond of tea", conversation_id="c3", timestamp=900.0, embedding=unit(2))
    await store.records.insert(ns, [other], reinforcement=0.1)
    [shared] = await store.records.get(ns, ["m0"])
    await merge_one(
        store, ns, "merged", ["m0", "other"], metadata={**shared.metadata, "consolidated": {"count": 2}},
        content="I like tea", conversation_id="c1", dedup_key="tea",
        versions={"m0": shared.updated_at, "other": None},
    )  # fmt: skip
    # What another conversation says of a merged memory is its own, once.
    assert await say(store, ns, 4, "c4") == Stored("m4", Outcome.CREATED)
    assert await say(store, ns, 5, "c4") == Stored("m4", Outcome.REINFORCED)
    assert (await store.records.forget(ns, of("c2"))).rebuilt_ids == ["m0", "merged"]
    found = {one.memory_id: one for one in await store.records.get(ns, ["m0", "merged"])}
    assert found["m0"].metadata == {"mood": "glad"}
    assert "place" not in found["merged"].metadata
    await say(store, ns, 6, "c4")
    receipt = await store.records.forget(ns, of("c1"))
    assert receipt.restored_ids == ["other"]
    assert {one.memory_id for one in await store.records.find(ns, ALL, now=0.0)} == {"other", "m4"}


async def test_a_new_content_is_that_of_the_first(store: MemoryStore, ns: str) -> None:
    await say(store, ns, 0, "c1", mood="glad")
    await say(store, ns, 1, "c2", place="Porto")
    changes = MemoryChanges(content="I like coffee", dedup_key="coffee", embedding=unit(3), updated_at=3000.0)
    assert await store.records.update(ns, "m0", changes)
    row = new("m7", "I like coffee", conversation_id="c2", dedup_key="coffee")
    assert await store.records.insert(ns, [row], reinforcement=0.1) == [Stored("m7", Outcome.CREATED)]
    await store.records.forget(ns, of("c1"))
    assert (await only(store, ns)).memory_id == "m7"


async def test_sayings_travel(store: MemoryStore, ns: str) -> None:
    await say(store, ns, 0, "c1", mood="glad")
    await say(store, ns, 1, "c2", place="Porto")
    rows = await store.transfer.export_memories(ns, after=-1, limit=9)
    assert [one.conversation_id for one in rows[0].sayings] == ["c1", "c2"]
    await store.records.forget(ns, None)
    assert await store.transfer.import_memories(ns, rows, []) == 1
    await store.records.forget(ns, of("c1"))
    assert (await only(store, ns)).metadata == {"place": "Porto"}
