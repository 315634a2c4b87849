"""Keeps a namespace within `MemoryConfig.max_memories`."""

from __future__ import annotations

import logging

from coda_graphmem.models import MemoryFilter
from coda_graphmem.store.protocol import MemoryStore

logger = logging.getLogger(__name__)


async def archive_weakest(store: MemoryStore, namespace: str, max_memories: int, now: float) -> int:
    """Archive what is beyond the limit, the least important and longest unused first.

    Args:
        store: Where the memories are.
        namespace: The tenant whose live long-term memories are counted.
        max_memories: How many may stay.
        now: The time to record (seconds, UTC).

    Returns:
        How many were archived. They are kept, counted as archived, and a warning is logged.
    """
    surplus = await store.records.live_count(namespace) - max_memories
    if surplus <= 0:
        return 0
    weakest = await store.records.find(namespace, MemoryFilter(), order="weakest", limit=surplus, now=now)
    archived = await store.records.archive(namespace, [memory.memory_id for memory in weakest], now)
    logger.warning(
        "max_memories: namespace %r holds more than %d memories; %d of the weakest were archived. "
        "Raise max_memories to keep more searchable.",
        namespace,
        max_memories,
        archived,
    )
    return archived
