"""Reads the contents of memories for the guards, off the event loop and each of them once."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from coda_graphmem.consolidation.process import ReadingProcess, ReadingProcessError
from coda_graphmem.consolidation.readings import Reader, Reading
from coda_graphmem.models import Memory

logger = logging.getLogger(__name__)

#: Texts that are read without a pause: what a call that is cancelled still waits for.
_BATCH = 16
#: Texts that the other process is asked for at once.
_ASKED = 64
#: A run that reads more texts than this, about two seconds of work, has them read in a process of its own.
_MANY = 300
#: Readings kept for memories that are compared again soon.
_KEPT = 4_000

#: Content and speaker.
Text = tuple[str, str | None]


class Texts:
    """Readings of memories for one run; the models are loaded with the first text. Closed at the end of the run.

    Args:
        many: From how many texts on a process of its own reads them.
    """

    def __init__(self, reader: Reader, *, many: int = _MANY) -> None:
        self._reader = reader
        self._many = many
        self._kept: OrderedDict[Text, Reading] = OrderedDict()
        self._count = 0
        self._process: ReadingProcess | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def pid(self) -> int | None:
        """Id of the process that reads; None while there is none."""
        return None if self._process is None else self._process.pid

    async def read(self, memories: Sequence[Memory]) -> dict[str, Reading]:
        """What each memory says, by its id."""
        wanted = {memory.memory_id: (memory.content, memory.speaker) for memory in memories}
        found = {text: self._kept[text] for text in wanted.values() if text in self._kept}
        missing = [text for text in dict.fromkeys(wanted.values()) if text not in found]
        found.update(await self._read(missing))
        self._kept.update(found)
        for text in found:
            self._kept.move_to_end(text)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return {memory_id: found[text] for memory_id, text in wanted.items()}

    async def _read(self, texts: Sequence[Text]) -> dict[Text, Reading]:
        before, self._count = self._count, self._count + len(texts)
        if before <= self._many < self._count:
            self._start()
        found: dict[Text, Reading] = {}
        while len(found) < len(texts):
            process = self._process
            batch = texts[len(found) : len(found) + (_BATCH if process is None else _ASKED)]
            contents, speakers = [content for content, _ in batch], [speaker for _, speaker in batch]
            try:
                read = self._reader.read if process is None else process.read
                found.update(zip(batch, await asyncio.to_thread(read, contents, speakers), strict=True))
            except ReadingProcessError as error:
                self._go_on_without(error)
        return found

    def _start(self) -> None:
        try:
            self._process = ReadingProcess()
        except ReadingProcessError as error:
            self._go_on_without(error)

    def _go_on_without(self, error: ReadingProcessError) -> None:
        self._end()
        logger.warning(
            "The process that reads texts for a consolidation is not there (%s) They are read in this process, "
            "where searches wait for them.",
            error,
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None
