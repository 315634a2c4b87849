"""Reads, lists, counts and deletes memories by id or by filter."""

from __future__ import annotations

from collections.abc import Sequence

from coda_graphmem.learning.access import AccessRecorder
from coda_graphmem.models import DeletionReceipt, Entity, Memory, MemoryFilter, MemoryStats, SortOrder
from coda_graphmem.resources import Resources


class CatalogService:
    """What a store holds, without any ranking. Reads see the recalls counted so far."""

    def __init__(self, resources: Resources, access: AccessRecorder) -> None:
        self._resources = resources
        self._store = resources.store
        self._access = access

    async def get(self, namespace: str, memory_id: str, *, with_embedding: bool = False) -> Memory | None:
        """One memory, or None; a short-term memory whose time is over is gone."""
        return next(iter(await self.get_many(namespace, [memory_id], with_embedding=with_embedding)), None)

    async def get_many(
        self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False
    ) -> list[Memory]:
        """Those memories that exist, in the order asked for."""
        await self._access.flush()
        found = await self._store.get(namespace, memory_ids, with_embedding=with_embedding)
        now = self._resources.clock()
        return [m for m in found if m.expires_at is None or m.expires_at > now]

    async def find(
        self, namespace: str, where: MemoryFilter, *, order: SortOrder, limit: int, offset: int = 0
    ) -> list[Memory]:
        """Memories that match, in the order asked for."""
        await self._access.flush()
        return await self._store.find(
            namespace, where, order=order, limit=limit, offset=offset, now=self._resources.clock()
        )

    async def count(self, namespace: str, where: MemoryFilter) -> int:
        """How many memories match."""
        return await self._store.count(namespace, where, now=self._resources.clock())

    async def stats(self, namespace: str) -> MemoryStats:
        """Counts of the namespace."""
        await self._access.flush()
        return await self._store.stats(namespace, now=self._resources.clock())

    async def entities(self, namespace: str, *, limit: int, offset: int) -> list[Entity]:
        """Entities, most mentioned first."""
        nodes = await self._store.list_entities(namespace, limit=limit, offset=offset)
        return [
            Entity(key=node.key, name=node.name, label=node.label, mention_count=node.mention_count) for node in nodes
        ]

    async def delete(self, namespace: str, memory_id: str) -> bool:
        """Remove one memory with everything that hangs on it. False where there was none."""
        receipt = await self._store.delete(namespace, [memory_id])
        return receipt.memories > 0

    async def forget(self, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
        """Remove what matches, or everything with None."""
        return await self._store.forget(namespace, where)
