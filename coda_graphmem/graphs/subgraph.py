"""Reads the part of a namespace that makes a graph."""

from collections.abc import Iterable, Sequence

from coda_graphmem.conditions import holds
from coda_graphmem.errors import ValidationError
from coda_graphmem.graphs.build import build_graph, conversation_order
from coda_graphmem.graphs.memory_graph import MemoryGraph
from coda_graphmem.memories.pages import entities_of, links_of
from coda_graphmem.models import Memory, MemoryFilter, MemoryLink
from coda_graphmem.models.conditions import Condition
from coda_graphmem.store.protocol import Bounds, MemoryStore


async def whole_graph(
    store: MemoryStore,
    namespace: str,
    *,
    max_memories: int,
    include_archived: bool,
    now: float,
    skip: int = 0,
    where: Condition | None = None,
) -> MemoryGraph:
    """The newest memories of a namespace as a graph.

    Args:
        store: An open store.
        namespace: Where to look.
        max_memories: How many memories at most.
        include_archived: Whether archived memories are part of it.
        now: Memories that end at or before this are not part of it.
        skip: How many of the newest to pass over. Those of them that a link joins with the others come along, beyond
            ``max_memories``: so pages that are put together lack none of the links.
        where: What has to hold of the memories.
    """
    chosen = MemoryFilter(archived=None if include_archived else False, where=where)
    newest = await store.records.find(namespace, chosen, order="newest", limit=max_memories, offset=skip, now=now)
    memories = list(reversed(newest))
    follows = conversation_order(memories)
    total = skip + len(memories)
    if skip or len(memories) == max_memories:
        total = await store.records.count(namespace, chosen, now=now)
    links = await links_of(store, namespace, [memory.memory_id for memory in memories])
    if skip and memories:
        memories += await _newer_ends(store, namespace, memories, links, chosen, now=now)
    return build_graph(
        namespace,
        memories,
        await entities_of(store, namespace, memories),
        links,
        follows,
        left_out=max(0, total - skip - len(newest)),
    )


async def _newer_ends(
    store: MemoryStore,
    namespace: str,
    memories: Sequence[Memory],
    links: Iterable[MemoryLink],
    chosen: MemoryFilter,
    *,
    now: float,
) -> list[Memory]:
    """Memories not older than given ones, chosen as they are, that links or a merge join with them."""
    known = {memory.memory_id for memory in memories}
    ends = [end for link in links for end in (link.source_id, link.target_id)]
    ends += [memory.consolidated_into for memory in memories if memory.consolidated_into is not None]
    found = await store.records.get(namespace, [end for end in dict.fromkeys(ends) if end not in known])
    newest = max(memory.timestamp for memory in memories)
    return [
        memory
        for memory in found
        if memory.timestamp >= newest
        and memory.lifetime == "long_term"
        and not memory.has_ended(now)
        and (chosen.archived is None or memory.archived_at is None)
        and (chosen.where is None or holds(chosen.where, memory))
    ]


async def graph_around(
    store: MemoryStore,
    namespace: str,
    start: Sequence[Memory],
    entity_keys: Sequence[str] = (),
    *,
    max_depth: int,
    max_memories: int,
    now: float,
    where: Condition | None = None,
) -> MemoryGraph:
    """Memories and what the graph links to them.

    Args:
        store: An open store.
        namespace: Where to look.
        start: Live long-term memories.
        entity_keys: Entities to begin at as well: their memories are one step away.
        max_depth: Steps over shared entities and neighbouring turns.
        max_memories: How many memories at most: those with the fewest steps first, then the most important.
        where: What has to hold of the memories.
        now: Memories that end at or before this (seconds, UTC) are not there.
    """
    # In one step from an entity as many of its memories come as are wanted; further ones would multiply them.
    bounds = Bounds(memories_per_entity=max_memories) if entity_keys and max_depth == 1 else Bounds()
    around = await store.graph.neighbourhood(
        namespace,
        [memory.memory_id for memory in start],
        entity_keys,
        bounds=bounds,
        depth=max_depth,
        where=MemoryFilter(where=where),
        now=now,
    )
    nearest = sorted(
        await store.search.candidates(namespace, list(around.depths), None),
        key=lambda c: (around.depths[c.memory_id], -c.importance_score, c.memory_id),
    )
    kept = [candidate.memory_id for candidate in nearest[:max_memories]]
    given = {memory.memory_id: memory for memory in start}
    memories = [given.get(memory.memory_id, memory) for memory in await store.records.get(namespace, kept)]
    return build_graph(
        namespace,
        memories,
        await entities_of(store, namespace, memories),
        await links_of(store, namespace, kept),
        around.follows,
        left_out=len(nearest) - len(kept),
    )


async def live_memories(store: MemoryStore, namespace: str, memory_ids: Sequence[str], *, now: float) -> list[Memory]:
    """Live long-term memories by their ids.

    Raises:
        ValidationError: One of them does not exist, has ended by ``now``, or is archived or short-term.
    """
    found = [
        memory
        for memory in await store.records.get(namespace, memory_ids)
        if memory.archived_at is None and memory.lifetime == "long_term" and not memory.has_ended(now)
    ]
    missing = set(memory_ids) - {memory.memory_id for memory in found}
    if missing:
        raise ValidationError(
            f"there is no live memory {sorted(missing)[0]} in namespace {namespace}.",
            field="memory_ids",
            remedy="Look for its id with list_memories, or coda-graphmem list.",
        )
    return found


async def known_entities(store: MemoryStore, namespace: str, keys: Sequence[str]) -> list[str]:
    """The keys, where all are of entities.

    Raises:
        ValidationError: One of them is not.
    """
    found = {node.key for node in await store.graph.find_entities(namespace, keys)} if keys else set()
    missing = [key for key in keys if key not in found]
    if missing:
        raise ValidationError(
            f"there is no entity {missing[0]!r} in namespace {namespace}.",
            field="entity_keys",
            remedy="Take a key from list_entities or from Memory.entities.",
        )
    return list(keys)
