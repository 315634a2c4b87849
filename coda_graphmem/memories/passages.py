"""Gives long memories passages: cuts, embeds and keeps them."""

import asyncio
from collections.abc import Sequence
from itertools import islice

from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.language.excerpts import LONG, excerpts
from coda_graphmem.store.protocol import MemoryStore, NewPassages

#: Memories whose passages are made at once: of two thousand words each some two hundred texts are embedded.
_TOGETHER = 8


class PassageWriter:
    """Makes passages of what nobody says: what is said in a conversation is found as a whole."""

    def __init__(self, store: MemoryStore, embedding: EmbeddingService) -> None:
        self._store = store
        self._embedding = embedding

    async def cut(self, said: Sequence[tuple[str, str | None]]) -> list[NewPassages | None]:
        """The passages of contents that are about to be stored, without an id yet; None for one that has none.

        Args:
            said: Each content and its speaker, None where nobody says it.

        Raises:
            EmbeddingError: The model failed.
        """
        cuts: list[NewPassages | None] = [None] * len(said)
        if self._embedding.enabled:
            long = [i for i, (content, speaker) in enumerate(said) if speaker is None and len(content) > LONG]
            for start in range(0, len(long), _TOGETHER):
                some = long[start : start + _TOGETHER]
                for i, made in zip(some, await self._made([("", said[i][0]) for i in some]), strict=True):
                    cuts[i] = made if made.vectors else None
        return cuts

    async def save(self, namespace: str, rows: Sequence[NewPassages]) -> int:
        """Keep passages; of how many memories."""
        if not rows:
            return 0
        return await self._store.passages.save(namespace, rows, model=self._embedding.model)

    async def complete(self, namespace: str) -> int:
        """Make the passages that memories lack; how many got some.

        They lack them where they come from an older version or another store, and after the model has become another.
        Each part is kept when it is done, so an interrupted call is continued by the next one.

        Raises:
            EmbeddingError: The model failed.
        """
        if not self._embedding.enabled:
            return 0
        done = after = 0
        while found := await self._store.passages.pending(namespace, after=after, limit=_TOGETHER):
            rows = await self._made([(one.memory_id, one.content) for one in found])
            done += await self.save(namespace, [row for row in rows if row.vectors])
            after = found[-1].position
        return done

    async def _made(self, memories: Sequence[tuple[str, str]]) -> list[NewPassages]:
        cuts = await asyncio.to_thread(lambda: [excerpts(content) for _, content in memories])
        texts = [content[one.start : one.end] for (_, content), cut in zip(memories, cuts, strict=True) for one in cut]
        vectors = iter(await self._embedding.embed_documents(texts))
        rows = []
        for (memory_id, content), cut in zip(memories, cuts, strict=True):
            own = [vector for vector in islice(vectors, len(cut)) if vector is not None]
            rows.append(NewPassages(memory_id, content, cut, own))
        return rows
