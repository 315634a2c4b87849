"""Steps of writing that several parts share: memories come, change their lifetime, and go with all that hangs on them.

All of it runs in a write transaction.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from coda_graphmem.models import DeletionReceipt, EntityMention
from coda_graphmem.store.codec import FIELDS, SEALED, TRAITS, checksum, dump_memory, search_text
from coda_graphmem.store.embedded.catalog import Namespace, admit_vectors
from coda_graphmem.store.embedded.links import remove_links
from coda_graphmem.store.embedded.rows import AFTER, BEFORE, as_json
from coda_graphmem.store.embedded.settlement import Slot, clear_statements, free_replaced, settle_facts, slots_of
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.planning import is_live
from coda_graphmem.store.protocol import StoredMemory, Vector
from coda_graphmem.store.sayings import dump_sayings

# What is kept of a memory beside its fields.
_BESIDE = ("search_text", "dedup_key", "run_id", "sayings", "to_read", "replaced_by")
_COLUMNS = (
    "id",
    "namespace_id",
    *FIELDS,
    *TRAITS,
    "search_text",
    "dedup_key",
    "run_id",
    "sayings",
    "to_read",
    "replaced_by",
    "checksum",
)
_INSERT = f"INSERT INTO memories ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_RENAME = """
    UPDATE entities SET (name, label) = (
        SELECT x.name, x.label FROM mentions AS x WHERE x.entity = entities.id ORDER BY x.memory LIMIT 1
    )
    WHERE id IN (SELECT value FROM json_each(?))
        AND NOT EXISTS (SELECT 1 FROM mentions AS x WHERE x.entity = entities.id AND x.name = entities.name)
"""


def create(
    connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, rows: Sequence[StoredMemory]
) -> list[int]:
    """Keep memories that are new as they are; their row ids."""
    first = connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'memories'")
    ids = range(start := int(first.fetchone()[0]), start + len(rows))
    values: list[tuple[object, ...]] = []
    additions: list[Mentions] = []
    vectors: dict[int, Vector] = {}
    live: list[int] = []
    for number, row in zip(ids, rows, strict=True):
        memory = row.memory
        if is_live(memory):
            live.append(number)
        if row.embedding is not None:
            vectors[number] = row.embedding
        additions.append(Mentions(number, memory.timestamp, is_live(memory), memory.entities))
        kept = dump_memory(memory)
        sayings = dump_sayings(row.sayings) if row.sayings else None
        beside = (search_text(memory.content), row.dedup_key, row.run_id, sayings, row.to_read, row.replaced_by)
        values.append((number, namespace.id, *kept.values(), *beside, checksum([kept[name] for name in SEALED])))
    connection.executemany(_INSERT, values)
    connection.execute("UPDATE namespaces SET live_count = live_count + ? WHERE id = ?", (len(live), namespace.id))
    add_mentions(connection, namespace, additions)
    if vectors:
        admit_vectors(connection, list(vectors.values()))
        index.put(connection, namespace, vectors, live)
    return list(ids)


def held_keys(connection: sqlite3.Connection, namespace: Namespace, keys: Sequence[str | None]) -> set[str]:
    """Those of the deduplication keys that live long-term memories have."""
    wanted = as_json([key for key in keys if key is not None])
    rows = connection.execute(
        "SELECT dedup_key FROM memories WHERE scope = ? AND dedup_key IN (SELECT value FROM json_each(?))",
        (namespace.scope, wanted),
    )
    return {row[0] for row in rows}


def free_key(connection: sqlite3.Connection, namespace: Namespace, key: str | None, memory: int) -> str | None:
    """The deduplication key, None where another live long-term memory than that of the row has it."""
    if key is None:
        return None
    holder = connection.execute(
        "SELECT 1 FROM memories WHERE scope = ? AND dedup_key = ? AND id <> ?", (namespace.scope, key, memory)
    )
    return key if holder.fetchone() is None else None


def set_live(
    connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, ids: Sequence[int], *, live: bool
) -> None:
    """Let everything that counts or finds live long-term memories know of ones that are, or no longer are."""
    if not ids:
        return
    set_mentions_live(connection, ids, live)
    index.set_live(connection, namespace, ids, live)
    connection.execute(
        "UPDATE namespaces SET live_count = live_count + ? WHERE id = ?",
        (len(ids) if live else -len(ids), namespace.id),
    )


def revive(connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, rows: Sequence[int]) -> None:
    """Bring archived memories back, by row id; one whose ``dedup_key`` a live memory has comes without it."""
    archived = connection.execute(
        "SELECT id, dedup_key, expires_at IS NULL FROM memories "
        "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (as_json(rows),),
    ).fetchall()
    for memory, key, long_term in archived:
        connection.execute(
            "UPDATE memories SET archived_at = NULL, dedup_key = ? WHERE id = ?",
            (free_key(connection, namespace, key, memory) if long_term else key, memory),
        )
    set_live(connection, index, namespace, [row[0] for row in archived if row[2]], live=True)


@dataclass(slots=True)
class Removed:
    """What went, and what is to be looked at once everything else is in its place."""

    receipt: DeletionReceipt
    entities: list[int]
    """Row ids of what was mentioned, once for each mention."""
    conversations: list[str]
    slots: set[Slot] = field(default_factory=set)
    """What was spoken of."""
    standing: list[str] = field(default_factory=list)
    """Ids of memories of which something else was said by hand."""

    def joined(self, other: "Removed") -> "Removed":
        """This with what another leaves to be looked at."""
        return Removed(
            self.receipt,
            self.entities + other.entities,
            list({*self.conversations, *other.conversations}),
            self.slots | other.slots,
            self.standing + other.standing,
        )

    def settle(self, connection: sqlite3.Connection, namespace: Namespace) -> DeletionReceipt:
        """Remove entities that nothing mentions and count conversations that are empty now; what went in all.

        Facts are made anew from what is still said.
        """
        if self.slots or self.standing:
            settle_facts(connection, namespace, self.slots, self.standing)
        empty = sum(
            not connection.execute(
                "SELECT 1 FROM memories WHERE namespace_id = ? AND conversation_id = ? LIMIT 1", (namespace.id, name)
            ).fetchone()
            for name in self.conversations
        )
        entities = settle_entities(connection, self.entities)
        return self.receipt.model_copy(update={"entities": entities, "conversations": empty})


def remove(
    connection: sqlite3.Connection,
    index: VectorIndex,
    namespace: Namespace,
    ids: Sequence[int],
    *,
    for_good: bool = True,
) -> Removed:
    """Remove memories by row id, with all that hangs on them but entities, which others may come to mention.

    Args:
        ids: Of which memories.
        for_good: Whether none of them is made anew, so that they replace nothing by hand any more.
    """
    wanted = as_json(ids)
    slots = slots_of(connection, namespace, ids)
    standing: list[str] = []
    if for_good:
        freed = free_replaced(connection, namespace, wanted)
        slots |= slots_of(connection, namespace, list(freed))
        standing = list(freed.values())
    clear_statements(connection, ids)
    connection.execute("DELETE FROM versions WHERE memory IN (SELECT value FROM json_each(?))", (wanted,))
    steps = _steps(connection, wanted)
    linked = remove_links(connection, ids)
    conversations = connection.execute(
        "SELECT DISTINCT conversation_id FROM memories "
        "WHERE id IN (SELECT value FROM json_each(?)) AND conversation_id IS NOT NULL",
        (wanted,),
    ).fetchall()
    live = connection.execute(
        "SELECT count(*) FROM memories WHERE id IN (SELECT value FROM json_each(?)) AND scope IS NOT NULL", (wanted,)
    ).fetchone()[0]
    gone = remove_mentions(connection, ids)
    vectors = index.remove(connection, namespace, ids)
    connection.execute("DELETE FROM staged_vectors WHERE memory IN (SELECT value FROM json_each(?))", (wanted,))
    # The triggers of `memories` take each row out of the full-text index.
    memories = connection.execute(
        "DELETE FROM memories WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
    ).rowcount
    connection.execute("UPDATE namespaces SET live_count = live_count - ? WHERE id = ?", (live, namespace.id))
    receipt = DeletionReceipt(
        memories=memories, vectors=vectors, text_rows=memories, mentions=len(gone), links=steps + linked
    )
    return Removed(receipt, gone, [row[0] for row in conversations], slots, standing)


def _steps(connection: sqlite3.Connection, wanted: str) -> int:
    """Pairs of memories that follow one another and of which at least one is about to go."""
    pairs = connection.execute(
        f"SELECT m.id, ({BEFORE}), ({AFTER}) FROM memories AS m "
        "WHERE m.id IN (SELECT value FROM json_each(:rows)) AND +m.scope IS NOT NULL AND m.conversation_id IS NOT NULL",
        {"rows": wanted, "steps": 1},
    )
    found: set[tuple[int, int]] = set()
    for memory, before, after in pairs:
        if before is not None:
            found.add((before, memory))
        if after is not None:
            found.add((memory, after))
    return len(found)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The mentions of one memory."""

    memory: int
    timestamp: float
    live: bool
    entities: Sequence[EntityMention]


def add_mentions(connection: sqlite3.Connection, namespace: Namespace, additions: Sequence[Mentions]) -> None:
    """Link memories to entities; an entity keeps the name and label it was first mentioned with."""
    first: dict[str, EntityMention] = {}
    counts: Counter[str] = Counter()
    for addition in additions:
        for mention in addition.entities:
            first.setdefault(mention.key, mention)
            counts[mention.key] += addition.live
    if not first:
        return
    connection.executemany(
        "INSERT INTO entities (namespace_id, key, name, label, mention_count) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (namespace_id, key) DO UPDATE SET mention_count = mention_count + excluded.mention_count",
        [(namespace.id, key, mention.name, mention.label, counts[key]) for key, mention in first.items()],
    )
    ids = dict(
        connection.execute(
            "SELECT key, id FROM entities WHERE namespace_id = ? AND key IN (SELECT value FROM json_each(?))",
            (namespace.id, as_json(list(first))),
        ).fetchall()
    )
    connection.executemany(
        "INSERT INTO mentions (memory, entity, name, label, timestamp, live) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (addition.memory, ids[mention.key], mention.name, mention.label, addition.timestamp, addition.live)
            for addition in additions
            for mention in addition.entities
        ],
    )


def set_mentions_live(connection: sqlite3.Connection, ids: Sequence[int], live: bool) -> None:
    """Count the mentions of memories among those of live long-term ones, or no longer."""
    wanted = as_json(ids)
    connection.execute(
        "UPDATE entities SET mention_count = mention_count + ? * c.n FROM ("
        "SELECT entity, count(*) AS n FROM mentions WHERE memory IN (SELECT value FROM json_each(?)) AND live = ? "
        "GROUP BY entity) AS c WHERE entities.id = c.entity",
        (1 if live else -1, wanted, not live),
    )
    connection.execute("UPDATE mentions SET live = ? WHERE memory IN (SELECT value FROM json_each(?))", (live, wanted))


def remove_mentions(connection: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Unlink memories from everything they mention; the entity of each link that is gone."""
    wanted = as_json(ids)
    connection.execute(
        "UPDATE entities SET mention_count = mention_count - c.n FROM ("
        "SELECT entity, count(*) AS n FROM mentions WHERE memory IN (SELECT value FROM json_each(?)) AND live "
        "GROUP BY entity) AS c WHERE entities.id = c.entity",
        (wanted,),
    )
    return [
        row[0]
        for row in connection.execute(
            "DELETE FROM mentions WHERE memory IN (SELECT value FROM json_each(?)) RETURNING entity", (wanted,)
        ).fetchall()
    ]


def settle_entities(connection: sqlite3.Connection, entities: Sequence[int]) -> int:
    """Delete those of the entities that no memory mentions any more; how many.

    One that only others mentioned by the name it has gets the name that the first of the remaining memories uses.
    """
    touched = as_json(sorted(set(entities)))
    orphans = connection.execute(
        "DELETE FROM entities WHERE id IN (SELECT value FROM json_each(?)) "
        "AND NOT EXISTS (SELECT 1 FROM mentions WHERE mentions.entity = entities.id)",
        (touched,),
    ).rowcount
    connection.execute(_RENAME, (touched,))
    return orphans
