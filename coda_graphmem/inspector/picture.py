"""Turns graphs into what the page draws: places, and columns in the place of objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coda_graphmem.decay import EXPONENT, TYPE_FACTORS, daily_losses
from coda_graphmem.graphs.memory_graph import Edge, MemoryGraph, Node, short
from coda_graphmem.inspector.layout import place
from coda_graphmem.models import MemoryType

#: Characters of a memory that the page has at hand for labels and for search as one types.
_LABEL = 160

#: With more memories than this, entities that only one memory mentions are left out until it is expanded.
CROWDED = 60


@dataclass(frozen=True, slots=True)
class Options:
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


def drawing(graph: MemoryGraph, options: Options) -> dict[str, Any]:
    """A graph as JSON.

    Args:
        graph: Nodes and edges.
        options: See `Options`.

    Returns:
        ``nodes`` with ``id``, ``kind`` and ``label``, of memories also ``type``, ``time``, ``importance``,
        ``conversation``, ``speaker`` and ``archived``, of entities ``mentions``; ``x`` and ``y`` where places were
        asked for. What is left of a memory's strength after d days is 1 / (1 + ``loss`` · d / ``exponent``) to the
        power of ``exponent``, counted from its ``since`` (seconds, UTC).
        ``edges`` as [index of the source, index of the target, kind]. ``left_out`` as in `MemoryGraph`; ``sparse``
        as in `Options`.
    """
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
    _let_fade(nodes, drawn, options.rate)
    for item in drawn[len(nodes) - len(lone) :]:
        item["lone"] = True
    if options.placed:
        count = len(nodes) - len(lone)
        pairs = [(index[edge.source], index[edge.target]) for edge in edges if edge.source != edge.target]
        kept = [pair for pair in pairs if max(pair) < count]
        places = place(count, np.asarray(kept, dtype=np.int64).reshape(len(kept), 2))
        for item, (x, y) in zip(drawn, places.round(2).tolist(), strict=False):
            item["x"], item["y"] = x, y
    return {
        "namespace": graph.namespace,
        "nodes": drawn,
        "edges": [_edge(edge, index) for edge in edges],
        "left_out": graph.left_out,
        "sparse": options.sparse,
        "exponent": EXPONENT,
    }


def _let_fade(nodes: Sequence[Node], drawn: Sequence[dict[str, Any]], rate: float) -> None:
    """Say of memories since when and how fast they fade, so that the page need not ask for every other day."""
    memories = [(node.values, item) for node, item in zip(nodes, drawn, strict=True) if node.kind == "memory"]
    losses = daily_losses(
        recalls=[int(values["access_count"]) + int(values["reinforcement_count"]) for values, _ in memories],
        importance=[float(values["importance"]) for values, _ in memories],
        type_factor=[TYPE_FACTORS[MemoryType(values["memory_type"])] for values, _ in memories],
        rate=rate,
    )
    for (values, item), loss in zip(memories, losses.round(7).tolist(), strict=True):
        item["since"] = max(float(values["timestamp"]), float(values.get("last_accessed", 0.0)))
        item["loss"] = loss


def _node(node: Node) -> dict[str, Any]:
    values = node.values
    item: dict[str, Any] = {"id": node.node_id, "kind": node.kind, "label": node.label}
    if node.kind == "memory":
        item |= {
            "label": short(str(values["content"]), _LABEL),
            "type": values["memory_type"],
            "time": values["timestamp"],
            "importance": values["importance"],
            "archived": values["archived"],
        }
        item |= {name: values[name] for name in ("conversation", "speaker") if name in values}
    elif node.kind == "entity":
        item |= {"mentions": values["mention_count"], "type": values["entity_label"]}
    return item


def _edge(edge: Edge, index: dict[str, int]) -> list[int | str]:
    return [index[edge.source], index[edge.target], edge.kind]
