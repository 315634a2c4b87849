"""Removes memories with everything that hangs on them, and says what that was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coda_graphmem.models import DeletionReceipt, MemoryFilter
from coda_graphmem.store.neo4j.connection import Change, Connection, Transaction
from coda_graphmem.store.neo4j.graph_writes import chain_conversations
from coda_graphmem.store.neo4j.rows import filter_parameters, lifetime_parameters, unique


async def delete(connection: Connection, namespace: str, memory_ids: Sequence[str]) -> DeletionReceipt:
    """See `MemoryStore.delete`."""

    async def work(transaction: Transaction) -> Change:
        return await remove(transaction, unique(memory_ids))

    return _receipt(await connection.write(namespace, work))


async def forget(connection: Connection, namespace: str, where: MemoryFilter | None) -> DeletionReceipt:
    """See `MemoryStore.forget`. Short-term memories match also when expired."""

    async def work(transaction: Transaction) -> Change:
        if where is None:
            rows = await transaction.run("all_ids")
        else:
            always = float("-inf")
            rows = await transaction.run(
                "match_ids", **filter_parameters(where), **lifetime_parameters(where, now=always)
            )
        change = await remove(transaction, [row["memory_id"] for row in rows])
        if where is None:
            await transaction.run("delete_namespace")
        return change

    return _receipt(await connection.write(namespace, work))


async def expire(connection: Connection, namespace: str | None, now: float) -> int:
    """See `MemoryStore.expire`; namespaces are cleaned one after the other."""

    async def work(transaction: Transaction) -> Change:
        rows = await transaction.run("expired_ids", now=now)
        return await remove(transaction, [row["memory_id"] for row in rows])

    if namespace is None:
        await connection.drop_receipts()
        names = [row["name"] for row in await connection.read("namespaces_with_expired", now=now)]
    else:
        names = [namespace]
    removed = 0
    for name in sorted(names):
        removed += _receipt(await connection.write(name, work)).memories
    return removed


def _receipt(answer: dict[str, int] | None) -> DeletionReceipt:
    return DeletionReceipt(**(answer or {}))


async def remove(transaction: Transaction, memory_ids: Sequence[str], *, with_originals: bool = True) -> Change:
    """Remove memories with everything that hangs on them; the answer has the fields of a `DeletionReceipt`.

    Args:
        transaction: In the namespace.
        memory_ids: Ids that do not exist are passed over.
        with_originals: Whether what was merged into one of them goes as well.
    """
    found = await transaction.run("survey_memories", memory_ids=memory_ids, with_originals=with_originals)
    if not found:
        return Change({}, revised=False)
    ids = [row["memory_id"] for row in found]
    live = [row for row in found if row["live"]]
    conversations = sorted({row["conversation_id"] for row in found if row["conversation_id"] is not None})
    [unlinked] = await transaction.run("unlink_entities", memory_ids=ids, kept_keys=[])
    [deleted] = await transaction.run("delete_memories", memory_ids=ids)
    [emptied] = await transaction.run("delete_empty_conversations", conversation_ids=conversations)
    await chain_conversations(transaction, live)
    answer: dict[str, Any] = {
        "memories": len(ids),
        "vectors": sum(row["has_vector"] for row in found),
        "text_rows": len(ids),
        "mentions": unlinked["mentions"],
        "links": deleted["links"],
        "entities": unlinked["entities"],
        "conversations": emptied["conversations"],
    }
    return Change(answer, live_added=-len(live))
