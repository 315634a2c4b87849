"""Sets up constraints and indexes, and records schema version and embedding model."""

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coda_graphmem.errors import VectorStoreError
from coda_graphmem.language.words import describe
from coda_graphmem.store.neo4j.connection import LOCKS, Connection, Row, Transaction
from coda_graphmem.store.neo4j.dialect import Dialect
from coda_graphmem.store.neo4j.lucene import plain
from coda_graphmem.store.neo4j.statements import defined_name, names
from coda_graphmem.store.neo4j.values import value_properties
from coda_graphmem.store.protocol import mismatch
from coda_graphmem.store.sayings import load_sayings

logger = logging.getLogger(__name__)

SCHEMA_VERSION = 8

#: The full-text index over memories.
TEXT_INDEX = "memory_text"

#: Indexes that only searches use.
SEARCH_INDEXES = (TEXT_INDEX, "memory_embedding", "memory_embedding_alternate")

#: Where vectors are: those of one model in use, those of the next one while they gather.
_VECTOR_PROPERTIES = ("embedding", "embedding_alternate")

#: Memories that one transaction brings up to date.
_MIGRATED_AT_ONCE = 5_000
_FOLDED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Meta:
    """What the store records about itself."""

    schema_version: int
    embedding_model: str | None
    dimension: int | None
    vector_property: str
    pending_model: str | None
    pending_dimension: int | None
    locks: int
    """How many locks for writing transactions there are."""


async def read_meta(connection: Connection) -> Meta | None:
    """The record, None before the store is set up."""
    rows = await connection.read("read_meta")
    return _meta(rows[0]) if rows else None


async def existing_meta(connection: Connection) -> Meta:
    """The record of a store that is open."""
    meta = await read_meta(connection)
    assert meta is not None
    return meta


async def read_meta_in(transaction: Transaction) -> Meta:
    """The record of a store that is open, as a transaction sees it."""
    [row] = await transaction.run("read_meta")
    return _meta(row)


def _meta(row: Row) -> Meta:
    return Meta(**{key: row[key] for key in Meta.__slots__})


def other_property(vector_property: str) -> str:
    """Where the vectors of the next model gather while those of the present one are searched."""
    return _VECTOR_PROPERTIES[1 - _VECTOR_PROPERTIES.index(vector_property)]


async def prepare(connection: Connection) -> Meta:
    """Make what is missing of the schema and wait until the indexes are filled.

    Raises:
        VectorStoreError: The database was written by a newer version of this package.
    """
    meta = await read_meta(connection)
    if meta is not None and meta.schema_version > SCHEMA_VERSION:
        raise VectorStoreError(
            f"the database has schema version {meta.schema_version}, this package knows up to {SCHEMA_VERSION}.",
            field="neo4j.database",
            remedy="Upgrade coda-graphmem, or use another database.",
        )
    if meta is None or meta.schema_version < SCHEMA_VERSION:
        await define_all(connection)
        if meta is not None:
            await _migrate(connection, meta.schema_version)
            await define_all(connection)
        await connection.run("write_meta", schema_version=SCHEMA_VERSION)
        meta = await existing_meta(connection)
    elif missing := await missing_indexes(connection, meta):
        logger.warning("Indexes and constraints are made anew that somebody has removed: %s.", ", ".join(missing))
        await define_all(connection)
    if meta.locks < len(LOCKS):
        await connection.run("make_locks", names=LOCKS)
    await await_indexes(connection)
    return meta


async def define_all(connection: Connection) -> None:
    """Make all constraints and indexes but those over vectors; those that exist are left as they are."""
    for name in _own():
        await connection.define(name)


def _own() -> list[str]:
    stems = [name.removeprefix("schema/") for name in names("schema")]
    return [stem for stem in stems if stem.startswith(("constraint_", "index_", "fulltext_"))]


async def missing_indexes(connection: Connection, meta: Meta) -> list[str]:
    """Names of indexes that should be there and are missing or not online, sorted."""
    found = {row["name"]: row["state"] for row in await connection.read("index_states")}
    wanted = [defined_name(f"schema/{stem}") for stem in _own()]
    if meta.dimension is not None:
        wanted.append(defined_name(f"schema/vector_{meta.vector_property}"))
    return sorted(name for name in wanted if found.get(name) != "ONLINE")


async def _migrate(connection: Connection, version: int) -> None:
    """Set what memories of an older schema lack, some at a time; what is set already stays, so it may be repeated.

    Version 2 dates the last change of each memory. Everything else that came with it is absent in older ones. Version
    3 folds the texts by which memories are found, and version 7 takes the article of Arabic from its words. Version 4
    has their statements read, and dates when each was said last. Version 5 keeps the values that filters ask for, and
    has the full-text index hold them. Version 6 has items, of which older ones know nothing, and version 8
    passages, which the job of that name makes for older memories.
    """
    over = {row["name"]: row["properties"] for row in await connection.read("index_states")}
    if "value_keys" not in over.get(TEXT_INDEX, ()):
        await connection.define(f"drop_fulltext_{TEXT_INDEX}")
    for row in await connection.read("namespaces"):
        if version < 2:
            await _pass_over(connection, row["name"], "date_changes")
        if version < 7:
            await _fold_texts(connection, row["name"])
        if version < 4:
            await _mark_unread(connection, row["name"])
        if version < 5:
            await _keep_values(connection, row["name"])


async def _pass_over(connection: Connection, namespace: str, name: str) -> None:
    """Run a statement that brings memories up to date by value, some at a time."""
    position: int | None = 0
    while position is not None:
        [done] = await connection.run(name, namespace=namespace, after=position, limit=_MIGRATED_AT_ONCE)
        position = done["position"]


async def _mark_unread(connection: Connection, namespace: str) -> None:
    """Have statements read, and date the last time at which several conversations said the same."""
    position: int | None = 0
    while position is not None:
        [page] = await connection.run("mark_unread", namespace=namespace, after=position, limit=_MIGRATED_AT_ONCE)
        rows = [
            {"memory_id": memory_id, "properties": {"last_said_at": max(one.timestamp for one in load_sayings(kept))}}
            for memory_id, kept in page["shared"]
        ]
        if rows:
            await connection.run("set_properties", namespace=namespace, rows=rows)
        position = page["position"]


async def _fold_texts(connection: Connection, namespace: str) -> None:
    position: int | None = 0
    while position is not None:
        [page] = await connection.read("texts_to_fold", namespace=namespace, after=position, limit=_FOLDED_AT_ONCE)
        if page["texts"]:
            rows = await asyncio.to_thread(_folded, page["texts"])
            await connection.run("complete_memories", namespace=namespace, rows=rows)
        position = page["position"]


async def _keep_values(connection: Connection, namespace: str) -> None:
    position: int | None = 0
    while position is not None:
        [page] = await connection.read("values_to_keep", namespace=namespace, after=position, limit=_FOLDED_AT_ONCE)
        if page["memories"]:
            rows = await asyncio.to_thread(_with_values, page["memories"])
            await connection.run("complete_memories", namespace=namespace, rows=rows)
        position = page["position"]


def _with_values(memories: Sequence[Row]) -> list[dict[str, Any]]:
    # Older versions knew neither tags nor owners.
    return [
        {
            "memory_id": one["memory_id"],
            "properties": value_properties(json.loads(one["metadata"]), (), one["entity_keys"], one),
        }
        for one in memories
    ]


def _folded(texts: Sequence[tuple[str, str, str | None]]) -> list[dict[str, Any]]:
    rows = []
    for memory_id, content, speaker in texts:
        traits = describe(content, speaker)
        properties = {
            "search_text": plain(content), "word_count": traits.word_count, "is_question": traits.is_question
        }  # fmt: skip
        rows.append({"memory_id": memory_id, "properties": properties})
    return rows


async def await_indexes(connection: Connection) -> None:
    """Wait until all indexes are filled."""
    await connection.define("await_indexes", seconds=int(max(1.0, connection.config.index_timeout)))


async def make_vector_index(
    connection: Connection, dialect: Dialect, vector_property: str, dimension: int, *, quantised: bool
) -> None:
    """Make the index over a property and wait until it is filled."""
    settings = {
        "vector.dimensions": dimension,
        "vector.similarity_function": "cosine",
        "vector.quantization.enabled": quantised,
    }
    await connection.define(dialect.vector_index(vector_property), options={"indexConfig": settings})
    await await_indexes(connection)


async def renew_vector_indexes(connection: Connection, dialect: Dialect, meta: Meta, *, quantised: bool) -> None:
    """Make vector indexes that are missing, and those anew by which an older version of the server could not filter."""
    dimensions = {meta.vector_property: meta.dimension, other_property(meta.vector_property): meta.pending_dimension}
    over = {row["name"]: row["properties"] for row in await connection.read("index_states")}
    for vector_property, dimension in dimensions.items():
        name = defined_name(f"schema/vector_{vector_property}")
        outdated = dialect.filters_in_index and over.get(name) == [vector_property]
        if dimension is not None and (outdated or name not in over):
            if outdated:
                await connection.define(f"drop_vector_{vector_property}")
            await make_vector_index(connection, dialect, vector_property, dimension, quantised=quantised)


async def bind_model(
    connection: Connection, dialect: Dialect, model: str | None, dimension: int, *, quantised: bool
) -> Meta:
    """Record the embedding model, or compare it with the record; makes the vector index.

    A store that holds no vector any more takes any model.

    Args:
        connection: To the server.
        dialect: Of the server.
        model: None where the caller does not say where its vectors come from.
        dimension: Of its vectors.
        quantised: Whether a new index keeps its vectors quantised.

    Raises:
        EmbeddingMismatchError: The store holds vectors of another model or dimension.
    """
    [row] = await connection.run("bind_model", model=model, dimension=dimension)
    if not row["fits"]:
        raise mismatch(row["embedding_model"], row["dimension"], model, dimension)
    if row["rebuild"]:
        await connection.define(f"drop_vector_{row['vector_property']}")
    await make_vector_index(connection, dialect, row["vector_property"], dimension, quantised=quantised)
    return await existing_meta(connection)
