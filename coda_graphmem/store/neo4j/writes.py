"""Steps of a writing transaction: memories come and go with all that hangs on them, and chains stay whole."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from coda_graphmem.models import EntityMention, Operation
from coda_graphmem.store.neo4j.connection import Row, Transaction
from coda_graphmem.store.neo4j.rows import as_list, node_properties, type_label, unique
from coda_graphmem.store.neo4j.schema import other_property
from coda_graphmem.store.neo4j.settlement import Slot, settle_facts, slots_of
from coda_graphmem.store.planning import is_live
from coda_graphmem.store.protocol import StoredMemory, Vector
from coda_graphmem.threads import aside

_MADE_UP = re.compile("[0-9a-f]{32}")


async def create(
    transaction: Transaction, rows: Sequence[StoredMemory], names: Mapping[str, tuple[str, str]] | None = None
) -> int:
    """Write memories with all that hangs on them; how many of them are live and long-term.

    None of them exists, and no live memory has the deduplication key of one of them. ``names`` as for `link_entities`.
    """
    if not rows:
        return 0
    nodes = []
    places = []
    mentions = []
    for arrival, row in zip(transaction.number_memories(len(rows)), rows, strict=True):
        memory = row.memory
        live = is_live(memory)
        if live:
            places.append({"conversation_id": memory.conversation_id, "epoch": memory.timestamp, "arrival": arrival})
        properties = {
            **await aside(len(memory.content), node_properties, row),
            "namespace": transaction.namespace,
            "unread_in": transaction.namespace if row.to_read else None,
            "scope": transaction.scope if live else None,
            "arrival": arrival,
            "dedup_key": row.dedup_key,
        }
        label = type_label(memory.memory_type)
        nodes.append({"properties": properties, "label": label, "embedding": as_list(row.embedding)})
        mentions.append((memory.memory_id, live, memory.entities))
    await transaction.run("insert_memories", rows=nodes, vector_property=transaction.locked.vector_property)
    await link_entities(transaction, mentions, names)
    await link_conversations(transaction, rows)
    await chain_conversations(transaction, places)
    return len(places)


async def link_entities(
    transaction: Transaction,
    mentions: Sequence[tuple[str, bool, Sequence[EntityMention]]],
    names: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Join memories to their entities.

    Args:
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
    """Let a memory that is there mention something else; ``live`` says whether it is live and long-term."""
    # Only then: entities that are mentioned again keep their first name.
    [unlinked] = await transaction.run("unlink_entities", memory_ids=[memory_id])
    await link_entities(transaction, [(memory_id, live, entities)])
    await transaction.run("settle_entities", keys=unlinked["keys"])


async def bind_originals(transaction: Transaction, rows: Sequence[StoredMemory]) -> None:
    """Join memories that are new to what they were merged into, and to originals of theirs that were there before."""
    if rows:
        await transaction.run("bind_originals", memory_ids=[row.memory.memory_id for row in rows])


async def bind_replaced(transaction: Transaction, memory_ids: Sequence[str]) -> None:
    """Join memories that are new to what replaces them by hand, and to what they replace."""
    if memory_ids:
        await transaction.run("bind_replaced", memory_ids=memory_ids)


async def link_conversations(transaction: Transaction, rows: Sequence[StoredMemory]) -> None:
    """Join memories to the conversations they are part of."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.memory.conversation_id is not None:
            found.setdefault(row.memory.conversation_id, []).append(row.memory.memory_id)
    if found:
        places = [{"conversation_id": key, "memory_ids": ids} for key, ids in sorted(found.items())]
        await transaction.run("link_conversations", rows=places)


async def chain_conversations(transaction: Transaction, changed: Iterable[Mapping[str, Any]]) -> None:
    """Renew the NEXT links around live long-term memories (conversation_id, epoch, arrival) that came or went."""
    places: dict[str, list[tuple[float, int]]] = {}
    for memory in changed:
        if memory["conversation_id"] is not None:
            places.setdefault(memory["conversation_id"], []).append((memory["epoch"], memory["arrival"]))
    names = ("first_epoch", "first_arrival", "last_epoch", "last_arrival")
    spans = [
        {"conversation_id": key, **dict(zip(names, (*min(found), *max(found)), strict=True))}
        for key, found in sorted(places.items())
    ]
    if spans:
        await transaction.run("chain_conversations", spans=spans)


async def make_live(transaction: Transaction, memories: Sequence[Row], changes: Mapping[str, Any]) -> int:
    """Put memories (rows of a look-up) into search that are short-term or archived; how many are live then.

    A deduplication key that a live memory has goes from one that would have it, too; of several with one key the first
    gets it. All get the properties ``changes``, of which a ``scope`` of None leaves them out of search.
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


async def set_vector(transaction: Transaction, memory_id: str, vector: Vector) -> None:
    """Keep a memory's vector; what was prepared for another model is out of date with it."""
    await transaction.run(
        "set_vectors",
        rows=[{"memory_id": memory_id, "embedding": as_list(vector)}],
        vector_property=transaction.locked.vector_property,
        outdated_property=other_property(transaction.locked.vector_property),
    )


async def keep_versions(
    transaction: Transaction, memory_ids: Sequence[str], operation: Operation, *, at: float, actor: str
) -> None:
    """Keep how memories are before something changes them."""
    await transaction.run("keep_versions", memory_ids=memory_ids, operation=operation, at=at, actor=actor)


@dataclass(slots=True)
class Removed:
    """What went, and what is to be looked at once everything else is in its place."""

    counts: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(("memories", "mentions", "links"), 0))
    """Fields of a `DeletionReceipt`."""
    live: int = 0
    keys: list[str] = field(default_factory=list)
    conversations: list[str] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    """What was spoken of."""
    standing: list[str] = field(default_factory=list)
    """Memories that were replaced by one that went."""

    def join(self, other: "Removed") -> None:
        """Have what another leaves to be looked at looked at with this."""
        self.keys += other.keys
        self.conversations += other.conversations
        self.slots += other.slots
        self.standing += other.standing

    async def settle(self, transaction: Transaction) -> dict[str, Any]:
        """Remove entities that nothing mentions and conversations that are empty now; what went in all.

        Facts are made anew from what is still said.
        """
        if self.slots or self.standing:
            await settle_facts(transaction, self.slots, self.standing)
        [settled] = await transaction.run("settle_entities", keys=unique(self.keys))
        [emptied] = await transaction.run("delete_empty_conversations", conversation_ids=sorted({*self.conversations}))
        return self.counts | {"entities": settled["entities"], "conversations": emptied["conversations"]}


async def remove(transaction: Transaction, memory_ids: Sequence[str], *, for_good: bool = True) -> Removed:
    """Remove memories with all that hangs on them but entities and conversations, which others may come to have.

    Args:
        transaction: In the namespace.
        memory_ids: Those that do not exist are passed over.
        for_good: Whether none of them is made anew, so that they replace nothing by hand any more.
    """
    found = await transaction.run("survey_memories", memory_ids=memory_ids) if memory_ids else []
    if not found:
        return Removed()
    ids = [row["memory_id"] for row in found]
    live = [row for row in found if row["live"]]
    slots = await slots_of(transaction, [row["memory_id"] for row in found if row["states"]])
    replacing = [row["memory_id"] for row in found if for_good and row["replaces"]]
    standing = await _free_replaced(transaction, replacing)
    slots += await slots_of(transaction, standing)
    [unlinked] = await transaction.run("unlink_entities", memory_ids=ids)
    [deleted] = await transaction.run("delete_memories", memory_ids=ids)
    # Ids that were made up here say nothing; others are somebody's words.
    named = [json.dumps(one) for one in ids if not _MADE_UP.fullmatch(one)]
    if named:
        await transaction.run("redact_receipts", tokens=named)
    await chain_conversations(transaction, live)
    counts = {
        "memories": len(ids),
        "vectors": sum(row["has_vector"] for row in found),
        "text_rows": len(ids),
        "mentions": unlinked["mentions"],
        "links": deleted["links"],
    }
    conversations = [row["conversation_id"] for row in found if row["conversation_id"] is not None]
    return Removed(counts, len(live), list(unlinked["keys"]), conversations, slots, standing)


async def _free_replaced(transaction: Transaction, memory_ids: Sequence[str]) -> list[str]:
    """Take back that memories were replaced by hand by those that are about to go; which."""
    if not memory_ids:
        return []
    rows = await transaction.run("clear_standings", memory_ids=memory_ids)
    return unique([row["memory_id"] for row in rows])
