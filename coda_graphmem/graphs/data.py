"""What a graph of memories consists of: plain data, which everything that draws or writes one takes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

NodeKind = Literal["memory", "entity", "conversation"]

#: What an attribute of a node or an edge may be: what all graph formats know.
Value = str | int | float | bool


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
class GraphData:
    """Nodes and edges; edges join only nodes that it holds."""

    namespace: str
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    left_out: int = 0
    """Memories that match and are not part of it, as ``max_memories`` allows no more."""

    def count(self, kind: NodeKind) -> int:
        """How many nodes of a kind there are."""
        return sum(node.kind == kind for node in self.nodes)

    def mentions(self) -> Counter[str]:
        """How many of its memories mention each entity, by the node's id."""
        return Counter(edge.target for edge in self.edges if edge.kind == "MENTIONS")
