"""Memories by what they have as a title, in every store."""

from __future__ import annotations

from dataclasses import replace

from coda_graphmem.models import EntityMention, MemoryFilter
from coda_graphmem.models.memory import TITLE_LABEL
from coda_graphmem.store.protocol import Bounds, MemoryStore
from tests.store.factory import mention, new
from tests.store.parts.conftest import other

EVERYTHING = MemoryFilter()


def titled(key: str) -> EntityMention:
    return EntityMention(key=key, name=key.title(), label=TITLE_LABEL)


async def test_memories_are_found_by_their_title(store: MemoryStore, ns: str) -> None:
    entities = {
        "m1": [titled("oslo"), titled("oslo norway")],
        "m2": [titled("oslo"), mention("bergen")],
        "m3": [mention("oslo")],
        "m4": [titled("bergen"), mention("oslo")],
        "m5": [titled("oslo")],
        "m6": [titled("oslo")],
    }
    rows = [replace(new(memory_id), entities=tuple(some)) for memory_id, some in entities.items()]
    rows[5] = replace(rows[5], expires_at=50.0)
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.archive(ns, ["m5"], 2600.0)
    await store.records.insert(other(ns), [rows[0]], reinforcement=0.1)

    async def found(
        *keys: str, most: int = 9, where: MemoryFilter = EVERYTHING, now: float = 60.0
    ) -> set[tuple[str, str]]:
        pairs = await store.graph.find_titled(ns, keys, max_mentions=most, where=where, now=now)
        assert len(pairs) == len(set(pairs))
        return set(pairs)

    assert await found("oslo", "bergen", "paris") == {("m1", "oslo"), ("m2", "oslo"), ("m4", "bergen")}
    assert ("m6", "oslo") in await found("oslo", now=40.0)
    assert await found("oslo", "bergen", most=2) == {("m4", "bergen")}
    assert await found("oslo", where=MemoryFilter(since=1002.0)) == {("m2", "oslo")}
    assert await found("oslo", where=MemoryFilter(archived=True)) == await found() == set()
    await store.records.delete(ns, ["m1"])
    assert await found("oslo norway", "oslo") == {("m2", "oslo")}
    assert await store.graph.find_titled(f"{ns}-none", ["oslo"], max_mentions=9, where=EVERYTHING) == []


async def test_a_neighbourhood_knows_titles(store: MemoryStore, ns: str) -> None:
    entities = {
        "m1": [mention("oslo"), mention("bergen")],
        "m2": [titled("oslo")],
        "m3": [titled("bergen"), mention("oslo")],
    }
    rows = [replace(new(memory_id), entities=tuple(some)) for memory_id, some in entities.items()]
    await store.records.insert(ns, rows, reinforcement=0.1)
    around = await store.graph.neighbourhood(ns, ["m1"], [], bounds=Bounds(), depth=1, where=EVERYTHING)
    assert around.titles == {("m2", "oslo"), ("m3", "bergen")}
    assert around.titles <= set(around.mentions)
    alone = await store.graph.neighbourhood(ns, ["m2"], [], bounds=Bounds(), depth=0, where=EVERYTHING)
    assert alone.titles == frozenset()
