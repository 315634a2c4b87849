"""Joins memories to the entities they mention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coda_graphmem.models import EntityMention
from coda_graphmem.store.neo4j.connection import Transaction


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


async def replace_entities(
    transaction: Transaction, memory_id: str, entities: Sequence[EntityMention], *, live: bool
) -> None:
    """Let a memory mention something else.

    Args:
        transaction: In the namespace.
        memory_id: Of a memory that is there.
        entities: What it mentions from now on.
        live: Whether it is live and long-term.
    """
    # Entities that are mentioned again must not be dropped in between, or they would lose their first name.
    await transaction.run("unlink_entities", memory_ids=[memory_id], kept_keys=[entity.key for entity in entities])
    await link_entities(transaction, [(memory_id, live, entities)])
