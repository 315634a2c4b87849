"""A graph as a tree."""

from __future__ import annotations

import pytest

from coda_graphmem.graphs.memory_graph import Edge, MemoryGraph, Node
from coda_graphmem.graphs.tree import Branch, spanning_trees


def graph(edges: list[tuple[str, str, str]]) -> MemoryGraph:
    names = dict.fromkeys(name for source, _, target in edges for name in (source, target))
    kinds = {"m": "memory", "e": "entity", "c": "conversation"}
    nodes = [Node(name, kinds[name[0]], name.upper()) for name in names]  # type: ignore[arg-type]
    return MemoryGraph("n", nodes, [Edge(source, target, kind) for source, kind, target in edges])


def told(branch: Branch) -> list[object]:
    return [branch.relation, branch.node.node_id, [told(child) for child in branch.children]]


def test_each_node_hangs_where_the_way_is_shortest() -> None:
    edges = [("m1", "MENTIONS", "e1"), ("m2", "MENTIONS", "e1"), ("m1", "NEXT", "m2"), ("m2", "MENTIONS", "e2")]
    [tree] = spanning_trees(graph(edges), ["m1"])
    assert told(tree) == ["", "m1", [["mentions", "e1", []], ["followed by", "m2", [["mentions", "e2", []]]]]]


def test_roots_come_in_their_order_and_share_nothing() -> None:
    edges = [("m1", "MENTIONS", "e1"), ("m2", "MENTIONS", "e1")]
    trees = spanning_trees(graph(edges), ["m2", "nobody", "m1", "m2"])
    assert [told(tree) for tree in trees] == [["", "m2", [["mentions", "e1", []]]], ["", "m1", []]]


@pytest.mark.parametrize(
    ("kind", "along", "against"),
    [
        ("PART_OF", "said in", "holds"),
        ("SIMILAR_TO", "similar to", "similar to"),
        ("POSSIBLY_OUTDATED_BY", "possibly outdated by", "may outdate"),
        ("CONSOLIDATED_INTO", "merged into", "merged from"),
    ],
)
def test_an_edge_reads_both_ways(kind: str, along: str, against: str) -> None:
    whole = graph([("m1", kind, "m2")])
    assert told(spanning_trees(whole, ["m1"])[0])[2] == [[along, "m2", []]]
    assert told(spanning_trees(whole, ["m2"])[0])[2] == [[against, "m1", []]]
