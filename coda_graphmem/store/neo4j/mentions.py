"""The parts of a writing transaction that keep the graph whole: entities, conversations, chains, vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from coda_graphmem.errors import EmbeddingMismatchError
from coda_graphmem.models import EntityMention
from coda_graphmem.store.neo4j.connection import Locked, Row, Transaction
from coda_graphmem.store.neo4j.rows import as_list, unique
from coda_graphmem.store.protocol import Vector

VECTOR_PROPERTIES = ("embedding", "embedding_alternate")


def other_property(vector_property: str) -> str:
    """Where the vectors of the next model gather while those of the present one are searched."""
    return VECTOR_PROPERTIES[1 - VECTOR_PROPERTIES.index(vector_property)]


def check_vectors(locked: Locked, vectors: Iterable[Vector | None], bound_model: str | None) -> None:
    """Refuse vectors that cannot be compared with those of the store.

    Raises:
        EmbeddingMismatchError: They are of another model or length.
    """
    for vector in vectors:
        if vector is None:
            continue
        other = bound_model is not None and locked.embedding_model not in (None, bound_model)
        if other or vector.shape != (locked.dimension,):
            raise mismatch(locked.embedding_model, locked.dimension, bound_model, len(vector))


def mismatch(
    kept_model: str | None, kept_dimension: int | None, model: str | None, dimension: int | None
) -> EmbeddingMismatchError:
    """The error for vectors of another model."""
    return EmbeddingMismatchError(
        f"the store holds vectors of {kept_model!r} ({kept_dimension} numbers), not of {model!r} ({dimension}).",
        field="embedding_model",
        remedy="Use the model of the store, or change its vectors with reembed().",
    )


async def link_entities(
    transaction: Transaction,
    mentions: Sequence[tuple[str, bool, Sequence[EntityMention]]],
    names: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Join memories to their entities.

    Args:
        transaction: In the namespace.
        mentions: Memory id, whether it is live and long-term, and what it mentions.
        names: Name and label by key for entities that are new; others keep those of their first mention.
    """
    rows: dict[str, dict[str, Any]] = {}
    for memory_id, live, entities in mentions:
        for entity in entities:
            name, label = (names or {}).get(entity.key, (entity.name, entity.label))
            row = rows.setdefault(
                entity.key, {"key": entity.key, "name": name, "label": label, "live": 0, "mentions": []}
            )
            row["live"] += live
            row["mentions"].append({"memory_id": memory_id, "name": entity.name, "label": entity.label})
    for key, number in zip(sorted(rows), transaction.number_entities(len(rows)), strict=True):
        rows[key]["number"] = number
    if rows:
        await transaction.run("link_entities", rows=[rows[key] for key in sorted(rows)])


async def link_conversations(transaction: Transaction, memories: Iterable[tuple[str, str | None]]) -> None:
    """Join memories (id, conversation id or None) to their conversations."""
    by_conversation: dict[str, list[str]] = {}
    for memory_id, conversation_id in memories:
        if conversation_id is not None:
            by_conversation.setdefault(conversation_id, []).append(memory_id)
    if by_conversation:
        rows = [{"conversation_id": key, "memory_ids": by_conversation[key]} for key in sorted(by_conversation)]
        await transaction.run("link_conversations", rows=rows)


async def chain_conversations(transaction: Transaction, changed: Iterable[Mapping[str, Any]]) -> None:
    """Renew the NEXT links around live long-term memories (conversation_id, epoch, arrival) that came or went."""
    places: dict[str, list[tuple[float, int]]] = {}
    for memory in changed:
        if memory["conversation_id"] is not None:
            places.setdefault(memory["conversation_id"], []).append((memory["epoch"], memory["arrival"]))
    spans = [
        {
            "conversation_id": key,
            "first_epoch": min(places[key])[0],
            "first_arrival": min(places[key])[1],
            "last_epoch": max(places[key])[0],
            "last_arrival": max(places[key])[1],
        }
        for key in sorted(places)
    ]
    if spans:
        await transaction.run("chain_conversations", spans=spans)


async def make_live(transaction: Transaction, memories: Sequence[Row], changes: Mapping[str, Any]) -> int:
    """Put memories (rows of a look-up) into search that are short-term or archived; how many are live then.

    A deduplication key that a live memory has goes from one that would have it, too.

    Args:
        transaction: In the namespace.
        memories: The first of those with one key gets it.
        changes: Properties that all of them get. A ``scope`` of None leaves them out of search.
    """
    live = changes["scope"] is not None
    keys = {row["memory_id"]: row["dedup_key"] for row in memories}
    if live:
        keys = await free_keys(transaction, keys)
    rows = [{"memory_id": key, "properties": {**changes, "dedup_key": keys[key]}} for key in keys]
    if rows:
        await transaction.run("make_live", rows=rows)
    await chain_conversations(transaction, memories if live else [])
    return len(rows) if live else 0


async def free_keys(transaction: Transaction, keys: Mapping[str, str | None]) -> dict[str, str | None]:
    """Deduplication keys by memory id, None for those that another live memory has, or an earlier one of these."""
    wanted = unique([key for key in keys.values() if key is not None])
    holders = await transaction.run("dedup_holders", dedup_keys=wanted) if wanted else []
    held = {row["dedup_key"]: row["memory_id"] for row in holders}
    return {
        memory_id: key if key is None or held.setdefault(key, memory_id) == memory_id else None
        for memory_id, key in keys.items()
    }


async def set_vectors(transaction: Transaction, vectors: Mapping[str, Vector]) -> None:
    """Keep vectors by memory id; what was prepared for another model is out of date with them."""
    rows = [{"memory_id": key, "embedding": as_list(vector)} for key, vector in vectors.items()]
    if rows:
        await transaction.run(
            "set_vectors",
            rows=rows,
            vector_property=transaction.locked.vector_property,
            outdated_property=other_property(transaction.locked.vector_property),
        )
