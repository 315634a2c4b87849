"""A graph as a tree: each node once, as near as it can be to where the walk begins."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from coda_graphmem.graphs.data import GraphData, Node

#: What an edge says of the node it leads to, along it and against it.
_WORDS = {
    "MENTIONS": ("mentions", "mentioned in"),
    "PART_OF": ("said in", "holds"),
    "NEXT": ("followed by", "follows"),
    "SIMILAR_TO": ("similar to", "similar to"),
    "POSSIBLY_OUTDATED_BY": ("possibly outdated by", "may outdate"),
    "CONSOLIDATED_INTO": ("merged into", "merged from"),
}


@dataclass(slots=True)
class Branch:
    """A node and what hangs on it."""

    node: Node
    relation: str
    """How it hangs on the branch above, in words; empty at a root."""
    children: list["Branch"] = field(default_factory=list)


def spanning_trees(graph: GraphData, roots: Iterable[str]) -> list[Branch]:
    """The nodes that are reached from the roots, by breadth-first search.

    Args:
        graph: Where to walk.
        roots: Ids of nodes to begin at, best first; those the graph does not hold are passed over.

    Returns:
        A tree for each root. Children are ordered as the graph's edges are.
    """
    nodes = {node.node_id: node for node in graph.nodes}
    neighbours: dict[str, list[tuple[str, str]]] = {node_id: [] for node_id in nodes}
    for edge in graph.edges:
        along, against = _WORDS[edge.kind]
        neighbours[edge.source].append((along, edge.target))
        neighbours[edge.target].append((against, edge.source))
    trees = [Branch(nodes[root], "") for root in dict.fromkeys(roots) if root in nodes]
    seen = {tree.node.node_id for tree in trees}
    waiting = deque(trees)
    while waiting:
        branch = waiting.popleft()
        for relation, other in neighbours[branch.node.node_id]:
            if other not in seen:
                seen.add(other)
                child = Branch(nodes[other], relation)
                branch.children.append(child)
                waiting.append(child)
    return trees
