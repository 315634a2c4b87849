"""A part of a memory as a graph: memories, entities and conversations, and how they hang together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from coda_graphmem.models import Memory, MemoryLink
from coda_graphmem.store.protocol import EntityNode

if TYPE_CHECKING:
    import networkx

NodeKind = Literal["memory", "entity", "conversation"]

#: What an attribute of a node or an edge may be: what all graph formats know.
Value = str | int | float | bool

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Characters of a memory that its node is named by.
_LABEL = 60


@dataclass(frozen=True, slots=True)
class Node:
    """A memory, an entity or a conversation."""

    node_id: str
    """``memory:…``, ``entity:…`` or ``conversation:…``, with the id or key after the colon."""
    kind: NodeKind
    label: str
    """What it is called: the beginning of a memory, an entity's name, a conversation's id."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Its fields that say something; times are seconds (UTC), and ``time`` is the memory's as ISO 8601."""


@dataclass(frozen=True, slots=True)
class Edge:
    """What joins two nodes."""

    source: str
    target: str
    kind: str
    """``MENTIONS``, ``PART_OF`` (a conversation), ``NEXT`` (in it), ``SIMILAR_TO``, ``POSSIBLY_OUTDATED_BY`` or
    ``CONSOLIDATED_INTO``."""
    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryGraph:
    """A part of a memory, as `MemoryManager.get_graph` gives it. Edges join only nodes that it holds."""

    namespace: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    left_out: int = 0
    """Memories that match and are not part of it, as ``max_memories`` allows no more."""

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind}={self.count(kind)}" for kind in ("memory", "entity", "conversation"))
        return f"MemoryGraph(namespace={self.namespace!r}, {counts}, edges={len(self.edges)})"

    def count(self, kind: NodeKind) -> int:
        """How many nodes of a kind there are."""
        return sum(node.kind == kind for node in self.nodes)

    def to_networkx(self) -> networkx.MultiDiGraph:
        """The same as a `networkx.MultiDiGraph`.

        Nodes are named by their ids and have ``kind``, ``label`` and their values as attributes; edges have their
        kind as key and as attribute ``kind``.
        """
        import networkx

        graph = networkx.MultiDiGraph(namespace=self.namespace)
        for node in self.nodes:
            graph.add_node(node.node_id, kind=node.kind, label=node.label, **node.values)
        for edge in self.edges:
            graph.add_edge(edge.source, edge.target, key=edge.kind, kind=edge.kind, **edge.values)
        return graph

    def to_html(self) -> str:
        """A page that shows the graph, with all that it needs inside."""
        from coda_graphmem.graphs.html import render_html

        return render_html(self)

    def to_svg(self) -> str:
        """A picture of the graph."""
        from coda_graphmem.graphs.svg import render_svg

        return render_svg(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from coda_graphmem.graphs.notebook import render_graph

        return render_graph(self)


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
    nodes += [_entity_node(entities[key]) for key in mentioned]
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
        Edge(f"memory:{link.source_id}", f"memory:{link.target_id}", link.kind.value, _link_values(link))
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
        if memory.conversation_id is not None and memory.archived_at is None and memory.expires_at is None:
            chains.setdefault(memory.conversation_id, []).append(memory.memory_id)
    return [pair for chain in chains.values() for pair in pairwise(chain)]


def as_time(seconds: float) -> str:
    """A time as ISO 8601, UTC, to the second."""
    return (_EPOCH + timedelta(seconds=seconds)).isoformat(timespec="seconds")


def short(text: str, length: int = _LABEL) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _memory_node(memory: Memory) -> Node:
    values: dict[str, Value | None] = {
        "content": memory.content,
        "memory_type": memory.memory_type.value,
        "time": as_time(memory.timestamp),
        "timestamp": memory.timestamp,
        "importance": memory.importance_score,
        "access_count": memory.access_count,
        "reinforcement_count": memory.reinforcement_count,
        "speaker": memory.speaker,
        "conversation": memory.conversation_id,
        "decay_factor": memory.decay_factor,
        "relevance": memory.relevance_score,
        "last_accessed": memory.last_accessed,
        "created_at": memory.created_at,
        "archived": memory.archived_at is not None,
        "short_term": memory.expires_at is not None,
    }
    said = {name: value for name, value in values.items() if value is not None}
    return Node(f"memory:{memory.memory_id}", "memory", short(memory.content), said)


def _entity_node(entity: EntityNode) -> Node:
    values: dict[str, Value] = {"entity_label": entity.label, "mention_count": entity.mention_count}
    return Node(f"entity:{entity.key}", "entity", entity.name, values)


def _link_values(link: MemoryLink) -> dict[str, Value]:
    values: dict[str, Value | None] = {
        "score": link.score,
        "guard": link.guard,
        "reason": link.reason,
        "created_at": link.created_at,
    }
    return {name: value for name, value in values.items() if value is not None}
