"""Options that several commands share, and how their values are read."""

import codecs
import contextlib
import json
import locale
import re
import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from coda_graphmem.cli.moments import read_moment
from coda_graphmem.config import StoreType
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import MemoryType

_WHERE = "Where"
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def moment(text: str) -> float:
    """Seconds since the epoch of a moment as people type it; wrong usage where it is none."""
    try:
        return read_moment(text)
    except ValidationError as error:
        raise typer.BadParameter(str(error)) from None


def conditions(text: str) -> dict[str, Any]:
    """Conditions as people type them, a JSON object; wrong usage where it is none."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise typer.BadParameter(
            f"{text!r} is no JSON object. Write it as in " + """'{"metadata.year": {"$gte": 2020}}'."""
        )
    return read


def length_of_time(text: str) -> float:
    """Seconds of a length of time such as ``30m`` or ``7d``; wrong usage where it is none."""
    match = _LENGTH.fullmatch(text.strip())
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"{text!r} is no length of time. Write it as 90s, 30m, 12h, 7d or 2w.")
    return float(match[1]) * _SECONDS[match[2]]


def parse_metadata(pairs: Sequence[str] | None) -> dict[str, Any]:
    """Metadata written as ``key=value``; values that are not JSON are texts."""
    result: dict[str, Any] = {}
    for pair in pairs or ():
        key, separator, value = pair.partition("=")
        if not separator or not key:
            raise typer.BadParameter(f"{pair!r} has no key and value. Write key=value.", param_hint="--meta")
        try:
            result[key] = json.loads(value)
        except (ValueError, RecursionError):
            result[key] = value
    return result


Store = Annotated[
    StoreType | None,
    typer.Option("--store", help="Store to use; NEO4J_URI alone selects neo4j.", rich_help_panel=_WHERE),
]
Directory = Annotated[
    Path | None,
    typer.Option("--dir", file_okay=False, help="Folder of the embedded or Chroma store.", rich_help_panel=_WHERE),
]
Namespace = Annotated[str | None, typer.Option("--namespace", "-n", help="Tenant to work in.", rich_help_panel=_WHERE)]
User = Annotated[str | None, typer.Option("--user", help="Only the memories of this user.", rich_help_panel=_WHERE)]
Agent = Annotated[
    str | None, typer.Option("--agent", help="Only the memories of this assistant.", rich_help_panel=_WHERE)
]
Session = Annotated[
    str | None, typer.Option("--session", help="Only the memories of this session.", rich_help_panel=_WHERE)
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens, and show where an error comes from.")]


class ProfileName(str, Enum):
    """Which tools assistants get."""

    DEFAULT = "default"
    EXTENDED = "extended"
    REFERENCE = "reference"
    CHATGPT = "chatgpt"


Profile = Annotated[
    ProfileName,
    typer.Option(
        "--profile",
        help="Which tools: default (eight), extended (with upkeep), reference (the nine of the protocol's own "
        "memory server), chatgpt (search and fetch).",
    ),
]
HostNames = Annotated[
    list[str] | None,
    typer.Option("--host-name", help="Name by which HTTP clients reach it, as name or name:port; may be repeated."),
]
KeyPlace = Annotated[
    Path | None,
    typer.Option(
        "--keys", dir_okay=False, help="File of the keys; api-keys.json in the folder of the settings if left out."
    ),
]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Limit = Annotated[int | None, typer.Option("--limit", "-l", min=1, help="How many memories at most.")]
Types = Annotated[list[MemoryType] | None, typer.Option("--type", "-t", help="Only this type; may be repeated.")]
Since = Annotated[
    float | None,
    typer.Option(
        "--since",
        parser=moment,
        metavar="TIME",
        help="Not before this: 2026-03-02, 2026-03-02T19:00, 7d ago (m, h, d, w), yesterday, last monday.",
    ),
]
Until = Annotated[
    float | None, typer.Option("--until", parser=moment, metavar="TIME", help="Before this; written like --since.")
]
AsOf = Annotated[
    float | None,
    typer.Option("--as-of", parser=moment, metavar="TIME", help="As it was known then; written like --since."),
]
At = Annotated[
    float | None,
    typer.Option("--at", parser=moment, metavar="TIME", help="From when; now if left out. Written like --since."),
]
Conversation = Annotated[str | None, typer.Option("--conversation", "-c", help="Only this conversation.")]
Metadata = Annotated[
    list[str] | None,
    typer.Option("--meta", "-m", help="key=value of the metadata, the value as JSON or text; may be repeated."),
]
Where = Annotated[
    dict[str, Any] | None,
    typer.Option(
        "--where",
        "-w",
        parser=conditions,
        metavar="JSON",
        help="""Only what these conditions hold of: '{"tags": "work", "metadata.year": {"$gte": 2020}}'.""",
    ),
]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="What to file it under; may be repeated.")]
Explained = Annotated[bool, typer.Option("--explain", "-e", help="Say why each memory came.")]
MergedIds = Annotated[list[str], typer.Argument(help="Ids of two or more memories.")]
MergeThreshold = Annotated[
    float | None, typer.Option("--threshold", help="Cosine from which two memories may be merged (0.85).")
]
Depth = Annotated[int, typer.Option("--depth", min=0, max=4, help="Steps through the graph.")]


def check_order(since: float | None, until: float | None) -> None:
    """See that there is time between two moments; wrong usage where there is none."""
    if since is not None and until is not None and since >= until:
        raise typer.BadParameter("--since is not before --until.")


def text_or_stdin(value: str) -> str:
    """The text itself, or standard input for ``-``.

    Raises:
        ValidationError: Standard input is closed, cannot be read, or holds no text.
    """
    if value != "-":
        return value
    try:
        content = standard_input().read()
    except OSError as error:
        raise ValidationError(
            f"cannot be read ({error.strerror}).", field="standard input", remedy="Pipe a text into the command."
        ) from None
    # Whatever the locale says of it: texts are UTF-8 today, and others are marked or in the encoding of the machine.
    encodings = ["utf-16"] if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else ["utf-8-sig"]
    for encoding in [*encodings, locale.getencoding()]:
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding).rstrip("\r\n")
    raise ValidationError("is no text.", field="standard input", remedy="Write it in UTF-8.")


def standard_input() -> BinaryIO:
    """Standard input as bytes.

    Raises:
        ValidationError: The command was started without one.
    """
    if sys.stdin is None:
        raise ValidationError(
            "is closed.", field="standard input", remedy="Pipe something into the command, or name it in place of -."
        )
    return sys.stdin.buffer
