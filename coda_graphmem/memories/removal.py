"""Tells of what was removed: the cache lets go of it, and listeners hear of it."""

from collections.abc import Sequence
from typing import Any

from coda_graphmem.models import DeletionReceipt
from coda_graphmem.resources import Resources


def announce(
    resources: Resources, namespace: str, receipt: DeletionReceipt, memory_ids: Sequence[str] | None, **details: Any
) -> None:
    """Let go of what was removed, and emit events of it and of what it left behind of merged memories.

    Args:
        resources: Cache and events.
        namespace: The tenant.
        receipt: What the store has removed.
        memory_ids: Which memories; None where a filter said so.
        details: What else listeners are told.
    """
    if not receipt.memories and not receipt.rebuilt_ids:
        return
    changed = {*receipt.unmerged_ids, *receipt.rebuilt_ids, *(memory_ids or ())}
    resources.cache.drop("memories", lambda key: key[0] == namespace and (memory_ids is None or key[1] in changed))
    resources.cache.drop("results", lambda key: key.query.namespace == namespace)
    resources.events.let_go(namespace)
    if receipt.memories and memory_ids is None:
        resources.events.emit("deleted", namespace, count=receipt.memories, details=details)
    elif memory_ids is not None:
        resources.events.emit("deleted", namespace, [*memory_ids, *receipt.unmerged_ids], details=details or None)
    back = list(dict.fromkeys([*receipt.restored_ids, *receipt.rebuilt_ids]))
    if back:
        resources.events.emit("updated", namespace, back, details={"unmerged": True})
