"""Keeps links from one memory to another."""

from collections.abc import Sequence
from typing import Protocol

from coda_graphmem.models import LinkKind, MemoryLink


class Links(Protocol):
    """Keeps links from one memory to another."""

    async def save_links(self, namespace: str, links: Sequence[MemoryLink], *, replace: bool = False) -> int:
        """Keep links between memories that exist; how many are new.

        A link of the same kind between the same two (for ``SIMILAR_TO`` in either direction) stays as it was, or
        with ``replace`` gives way. Of such links in one call the first is kept.
        """

    async def delete_links(self, namespace: str, run_id: str) -> int:
        """Remove the links that a run made; how many."""

    async def find_links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None = None
    ) -> list[MemoryLink]:
        """Links from or to any of the memories, by source, target and kind. None for all kinds."""
