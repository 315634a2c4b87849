"""Draws a graph as SVG: a picture without scripts, light or dark as the viewer prefers."""

import re
from xml.sax.saxutils import escape, quoteattr

from coda_graphmem.graphs import style
from coda_graphmem.graphs.data import GraphData
from coda_graphmem.graphs.layout import positions, uncrowded

WIDTH, HEIGHT = 1200, 900
_MARGIN = 90
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def render_svg(graph: GraphData) -> str:
    """The picture as text of an SVG file, 1,200 by 900 pixels.

    With more than a dozen memories entities that only one of them mentions are left out. Content is escaped, and the
    file holds no script, no link and no reference.
    """
    drawn = uncrowded(graph)
    places = {
        name: (_MARGIN + x * (WIDTH - 2 * _MARGIN), _MARGIN + y * (HEIGHT - 2 * _MARGIN))
        for name, (x, y) in positions(drawn).items()
    }
    shown = style.looks(drawn)
    nodes = {node.node_id: node for node in drawn.nodes}
    plain = f"Memories of {printable(graph.namespace)}"
    title, name = escape(plain), quoteattr(plain)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label={name}>',
        f"<title>{title}</title>",
        f"<style>{_style()}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
    ]
    for edge in drawn.edges:
        (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
        css = "strong" if edge.kind in style.STRONG else "next" if edge.kind == "NEXT" else "line"
        parts.append(f'<line class="{css}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')
    labels = []
    for node_id, (x, y) in places.items():
        look, node = shown[node_id], nodes[node_id]
        hint = escape(printable(node.label))
        shape, place = "circle", f'cx="{x:.1f}" cy="{y:.1f}" r="{look.radius:.1f}"'
        if node.kind == "conversation":
            side = f"{2 * look.radius:.1f}"
            corner = f'x="{x - look.radius:.1f}" y="{y - look.radius:.1f}"'
            shape, place = "rect", f'{corner} width="{side}" height="{side}" rx="2"'
        parts.append(f'<{shape} class="{look.css}" {place}><title>{hint}</title></{shape}>')
        if look.label:
            labels.append(f'<text x="{x:.1f}" y="{y + look.radius + 12:.1f}">{escape(printable(look.label))}</text>')
    return "\n".join([*parts, *labels, "</svg>\n"])


def _style() -> str:
    rules = ["text{font:11px system-ui,sans-serif;text-anchor:middle;paint-order:stroke;stroke-width:3px}"]
    rules += ["line{stroke-width:1}.next{stroke-dasharray:4 3}.strong{stroke-width:2}.conversation{stroke-width:1.5}"]
    for theme, query in ((0, "{}"), (1, "@media (prefers-color-scheme:dark){{{}}}")):
        colours = [f".{name}{{fill:{colour[theme]}}}" for name, colour in style.MEMORY_COLOURS.items()]
        colours += [
            f".paper{{fill:{style.PAPER[theme]}}}.entity{{fill:{style.ENTITY_COLOUR[theme]}}}",
            f".conversation{{fill:{style.CONVERSATION_COLOUR[theme]};stroke:{style.INK[theme]}}}",
            f"line{{stroke:{style.LINE[theme]}}}.strong{{stroke:{style.STRONG_LINE[theme]}}}",
            f"text{{fill:{style.INK[theme]};stroke:{style.PAPER[theme]}}}",
        ]
        rules.append(query.format("".join(colours)))
    return "".join(rules)


def printable(text: str) -> str:
    """The text with characters that XML 1.0 knows no way to write replaced by U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)
