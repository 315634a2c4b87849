"""How pictures of a graph look: one palette for pages, SVG and PNG."""

from dataclasses import dataclass

from coda_graphmem.graphs.data import GraphData, Node
from coda_graphmem.models import MemoryType
from coda_graphmem.texts import shortened

#: Fill of memories by type (the Okabe–Ito palette, told apart by people with any colour vision), light then dark.
MEMORY_COLOURS = {
    MemoryType.EPISODIC.value: ("#0072b2", "#56b4e9"),
    MemoryType.SEMANTIC.value: ("#009e73", "#2fd6a6"),
    MemoryType.PREFERENCE.value: ("#c4602b", "#f0915c"),
    MemoryType.PROCEDURAL.value: ("#8a5a9e", "#c79bdb"),
    MemoryType.EMOTIONAL.value: ("#b5407a", "#ec8ab6"),
    MemoryType.CONTEXTUAL.value: ("#6b6b6b", "#a8a8a8"),
}
ENTITY_COLOUR = ("#e0b400", "#f0d24a")
CONVERSATION_COLOUR = ("#ffffff", "#202124")
PAPER = ("#ffffff", "#16181c")
INK = ("#1d1f23", "#e8eaed")
LINE = ("#9aa0a6", "#6b7178")
#: Links that say that one memory is another's newer or similar statement.
STRONG_LINE = ("#b5407a", "#ec8ab6")

STRONG = frozenset({"SIMILAR_TO", "POSSIBLY_OUTDATED_BY", "CONSOLIDATED_INTO"})

#: Memories are labelled in pictures with at most so many of them.
_LABELLED = 15


@dataclass(frozen=True, slots=True)
class Look:
    """How a node is drawn."""

    css: str
    """Its class in pages and SVG."""
    radius: float
    """In pixels of a picture 1,200 pixels wide."""
    colour: tuple[str, str]
    label: str
    """Text beside it; empty for none."""


def looks(graph: GraphData, length: int = 28) -> dict[str, Look]:
    """How each node is drawn, by its id.

    Memories are larger the more important they are, entities the more memories of the graph mention them.

    Args:
        graph: The nodes.
        length: Characters of a label at most.
    """
    mentions, labelled = graph.mentions(), graph.count("memory") <= _LABELLED
    return {node.node_id: _look(node, mentions[node.node_id], length, labelled) for node in graph.nodes}


def _look(node: Node, mentions: int, length: int, labelled: bool) -> Look:
    label = shortened(node.label, length)
    if node.kind == "entity":
        return Look("entity", 4.0 + min(8.0, 1.5 * mentions), ENTITY_COLOUR, label)
    if node.kind == "conversation":
        return Look("conversation", 7.0, CONVERSATION_COLOUR, label)
    kind = str(node.values.get("memory_type", MemoryType.EPISODIC.value))
    importance = float(node.values.get("importance", 0.5))
    return Look(f"memory {kind}", 5.0 + 7.0 * importance, MEMORY_COLOURS[kind], label if labelled else "")
