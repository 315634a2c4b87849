"""The Chroma store: vectors in a Chroma collection, everything else in the embedded store's file."""

from coda_graphmem.store.chroma.store import ChromaStore

__all__ = ["ChromaStore"]
