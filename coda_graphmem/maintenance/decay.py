"""Persists how much of each memory's strength is left."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.decay import TYPE_FACTORS, decay_factors
from coda_graphmem.models import DecayResult
from coda_graphmem.resources import Resources
from coda_graphmem.store.protocol import DecayRows

#: Called with (done, total).
Progress = Callable[[int, int], None]

#: Memories whose factors are read, computed and kept at a time.
_PAGE = 5_000


class DecayService:
    """Computes decay factors from absolute times, so that running twice, or late, changes nothing."""

    def __init__(self, resources: Resources, flush_recalls: Callable[[], Awaitable[None]]) -> None:
        self._resources = resources
        self._flush_recalls = flush_recalls

    async def apply(
        self, namespace: str, *, as_of: float | None = None, dry_run: bool = False, progress: Progress | None = None
    ) -> DecayResult:
        """Persist the decay factor of each live long-term memory. Each page is kept as soon as it is computed.

        Args:
            as_of: The time to compute for (seconds since the Unix epoch, UTC); None for the clock.
            dry_run: Whether to keep nothing and only say how strong memories are.
            progress: Called with (memories done, all memories).
        """
        started = time.perf_counter()
        await self._flush_recalls()
        store = self._resources.store
        now = self._resources.clock() if as_of is None else as_of
        total = await store.records.live_count(namespace) if progress else 0
        memories = saved = position = 0
        lowest, added = 1.0, 0.0
        while (rows := await store.changes.decay_rows(namespace, after=position, limit=_PAGE)) is not None:
            factors = await asyncio.to_thread(self._factors, rows, now)
            if not dry_run:
                saved += await store.changes.save_decay(namespace, rows.memory_ids, factors.tolist())
            memories += len(factors)
            lowest = min(lowest, float(factors.min(initial=1.0)))
            added += float(factors.sum())
            position = rows.position
            if progress:
                progress(memories, max(total, memories))
        if saved:
            self._resources.events.emit("decayed", namespace, count=saved, details={"as_of": now})
        return DecayResult(
            dry_run=dry_run,
            as_of=now,
            memories=memories,
            saved=saved,
            lowest=lowest,
            mean=added / memories if memories else 1.0,
            seconds=time.perf_counter() - started,
        )

    def _factors(self, rows: DecayRows, now: float) -> NDArray[np.float64]:
        return decay_factors(
            timestamp=rows.timestamp,
            last_accessed=rows.last_accessed,
            uses=rows.uses,
            importance=rows.importance,
            type_factor=np.array([TYPE_FACTORS[kind] for kind in rows.memory_types], dtype=np.float64),
            now=now,
            rate=self._resources.config.importance_decay_rate,
        )
