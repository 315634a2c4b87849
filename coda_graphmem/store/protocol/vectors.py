"""Binds a store to an embedding model, and changes it."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.errors import EmbeddingMismatchError

#: A unit vector, or rows of unit vectors, in single precision.
Vector = NDArray[np.float32]


class Vectors(Protocol):
    """Binds a store to an embedding model, and changes it."""

    async def bind_model(self, model: str, dimension: int) -> None:
        """Record the embedding model with the first vectors, or check it against the record.

        Raises:
            EmbeddingMismatchError: The store holds vectors of another model or dimension.
        """

    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        """Up to ``limit`` memories of any namespace without a vector of this model.

        The first call with a new model starts the change, which survives a restart: until
        `finish_reembed` searches go on with the old vectors.

        Returns:
            (namespace, memory id, content)
        """

    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        """Keep new vectors: (namespace, memory id, the content that was embedded, vector).

        A memory whose content has changed since is left for the next round. Returns how many were kept of each
        namespace of which any was.
        """

    async def reembed_progress(self) -> tuple[int, int]:
        """Memories that have a vector of the new model, and all memories."""

    async def finish_reembed(self) -> None:
        """Put the new vectors in place of the old and record model and dimension.

        Raises:
            MemoryStorageError: Memories without a new vector came in meanwhile; another round takes them along.
        """


def mismatch(
    kept_model: str | None, kept_dimension: int | None, model: str | None, dimension: int | None
) -> EmbeddingMismatchError:
    """The error for vectors of another model or dimension than a store holds."""
    return EmbeddingMismatchError(
        f"the store holds vectors of {kept_model!r} ({kept_dimension} numbers), not of {model!r} ({dimension}).",
        field="embedding_model",
        remedy="Use the model of the store, or change its vectors with reembed().",
    )
