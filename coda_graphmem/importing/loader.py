"""Stores what was read, batch by batch, so that an interrupted import can be continued."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from coda_graphmem.importing.record import Record

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

#: Batches of `MemoryConfig.batch_size` that are stored in one transaction.
BATCHES_A_TRANSACTION = 2


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    memories: int
    """Memories of the file; all of them are in the store now."""
    new: int
    """Those that were not there before, as far as nobody else wrote meanwhile."""
    namespaces: tuple[str, ...]
    """Where they are, in the order of the file."""
    seconds: float
    """Time of storing, without reading the file."""

    @property
    def rate(self) -> float:
        """Memories a second."""
        return self.memories / self.seconds if self.seconds else 0.0


class Loader:
    """Stores records; those that are there already are passed over by their ids.

    Args:
        memory: Where to. Its namespace is that of records that name none.
    """

    def __init__(self, memory: MemoryManager) -> None:
        self._memory = memory
        self.done = 0
        """Records that are in the store for certain; what an interrupted `load` got done."""

    async def load(self, records: Sequence[Record], progress: Callable[[int, int], None] | None = None) -> ImportResult:
        """Store records, in their order.

        Args:
            records: What to store.
            progress: Called with (done, total) after each batch.

        Raises:
            MemoryStorageError: A batch could not be written; those before it are kept.
            ValidationError: An id exists with other content.
        """
        start = time.perf_counter()
        config = self._memory.config
        size = min(BATCHES_A_TRANSACTION * config.batch_size, config.vector_store.max_batch_size)
        names = tuple(dict.fromkeys(self._namespace(record) for record in records))
        before = await self._count(names)
        for name, group in groupby(records, self._namespace):
            view = self._memory.for_namespace(name)
            while batch := list(islice(group, size)):
                await view.store_memories_batch([record.memory for record in batch])
                self.done += len(batch)
                if progress is not None:
                    progress(self.done, len(records))
        new = await self._count(names) - before
        return ImportResult(len(records), new, names, time.perf_counter() - start)

    def _namespace(self, record: Record) -> str:
        return self._memory.namespace if record.namespace is None else record.namespace

    async def _count(self, namespaces: Sequence[str]) -> int:
        views = [self._memory.for_namespace(name) for name in namespaces]
        return sum([await view.count() + await view.count(archived=True) for view in views])
