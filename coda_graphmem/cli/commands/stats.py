"""Counts what is stored: ``stats``."""

from typing import Annotated

import typer

from coda_graphmem.characters import visible
from coda_graphmem.cli.options import AsJson
from coda_graphmem.cli.output import print_json, say, when
from coda_graphmem.cli.session import OpenMemory
from coda_graphmem.cli.settings import location
from coda_graphmem.models import MemoryStats, RetrievalStats

#: Entities that are named.
_TOP_ENTITIES = 10


async def stats(
    memory: OpenMemory,
    *,
    every: Annotated[bool, typer.Option("--all", help="One line for each namespace of the store.")] = False,
    as_json: AsJson = False,
) -> None:
    """Count what is stored."""
    if every:
        names = await memory.list_namespaces()
        counts = {name: await memory.for_namespace(name).get_memory_stats() for name in names}
        if as_json:
            print_json(counts)
        else:
            _print_namespaces(counts)
        return
    numbers, searches = await memory.get_memory_stats(), await memory.get_retrieval_stats()
    if as_json:
        print_json({**numbers.model_dump(mode="json"), "retrievals": searches})
        return
    await _print_stats(memory, numbers, searches)


async def _print_stats(memory: OpenMemory, numbers: MemoryStats, searches: RetrievalStats) -> None:
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
        "items": f"{numbers.total_items:,}" if numbers.total_items else "",
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
    shown = {visible(name): item for name, item in counts.items()}
    width = max(map(len, shown), default=0)
    for name, item in shown.items():
        say(
            f"{name:{width}}  {item.total_memories:>8,} memories  {item.total_entities:>8,} entities  "
            f"{item.total_conversations:>6,} conversations"
        )
    if not counts:
        say("The store is empty.")
