"""Shows a conversation and what is linked to it: ``context``."""

from typing import Annotated

import typer

from coda_graphmem.cli.memories import explain, memory_json, print_memory, seeds_of
from coda_graphmem.cli.options import AsJson, Depth, Explained, Limit
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.session import OpenMemory


async def context(
    memory: OpenMemory,
    conversation: Annotated[str, typer.Argument(help="Id of the conversation.")],
    *,
    limit: Limit = None,
    depth: Depth = 2,
    related: Annotated[bool, typer.Option(help="Whether other conversations are searched too.")] = True,
    explained: Explained = False,
    as_json: AsJson = False,
) -> None:
    """Show the latest of a conversation and what the graph links to it.

    --limit counts the turns of the conversation and the related memories separately.
    """
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
        print_json({name: [memory_json(item) for item in items] for name, items in both.items()})
        return
    if not turns:
        say(f"Nothing of a conversation {conversation} is stored in namespace {memory.namespace}.")
        return
    say(f"The conversation {conversation}", style="bold")
    for item in turns:
        print_memory(item)
    if linked:
        say()
        say("Related", style="bold")
    seeds = await seeds_of(memory, [*turns, *linked])
    for item in linked:
        print_memory(item, explain(item.explanation, seeds))
