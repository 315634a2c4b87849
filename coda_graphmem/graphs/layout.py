"""Places the nodes of a graph on a plane."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from coda_graphmem.graphs.data import GraphData

if TYPE_CHECKING:
    import networkx

Positions = dict[str, tuple[float, float]]
"""Place of each node by its id, both in [0, 1], x to the right and y downwards."""

#: With more memories than this a picture leaves out what only one of them mentions.
CROWDED = 12

_STEPS = 300
_SEED = 5


def positions(graph: GraphData) -> Positions:
    """Place nodes so that what hangs together lies together; the same graph gives the same places.

    Parts that do not hang together are laid out each for itself (spring embedding, Fruchterman and Reingold 1991) and
    put side by side in rows, as a force between them would drive them apart until nothing can be read. A node that
    hangs on one other alone stands beside it: such nodes are most of a graph, and the force needs not know of them.
    """
    import networkx

    whole = networkx.Graph()
    whole.add_nodes_from(node.node_id for node in graph.nodes)
    whole.add_edges_from((edge.source, edge.target) for edge in graph.edges if edge.source != edge.target)
    parts = sorted((sorted(part) for part in networkx.connected_components(whole)), key=lambda part: (-len(part), part))
    return _fitted(_in_rows([_part(whole.subgraph(part)) for part in parts]))


def uncrowded(graph: GraphData) -> GraphData:
    """The graph without entities that one memory alone mentions, where there are more than `CROWDED` memories."""
    if graph.count("memory") <= CROWDED:
        return graph
    mentions = graph.mentions()
    nodes = [node for node in graph.nodes if node.kind != "entity" or mentions[node.node_id] > 1]
    kept = {node.node_id for node in nodes}
    edges = [edge for edge in graph.edges if edge.source in kept and edge.target in kept]
    return replace(graph, nodes=nodes, edges=edges)


def _part(part: networkx.Graph) -> tuple[float, Positions]:
    """Places of a connected part in a square, and the length of its side."""
    import networkx

    hanging: dict[str, list[str]] = {}
    for name in sorted(part):
        neighbours = list(part[name])
        if len(neighbours) == 1 and (len(part[neighbours[0]]) > 1 or neighbours[0] < name):
            hanging.setdefault(neighbours[0], []).append(name)
    inner = part.subgraph(set(part).difference(*hanging.values()))
    border = 0.5 + _reach(max(map(len, hanging.values()), default=0))
    side = 2 * border + (1.4 * math.sqrt(len(part)) if len(inner) > 1 else 0.0)
    steps = _STEPS if len(inner) < 100 else _STEPS // 3 if len(inner) < 400 else _STEPS // 6
    raw = networkx.spring_layout(inner, seed=_SEED, iterations=steps)
    fitted = _fitted({name: (float(x), float(y)) for name, (x, y) in raw.items()})
    width = side - 2 * border
    placed = {name: (border + x * width, border + y * width) for name, (x, y) in fitted.items()}
    for centre, names in hanging.items():
        x, y = placed[centre]
        # Begins below the horizontal, so that few labels stand side by side.
        for i, name in enumerate(names):
            angle = math.tau * (i + 0.3) / len(names)
            reach = _reach(len(names)) * (1.0 if i % 2 else 0.8)
            placed[name] = (x + reach * math.cos(angle), y + reach * math.sin(angle))
    return side, placed


def _reach(count: int) -> float:
    """How far from its node so many stand that hang on it alone."""
    return 0.5 + 0.09 * count if count else 0.0


def _in_rows(boxes: list[tuple[float, Positions]]) -> Positions:
    """Squares beside one another in rows, about as wide as all of them are high."""
    limit = max(math.sqrt(1.3 * sum(side * side for side, _ in boxes)), boxes[0][0]) if boxes else 0.0
    result: Positions = {}
    x = y = height = 0.0
    for side, placed in boxes:
        if x and x + side > limit * 1.3:
            x, y, height = 0.0, y + height, 0.0
        result.update({name: (x + px, y + py) for name, (px, py) in placed.items()})
        x, height = x + side, max(height, side)
    return result


def _fitted(placed: Positions) -> Positions:
    if not placed:
        return {}
    xs, ys = [x for x, _ in placed.values()], [y for _, y in placed.values()]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    return {
        name: (round((x - min(xs)) / width, 4) if width else 0.5, round((y - min(ys)) / height, 4) if height else 0.5)
        for name, (x, y) in placed.items()
    }
