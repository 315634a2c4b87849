"""Makes the store a configuration asks for; imports only the one that is used."""

from pathlib import Path

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.protocol import MemoryStore


def make_store(config: MemoryConfig) -> MemoryStore:
    """The store of `MemoryConfig.vector_store_type`, not yet open."""
    if config.vector_store_type == "neo4j":
        from coda_graphmem.store.neo4j import Neo4jStore

        return Neo4jStore(config)
    from coda_graphmem.store.embedded import EmbeddedStore

    if config.vector_store_type == "chroma":
        from coda_graphmem.store.chroma import ChromaIndex

        return EmbeddedStore(config, ChromaIndex(config))
    return EmbeddedStore(config)


def is_same_place(one: MemoryConfig, other: MemoryConfig) -> bool:
    """Whether two configurations name the same server and database, or the same file."""
    return _place(one) == _place(other)


def _place(config: MemoryConfig) -> tuple[str | None, ...]:
    if config.vector_store_type == "neo4j":
        return config.neo4j.uri, config.neo4j.database
    # Chroma keeps everything but vectors in the embedded store's file.
    return str(Path(config.vector_store.persist_directory).resolve()), config.vector_store.collection_name
