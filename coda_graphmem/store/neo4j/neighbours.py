"""Finds the nearest memories of many memories, in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coda_graphmem.store.neo4j.database import Database
from coda_graphmem.store.neo4j.reads import Sizes, index_fetch
from coda_graphmem.store.neo4j.rows import unique
from coda_graphmem.store.neo4j.schema import read_meta
from coda_graphmem.store.neo4j.scope import scope_of

#: Memories whose neighbours one statement looks up in the index.
_BLOCK = 50
#: Pairs that one statement compares.
_PAIRS = 400_000
#: Whoever is similar enough is among the very nearest, so the index need not be asked for many.
_MIN_FETCH = 50
#: By how much the cosine that a quantised index tells may be wrong.
_MARGIN = 0.03


async def nearest(
    database: Database, sizes: Sizes, namespace: str, memory_ids: Sequence[str], *, limit: int, min_similarity: float
) -> dict[str, list[tuple[str, float]]]:
    """The neighbours of live long-term memories: by memory id, pairs of id and cosine, the best first.

    The index proposes and the server scores exactly. For a memory of which the index may have left out a
    neighbour, every memory of the namespace is looked at instead.

    Args:
        database: Whose.
        sizes: Knows how large namespaces are.
        namespace: Where to look.
        memory_ids: Whose neighbours; ids that are not live or have no vector are left out.
        limit: Neighbours of each.
        min_similarity: The lowest cosine.
    """
    connection = database.connection
    meta = await read_meta(connection)
    if limit < 1 or meta is None or meta.dimension is None:
        return {}
    parameters = {
        "namespace": namespace,
        "scope": scope_of(namespace),
        "limit": limit,
        "min_similarity": min_similarity,
    }
    size = await sizes.size(namespace)
    # One more, as each memory is its own nearest.
    fetch = index_fetch(database.dialect, size, limit + 1, at_least=_MIN_FETCH)
    ids = unique(memory_ids)
    found: dict[str, list[tuple[str, float]]] = {}
    if fetch is not None:
        statement = database.dialect.nearest(meta.vector_property)
        for block in _blocks(ids, _BLOCK):
            for row in await connection.read(statement, memory_ids=block, fetch=fetch, **parameters):
                pairs = row["nearest"]
                if len(pairs) == limit or (row["lowest"] or 1.0) < min_similarity - _MARGIN:
                    # Of a memory that was removed meanwhile the id may be null.
                    found[row["memory_id"]] = [(key, cosine) for key, cosine in pairs if key is not None]
    rest = [key for key in ids if key not in found]
    for block in _blocks(rest, max(1, _PAIRS // max(1, size.memories))):
        rows = await connection.read("nearest_exact", memory_ids=block, **parameters)
        for row in rows:
            found.update({key: [] for key in row["memory_ids"]})
            found.update({key: [(other, cosine) for other, cosine in pairs] for key, pairs in row["answers"]})
    return {key: found[key] for key in ids if key in found}


def _blocks(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
