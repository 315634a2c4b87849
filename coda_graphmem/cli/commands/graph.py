"""Draws what is linked to a memory onto the terminal: ``graph``."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.characters import visible
from coda_graphmem.cli.options import AsJson, Depth
from coda_graphmem.cli.output import print_json, remark, say, stdout
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings

if TYPE_CHECKING:
    from rich.tree import Tree

    from coda_graphmem.graphs.tree import Branch


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
        stdout().print(_as_rich_tree(tree))
    if drawn.left_out:
        remark(f"{drawn.left_out:,} more memories were left out; --limit takes them in.")


def _as_rich_tree(branch: Branch) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    def label(part: Branch) -> Text:
        text = Text(f"{part.relation} " if part.relation else "", style="dim")
        style = {"memory": "default", "entity": "bold cyan", "conversation": "magenta"}[part.node.kind]
        return text.append(visible(part.node.label), style=style)

    tree = Tree(label(branch), guide_style="dim")
    waiting = deque((tree, child) for child in branch.children)
    while waiting:
        above, part = waiting.popleft()
        twig = above.add(label(part))
        waiting.extend((twig, child) for child in part.children)
    return tree
