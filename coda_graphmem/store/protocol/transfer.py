"""Hands memories over to another store as they are, takes them in, and counts them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from coda_graphmem.models import Inventory, Memory, MemoryVersion, Statement
from coda_graphmem.store.protocol.graph import EntityNode
from coda_graphmem.store.protocol.records import Saying
from coda_graphmem.store.protocol.vectors import Vector


@dataclass(frozen=True, slots=True)
class StoredMemory:
    """A memory with all that a store keeps of it, on its way into another store."""

    memory: Memory
    """Its ``embedding`` is left out."""
    embedding: Vector | None
    dedup_key: str | None
    position: int
    """Its place in the order of arrival."""
    run_id: str | None = None
    """The run that merged it, for an archived original (``memory.consolidated_into``)."""
    sayings: tuple[Saying, ...] = ()
    """What each conversation says of it, its own first, where there is more than one."""
    to_read: bool = False
    """Whether its statements are still to be read (`Facts.unread`)."""
    statements: tuple[Statement, ...] = ()
    """What was read in it, as in the text."""
    replaced_by: str | None = None
    """The memory that replaces it by hand (`Facts.set_standing`)."""
    versions: tuple[MemoryVersion, ...] = ()
    """Its versions, the present one last, where it was ever changed."""


class Transfer(Protocol):
    """Hands memories over to another store as they are, takes them in, and counts them."""

    async def export_memories(self, namespace: str, *, after: int, limit: int) -> list[StoredMemory]:
        """Up to ``limit`` memories of any lifetime in order of arrival, those whose position is above ``after``."""

    async def import_memories(
        self, namespace: str, rows: Sequence[StoredMemory], entities: Sequence[EntityNode]
    ) -> int:
        """Keep memories exactly as they are, all or none, as arriving in the order given; how many were kept.

        A memory whose id exists is passed over. Archived originals stay bound to what they were merged into, whichever
        of the two arrives first, and so does what was replaced by hand. One whose ``dedup_key`` a live memory has is
        kept without it. ``entities`` give names and labels for entities that are new; others take those of their first
        mention. Facts are made of what memories say.
        """

    async def inventory(self, namespace: str) -> Inventory:
        """What the namespace holds, by looking at all of it."""
