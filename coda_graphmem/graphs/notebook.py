"""What notebooks show of a graph and of a memory. Content is escaped: nothing of it becomes markup."""

from html import escape

from coda_graphmem.graphs.data import GraphData
from coda_graphmem.graphs.svg import render_svg

#: Memories of a graph that are drawn; of a larger one a notebook gets the numbers.
LARGEST_PICTURE = 200


def render_graph(graph: GraphData) -> str:
    """A graph: its picture, or where that would show nothing, its numbers."""
    counts = (
        f"{graph.count('memory'):,} memories, {graph.count('entity'):,} entities, "
        f"{graph.count('conversation'):,} conversations and {len(graph.edges):,} edges of {escape(graph.namespace)}"
    )
    if graph.left_out:
        counts += f"; {graph.left_out:,} more memories were left out"
    picture = render_svg(graph) if 0 < graph.count("memory") <= LARGEST_PICTURE else ""
    return f"<figure>{picture}<figcaption>{counts}</figcaption></figure>"


def render_summary(title: str, rows: dict[str, str]) -> str:
    """A small table with a title."""
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows.items())
    return f"<table><caption>{escape(title)}</caption>{cells}</table>"
