"""Memories go, and what was merged with them is made anew or comes back, in a writing transaction."""

import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from coda_graphmem.models import LinkKind, MemoryLink
from coda_graphmem.store.families import Kin, plan_removal
from coda_graphmem.store.neo4j.connection import Change, Transaction
from coda_graphmem.store.neo4j.links import link_rows
from coda_graphmem.store.neo4j.rows import node_properties, read_stored
from coda_graphmem.store.neo4j.settlement import slots_of
from coda_graphmem.store.neo4j.writes import (
    Removed,
    bind_originals,
    bind_replaced,
    chain_conversations,
    create,
    link_conversations,
    link_entities,
    make_live,
    remove,
)
from coda_graphmem.store.planning import inherited_links, is_live, remake_all, succeed
from coda_graphmem.store.protocol import Saying, StoredMemory
from coda_graphmem.store.sayings import retold

#: Says which of some memories, given with their families, are to go.
Choose = Callable[[Sequence[Kin]], Collection[str]]


async def remove_with_families(
    transaction: Transaction,
    memory_ids: Sequence[str],
    choose: Choose,
    *,
    reinforcement: float,
    left: Mapping[str, Sequence[Saying]],
) -> Change:
    """Remove memories with everything that hangs on them; the answer has the fields of a `DeletionReceipt`.

    Args:
        transaction: In the namespace.
        memory_ids: Those that are to go, as far as ``choose`` has them go; ids that do not exist are passed over.
        reinforcement: For what is made anew, see `remake_all`.
        left: What is left of the sayings of other memories, at least one of each, by memory id.
    """
    at = time.time()
    freed = await _retell(transaction, left, reinforcement=reinforcement, at=at)
    memory_ids = [*memory_ids, *left]
    found = await transaction.run("families", memory_ids=memory_ids) if memory_ids else []
    if not found:
        return Change({}, revised=False)
    kin = [Kin(**dict(row)) for row in found]
    plan = plan_removal(kin, choose(kin), left)
    before = await _stored(transaction, plan.read)
    links = await _links(transaction, plan.read)
    removed = await remove(transaction, plan.gone)
    aside = await remove(transaction, list(plan.remade), for_good=False)
    heirs = succeed(plan, before)
    live = await _put_in_place(transaction, [row for one, row in heirs.items() if one not in plan.remade])
    keys = [row.dedup_key for row in before.values() if row.dedup_key is not None]
    holders = await transaction.run("dedup_holders", dedup_keys=keys) if keys else []
    held = {row["dedup_key"] for row in holders}
    made = remake_all(plan, before, held, reinforcement=reinforcement, at=at)
    live += await create(transaction, [one.row for one in made])
    await bind_originals(transaction, [one.row for one in made])
    await bind_replaced(transaction, [*plan.remade, *heirs])
    for one in made:
        await transaction.run(
            "copy_vector",
            memory_id=one.row.memory.memory_id,
            kept_id=one.kept_id,
            vector_property=transaction.locked.vector_property,
        )
    if plan.read:
        ends = {end for link in links for end in (link.source_id, link.target_id)} | plan.remade.keys()
        there = await transaction.run("lookup_memories", memory_ids=sorted(ends))
        times = {row["memory_id"]: row["epoch"] for row in there if row["live"]}
        rows = link_rows(inherited_links(plan, before, made, links, times=times, at=at))
        if rows:
            await transaction.run("link_memories", rows=rows)
    back = [one for one, row in heirs.items() if row.memory.archived_at is None]
    # The runs that had merged them have nothing to bring back of them any more.
    await _count_restored(transaction, Counter(run for one in back if (run := before[one].run_id) is not None))
    removed.join(aside)
    removed.standing += [*plan.remade, *heirs]
    removed.join(freed)
    answer = await removed.settle(transaction) | {
        "restored_ids": back,
        "rebuilt_ids": [*left, *plan.remade],
        "unmerged_ids": list(plan.successors),
    }
    return Change(answer, live_added=live - removed.live - aside.live)


async def _retell(
    transaction: Transaction, left: Mapping[str, Sequence[Saying]], *, reinforcement: float, at: float
) -> Removed:
    """Take from memories what some of their conversations said; what has to be settled."""
    freed = Removed()
    before = await _stored(transaction, list(left))
    if not before:
        return freed
    after = [retold(row, left[one], reinforcement=reinforcement, at=at) for one, row in before.items()]
    ids = list(before)
    changed = [
        one.memory.memory_id for one in after if one.memory.content != before[one.memory.memory_id].memory.content
    ]
    freed.slots += await slots_of(transaction, ids)
    if changed:
        await transaction.run("clear_statements", memory_ids=changed)
        await transaction.run("set_unread", memory_ids=changed, unread_in=transaction.namespace)
    # How they were before may be what went.
    await transaction.run("clear_versions", memory_ids=ids)
    [unlinked] = await transaction.run("unlink_entities", memory_ids=ids)
    await transaction.run("leave_conversations", memory_ids=ids)
    rows = [{"memory_id": row.memory.memory_id, "properties": node_properties(row)} for row in after]
    await transaction.run("set_properties", rows=rows)
    await link_entities(
        transaction, [(row.memory.memory_id, is_live(row.memory), row.memory.entities) for row in after]
    )
    await link_conversations(transaction, after)
    await chain_conversations(transaction, [_place(row) for row in (*before.values(), *after) if is_live(row.memory)])
    await transaction.run("unlink_overtaken", memory_ids=ids)
    freed.keys += unlinked["keys"]
    freed.conversations += [one for row in before.values() if (one := row.memory.conversation_id) is not None]
    return freed


def _place(row: StoredMemory) -> dict[str, Any]:
    return {"conversation_id": row.memory.conversation_id, "epoch": row.memory.timestamp, "arrival": row.position}


async def _stored(transaction: Transaction, memory_ids: Sequence[str]) -> dict[str, StoredMemory]:
    """Memories by id with all that is kept of them but their vectors."""
    if not memory_ids:
        return {}
    rows = await transaction.run("stored_memories", memory_ids=memory_ids, with_embedding=False)
    return {row["memory"]["memory_id"]: stored for row in rows if (stored := read_stored(row, transaction.namespace))}


async def _links(transaction: Transaction, memory_ids: Sequence[str]) -> list[MemoryLink]:
    kinds = [kind.value for kind in LinkKind]
    rows = await transaction.run("memory_links", memory_ids=memory_ids, kinds=kinds) if memory_ids else []
    return [MemoryLink(**dict(row)) for row in rows]


async def _count_restored(transaction: Transaction, restored: Mapping[str, int]) -> None:
    """Count originals that are live again with what undoing their runs would bring back."""
    for run_id, count in restored.items():
        for row in await transaction.run("run_summary", run_id=run_id):
            summary = json.loads(row["summary"])
            summary["restored"] = summary.get("restored", 0) + count
            await transaction.run("set_run_summary", run_id=run_id, summary=json.dumps(summary))


async def _put_in_place(transaction: Transaction, heirs: Sequence[StoredMemory]) -> int:
    """Let originals have the state of the merged memories whose place they take; how many are live by that."""
    live = 0
    for heir in heirs:
        [row] = await transaction.run("lookup_memories", memory_ids=[heir.memory.memory_id])
        changes = {
            "archived_at": heir.memory.archived_at,
            "consolidated_into": heir.memory.consolidated_into,
            "consolidation_run": heir.run_id,
            "replaced_by": heir.replaced_by,
            **{name: getattr(heir.memory, name) for name in ("standing", "standing_at")},
            "scope": transaction.scope if heir.memory.archived_at is None else None,
        }
        live += await make_live(transaction, [row], changes)
    return live
