"""Vectors in Chroma: an index for the embedded store, which keeps everything else."""

from coda_graphmem.store.chroma.index import ChromaIndex

__all__ = ["ChromaIndex"]
