"""Makes one page of a graph, with all it needs inside: it asks no server for anything.

Content is data, never markup: it stands in the page as JSON in which no ``<`` occurs, and the script sets it as text.
The page's Content-Security-Policy lets nothing run or load but its own script and style, by their digests.
"""

import base64
import hashlib
import json
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from coda_graphmem.graphs import style
from coda_graphmem.graphs.data import GraphData
from coda_graphmem.graphs.layout import positions


def render_html(graph: GraphData) -> str:
    """The page as text.

    It shows the graph with search, filters, zoom and the whole of each memory, by mouse and by keyboard, light or dark
    as the viewer prefers. Places are worked out here, so a page of thousands of memories opens at once.
    """
    rules, script = _file("page.css").replace("/*colours*/", _colours()), _file("page.js")
    values = {
        "title": escape(f"Memories of {graph.namespace}"),
        "policy": f"default-src 'none'; style-src '{_digest(rules)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
        "style": rules,
        "script": script,
        "data": _as_data(_page_data(graph)),
    }
    return Template(_file("page.html")).substitute(values)


def _page_data(graph: GraphData) -> dict[str, Any]:
    places, shown = positions(graph), style.looks(graph)
    numbers = {node.node_id: i for i, node in enumerate(graph.nodes)}
    return {
        "namespace": graph.namespace,
        "leftOut": graph.left_out,
        "nodes": [
            {
                "id": node.node_id,
                "kind": node.kind,
                "label": node.label,
                "values": dict(node.values),
                "css": shown[node.node_id].css,
                "r": round(shown[node.node_id].radius, 1),
                "x": places[node.node_id][0],
                "y": places[node.node_id][1],
            }
            for node in graph.nodes
        ],
        "edges": [
            {"a": numbers[edge.source], "b": numbers[edge.target], "kind": edge.kind, "values": dict(edge.values)}
            for edge in graph.edges
        ],
    }


def _as_data(value: Any) -> str:
    """JSON that ends no script element and opens no comment, whatever it holds."""
    return json.dumps(value, ensure_ascii=True, allow_nan=False).replace("<", "\\u003c")


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _colours() -> str:
    """The palette as custom properties, light and dark."""
    named = {
        **{"paper": style.PAPER, "ink": style.INK, "line": style.LINE, "strong": style.STRONG_LINE},
        **{"entity": style.ENTITY_COLOUR, "conversation": style.CONVERSATION_COLOUR, **style.MEMORY_COLOURS},
    }
    light, dark = (";".join(f"--{name}:{colour[theme]}" for name, colour in named.items()) for theme in (0, 1))
    fills = "".join(f".{name}{{fill:var(--{name});background:var(--{name})}}" for name in style.MEMORY_COLOURS)
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}{fills}"


@cache
def _file(name: str) -> str:
    return (files("coda_graphmem.graphs") / "page" / name).read_text(encoding="utf-8")
