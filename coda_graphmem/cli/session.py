"""Opens the memory a command works on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.settings import Settings, location

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager


@asynccontextmanager
async def open_memory(settings: Settings, **values: Any) -> AsyncIterator[MemoryManager]:
    """The memory, open; models are loaded by the first call that needs them, and no schedule runs.

    Args:
        settings: What the options say.
        values: Further fields of `MemoryConfig`.
    """
    from coda_graphmem.manager import MemoryManager

    config = settings.config(**values)
    memory = MemoryManager(config)
    try:
        async with waiting(f"Opening {location(config)}"):
            await memory.initialize(warm_up=False, maintain=False)
        yield memory
    finally:
        await memory.cleanup()
