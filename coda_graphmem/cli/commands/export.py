"""Takes memories out into a file: ``export``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from coda_graphmem.cli.options import AsJson, Depth, Where
from coda_graphmem.cli.output import binary_stdout, print_json, remark, say
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import ExportFormat, ExportResult

#: Names of standard output, where nothing but the file itself may go.
_STDOUT = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


async def export(
    settings: Settings,
    path: Annotated[
        Path,
        typer.Argument(help="The file: .jsonl, .zip, .graphml, .gexf, .cypher, .html, .svg, .png; - for stdout."),
    ],
    *,
    form: Annotated[
        ExportFormat | None, typer.Option("--format", "-f", help="What to write, where the ending does not say.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", "-q", help="A graph of what answers this and what is linked to it.")
    ] = None,
    memory_ids: Annotated[
        list[str] | None, typer.Option("--memory", "-m", help="A graph around this memory; may be repeated.")
    ] = None,
    depth: Depth = 1,
    max_memories: Annotated[
        int | None,
        typer.Option("--max-memories", min=1, help="How many memories a graph holds (10000; 150 where it is drawn)."),
    ] = None,
    where: Where = None,
    archived: Annotated[bool, typer.Option("--archived", help="Archived memories are part of the graph too.")] = False,
    embeddings: Annotated[bool, typer.Option(help="Whether jsonl and markdown hold vectors.")] = True,
    every: Annotated[bool, typer.Option("--all", help="All namespaces (jsonl, markdown and cypher).")] = False,
    as_json: AsJson = False,
) -> None:
    """Write memories into a file: to keep, to move, to look at, or for other programs.

    jsonl is complete, and coda-graphmem import brings it back as it was. markdown is as complete: a folder that
    Obsidian opens, or a .zip of it. cypher is a script for a Neo4j of your own; knowledge-graph is the memory.jsonl of
    the MCP memory server. graphml and gexf open in Gephi; html is a page that needs no network; svg and png are
    pictures (png needs coda-graphmem[plot]). A file is written whole or not at all.
    """
    stdout = str(path) in _STDOUT
    if stdout and form is None:
        raise typer.BadParameter("standard output has no ending; add --format.", param_hint="--format")
    if stdout and as_json:
        raise typer.BadParameter("the file itself goes to standard output.", param_hint="--json")
    async with open_memory(settings) as memory:
        with bar("Exporting") as progress, _output_errors(of_stdout=stdout):
            result = await memory.export_memories(
                binary_stdout() if stdout else path,
                form,
                query=query,
                memory_ids=memory_ids,
                max_depth=depth,
                max_memories=max_memories,
                include_archived=archived,
                where=where,
                with_embeddings=embeddings,
                every_namespace=every,
                progress=progress,
            )
    if stdout:
        sys.stdout.flush()
        remark(_summary(result))
    elif as_json:
        print_json({**result.model_dump(mode="json"), "seconds": round(result.seconds, 3), "path": str(path)})
    else:
        say(f"{path}: {_summary(result)}")


@contextmanager
def _output_errors(*, of_stdout: bool) -> Iterator[None]:
    """Raise errors of standard output as the system raised them: a pipe that its reader closed ends quietly."""
    try:
        yield
    except ValidationError as error:
        if of_stdout and isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        raise


def _summary(result: ExportResult) -> str:
    where = result.namespaces[0] if len(result.namespaces) == 1 else f"{len(result.namespaces)} namespaces"
    items = f" and {result.items:,} items" if result.items else ""
    text = (
        f"{result.memories:,} memories{items} of {where}, {result.bytes / 1e6:,.1f} MB, after {result.seconds:.1f} s."
    )
    if result.left_out:
        text += f" {result.left_out:,} more were left out; --max-memories takes them in."
    return text
