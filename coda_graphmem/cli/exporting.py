"""The commands that take memories out: ``export`` into a file, ``graph`` onto the terminal."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.cli.opening import open_memory
from coda_graphmem.cli.options import AsJson, Depth
from coda_graphmem.cli.output import print_json, remark, say, stdout
from coda_graphmem.cli.progress import bar
from coda_graphmem.cli.settings import Settings
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import ExportFormat, ExportResult

if TYPE_CHECKING:
    from rich.tree import Tree

    from coda_graphmem.graphs.tree import Branch


async def export(
    settings: Settings,
    path: Annotated[
        Path, typer.Argument(help="The file: .jsonl, .graphml, .gexf, .cypher, .html, .svg or .png; - for stdout.")
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
    archived: Annotated[bool, typer.Option("--archived", help="Archived memories are part of the graph too.")] = False,
    embeddings: Annotated[bool, typer.Option(help="Whether jsonl holds vectors.")] = True,
    every: Annotated[bool, typer.Option("--all", help="All namespaces of the store (jsonl and cypher).")] = False,
    as_json: AsJson = False,
) -> None:
    """Write memories into a file: to keep, to move, to look at, or for other programs.

    jsonl is complete, and coda-graphmem import brings it back as it was. cypher is a script for a Neo4j of your own.
    graphml and gexf open in Gephi; html is a page that needs no network; svg and png are pictures (png needs
    coda-graphmem[plot]). A file is written whole or not at all.
    """
    stdout = str(path) == "-"
    if stdout and form is None:
        raise typer.BadParameter("standard output has no ending; add --format.", param_hint="--format")
    if stdout and as_json:
        raise typer.BadParameter("the file itself goes to standard output.", param_hint="--json")
    async with open_memory(settings) as memory:
        with bar("Exporting") as progress, _plain_faults(of_stdout=stdout):
            result = await memory.export_memories(
                sys.stdout.buffer if stdout else path,
                form,
                query=query,
                memory_ids=memory_ids,
                max_depth=depth,
                max_memories=max_memories,
                include_archived=archived,
                with_embeddings=embeddings,
                every_namespace=every,
                progress=progress,
            )
    if stdout:
        sys.stdout.buffer.flush()
        remark(_written(result))
    elif as_json:
        print_json({**result.model_dump(mode="json"), "seconds": round(result.seconds, 3), "path": str(path)})
    else:
        say(f"{path}: {_written(result)}")


async def graph(
    settings: Settings,
    query: Annotated[str | None, typer.Argument(help="Begin at the best memories for these words.")] = None,
    *,
    memory_ids: Annotated[
        list[str] | None, typer.Option("--memory", "-m", help="Begin at this memory; may be repeated.")
    ] = None,
    roots: Annotated[int, typer.Option("--roots", min=1, max=20, help="How many memories a query begins at.")] = 3,
    depth: Depth = 1,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="How many memories at most.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Draw what is linked to a memory as a tree: over what it mentions, and along its conversation."""
    from coda_graphmem.graphs.tree import spanning_trees

    if (query is None) == (not memory_ids):
        raise typer.BadParameter("Give either words to begin at, or --memory.")
    async with open_memory(settings) as memory:
        starts = list(memory_ids or ())
        if query is not None:
            found = await memory.retrieve_memories(query, limit=roots, min_relevance=0.0)
            starts = [item.memory_id for item in found]
        if not starts:
            say("Nothing is stored yet.")
            return
        drawn = await memory.get_graph(memory_ids=starts, max_depth=depth, max_memories=limit)
    trees = spanning_trees(drawn, [f"memory:{memory_id}" for memory_id in starts])
    if as_json:
        print_json([asdict(tree) for tree in trees])
        return
    for tree in trees:
        stdout().print(_drawn(tree))
    if drawn.left_out:
        remark(f"{drawn.left_out:,} more memories were left out; --limit takes them in.")


@contextmanager
def _plain_faults(*, of_stdout: bool) -> Iterator[None]:
    """Faults of standard output as the system gives them: a pipe that is closed by who has read enough is none."""
    try:
        yield
    except ValidationError as error:
        if of_stdout and isinstance(error.__cause__, OSError):
            raise error.__cause__ from None
        raise


def _drawn(branch: Branch) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    def label(part: Branch) -> Text:
        text = Text(f"{part.relation} " if part.relation else "", style="dim")
        style = {"memory": "default", "entity": "bold cyan", "conversation": "magenta"}[part.node.kind]
        return text.append(part.node.label, style=style)

    tree = Tree(label(branch), guide_style="dim")
    waiting = deque((tree, child) for child in branch.children)
    while waiting:
        above, part = waiting.popleft()
        twig = above.add(label(part))
        waiting.extend((twig, child) for child in part.children)
    return tree


def _written(result: ExportResult) -> str:
    where = result.namespaces[0] if len(result.namespaces) == 1 else f"{len(result.namespaces)} namespaces"
    text = f"{result.memories:,} memories of {where}, {result.bytes / 1e6:,.1f} MB, after {result.seconds:.1f} s."
    if result.left_out:
        text += f" {result.left_out:,} more were left out; --max-memories takes them in."
    return text


COMMANDS = {"export": export, "graph": graph}
