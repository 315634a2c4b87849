"""Commands that find: ``search`` and ``context``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from coda_graphmem.cli.options import (
    AsJson,
    Conversation,
    Depth,
    Limit,
    Since,
    Types,
    Until,
    moment,
    text_or_stdin,
)
from coda_graphmem.cli.output import as_json as to_json
from coda_graphmem.cli.output import explain, print_json, print_memory, say, seeds_of
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.models import RetrievalMode

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

Explain = Annotated[bool, typer.Option("--explain", "-e", help="Say why each memory came.")]


async def search(
    settings: Settings,
    query: Annotated[str, typer.Argument(help="A question or some words; - reads it from standard input.")],
    *,
    limit: Limit = None,
    min_relevance: Annotated[
        float | None, typer.Option("--min-relevance", "-r", help="From 0 to 1; 0.5 if nothing else is set.")
    ] = None,
    min_importance: Annotated[float | None, typer.Option("--min-importance", help="From 0 to 1.")] = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    conversation: Conversation = None,
    mode: Annotated[
        RetrievalMode, typer.Option("--mode", help="All three (graph), vectors and text (hybrid), or one of the two.")
    ] = "graph",
    depth: Depth = 1,
    explained: Explain = False,
    as_json: AsJson = False,
) -> None:
    """Find what is relevant to a question, the most relevant first."""
    start, end = moment(since, "--since"), moment(until, "--until")
    text = text_or_stdin(query)
    async with open_memory(settings) as memory:
        async with waiting("Searching"):
            found = await memory.retrieve_memories(
                text,
                types,
                limit,
                min_relevance,
                min_importance=min_importance,
                since=start,
                until=end,
                conversation_id=conversation,
                mode=mode,
                max_depth=depth,
                explain=explained,
            )
        if as_json:
            print_json([to_json(item) for item in found])
            return
        seeds = await seeds_of(memory, found)
        for item in found:
            print_memory(item, explain(item.explanation, seeds))
        if not found:
            await _say_nothing_found(memory)


async def context(
    settings: Settings,
    conversation: Annotated[str, typer.Argument(help="Id of the conversation.")],
    *,
    limit: Limit = None,
    depth: Depth = 2,
    related: Annotated[bool, typer.Option(help="Whether other conversations are searched too.")] = True,
    explained: Explain = False,
    as_json: AsJson = False,
) -> None:
    """Show the latest of a conversation and what the graph links to it.

    --limit counts the turns of the conversation and the related memories separately.
    """
    async with open_memory(settings) as memory:
        count = limit if limit is not None else memory.config.default_retrieval_limit
        turns = await memory.get_conversation_context(conversation, count)
        shown = {item.memory_id for item in turns}
        linked = []
        if related:
            # The walk returns the conversation's own memories too: leave room for both.
            walked = await memory.retrieve_contextual_memories(
                conversation, max_depth=depth, limit=count + len(turns), explain=explained
            )
            linked = [item for item in walked if item.memory_id not in shown and item.conversation_id != conversation]
            linked = linked[:count]
        if as_json:
            both = {"conversation": turns, "related": linked}
            print_json({name: [to_json(item) for item in items] for name, items in both.items()})
            return
        if not turns:
            say(f"Nothing of a conversation {conversation} is stored in namespace {memory.namespace}.")
            return
        say(f"The conversation {conversation}", style="bold")
        for item in turns:
            print_memory(item)
        if linked:
            say("\nRelated", style="bold")
        seeds = await seeds_of(memory, [*turns, *linked])
        for item in linked:
            print_memory(item, explain(item.explanation, seeds))


async def _say_nothing_found(memory: MemoryManager) -> None:
    if await memory.count():
        say("Nothing relevant was found. Try other words, or a lower --min-relevance.")
    else:
        say(
            f"Namespace {memory.namespace} of {location(memory.config)} is empty. "
            'Store something first: coda-graphmem add "…", or coda-graphmem import FILE.'
        )


COMMANDS = {"search": search, "context": context}
