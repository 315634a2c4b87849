"""The formats of a file that memories are written into, and what goes with each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from coda_graphmem.errors import ValidationError
from coda_graphmem.graphs.data import GraphData
from coda_graphmem.graphs.html import render_html
from coda_graphmem.graphs.networks import render_gexf, render_graphml
from coda_graphmem.graphs.png import render_png
from coda_graphmem.graphs.selection import DRAWN, LISTED, MOST_DRAWN, Selection
from coda_graphmem.graphs.svg import render_svg
from coda_graphmem.models import ExportFormat


@dataclass(frozen=True, slots=True)
class WholeFormat:
    """A format that holds all of a namespace, or of several, page by page."""

    endings: tuple[str, ...]
    """What names of its files end in."""
    holds_vectors: bool
    holds_several: bool = True
    """Whether one file can be of several namespaces."""


@dataclass(frozen=True, slots=True)
class GraphFormat:
    """A format that holds one graph, which is made in memory."""

    endings: tuple[str, ...]
    """What names of its files end in."""
    render: Callable[[GraphData], str | bytes]
    """Writes the graph."""
    memories: int
    """How many memories the graph holds where the caller does not say."""
    most: int | None = None
    """How many it may hold; None for as many as one asks for."""


FORMATS: dict[ExportFormat, WholeFormat | GraphFormat] = {
    "jsonl": WholeFormat((".jsonl", ".ndjson"), holds_vectors=True),
    "markdown": WholeFormat((".zip",), holds_vectors=True),
    "knowledge-graph": WholeFormat((), holds_vectors=False, holds_several=False),
    "graphml": GraphFormat((".graphml",), render_graphml, LISTED),
    "gexf": GraphFormat((".gexf",), render_gexf, LISTED),
    "cypher": WholeFormat((".cypher", ".cql"), holds_vectors=False),
    "html": GraphFormat((".html", ".htm"), render_html, DRAWN, MOST_DRAWN),
    "svg": GraphFormat((".svg",), render_svg, DRAWN, MOST_DRAWN),
    "png": GraphFormat((".png",), render_png, DRAWN, MOST_DRAWN),
}

_BY_ENDING = {ending: name for name, form in FORMATS.items() for ending in form.endings}


def format_of(path: PurePath) -> ExportFormat:
    """The format a file's ending stands for.

    Raises:
        ValidationError: It stands for none.
    """
    found = _BY_ENDING.get(path.suffix.lower())
    if found is None:
        *others, last = [form.endings[0] for form in FORMATS.values() if form.endings]
        raise ValidationError(
            f"the ending {path.suffix!r} stands for no format.",
            field="format",
            remedy=f"Give one, or end the name in {', '.join(others)} or {last}.",
        )
    return found


def check_fit(name: ExportFormat, selection: Selection, *, every_namespace: bool, with_embeddings: bool) -> None:
    """Refuse what a format would pass over, or cannot hold.

    Args:
        name: The format.
        selection: Which memories are asked for.
        every_namespace: Whether all namespaces of the store are.
        with_embeddings: Whether vectors are; only what holds them can be written without.

    Raises:
        ValidationError: The format does not go with one of these.
    """
    form = FORMATS[name]
    if isinstance(form, GraphFormat) and form.most is not None and (selection.max_memories or 0) > form.most:
        raise ValidationError(
            f"is more than can be drawn ({form.most:,}).",
            field="max_memories",
            remedy="Take fewer, or a format for graph programs.",
        )
    unfit = None
    if isinstance(form, WholeFormat) and selection.is_part:
        unfit = "query, memory_ids, max_memories and include_archived"
    elif every_namespace and not (isinstance(form, WholeFormat) and form.holds_several):
        unfit = "every_namespace"
    elif not with_embeddings and not (isinstance(form, WholeFormat) and form.holds_vectors):
        unfit = "with_embeddings"
    if unfit:
        raise ValidationError(
            f"{name} does not go with {unfit}.", field="format", remedy="Leave them out, or choose another format."
        )
