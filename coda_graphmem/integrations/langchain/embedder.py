"""LangChain's embeddings as the model of a memory."""

from collections.abc import Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from coda_graphmem.errors import EmbeddingError, ValidationError


class LangChainEmbedder:
    """Lets a memory embed with a model of LangChain: ``MemoryManager(embedder=LangChainEmbedder(…))``.

    Args:
        embeddings: The model.
        model: Its name, which is recorded with the vectors: a memory refuses those of another model.
        dimension: Length of its vectors; None to find out, for which a text is embedded.

    Raises:
        ValidationError: An argument is of another kind.
    """

    def __init__(self, embeddings: Embeddings, *, model: str, dimension: int | None = None) -> None:
        if not isinstance(embeddings, Embeddings):
            raise ValidationError(
                f"{type(embeddings).__name__} will not do.", field="embeddings", remedy="Pass LangChain's Embeddings."
            )
        if not isinstance(model, str) or not model.strip():
            raise ValidationError("is no name.", field="model", remedy="Pass the name of the model.")
        self._embeddings = embeddings
        self._model = model
        if dimension is not None and (isinstance(dimension, bool) or not isinstance(dimension, int) or dimension < 1):
            raise ValidationError(f"{dimension!r} is no length.", field="dimension", remedy="Pass a whole number.")
        self._dimension = dimension

    @property
    def model(self) -> str:
        """The name that is recorded with the vectors."""
        return self._model

    @property
    def dimension(self) -> int:
        """Length of a vector; the first time, a text is embedded to find it out, unless it was given."""
        if self._dimension is None:
            self._dimension = self.embed(["dimension"]).shape[1]
        return self._dimension

    def load(self) -> None:
        """Embed something, so that a model that cannot be reached is noticed now."""
        self.embed(["dimension"])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, shape (len(texts), dimension), each of length 1.

        Raises:
            EmbeddingError: The model failed, or gave a vector without a direction.
        """
        try:
            rows = np.asarray(self._embeddings.embed_documents(list(texts)), dtype=np.float32)
        except Exception as error:
            raise EmbeddingError(
                f"{type(self._embeddings).__name__} failed ({type(error).__name__}).",
                remedy="The cause is attached.",
            ) from error
        if rows.ndim != 2 or len(rows) != len(texts):
            raise EmbeddingError(f"{type(self._embeddings).__name__} gave no vector for every text.")
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not lengths.all():
            raise EmbeddingError(f"{type(self._embeddings).__name__} gave a vector that has no direction.")
        return np.asarray(rows / lengths, dtype=np.float32)
