"""What turns texts into vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns texts into unit vectors. Implementations may be called from several threads at once."""

    @property
    def model(self) -> str:
        """Name that is recorded with the vectors; equal names mean comparable vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector; may load the model."""

    def load(self) -> None:
        """Load the model now, so that the first call is not the slow one.

        Raises:
            EmbeddingError: The model is not there, damaged, or cannot be loaded.
        """

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, shape (len(texts), dimension), each of length 1.

        Raises:
            EmbeddingError: The model cannot be loaded or failed.
        """
