"""The store that keeps memories as a graph in Neo4j."""

from coda_graphmem.store.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]
