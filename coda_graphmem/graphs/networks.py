"""Writes a graph as GraphML and GEXF, which Gephi, Cytoscape, yEd and others open."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from coda_graphmem.graphs.data import GraphData, Value
from coda_graphmem.graphs.svg import printable

if TYPE_CHECKING:
    import networkx


def render_graphml(graph: GraphData) -> bytes:
    """The graph as GraphML in UTF-8; attributes are typed, and those a node or an edge lacks are absent."""
    import networkx

    out = io.BytesIO()
    networkx.write_graphml_xml(_numbered(graph), out, infer_numeric_types=False)
    return out.getvalue()


def render_gexf(graph: GraphData) -> bytes:
    """The graph as GEXF 1.2 in UTF-8; attributes are typed, and those a node or an edge lacks are absent."""
    import networkx

    out = io.BytesIO()
    networkx.write_gexf(_numbered(graph), out)
    return out.getvalue()


def _numbered(graph: GraphData) -> networkx.MultiDiGraph:
    """The graph with a number for each edge: both formats want ids of edges that occur once."""
    import networkx

    result = networkx.MultiDiGraph()
    for node in graph.nodes:
        result.add_node(printable(node.node_id), kind=node.kind, label=printable(node.label), **_printable(node.values))
    for number, edge in enumerate(graph.edges):
        source, target = printable(edge.source), printable(edge.target)
        result.add_edge(source, target, key=number, kind=edge.kind, **_printable(edge.values))
    return result


def _printable(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: printable(value) if isinstance(value, str) else value for name, value in values.items()}
