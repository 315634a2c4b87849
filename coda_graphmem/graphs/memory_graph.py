"""A part of a memory as a graph, with the forms it can be looked at in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coda_graphmem.graphs.data import Edge, GraphData, Node
from coda_graphmem.graphs.html import render_html
from coda_graphmem.graphs.notebook import render_graph
from coda_graphmem.graphs.svg import render_svg

if TYPE_CHECKING:
    import networkx

__all__ = ["Edge", "MemoryGraph", "Node"]


@dataclass(frozen=True, slots=True)
class MemoryGraph(GraphData):
    """A part of a memory, as `MemoryManager.get_graph` gives it. Edges join only nodes that it holds."""

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind}={self.count(kind)}" for kind in ("memory", "entity", "conversation"))
        return f"MemoryGraph(namespace={self.namespace!r}, {counts}, edges={len(self.edges)})"

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
        return render_html(self)

    def to_svg(self) -> str:
        """A picture of the graph."""
        return render_svg(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return render_graph(self)
