"""Opens the memory a command works on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

from coda_graphmem.cli.progress import waiting
from coda_graphmem.cli.settings import Settings, location
from coda_graphmem.errors import ValidationError

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

#: What a command takes that works on a memory.
OpenMemory: TypeAlias = "MemoryManager"


@asynccontextmanager
async def open_memory(settings: Settings) -> AsyncIterator[MemoryManager]:
    """The memory, open; models are loaded by the first call that needs them, and no schedule runs."""
    from coda_graphmem.manager import MemoryManager

    config = settings.config(scoped=True)
    memory = MemoryManager(config)
    try:
        async with waiting(f"Opening {location(config)}"):
            await memory.initialize(warm_up=False, maintain=False)
        yield memory.scoped(**settings.scope) if settings.scope else memory
    finally:
        await memory.cleanup()


def unknown_memories(memory_ids: Sequence[str], namespace: str, *, place: str = "search or list") -> ValidationError:
    """The error for ids that a namespace does not hold; ``place`` names the commands that show ids."""
    return ValidationError(
        f"there is no memory {', '.join(memory_ids)} in namespace {namespace}.", remedy=f"Look for its id with {place}."
    )
