"""Memories go, and what was merged with them is made anew or comes back. All of it runs in a write transaction."""

import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from coda_graphmem.models import DeletionReceipt
from coda_graphmem.store.codec import TRAITS, dump_memory, search_text
from coda_graphmem.store.embedded import writes
from coda_graphmem.store.embedded.catalog import Namespace
from coda_graphmem.store.embedded.checksums import seal
from coda_graphmem.store.embedded.links import insert_links, links_of
from coda_graphmem.store.embedded.rows import as_json
from coda_graphmem.store.embedded.settlement import clear_statements, slots_of
from coda_graphmem.store.embedded.stored import load_stored
from coda_graphmem.store.embedded.vector_index import VectorIndex
from coda_graphmem.store.families import Kin, plan_removal
from coda_graphmem.store.planning import Remade, inherited_links, is_live, remake_all, succeed
from coda_graphmem.store.protocol import Saying, StoredMemory
from coda_graphmem.store.sayings import RETOLD, dump_sayings, retold

_FAMILIES = """
    WITH RECURSIVE above (memory_id, merged_into) AS (
        SELECT memory_id, consolidated_into FROM memories WHERE id IN (SELECT value FROM json_each(:rows))
        UNION
        SELECT m.memory_id, m.consolidated_into FROM above
        JOIN memories AS m ON m.namespace_id = :namespace AND m.memory_id = above.merged_into
    ), family (memory_id) AS (
        SELECT memory_id FROM above
        UNION
        SELECT m.memory_id FROM family
        JOIN memories AS m ON m.namespace_id = :namespace AND m.consolidated_into = family.memory_id
    )
    SELECT m.id, m.memory_id, m.consolidated_into, m.conversation_id FROM family
    JOIN memories AS m ON m.namespace_id = :namespace AND m.memory_id = family.memory_id ORDER BY m.id
"""

_COUNT_RESTORED = """
    UPDATE runs SET summary = json_set(summary, '$.restored', coalesce(json_extract(summary, '$.restored'), 0) + 1)
    WHERE run_id = ?
"""

# A memory that is as new as another cannot be outdated by it.
_OVERTAKEN = """
    DELETE FROM memory_links WHERE kind = 'POSSIBLY_OUTDATED_BY' AND :row IN (source, target)
        AND (SELECT timestamp FROM memories WHERE id = source) >= (SELECT timestamp FROM memories WHERE id = target)
"""

#: Says which of some memories, given with their families, are to go.
Choose = Callable[[Sequence[Kin]], Collection[str]]


def remove(
    connection: sqlite3.Connection,
    index: VectorIndex,
    namespace: Namespace,
    rows: Sequence[int],
    choose: Choose,
    *,
    reinforcement: float,
    left: Mapping[str, Sequence[Saying]],
) -> DeletionReceipt:
    """Remove memories with everything that hangs on them; see `Records.delete`.

    Args:
        rows: Row ids of memories that are to go, as far as ``choose`` has them go.
        reinforcement: For what is made anew, see `remake_all`.
        left: What is left of the sayings of other memories, at least one of each, by memory id.
    """
    at = time.time()
    retold_rows, freed = _retell(connection, namespace, left, reinforcement=reinforcement, at=at)
    rows = [*rows, *retold_rows]
    if not rows:
        return DeletionReceipt()
    found = connection.execute(_FAMILIES, {"rows": as_json(rows), "namespace": namespace.id}).fetchall()
    numbers = {memory_id: row for row, memory_id, *_ in found}
    kin = [Kin(*one) for _, *one in found]
    plan = plan_removal(kin, choose(kin), left)
    gone = [numbers[one] for one in plan.gone]
    if not plan.read:
        removed = writes.remove(connection, index, namespace, gone)
        return removed.joined(freed).settle(connection, namespace).model_copy(update={"rebuilt_ids": list(left)})
    known = as_json([numbers[one] for one in plan.read])
    tail = "WHERE m.id IN (SELECT value FROM json_each(?))"
    before = {row.memory.memory_id: row for row in load_stored(connection, namespace, tail, (known,))}
    links = links_of(connection, [numbers[one] for one in plan.read])
    removed = writes.remove(connection, index, namespace, gone)
    aside = writes.remove(connection, index, namespace, [numbers[one] for one in plan.remade], for_good=False)
    heirs = succeed(plan, before)
    _put_in_place(connection, index, namespace, [row for one, row in heirs.items() if one not in plan.remade])
    keys = writes.held_keys(connection, namespace, [row.dedup_key for row in before.values()])
    made = remake_all(plan, before, keys, reinforcement=reinforcement, at=at)
    _make_anew(connection, index, namespace, made, numbers)
    ends = {end for link in links for end in (link.source_id, link.target_id)} | plan.remade.keys()
    times = _times(connection, namespace, ends)
    insert_links(connection, namespace, inherited_links(plan, before, made, links, times=times, at=at))
    back = [one for one, row in heirs.items() if row.memory.archived_at is None]
    removed.standing += [*plan.remade, *heirs]
    # The runs that had merged them have nothing to bring back of them any more.
    connection.executemany(_COUNT_RESTORED, [(before[one].run_id,) for one in back])
    return (
        removed.joined(aside)
        .joined(freed)
        .settle(connection, namespace)
        .model_copy(
            update={
                "restored_ids": back,
                "rebuilt_ids": [*left, *plan.remade],
                "unmerged_ids": list(plan.successors),
            }
        )
    )


def _retell(
    connection: sqlite3.Connection,
    namespace: Namespace,
    left: Mapping[str, Sequence[Saying]],
    *,
    reinforcement: float,
    at: float,
) -> tuple[list[int], writes.Removed]:
    """Take from memories what some of their conversations said; their row ids, and what has to be settled."""
    tail = "WHERE m.namespace_id = ? AND m.memory_id IN (SELECT value FROM json_each(?))"
    freed = writes.Removed(DeletionReceipt(), [], [])
    found = load_stored(connection, namespace, tail, (namespace.id, as_json(list(left)))) if left else []
    for before in found:
        after = retold(before, left[before.memory.memory_id], reinforcement=reinforcement, at=at)
        kept = dump_memory(after.memory)
        values = {name: kept[name] for name in (*RETOLD, *TRAITS)}
        values |= {"sayings": dump_sayings(after.sayings), "search_text": search_text(after.memory.content)}
        connection.execute(
            f"UPDATE memories SET {', '.join(f'{name} = :{name}' for name in values)} WHERE id = :row",
            {"row": before.position, **values},
        )
        freed.slots |= slots_of(connection, namespace, [before.position])
        if after.memory.content != before.memory.content:
            clear_statements(connection, [before.position])
            connection.execute("UPDATE memories SET to_read = 1 WHERE id = ?", (before.position,))
        # How it was before may be what went.
        connection.execute("DELETE FROM versions WHERE memory = ?", (before.position,))
        freed.entities += writes.remove_mentions(connection, [before.position])
        mentions = writes.Mentions(
            before.position, after.memory.timestamp, is_live(after.memory), after.memory.entities
        )
        writes.add_mentions(connection, namespace, [mentions])
        connection.execute(_OVERTAKEN, {"row": before.position})
        if before.memory.conversation_id is not None:
            freed.conversations.append(before.memory.conversation_id)
    seal(connection, namespace.id, list(left))
    return [row.position for row in found], freed


def _put_in_place(
    connection: sqlite3.Connection, index: VectorIndex, namespace: Namespace, heirs: Sequence[StoredMemory]
) -> None:
    """Let originals have the state of the merged memories whose place they take; those are gone."""
    for row in heirs:
        connection.execute(
            "UPDATE memories SET archived_at = coalesce(?, archived_at), consolidated_into = ?, run_id = ?, "
            "standing = ?, standing_at = ?, replaced_by = ? WHERE id = ?",
            (
                *(row.memory.archived_at, row.memory.consolidated_into, row.run_id),
                *(row.memory.standing, row.memory.standing_at, row.replaced_by, row.position),
            ),
        )
    live = [row.position for row in heirs if row.memory.archived_at is None]
    if live:
        writes.revive(connection, index, namespace, live)


def _make_anew(
    connection: sqlite3.Connection,
    index: VectorIndex,
    namespace: Namespace,
    made: Sequence[Remade],
    numbers: dict[str, int],
) -> None:
    """Keep merged memories that were made anew, with the vectors of the originals whose contents they have."""
    if not made:
        return
    rows = writes.create(connection, index, namespace, [one.row for one in made])
    for one, row in zip(made, rows, strict=True):
        numbers[one.row.memory.memory_id] = row
        index.copy(connection, namespace, numbers[one.kept_id], row)
        if one.row.memory.archived_at is not None:
            index.set_live(connection, namespace, [row], live=False)


def _times(connection: sqlite3.Connection, namespace: Namespace, memory_ids: Collection[str]) -> Mapping[str, float]:
    """When those of the memories happened that are live."""
    rows = connection.execute(
        "SELECT memory_id, timestamp FROM memories "
        "WHERE namespace_id = ? AND memory_id IN (SELECT value FROM json_each(?)) AND +scope IS NOT NULL",
        (namespace.id, as_json(sorted(memory_ids))),
    )
    return dict(rows.fetchall())
