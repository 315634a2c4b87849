"""Requests about one memory: its page, editing and deleting it, and bringing it back."""

from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coda_graphmem.inspector.requests import body, memory_of
from coda_graphmem.inspector.responses import (
    Deletion,
    EditedMemory,
    LinkedMemory,
    MemoryPage,
    Merge,
    ShownMemory,
    answer,
    missing,
)
from coda_graphmem.memories.archive import runs_to_undo
from coda_graphmem.models import MemoryLink, MergeRecord


class Edit(BaseModel, extra="forbid"):
    """A change of a memory; what is left out stays as it is."""

    content: str | None = None
    importance_score: float | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] | None = None
    expires_at: float | str | None = None
    """When it ends (seconds, UTC, or ISO 8601), or ``never``."""


async def show(request: Request) -> Response:
    """A memory with its links and merges, and the memories at their other ends."""
    memory, memory_id = memory_of(request), request.path_params["memory_id"]
    found = await memory.get_memory(memory_id)
    if found is None:
        return missing(memory_id)
    links = await memory.list_links([memory_id])
    merges = await memory.list_merges([memory_id])
    others = [end for link in links for end in (link.source_id, link.target_id)]
    others += [end for merge in merges for end in (merge.merged_id, *merge.source_ids)]
    said = [fact for fact in await memory.get_fact_history() if memory_id in (*fact.memory_ids, fact.ended_by)]
    replaced = [source for fact in said if fact.ended_by == memory_id for source in fact.memory_ids]
    others += [*replaced, *([found.superseded_by] if found.superseded_by else [])]
    ids = [other for other in dict.fromkeys(others) if other != memory_id]
    there = {item.memory_id: ShownMemory.of(item) for item in await memory.get_memories(ids)} if ids else {}
    return answer(
        MemoryPage(
            memory=ShownMemory.of(found),
            links=[shown for link in links if (shown := _link(link, memory_id, there))],
            merged_from=[_merge(merge, there) for merge in merges if merge.merged_id == memory_id],
            merged_into=[_merge(merge, there) for merge in merges if memory_id in merge.source_ids],
            undo=(await runs_to_undo(memory.list_merges, [memory_id])).get(memory_id),
            successor=there.get(found.superseded_by or ""),
            replaced=[there[source] for source in dict.fromkeys(replaced) if source in there],
            versions=await memory.get_history(memory_id),
            facts=[fact for fact in said if memory_id in fact.memory_ids],
        )
    )


def _link(link: MemoryLink, memory_id: str, there: dict[str, ShownMemory]) -> LinkedMemory | None:
    outgoing = link.source_id == memory_id
    other = there.get(link.target_id if outgoing else link.source_id)
    if other is None:
        return None
    return LinkedMemory(
        kind=link.kind.value, outgoing=outgoing, score=link.score, guard=link.guard, reason=link.reason, memory=other
    )


def _merge(merge: MergeRecord, there: dict[str, ShownMemory]) -> Merge:
    return Merge(
        run_id=merge.run_id,
        merged_at=merge.merged_at,
        merged_id=merge.merged_id,
        originals=[there[source] for source in merge.source_ids if source in there],
        merged=there.get(merge.merged_id),
    )


async def edit(request: Request) -> Response:
    """Change a memory; the answer is how it is now."""
    memory, memory_id = memory_of(request), request.path_params["memory_id"]
    changes = await body(request, Edit)
    changed = await memory.update_memory(memory_id, **changes.model_dump())
    found = await memory.get_memory(memory_id) if changed else None
    return missing(memory_id) if found is None else answer(EditedMemory(memory=ShownMemory.of(found)))


async def delete(request: Request) -> Response:
    """Remove a memory for good."""
    memory_id = request.path_params["memory_id"]
    deleted = await memory_of(request).delete_memory(memory_id)
    return answer(Deletion(deleted=True)) if deleted else missing(memory_id)


async def unarchive(request: Request) -> Response:
    """Bring an archived memory back into search; of an original of a merge, say which run to undo."""
    result = await memory_of(request).unarchive_memories([request.path_params["memory_id"]])
    return missing(result.missing_ids[0]) if result.missing_ids else answer(result)


ROUTES = [
    # An id may hold slashes.
    Route("/api/memories/{memory_id:path}/unarchive", unarchive, methods=["POST"]),
    Route("/api/memories/{memory_id:path}", show, methods=["GET"]),
    Route("/api/memories/{memory_id:path}", edit, methods=["PATCH"]),
    Route("/api/memories/{memory_id:path}", delete, methods=["DELETE"]),
]
