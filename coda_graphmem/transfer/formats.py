"""Which format a file's name asks for."""

from __future__ import annotations

from pathlib import PurePath

from coda_graphmem.errors import ValidationError
from coda_graphmem.models import ExportFormat

_ENDINGS: dict[str, ExportFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".graphml": "graphml",
    ".gexf": "gexf",
    ".cypher": "cypher",
    ".cql": "cypher",
    ".html": "html",
    ".htm": "html",
    ".svg": "svg",
    ".png": "png",
}


def format_of(path: PurePath) -> ExportFormat:
    """The format a file's ending stands for.

    Raises:
        ValidationError: It stands for none.
    """
    found = _ENDINGS.get(path.suffix.lower())
    if found is None:
        raise ValidationError(
            f"the ending {path.suffix!r} stands for no format.",
            field="format",
            remedy="Give one, or end the name in .jsonl, .graphml, .gexf, .cypher, .html, .svg or .png.",
        )
    return found
