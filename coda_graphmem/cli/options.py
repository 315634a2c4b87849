"""Options that several commands share, and how their values are read."""

import json
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from coda_graphmem.config import StoreType
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryType

_WHERE = "Where"
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

Store = Annotated[
    StoreType | None,
    typer.Option("--store", help="Store to use; NEO4J_URI alone selects neo4j.", rich_help_panel=_WHERE),
]
Directory = Annotated[
    Path | None,
    typer.Option("--dir", file_okay=False, help="Folder of the embedded or Chroma store.", rich_help_panel=_WHERE),
]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Tenant to work in.", rich_help_panel=_WHERE)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens, and show where an error comes from.")]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int | None, typer.Option("--limit", "-l", min=1, help="How many memories at most.")]
Types = Annotated[list[MemoryType] | None, typer.Option("--type", "-t", help="Only this type; may be repeated.")]
Since = Annotated[
    str | None, typer.Option("--since", help="Not before this: 2026-03-02, 2026-03-02T19:00, or 7d ago (m, h, d, w).")
]
Until = Annotated[str | None, typer.Option("--until", help="Before this; written like --since.")]
Conversation = Annotated[str | None, typer.Option("--conversation", "-c", help="Only this conversation.")]
Metadata = Annotated[
    list[str] | None,
    typer.Option("--meta", "-m", help="key=value of the metadata, the value as JSON or text; may be repeated."),
]
Explained = Annotated[bool, typer.Option("--explain", "-e", help="Say why each memory came.")]
MergedIds = Annotated[list[str], typer.Argument(help="Ids of two or more memories.")]
MergeThreshold = Annotated[
    float | None, typer.Option("--threshold", help="Cosine from which two memories may be merged (0.85).")
]
Depth = Annotated[int, typer.Option("--depth", min=0, max=4, help="Steps through the graph.")]


def moment(value: str | None, option: str) -> float | None:
    """Seconds since the epoch of a date, a time (of this machine's zone), or a span before now such as ``7d``.

    Raises:
        ValidationError: It is none of these.
    """
    from coda_graphmem.validation import parse_time

    if value is None:
        return None
    number, unit = value[:-1], value[-1:]
    if unit in _UNITS and number.isascii() and number.isdigit() and len(number) < 6:
        return time.time() - timedelta(**{_UNITS[unit]: int(number)}).total_seconds()
    try:
        return parse_time(value, zone=None)
    except ValidationError:
        raise ValidationError(
            f"{value!r} is not a time.", field=option, remedy="Use 2026-03-02, 2026-03-02T19:00, or a span such as 7d."
        ) from None


def parse_metadata(pairs: Sequence[str]) -> dict[str, Any]:
    """Metadata written as ``key=value``; values that are not JSON are texts.

    Raises:
        ValidationError: A pair has no key or no value.
    """
    result: dict[str, Any] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key:
            raise ValidationError(f"{pair!r} has no key and value.", field="--meta", remedy="Write key=value.")
        try:
            result[key] = json.loads(value)
        except ValueError:
            result[key] = value
    return result


def text_or_stdin(value: str) -> str:
    """The text itself, or standard input for ``-``."""
    return sys.stdin.read().rstrip("\n") if value == "-" else value
