"""Draws a graph as PNG, with Matplotlib (the extra ``plot``)."""

import io

from coda_graphmem.errors import ValidationError
from coda_graphmem.graphs.data import GraphData
from coda_graphmem.graphs.layout import positions, uncrowded
from coda_graphmem.graphs.style import INK, LINE, PAPER, STRONG, STRONG_LINE, looks
from coda_graphmem.graphs.svg import HEIGHT, WIDTH

_DPI = 150


def render_png(graph: GraphData) -> bytes:
    """The same picture as `coda_graphmem.graphs.svg.render_svg` in light colours, 1,800 by 1,350 pixels.

    Raises:
        ValidationError: Matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.collections import LineCollection
        from matplotlib.figure import Figure
    except ImportError:
        raise ValidationError(
            "png needs Matplotlib, which is not installed.",
            field="format",
            remedy='Install the extra: pip install "coda-graphmem[plot]"; or write svg, which needs nothing.',
        ) from None
    drawn = uncrowded(graph)
    places = positions(drawn)
    shown = looks(drawn)
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=_DPI, facecolor=PAPER[0])
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.06, 0.06, 0.88, 0.88))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(1, 0)
    for strong in (False, True):
        lines = [(places[edge.source], places[edge.target]) for edge in drawn.edges if (edge.kind in STRONG) is strong]
        colour = STRONG_LINE[0] if strong else LINE[0]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=1.5 if strong else 0.7, zorder=1))
    for node in drawn.nodes:
        look, (x, y) = shown[node.node_id], places[node.node_id]
        square = node.kind == "conversation"
        axes.plot(
            [x],
            [y],
            marker="s" if square else "o",
            markersize=1.45 * look.radius,
            markerfacecolor=look.colour[0],
            markeredgecolor=INK[0] if square else look.colour[0],
            markeredgewidth=1,
            clip_on=False,
            zorder=2,
        )
        if look.label:
            # A dollar would begin a formula; and a matplotlibrc where somebody works must not have LaTeX read it.
            text = axes.annotate(
                look.label.replace("$", r"\$"), (x, y), (0, -look.radius - 6), textcoords="offset points", ha="center"
            )
            text.set(fontsize=7, color=INK[0], usetex=False)
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor=PAPER[0])
    return out.getvalue()
