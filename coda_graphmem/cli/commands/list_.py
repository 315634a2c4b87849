"""Lists memories page by page: ``list``."""

from typing import Annotated, Any

import typer

from coda_graphmem.cli.memories import memory_json, print_memory
from coda_graphmem.cli.options import AsJson, Conversation, Since, Types, Until, Where, check_order
from coda_graphmem.cli.output import print_json, say
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings
from coda_graphmem.models import SortOrder


async def list_(
    settings: Settings,
    *,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="Size of the page.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="How many to pass over.")] = 0,
    order: Annotated[SortOrder, typer.Option("--order", help="What comes first.")] = "newest",
    types: Types = None,
    since: Since = None,
    until: Until = None,
    conversation: Conversation = None,
    where: Where = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those that were set aside instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List memories page by page, without ranking."""
    check_order(since, until)
    filters: dict[str, Any] = {
        "memory_types": types,
        "since": since,
        "until": until,
        "conversation_id": conversation,
        "where": where,
        "archived": archived,
    }
    async with open_memory(settings) as memory:
        found = await memory.list_memories(limit, offset, order, **filters)
        if as_json:
            print_json([memory_json(item) for item in found])
            return
        for item in found:
            print_memory(item)
        total = await memory.count(**filters)
        if found:
            say(f"{offset + 1:,} to {offset + len(found):,} of {total:,}", style="dim")
        else:
            say(f"Nothing to list: {total:,} memories match.")
