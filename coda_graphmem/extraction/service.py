"""Finds the entities of memories for everybody else: off the event loop, titles included."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from coda_graphmem.errors import ExtractionError
from coda_graphmem.extraction.protocol import Extractor
from coda_graphmem.language.keys import entity_key
from coda_graphmem.language.words import without_speaker
from coda_graphmem.models import EntityMention

T = TypeVar("T")

#: Label of an entity that is the title of a document.
TITLE = "TITLE"


class ExtractionService:
    """Entities of memories from one extractor, for any number of tasks and event loops.

    Args:
        extractor: What finds entities in a text.
        batch_size: Texts the extractor gets at a time.
    """

    def __init__(self, extractor: Extractor, *, batch_size: int) -> None:
        self._extractor = extractor
        self._batch_size = batch_size
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="extract-entities")

    async def warm_up(self) -> None:
        """Load the extractor's models in a worker thread.

        Raises:
            ExtractionError: They cannot be loaded.
        """
        await self._in_thread(self._extractor.load)

    async def extract(
        self, texts: Sequence[str | None], titles: Sequence[str | None], speakers: Sequence[str | None]
    ) -> list[tuple[EntityMention, ...]]:
        """The entities of memories, each key once a memory: its title first, then by first mention.

        Args:
            texts: Contents of the memories; None for one that shall not be read.
            titles: The title of each, which is an entity of its own (label ``TITLE``), or None.
            speakers: The speaker of each, or None. ``Name:`` at the start of a content says who
                speaks and is not read as a part of the text.

        Raises:
            ExtractionError: The extractor's models cannot be loaded, or it failed.
        """
        plain = [without_speaker(t, speaker) for t, speaker in zip(texts, speakers, strict=True) if t is not None]
        found: list[list[EntityMention]] = []
        for start in range(0, len(plain), self._batch_size):
            batch = plain[start : start + self._batch_size]
            found.extend(await self._in_thread(partial(self._extractor.extract, batch)))
        read = iter(found)
        return [_joined(title, () if text is None else next(read)) for title, text in zip(titles, texts, strict=True)]

    def close(self) -> None:
        """End the worker thread after what it is at; may be called more than once."""
        self._thread.shutdown(wait=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run work in the worker thread; whatever it raises becomes an `ExtractionError`."""
        try:
            future = self._thread.submit(work)
        except RuntimeError as error:
            raise ExtractionError("the extraction service is closed.", remedy="Open the memory again.") from error
        try:
            return await asyncio.wrap_future(future)
        except ExtractionError:
            raise
        except Exception as error:
            raise ExtractionError(
                f"entities could not be found ({type(error).__name__}).",
                remedy="The cause is attached; please report it if the extractor is not your own.",
            ) from error


def _joined(title: str | None, mentions: Sequence[EntityMention]) -> tuple[EntityMention, ...]:
    by_key: dict[str, EntityMention] = {}
    key = entity_key(title) if title else None
    if title and key:
        by_key[key] = EntityMention(key=key, name=title.strip(), label=TITLE)
    for mention in mentions:
        by_key.setdefault(mention.key, mention)
    return tuple(by_key.values())
