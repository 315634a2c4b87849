"""The synchronous twin of the loader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from coda_graphmem.importing.loader import ImportResult, Loader
from coda_graphmem.importing.record import Record

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.sync import SyncMemoryManager


class SyncLoader:
    """`Loader` for a `SyncMemoryManager`, without ``await``.

    Args:
        memory: Where to. Its namespace is that of records that name none.
    """

    def __init__(self, memory: SyncMemoryManager) -> None:
        self._memory = memory
        self._loader: Loader | None = None

    @property
    def done(self) -> int:
        """Records that are in the store for certain; what an interrupted `load` got done."""
        return 0 if self._loader is None else self._loader.done

    @property
    def total(self) -> int:
        """Records there are; 0 until they have been checked and counted."""
        return 0 if self._loader is None else self._loader.total

    def load(self, records: Iterable[Record], progress: Callable[[int, int], None] | None = None) -> ImportResult:
        """Store records, in their order; see `Loader.load`."""

        async def work(manager: MemoryManager) -> ImportResult:
            self._loader = Loader(manager)
            return await self._loader.load(records, progress)

        result: ImportResult = self._memory.run(work)
        return result
