"""Vectors of the fields of values."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from coda_graphmem.embedding.embedder import Embedder
from coda_graphmem.embedding.service import EmbeddingService, unit_vectors
from coda_graphmem.items.fields import texts_of
from coda_graphmem.store.protocol import Vector
from coda_graphmem.threads import in_thread

#: Texts that an embedder of the caller's gets at a time.
_AT_ONCE = 256


class ItemEmbedding:
    """Embeds with the model of the memory, or with another one that the caller brings.

    Args:
        embedding: Of the memory.
        embedder: Another one; None for that of the memory.
    """

    def __init__(self, embedding: EmbeddingService, embedder: Embedder | None = None) -> None:
        self._embedding = embedding
        self._embedder = embedder

    @property
    def name(self) -> str | None:
        """The model, where it is not that of the memory."""
        return None if self._embedder is None else self._embedder.model

    @property
    def model(self) -> str | None:
        """The model of the memory, where it is the one; None for another one, or for none at all."""
        return self._embedding.model if self._embedder is None and self._embedding.enabled else None

    @property
    def enabled(self) -> bool:
        """Whether there is a model."""
        return self._embedder is not None or self._embedding.enabled

    async def query(self, text: str) -> Vector | None:
        """The vector of a query; None where there is no model.

        Raises:
            EmbeddingError: The model cannot be loaded or failed.
        """
        if self._embedder is None:
            return await self._embedding.embed_query(text)
        return (await self._embed([text]))[0]

    async def fields(self, values: Sequence[tuple[Mapping[str, Any], Sequence[str]]]) -> list[tuple[int, list[Vector]]]:
        """Of each value with its fields how many texts these make, and their vectors, none where there is no model.

        Raises:
            EmbeddingError: The model cannot be loaded or failed.
        """
        texts = [texts_of(value, fields) for value, fields in values]
        flat = [text for some in texts for text in some]
        if self._embedder is None:
            vectors = iter(await self._embedding.embed_documents(flat))
        else:
            vectors = iter(await self._embed(flat))
        found = [[next(vectors) for _ in some] for some in texts]
        return [(len(some), [vector for vector in some if vector is not None]) for some in found]

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        assert self._embedder is not None
        vectors: list[Vector] = []
        for start in range(0, len(texts), _AT_ONCE):
            work = partial(unit_vectors, self._embedder, texts[start : start + _AT_ONCE])
            vectors.extend(await in_thread(work))
        return vectors
