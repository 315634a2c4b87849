"""Resources: the user's profile, statistics, and each memory under an address of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from mcp_types import Resource, ResourceTemplate

from coda_graphmem.characters import visible
from coda_graphmem.context.quotation import NOTICE, named, quoted
from coda_graphmem.mcp.bounds import LONGEST, size
from coda_graphmem.mcp.items import item_of, lines_of
from coda_graphmem.mcp.labels import date_of

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

PROFILE = "memory://profile"
STATISTICS = "memory://statistics"
MEMORY = "memory://memories/"

RESOURCES = (
    Resource(
        uri=PROFILE,
        name="profile",
        title="What is known of the user",
        description="Facts about the user by kind, as far as memories tell them.",
        mime_type="text/plain",
    ),
    Resource(
        uri=STATISTICS,
        name="statistics",
        title="What the memory holds",
        description="How many memories of which kind, from when until when.",
        mime_type="text/plain",
    ),
)
TEMPLATES = (
    ResourceTemplate(
        uri_template=MEMORY + "{id}",
        name="memory",
        title="A memory",
        description="One memory in full, by its id.",
        mime_type="text/plain",
    ),
)


async def read(uri: str, open_memory: Callable[[], Awaitable[MemoryManager]]) -> str | None:
    """The text of a resource; None where there is none of that address."""
    if uri == PROFILE:
        return await profile_text(await open_memory())
    if uri == STATISTICS:
        return await statistics_text(await open_memory())
    memory_id = unquote(uri.removeprefix(MEMORY))
    if not uri.startswith(MEMORY) or not memory_id.isprintable() or not memory_id.strip():
        return None
    memory = await open_memory()
    found = await memory.get_memory(memory_id)
    if found is None:
        return None
    item = item_of(found, "detailed", LONGEST["detailed"] // 2)
    return f"In namespace {named(memory.namespace)}. {NOTICE}\n{lines_of(item, 1)}"


async def profile_text(memory: MemoryManager) -> str:
    """What is known of the user, line by line."""
    profile = await memory.get_profile()
    lines = [f"Known of the user in namespace {named(memory.namespace)}. {NOTICE}"]
    room = LONGEST["detailed"]
    left = 0
    for line in profile.lines:
        text = quoted(f"{line.section}: {line.text}")
        room -= size(text) + 1
        if room < 0:
            left += 1
        else:
            lines.append(text)
    if left:
        lines.append(f"{left} more lines have no room; memory_entities tells them.")
    if not profile.lines:
        lines.append("Nothing is known yet.")
    return "\n".join(lines)


async def statistics_text(memory: MemoryManager) -> str:
    """What a namespace holds, in numbers."""
    stats = await memory.get_memory_stats()
    kinds = ", ".join(f"{count} {kind.value}" for kind, count in stats.memory_type_distribution.items())
    lines = [
        f"Namespace {visible(named(memory.namespace))}",
        f"{stats.total_memories} memories" + (f": {kinds}" if kinds else ""),
        f"{stats.short_term_memories} short-term, {stats.archived_memories} archived",
        f"{stats.total_entities} entities, {stats.total_mentions} mentions, {stats.total_conversations} conversations",
    ]
    if stats.oldest_timestamp is not None and stats.newest_timestamp is not None:
        lines.append(f"from {date_of(stats.oldest_timestamp)} to {date_of(stats.newest_timestamp)}")
    if stats.storage_bytes is not None:
        lines.append(f"{stats.storage_bytes / 1e6:.1f} MB on disk, all namespaces together")
    return "\n".join(lines)
