"""Makes the store a configuration asks for; imports only the one that is used."""

from __future__ import annotations

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.protocol import MemoryStore


def make_store(config: MemoryConfig) -> MemoryStore:
    """The store of `MemoryConfig.vector_store_type`, not yet open."""
    if config.vector_store_type == "neo4j":
        from coda_graphmem.store.neo4j import Neo4jStore

        return Neo4jStore(config)
    if config.vector_store_type == "chroma":
        from coda_graphmem.store.chroma import ChromaStore

        return ChromaStore(config)
    from coda_graphmem.store.embedded import EmbeddedStore

    return EmbeddedStore(config)
