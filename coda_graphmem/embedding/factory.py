"""Chooses the embedder that the settings name."""

from __future__ import annotations

from coda_graphmem.config import DEFAULT_MODEL, MemoryConfig
from coda_graphmem.embedding.protocol import Embedder


def load_embedder(config: MemoryConfig) -> Embedder:
    """The embedder for ``config.embedding_model``; it loads its model when it is first needed.

    The default model, with or without the name of its organisation, runs on ONNX Runtime from files
    that are installed; any other name or folder runs on sentence-transformers.
    """
    if config.embedding_model in (DEFAULT_MODEL, DEFAULT_MODEL.partition("/")[2]):
        from coda_graphmem.embedding.onnx import OnnxMiniLM

        return OnnxMiniLM()
    from coda_graphmem.embedding.sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(config.embedding_model)
