"""The synchronous twin of the loader."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from coda_graphmem.importing.loader import ImportResult, Loader, check_memory
from coda_graphmem.importing.record import Record

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.sync import SyncMemoryManager


class SyncLoader:
    """`Loader` for a `SyncMemoryManager`, without ``await``: in scripts, and in notebooks with a running loop.

    Args:
        memory: Where to, a `SyncMemoryManager`. Its namespace is that of records that name none.

    Raises:
        ValidationError: It is something else, such as a `MemoryManager`, which `Loader` is for.

    Example:
        ```python
        with SyncMemoryManager() as memory:
            result = SyncLoader(memory).load(Source("conversations.json"))
        ```
    """

    def __init__(self, memory: SyncMemoryManager) -> None:
        from coda_graphmem.sync import SyncMemoryManager

        check_memory(memory, SyncMemoryManager, "Loader for a MemoryManager")
        self._memory = memory
        self._loader: Loader | None = None

    @property
    def done(self) -> int:
        """Records that are in the store for certain; what the last `load` got done, also where it was interrupted."""
        return 0 if self._loader is None else self._loader.done

    @property
    def total(self) -> int:
        """Records there are; 0 until they have been checked and counted."""
        return 0 if self._loader is None else self._loader.total

    def load(
        self,
        records: Iterable[Record],
        progress: Callable[[int, int], None] | None = None,
        *,
        replace: bool = False,
    ) -> ImportResult:
        """Store records, in their order; see `Loader.load`.

        Ctrl-C ends it; what `done` counts is in the store then.
        """

        async def work(manager: MemoryManager) -> ImportResult:
            self._loader = Loader(manager)
            return await self._loader.load(records, progress, replace=replace)

        result: ImportResult = self._memory.run(work)
        return result
