"""The embedded store: one SQLite file that holds memories, their text index, their graph and their vectors."""

from coda_graphmem.store.embedded.store import EmbeddedStore

__all__ = ["EmbeddedStore"]
