"""What turns texts into vectors, and the one of each model that all managers of a process share."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from coda_graphmem.config import DEFAULT_MODEL


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


@runtime_checkable
class KnowsLanguages(Protocol):
    """What an embedder may do besides: tell how far its vectors of a text mean something. Others are trusted."""

    def known_share(self, text: str) -> float:
        """How far the model knows the language of a text, in [0, 1]; may load the model.

        Raises:
            EmbeddingError: The model cannot be loaded.
        """


@runtime_checkable
class TellsQueriesApart(Protocol):
    """What an embedder may do besides: treat what is asked otherwise than what is kept, as some models want."""

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of queries, as `Embedder.embed` gives those of documents.

        Raises:
            EmbeddingError: The model cannot be loaded or failed.
        """


@lru_cache(maxsize=4)
def shared_embedder(model: str) -> Embedder:
    """The embedder of a model, which loads it when it is first needed; managers share what takes seconds to load.

    The default model, with or without the name of its organisation, runs on ONNX Runtime from files
    that are installed; any other name or folder runs on sentence-transformers. A process that goes from model to
    model keeps the four it used last.
    """
    if model in (DEFAULT_MODEL, DEFAULT_MODEL.partition("/")[2]):
        from coda_graphmem.embedding.onnx import OnnxMiniLM

        return OnnxMiniLM()
    from coda_graphmem.embedding.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(model)
