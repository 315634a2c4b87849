"""Reads, lists and counts memories by id or by filter, and what hangs on them."""

from collections import Counter
from collections.abc import Sequence

from coda_graphmem.decay import with_decay
from coda_graphmem.memories.access import AccessRecorder
from coda_graphmem.memories.preload import PreloadedMemories
from coda_graphmem.memories.statements import StatementReading
from coda_graphmem.models import (
    Entity,
    EntityMention,
    LinkKind,
    Memory,
    MemoryFilter,
    MemoryLink,
    MemoryStats,
    MergeRecord,
    RetrievalStats,
    SortOrder,
)
from coda_graphmem.resources import Resources

#: Memories that are looked through at a time.
_PAGE = 1_000


class MemoryReader:
    """What a store holds, without any ranking. Reads see the recalls counted so far, and the facts read so far."""

    def __init__(
        self, resources: Resources, access: AccessRecorder, preloaded: PreloadedMemories, reading: StatementReading
    ) -> None:
        self._resources = resources
        self._store = resources.store
        self._access = access
        self._preloaded = preloaded
        self._reading = reading

    async def get(
        self, namespace: str, memory_id: str, *, with_embedding: bool = False, as_of: float | None = None
    ) -> Memory | None:
        """One memory, or None; a short-term memory whose time is over is gone.

        Args:
            namespace: Where it is.
            memory_id: Which.
            with_embedding: Whether its vector is wanted.
            as_of: The time its decay is computed for (seconds, UTC); None for the clock.
        """
        await self._access.flush()
        await self._reading.settled(namespace, look=False)
        found = await self._preloaded.get(namespace, memory_id, with_embedding=with_embedding)
        return next(iter(self._alive(found, as_of)), None)

    async def get_many(
        self, namespace: str, memory_ids: Sequence[str], *, with_embedding: bool = False
    ) -> list[Memory]:
        """Those memories that exist, in the order asked for."""
        await self._access.flush()
        return self._alive(await self._store.records.get(namespace, memory_ids, with_embedding=with_embedding), None)

    async def find(
        self,
        namespace: str,
        where: MemoryFilter,
        *,
        order: SortOrder,
        limit: int,
        offset: int = 0,
        as_of: float | None = None,
    ) -> list[Memory]:
        """Memories that match, in the order asked for; ``as_of`` as in `get`."""
        await self._access.flush()
        await self._reading.settled(namespace, look=False)
        now = self._resources.clock()
        found = await self._store.records.find(namespace, where, order=order, limit=limit, offset=offset, now=now)
        return self._aged(found, now if as_of is None else as_of)

    async def touched(self, namespace: str, since: float) -> list[Memory]:
        """Live long-term memories that were stored or changed at or after a time, by arrival."""
        return await self.get_many(namespace, await self._store.changes.find_touched(namespace, since))

    async def recalled(self, namespace: str, since: float) -> list[Memory]:
        """Live long-term memories that were last recalled at or after a time, by arrival."""
        await self._access.flush()
        return await self.get_many(namespace, await self._store.changes.find_recalled(namespace, since))

    async def count(self, namespace: str, where: MemoryFilter) -> int:
        """How many memories match."""
        return await self._store.records.count(namespace, where, now=self._resources.clock())

    async def stats(self, namespace: str) -> MemoryStats:
        """Counts of the namespace."""
        await self._access.flush()
        return await self._store.records.stats(namespace, now=self._resources.clock())

    async def entities(
        self, namespace: str, *, limit: int, offset: int, where: MemoryFilter | None = None
    ) -> list[Entity]:
        """Entities, most mentioned first.

        Args:
            limit: How many at most.
            offset: How many to pass over.
            where: What mentions them; None for all of the namespace, which are counted already.
        """
        if where is not None:
            return (await self._mentioned(namespace, where))[offset : offset + limit]
        nodes = await self._store.graph.list_entities(namespace, limit=limit, offset=offset)
        return [
            Entity(key=node.key, name=node.name, label=node.label, mention_count=node.mention_count) for node in nodes
        ]

    async def _mentioned(self, namespace: str, where: MemoryFilter) -> list[Entity]:
        """What some memories mention, most mentioned first, ties by key."""
        counts: Counter[str] = Counter()
        first: dict[str, EntityMention] = {}
        now, passed = self._resources.clock(), 0
        while page := await self._store.records.find(
            namespace, where, order="oldest", limit=_PAGE, offset=passed, now=now
        ):
            passed += len(page)
            for mention in (mention for memory in page for mention in memory.entities):
                counts[mention.key] += 1
                first.setdefault(mention.key, mention)
        best = sorted(counts, key=lambda key: (-counts[key], key))
        return [
            Entity(key=key, name=first[key].name, label=first[key].label, mention_count=counts[key]) for key in best
        ]

    async def links(
        self, namespace: str, memory_ids: Sequence[str], kinds: Sequence[LinkKind] | None
    ) -> list[MemoryLink]:
        """Links from or to any of the memories, of some kinds or all."""
        return await self._store.links.find_links(namespace, memory_ids, kinds)

    async def merges(self, namespace: str, memory_ids: Sequence[str]) -> list[MergeRecord]:
        """Merges that the memories came out of or were merged by."""
        return await self._store.merges.find_merges_with(namespace, memory_ids)

    async def retrieval_stats(self, namespace: str) -> RetrievalStats:
        """How the namespace was searched."""
        await self._access.flush()
        totals = await self._store.jobs.retrieval_totals(namespace)
        calls = max(totals.retrievals, 1)
        return RetrievalStats(
            total_retrievals=totals.retrievals,
            empty_retrievals=totals.empty,
            avg_results=totals.results / calls,
            avg_relevance_score=totals.relevance / max(totals.scored, 1),
            avg_seconds=totals.seconds / calls,
            last_retrieval=totals.last_at,
            cache=self._resources.cache.statistics(namespace),
        )

    def _alive(self, found: list[Memory], as_of: float | None) -> list[Memory]:
        """Those whose time is not over, with their decay."""
        now = self._resources.clock()
        alive = [memory for memory in found if not memory.has_ended(now)]
        return self._aged(alive, now if as_of is None else as_of)

    def _aged(self, memories: list[Memory], now: float) -> list[Memory]:
        return with_decay(memories, now=now, rate=self._resources.config.importance_decay_rate)
