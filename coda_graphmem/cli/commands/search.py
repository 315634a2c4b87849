"""Finds what is relevant to a question: ``search``."""

from typing import Annotated

import typer

from coda_graphmem.cli.memories import explain, memory_json, print_memory, seeds_of
from coda_graphmem.cli.options import (
    AsJson,
    AsOf,
    Conversation,
    Depth,
    Explained,
    Limit,
    Since,
    Types,
    Until,
    Where,
    check_order,
    text_or_stdin,
)
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.models import RetrievalMode, Validity


async def search(
    settings: Settings,
    query: Annotated[str, typer.Argument(help="A question or some words; - reads it from standard input.")],
    *,
    limit: Limit = None,
    min_relevance: Annotated[
        float | None,
        typer.Option("--min-relevance", "-r", min=0.0, max=1.0, help="From 0 to 1; 0.5 if nothing else is set."),
    ] = None,
    min_importance: Annotated[
        float | None, typer.Option("--min-importance", min=0.0, max=1.0, help="From 0 to 1.")
    ] = None,
    types: Types = None,
    since: Since = None,
    until: Until = None,
    conversation: Conversation = None,
    where: Where = None,
    namespaces: Annotated[
        list[str] | None, typer.Option("--in", metavar="NAMESPACE", help="Look in this one instead; may be repeated.")
    ] = None,
    mode: Annotated[
        RetrievalMode, typer.Option("--mode", help="All three (graph), vectors and text (hybrid), or one of the two.")
    ] = "graph",
    depth: Depth = 1,
    validity: Annotated[
        Validity | None,
        typer.Option("--validity", help="What holds first, what held first, or all alike; else as the question asks."),
    ] = None,
    as_of: AsOf = None,
    explained: Explained = False,
    as_json: AsJson = False,
) -> None:
    """Find what is relevant to a question, the most relevant first."""
    check_order(since, until)
    text = text_or_stdin(query)
    async with open_memory(settings) as memory:
        async with waiting("Searching"):
            found = await memory.retrieve_memories(
                text,
                types,
                limit,
                min_relevance,
                min_importance=min_importance,
                since=since,
                until=until,
                conversation_id=conversation,
                where=where,
                namespaces=namespaces or None,
                mode=mode,
                max_depth=depth,
                validity=validity,
                as_of=as_of,
                explain=explained,
            )
        if as_json:
            print_json([memory_json(item) for item in found])
            return
        seeds = await seeds_of(memory, found)
        for item in found:
            print_memory(item, explain(item.explanation, seeds))
        if not found and await memory.count():
            say("Nothing relevant was found. Try other words, or a lower --min-relevance.")
        elif not found:
            say(
                f"Namespace {memory.namespace} of {location(memory.config)} is empty. "
                'Store something first: coda-graphmem add "…", or coda-graphmem import FILE.'
            )
