"""Reads all memories of a namespace, page by page, with what hangs on them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from coda_graphmem.models import Memory, MemoryFilter, MemoryLink
from coda_graphmem.models.conditions import Condition
from coda_graphmem.store.protocol import NEVER, EntityNode, MemoryStore, StoredMemory

#: Memories that are read at a time.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """Some memories with what hangs on them."""

    rows: list[StoredMemory]
    entities: dict[str, EntityNode]
    """Those they mention, by key."""
    links: list[MemoryLink]
    """Links of which one of them is the source."""


async def pages(
    store: MemoryStore, namespace: str, where: Condition | None = None, *, now: float = NEVER
) -> AsyncIterator[Page]:
    """All memories of a namespace, of any lifetime, in order of arrival.

    Args:
        where: What has to hold of them; None for nothing. Links lead to such memories alone.
        now: Memories that end at or before this (seconds, UTC) meet no condition.
    """
    chosen: set[str] | None = None
    if where is not None:
        every = MemoryFilter(where=where, lifetime="any", archived=None)
        chosen = {memory.memory_id for memory in await store.records.find(namespace, every, now=now)}
    position = 0
    while rows := await store.transfer.export_memories(namespace, after=position, limit=PAGE):
        position = rows[-1].position
        if chosen is not None:
            rows = [row for row in rows if row.memory.memory_id in chosen]
        ids = [row.memory.memory_id for row in rows]
        own = set(ids)
        yield Page(
            rows=rows,
            entities=await entities_of(store, namespace, (row.memory for row in rows)),
            links=[
                link
                for link in await store.links.find_links(namespace, ids)
                if link.source_id in own and (chosen is None or link.target_id in chosen)
            ],
        )


async def entities_of(store: MemoryStore, namespace: str, memories: Iterable[Memory]) -> dict[str, EntityNode]:
    """The entities that memories mention, by key."""
    keys = list(dict.fromkeys(mention.key for memory in memories for mention in memory.entities))
    found: dict[str, EntityNode] = {}
    for start in range(0, len(keys), PAGE):
        nodes = await store.graph.find_entities(namespace, keys[start : start + PAGE])
        found.update({node.key: node for node in nodes})
    return {key: found[key] for key in keys if key in found}


async def links_of(store: MemoryStore, namespace: str, memory_ids: Sequence[str]) -> list[MemoryLink]:
    """The links that begin or end at any of the memories, each once."""
    found: dict[tuple[str, str, str], MemoryLink] = {}
    for start in range(0, len(memory_ids), PAGE):
        for link in await store.links.find_links(namespace, memory_ids[start : start + PAGE]):
            found[link.source_id, link.target_id, link.kind.value] = link
    return list(found.values())
