"""Makes a graph of memories and what hangs on them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from coda_graphmem.graphs.data import Edge, Node, Value
from coda_graphmem.graphs.memory_graph import MemoryGraph
from coda_graphmem.models import Memory, MemoryLink
from coda_graphmem.models.memory import USES
from coda_graphmem.store.protocol import EntityNode
from coda_graphmem.texts import excerpt
from coda_graphmem.times import iso_time


def build_graph(
    namespace: str,
    memories: Sequence[Memory],
    entities: Mapping[str, EntityNode],
    links: Iterable[MemoryLink],
    follows: Iterable[tuple[str, str]],
    *,
    left_out: int = 0,
) -> MemoryGraph:
    """Put a graph together.

    Args:
        namespace: Where all of it is from.
        memories: Its memories, each once.
        entities: Those they mention, by key. A mention of another one is left out.
        links: Between memories; those with one end outside are left out.
        follows: Pairs of memories that follow one another in a conversation.
        left_out: See `MemoryGraph.left_out`.
    """
    known = {memory.memory_id for memory in memories}
    conversations = dict.fromkeys(m.conversation_id for m in memories if m.conversation_id is not None)
    mentioned = dict.fromkeys(e.key for m in memories for e in m.entities if e.key in entities)
    nodes = [_memory_node(memory) for memory in memories]
    for entity in map(entities.__getitem__, mentioned):
        values: dict[str, Value] = {"entity_label": entity.label, "mention_count": entity.mention_count}
        nodes.append(Node(f"entity:{entity.key}", "entity", entity.name, values))
    nodes += [Node(f"conversation:{name}", "conversation", name) for name in conversations]
    edges = []
    for memory in memories:
        name = f"memory:{memory.memory_id}"
        edges += [
            Edge(name, f"entity:{mention.key}", "MENTIONS", {"name": mention.name, "entity_label": mention.label})
            for mention in memory.entities
            if mention.key in entities
        ]
        if memory.conversation_id is not None:
            edges.append(Edge(name, f"conversation:{memory.conversation_id}", "PART_OF"))
        if memory.consolidated_into in known:
            edges.append(Edge(name, f"memory:{memory.consolidated_into}", "CONSOLIDATED_INTO"))
    edges += [
        Edge(f"memory:{first}", f"memory:{second}", "NEXT")
        for first, second in follows
        if first in known and second in known
    ]
    edges += [
        Edge(
            f"memory:{link.source_id}",
            f"memory:{link.target_id}",
            link.kind.value,
            link.model_dump(include={"score", "guard", "reason", "created_at"}, exclude_none=True),
        )
        for link in links
        if link.source_id in known and link.target_id in known
    ]
    return MemoryGraph(namespace, nodes, edges, left_out)


def conversation_order(memories: Iterable[Memory]) -> list[tuple[str, str]]:
    """Pairs of live long-term memories that follow one another in their conversation.

    Args:
        memories: In the order of their timestamps, then of arrival, with none missing between two of a conversation.
    """
    chains: dict[str, list[str]] = {}
    for memory in memories:
        if memory.conversation_id is not None and memory.archived_at is None and memory.lifetime == "long_term":
            chains.setdefault(memory.conversation_id, []).append(memory.memory_id)
    return [pair for chain in chains.values() for pair in pairwise(chain)]


def _memory_node(memory: Memory) -> Node:
    values: dict[str, Value | None] = {
        "content": memory.content,
        "memory_type": memory.memory_type.value,
        "time": iso_time(memory.timestamp),
        "timestamp": memory.timestamp,
        "importance": memory.importance_score,
        **{name: getattr(memory, name) for name in USES},
        "speaker": memory.speaker,
        "conversation": memory.conversation_id,
        "decay_factor": memory.decay_factor,
        "relevance": memory.relevance_score,
        "last_accessed": memory.last_accessed,
        "created_at": memory.created_at,
        "valid_until": memory.valid_until,
        "superseded_by": memory.superseded_by,
        "archived": memory.archived_at is not None,
        "short_term": memory.lifetime == "short_term",
    }
    said = {name: value for name, value in values.items() if value is not None}
    return Node(f"memory:{memory.memory_id}", "memory", excerpt(memory.content), said)
