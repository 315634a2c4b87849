"""Forgets memories so that it can be taken back: they are archived, and what they say counts as never said.

Archiving alone would leave the facts that were read in a memory, as those hold however well it is found. A call is
named by the moment it was done at, which all its memories have in common, so that nothing is to be kept beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coda_graphmem.errors import ValidationError

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import Memory

_PREFIX = "forget-"
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a call of `forget` did."""

    forgotten: list[str]
    undo_id: str | None
    """What `take_back` takes; None where nothing was forgotten."""
    forgotten_before: list[str]
    missing: list[str]


async def forget(memory: MemoryManager, memory_ids: list[str], actor: str) -> Forgotten:
    """Forget some memories.

    Args:
        memory: The memory.
        memory_ids: Which.
        actor: Who does it.
    """
    done = await memory.archive_memories(memory_ids)
    stamps = {}
    # Also of those that were archived before: a call may have been stopped half way.
    for one in await memory.get_memories([*done.archived_ids, *done.archived_before_ids]):
        if one.consolidated_into is None and one.standing in (None, "reinstated"):
            await memory.retract_memory(one.memory_id, one.archived_at, actor=actor)
        stamps[one.memory_id] = _stamp(one.archived_at)
    named_by = [*done.archived_ids, *done.archived_before_ids][:1]
    return Forgotten(
        done.archived_ids,
        next((stamps.get(one) for one in named_by), None),
        done.archived_before_ids,
        done.missing_ids,
    )


async def take_back(memory: MemoryManager, undo_id: str, actor: str) -> list[str]:
    """Bring back what a call of `forget` forgot; the ids of what is there again.

    Raises:
        ValidationError: Nothing of such a call is archived.
    """
    wanted = [one for one in await _archived(memory) if _stamp(one.archived_at) == undo_id and _is_forgotten(one)]
    if not wanted:
        raise ValidationError(
            f"nothing that was forgotten as {undo_id[:60]!r} is archived in namespace {memory.namespace!r}.",
            field="undo_id",
            remedy="Use the undo_id of an answer of memory_forget; it works once.",
        )
    done = await memory.unarchive_memories([one.memory_id for one in wanted])
    for one in wanted:
        # What somebody had taken back before stays so.
        if one.standing == "retracted" and one.standing_at == one.archived_at:
            await memory.reinstate_memory(one.memory_id, actor=actor)
    return done.restored_ids


def is_undo_id(text: str) -> bool:
    """Whether something looks like what `forget` gives."""
    return text.startswith(_PREFIX)


def _is_forgotten(memory: Memory) -> bool:
    """Whether an archived memory was forgotten, not set aside as one of the weakest at the same moment."""
    return memory.consolidated_into is None and memory.standing in ("retracted", "superseded")


def _stamp(archived_at: float | None) -> str | None:
    return None if archived_at is None else f"{_PREFIX}{round(archived_at * 1e6):x}"


async def _archived(memory: MemoryManager) -> list[Memory]:
    found: list[Memory] = []
    while True:
        page = await memory.list_memories(_PAGE, len(found), archived=True)
        found += page
        if len(page) < _PAGE:
            return found
