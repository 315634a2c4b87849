"""Any other embedding model, on sentence-transformers."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.errors import EmbeddingError
from coda_graphmem.imports import HEAVY_IMPORT

_log = logging.getLogger(__name__)

_TELEMETRY = "HF_HUB_DISABLE_TELEMETRY"


class SentenceTransformerEmbedder:
    """A model that sentence-transformers can load.

    A folder, or a name whose files are in the local cache already, is loaded without the network;
    only a name that is not there is downloaded.

    Args:
        name: Name on the Hugging Face hub, or path of a folder.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._transformer: Any = None

    @property
    def model(self) -> str:
        """The name or folder as it was given."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of a vector; loads the model.

        Raises:
            EmbeddingError: The model cannot be loaded.
        """
        self.load()
        return int(self._transformer.get_embedding_dimension())

    def load(self) -> None:
        """Load the model, and download it first where it has to be.

        Raises:
            EmbeddingError: It does not exist, cannot be downloaded or cannot be loaded.
        """
        with self._lock:
            if self._transformer is None:
                self._transformer = self._load()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of texts, shape (len(texts), dimension), each of length 1."""
        self.load()
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        vectors = self._transformer.encode(
            list(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _load(self) -> Any:
        with HEAVY_IMPORT, _without_telemetry():
            from sentence_transformers import SentenceTransformer

            folder = Path(self._name).expanduser()
            if folder.is_dir():
                return self._construct(SentenceTransformer, str(folder), local=True)
            try:
                return SentenceTransformer(self._name, local_files_only=True)
            except (OSError, ValueError):
                _log.info("Downloading the embedding model %s.", self._name)
            return self._construct(SentenceTransformer, self._name, local=False)

    def _construct(self, make: Any, name: str, *, local: bool) -> Any:
        try:
            return make(name, local_files_only=local)
        except Exception as error:
            raise EmbeddingError(
                f"the model {self._name!r} cannot be loaded ({type(error).__name__}).",
                field="embedding_model",
                remedy=(
                    "Check that the folder holds a sentence-transformers model."
                    if local
                    else "Check the name and the network, or give the path of a folder that holds the model."
                ),
            ) from error


@contextmanager
def _without_telemetry() -> Iterator[None]:
    """Load without telling the hub who loads; the caller's environment is as before afterwards."""
    before = os.environ.get(_TELEMETRY)
    os.environ[_TELEMETRY] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_TELEMETRY]
        else:
            os.environ[_TELEMETRY] = before
