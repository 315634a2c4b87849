"""Turns graphs into what the page draws, with places for their nodes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coda_graphmem.decay import EXPONENT, TYPE_FACTORS, daily_losses
from coda_graphmem.graphs.memory_graph import MemoryGraph, Node
from coda_graphmem.inspector.layout import place
from coda_graphmem.inspector.responses import DrawnGraph, DrawnNode
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import MemoryType
from coda_graphmem.models.memory import USES
from coda_graphmem.texts import excerpt

#: Characters of a memory that the page has at hand for labels and for search as one types.
_LABEL = 160

#: With more memories than this, entities that only one memory mentions are left out until it is expanded.
CROWDED = 60


@dataclass(frozen=True, slots=True)
class DrawingOptions:
    """How a graph is drawn."""

    rate: float
    """``importance_decay_rate``: how fast memories fade."""
    placed: bool = True
    """Whether nodes get places; without, the page puts them beside those it has."""
    sparse: bool = False
    """Whether entities that only one memory of all mentions are left out.

    Those that only one of the graph mentions get no place and are marked ``lone``: the page shows them when it has
    another memory that does.
    """


def draw_graph(graph: MemoryGraph, options: DrawingOptions) -> DrawnGraph:
    """A graph as the page draws it; nodes have ``x`` and ``y`` where places were asked for."""
    nodes: Sequence[Node] = graph.nodes
    lone: set[str] = set()
    if options.sparse:
        mentions = Counter(edge.target for edge in graph.edges if edge.kind == "MENTIONS")
        nodes = [node for node in nodes if node.kind != "entity" or int(node.values["mention_count"]) > 1]
        lone = {node.node_id for node in nodes if node.kind == "entity" and mentions[node.node_id] < 2}
        # They come last, so that the places of the others are those of the first nodes.
        nodes = sorted(nodes, key=lambda node: node.node_id in lone)
    index = {node.node_id: i for i, node in enumerate(nodes)}
    edges = [edge for edge in graph.edges if edge.source in index and edge.target in index]
    drawn = [_node(node) for node in nodes]
    _set_fading(nodes, drawn, options.rate)
    for item in drawn[len(nodes) - len(lone) :]:
        item["lone"] = True
    if options.placed:
        count = len(nodes) - len(lone)
        pairs = [(index[edge.source], index[edge.target]) for edge in edges if edge.source != edge.target]
        kept = [pair for pair in pairs if max(pair) < count]
        places = place(count, np.asarray(kept, dtype=np.int64).reshape(len(kept), 2))
        for item, (x, y) in zip(drawn, places.round(2).tolist(), strict=False):
            item["x"], item["y"] = x, y
    return DrawnGraph(
        namespace=graph.namespace,
        nodes=drawn,
        edges=[(index[edge.source], index[edge.target], edge.kind) for edge in edges],
        left_out=graph.left_out,
        sparse=options.sparse,
        exponent=EXPONENT,
    )


def draw_part(memory: MemoryManager, graph: MemoryGraph, *, sparse: bool = False) -> DrawnGraph:
    """A part of a memory's graph, whose nodes the page puts beside those it has."""
    return draw_graph(graph, DrawingOptions(memory.config.importance_decay_rate, placed=False, sparse=sparse))


def _set_fading(nodes: Sequence[Node], drawn: Sequence[DrawnNode], rate: float) -> None:
    """Say of memories since when and how fast they fade, so that the page need not ask for every other day."""
    memories = [(node.values, item) for node, item in zip(nodes, drawn, strict=True) if node.kind == "memory"]
    losses = daily_losses(
        uses=[sum(int(values[name]) for name in USES) for values, _ in memories],
        importance=[float(values["importance"]) for values, _ in memories],
        type_factor=[TYPE_FACTORS[MemoryType(values["memory_type"])] for values, _ in memories],
        rate=rate,
    )
    for (values, item), loss in zip(memories, losses.round(7).tolist(), strict=True):
        item["since"] = max(float(values["timestamp"]), float(values.get("last_accessed", 0.0)))
        item["loss"] = loss


def _node(node: Node) -> DrawnNode:
    values = node.values
    item = DrawnNode(id=node.node_id, kind=node.kind, label=node.label)
    if node.kind == "memory":
        item["label"] = excerpt(str(values["content"]), _LABEL)
        item["type"] = str(values["memory_type"])
        item["time"] = float(values["timestamp"])
        item["importance"] = float(values["importance"])
        item["archived"] = bool(values["archived"])
        if "valid_until" in values:
            item["until"] = float(values["valid_until"])
        if "conversation" in values:
            item["conversation"] = str(values["conversation"])
        if "speaker" in values:
            item["speaker"] = str(values["speaker"])
    elif node.kind == "entity":
        item["mentions"] = int(values["mention_count"])
        item["type"] = str(values["entity_label"])
    return item
