"""Turns graphs into what the page draws: places, and columns in the place of objects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coda_graphmem.exporting.graph import Edge, MemoryGraph, Node, short
from coda_graphmem.inspector.layout import place

#: Characters of a memory that the page has at hand for labels and for search as one types.
_LABEL = 160

#: With more memories than this, entities that only one of them mentions are left out until it is expanded.
CROWDED = 60


@dataclass(frozen=True, slots=True)
class Options:
    """How a graph is drawn."""

    placed: bool = True
    """Whether nodes get places; without, the page puts them beside those it has."""
    sparse: bool = False
    """Whether entities that only one memory mentions are left out."""


def drawing(graph: MemoryGraph, options: Options) -> dict[str, Any]:
    """A graph as JSON.

    Args:
        graph: Nodes and edges.
        options: See `Options`.

    Returns:
        ``nodes`` with ``id``, ``kind`` and ``label``, of memories also ``type``, ``time``, ``importance``,
        ``conversation`` and ``archived``, of entities ``mentions``; ``x`` and ``y`` where places were asked for.
        ``edges`` as [index of the source, index of the target, kind]. ``left_out`` as in `MemoryGraph`.
    """
    nodes: Sequence[Node] = graph.nodes
    if options.sparse:
        mentions = Counter(edge.target for edge in graph.edges if edge.kind == "MENTIONS")
        nodes = [node for node in nodes if node.kind != "entity" or mentions[node.node_id] > 1]
    index = {node.node_id: i for i, node in enumerate(nodes)}
    edges = [edge for edge in graph.edges if edge.source in index and edge.target in index]
    drawn = [_node(node) for node in nodes]
    pairs = [(index[edge.source], index[edge.target]) for edge in edges if edge.source != edge.target]
    if options.placed:
        places = place(len(nodes), np.asarray(pairs, dtype=np.int64).reshape(len(pairs), 2))
        for item, (x, y) in zip(drawn, places.round(2).tolist(), strict=True):
            item["x"], item["y"] = x, y
    return {
        "namespace": graph.namespace,
        "nodes": drawn,
        "edges": [_edge(edge, index) for edge in edges],
        "left_out": graph.left_out,
    }


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
        if "conversation" in values:
            item["conversation"] = values["conversation"]
    elif node.kind == "entity":
        item |= {"mentions": values["mention_count"], "type": values["entity_label"]}
    return item


def _edge(edge: Edge, index: dict[str, int]) -> list[int | str]:
    return [index[edge.source], index[edge.target], edge.kind]
