"""Chooses the embedder of a model, and lets all managers of a process share it."""

from __future__ import annotations

from functools import lru_cache

from coda_graphmem.config import DEFAULT_MODEL
from coda_graphmem.embedding.protocol import Embedder


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
