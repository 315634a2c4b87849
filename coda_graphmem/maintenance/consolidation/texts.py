"""Reads the contents of memories for the guards, off the event loop and each of them once."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from coda_graphmem.maintenance.consolidation.reading import Reader, Reading
from coda_graphmem.models import Memory

#: Texts that are read without a pause: what a call that is cancelled still waits for.
_BATCH = 16
#: Readings kept for memories that are compared again soon.
_KEPT = 4_000


class Texts:
    """Readings of memories for one run; the models are loaded with the first text.

    Args:
        reader: Parses texts.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kept: OrderedDict[tuple[str, str | None], Reading] = OrderedDict()

    async def read(self, memories: Sequence[Memory]) -> dict[str, Reading]:
        """What each memory says, by its id."""
        wanted = {memory.memory_id: (memory.content, memory.speaker) for memory in memories}
        found = {text: self._kept[text] for text in wanted.values() if text in self._kept}
        missing = [text for text in dict.fromkeys(wanted.values()) if text not in found]
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            readings = await asyncio.to_thread(
                self._reader.read, [content for content, _ in batch], [speaker for _, speaker in batch]
            )
            found.update(zip(batch, readings, strict=True))
        self._kept.update(found)
        for text in found:
            self._kept.move_to_end(text)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return {memory_id: found[text] for memory_id, text in wanted.items()}
