"""Commands that look: ``show``, ``list``, ``entities`` and ``stats``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from coda_graphmem.cli.options import AsJson, Conversation, Since, Types, Until, moment
from coda_graphmem.cli.output import as_json as to_json
from coda_graphmem.cli.output import print_json, print_memory, say, when
from coda_graphmem.cli.session import open_memory
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.errors import ValidationError
from coda_graphmem.models import Memory, MemoryStats, RetrievalStats, SortOrder

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

#: Entities that ``stats`` names.
_TOP_ENTITIES = 10


async def show(
    settings: Settings,
    memory_id: Annotated[str, typer.Argument(help="Id of the memory.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show all that is known of one memory."""
    async with open_memory(settings) as memory:
        item = await memory.get_memory(memory_id)
        if item is None:
            raise ValidationError(
                f"there is no memory {memory_id} in namespace {memory.namespace}.",
                remedy="Look for its id with search or list.",
            )
        if as_json:
            print_json(to_json(item))
        else:
            _print_whole(item)


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
    archived: Annotated[bool, typer.Option("--archived", help="Those that were set aside instead.")] = False,
    as_json: AsJson = False,
) -> None:
    """List memories page by page, without ranking."""
    where: dict[str, Any] = {
        "memory_types": types,
        "since": moment(since, "--since"),
        "until": moment(until, "--until"),
        "conversation_id": conversation,
        "archived": archived,
    }
    async with open_memory(settings) as memory:
        found = await memory.list_memories(limit, offset, order, **where)
        if as_json:
            print_json([to_json(item) for item in found])
            return
        for item in found:
            print_memory(item)
        total = await memory.count(**where)
        if found:
            say(f"{offset + 1:,} to {offset + len(found):,} of {total:,}", style="dim")
        else:
            say(f"Nothing to list: {total:,} memories match.")


async def stats(
    settings: Settings,
    *,
    every: Annotated[bool, typer.Option("--all", help="One line for each namespace of the store.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count what is stored."""
    async with open_memory(settings) as memory:
        if every:
            names = await memory.list_namespaces()
            counts = {name: await memory.for_namespace(name).get_memory_stats() for name in names}
            if as_json:
                print_json({name: item.model_dump(mode="json") for name, item in counts.items()})
            else:
                _print_namespaces(counts)
            return
        numbers, searches = await memory.get_memory_stats(), await memory.get_retrieval_stats()
        if as_json:
            print_json({**numbers.model_dump(mode="json"), "retrievals": searches.model_dump(mode="json")})
            return
        await _print_stats(memory, numbers, searches)


async def entities(
    settings: Settings,
    *,
    limit: Annotated[int, typer.Option("--limit", "-l", min=1, help="Size of the page.")] = 20,
    offset: Annotated[int, typer.Option("--offset", min=0, help="How many to pass over.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List the people, places and things that memories mention, the most mentioned first."""
    async with open_memory(settings) as memory:
        found = await memory.list_entities(limit, offset)
        if as_json:
            print_json([entity.model_dump(mode="json") for entity in found])
            return
        width = max((len(entity.name) for entity in found), default=0)
        for entity in found:
            say(f"{entity.name:{width}}  {entity.mention_count:>7,}  {entity.label}")
        if not found:
            say("Nothing is mentioned yet." if offset == 0 else "There are no more.")


def _print_whole(item: Memory) -> None:
    print_memory(item)
    fields: dict[str, Any] = {
        "importance": f"{item.importance_score:.2f}",
        "entities": ", ".join(f"{entity.name} ({entity.label})" for entity in item.entities),
        "metadata": json.dumps(item.metadata, ensure_ascii=False) if item.metadata else "",
        "recalled": f"{item.access_count} times" + (f", last {when(item.last_accessed)}" if item.last_accessed else ""),
        "strength": "" if item.decay_factor is None else f"{100 * item.decay_factor:.0f} % left",
        "reinforced": f"{item.reinforcement_count} times" if item.reinforcement_count else "",
        "stored": when(item.created_at) if item.created_at else "",
        "changed": when(item.updated_at) if item.updated_at and item.updated_at != item.created_at else "",
        "expires": when(item.expires_at) if item.expires_at else "",
        "archived": when(item.archived_at) if item.archived_at else "",
        "merged into": item.consolidated_into or "",
        "outdated by": ", ".join(item.possibly_outdated_by),
    }
    for name, value in fields.items():
        if value:
            say(f"      {name:12}{value}")


async def _print_stats(memory: MemoryManager, numbers: MemoryStats, searches: RetrievalStats) -> None:
    types = ", ".join(f"{kind.value} {count:,}" for kind, count in numbers.memory_type_distribution.items())
    entities = await memory.list_entities(_TOP_ENTITIES)
    span = ""
    if numbers.oldest_timestamp is not None and numbers.newest_timestamp is not None:
        span = f"{when(numbers.oldest_timestamp)} to {when(numbers.newest_timestamp)}"
    rows = {
        "memories": f"{numbers.total_memories:,}" + (f" ({types})" if types else ""),
        "short-term": f"{numbers.short_term_memories:,}",
        "archived": f"{numbers.archived_memories:,}",
        "importance": f"{numbers.avg_importance_score:.2f} on average",
        "conversations": f"{numbers.total_conversations:,}",
        "entities": f"{numbers.total_entities:,}, mentioned {numbers.total_mentions:,} times",
        "most mentioned": ", ".join(f"{entity.name} {entity.mention_count:,}" for entity in entities),
        "time": span,
        "most recalled": numbers.most_accessed_memory_id or "",
        "searched": f"{searches.total_retrievals:,} times, {searches.empty_retrievals:,} without a result; relevance "
        f"{searches.avg_relevance_score:.2f} and {1000 * searches.avg_seconds:.0f} ms on average"
        if searches.total_retrievals
        else "",
        "on disk": "" if numbers.storage_bytes is None else f"{numbers.storage_bytes / 1e6:,.1f} MB, all namespaces",
    }
    say(f"Namespace {memory.namespace} of {location(memory.config)}", style="bold")
    for name, value in rows.items():
        if value:
            say(f"  {name:16}{value}")


def _print_namespaces(counts: dict[str, MemoryStats]) -> None:
    width = max((len(name) for name in counts), default=0)
    for name, item in counts.items():
        say(
            f"{name:{width}}  {item.total_memories:>8,} memories  {item.total_entities:>8,} entities  "
            f"{item.total_conversations:>6,} conversations"
        )
    if not counts:
        say("The store is empty.")


COMMANDS = {"show": show, "list": list_, "entities": entities, "stats": stats}
