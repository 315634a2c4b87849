"""Memories: keeping, reading, listing, changing and removing them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from coda_graphmem.inspector.responses import ShownMemory
from coda_graphmem.models import ArchiveResult, DeletionReceipt, MemoryType, SortOrder, UnarchiveResult
from coda_graphmem.server import bodies
from coda_graphmem.server import fields as f
from coda_graphmem.server.answers import Changed, Count, EntityList, MemoryList, Stored, StoredBatch, VersionList
from coda_graphmem.server.memory import Administering, Reading, ReadingScope, Writing, WritingScope, within
from coda_graphmem.server.problems import RefusedError, missing_memory
from coda_graphmem.server.state import state_of

routes = APIRouter(tags=["memories"])

MemoryId = Annotated[f.Id, Path(description="The id of the memory.")]


def _conditions(
    *,
    memory_types: Annotated[
        list[MemoryType] | None, Query(min_length=1, description="Only these types; repeat it for several.")
    ] = None,
    min_importance: Annotated[
        f.QueryUnit | None, Query(description="Only memories of at least this importance, in [0, 1].")
    ] = None,
    max_importance: Annotated[
        f.QueryUnit | None, Query(description="Only memories of at most this importance, in [0, 1].")
    ] = None,
    since: Annotated[
        f.QueryMoment | None, Query(description="Only memories whose timestamp is at or after this.")
    ] = None,
    until: Annotated[
        f.QueryMoment | None,
        Query(description="Only memories whose timestamp is before this, which has to be later than `since`."),
    ] = None,
    conversation_id: Annotated[f.Id | None, Query(description="Only memories of this conversation.")] = None,
    metadata: f.QueryMetadata = None,
    where: f.QueryWhere = None,
    archived: Annotated[f.QueryFlag, Query(description="Archived memories instead of live ones.")] = False,
) -> dict[str, Any]:
    """Which memories an address asks for, as the façade takes it."""
    return {
        "memory_types": memory_types,
        "min_importance": min_importance,
        "max_importance": max_importance,
        "since": since,
        "until": until,
        "conversation_id": conversation_id,
        "metadata": metadata,
        "where": where,
        "archived": archived,
    }


Conditions = Annotated[dict[str, Any], Depends(_conditions)]


@routes.post("/memories", status_code=201, operation_id="store_memory")
async def store_memory(memory: Writing, body: bodies.StoreBody) -> Stored:
    """Keep one memory. It is on disk when the answer is there.

    The same content of the same type, speaker and owner is kept once, unless it is episodic or has an id of its own:
    storing it again makes the memory that is there more important.
    """
    return Stored(memory_id=await memory.store_memory(**body.given()))


@routes.post("/memories/batch", status_code=201, operation_id="store_memories_batch")
async def store_memories_batch(memory: Writing, body: bodies.BatchBody, request: Request) -> StoredBatch:
    """Keep many memories, all or none."""
    state_of(request).options.limits.check_batch(body.memories, "memories")
    kept = await memory.store_memories_batch([one.given() for one in body.memories], on_conflict=body.on_conflict)
    return StoredBatch(memory_ids=kept)


@routes.get("/memories", operation_id="list_memories")
async def list_memories(
    *,
    memory: ReadingScope,
    limit: Annotated[f.QueryLimit, Query(description="How many at most, 1 to 10,000.")] = 100,
    offset: Annotated[f.QueryOffset, Query(description="How many to pass over.")] = 0,
    order: Annotated[
        SortOrder, Query(description="`newest`, `oldest`, or `weakest` (the least important, longest unused first).")
    ] = "newest",
    conditions: Conditions,
    as_of: Annotated[f.QueryMoment | None, Query(description="The time each `decay_factor` is computed for.")] = None,
) -> MemoryList:
    """A page of long-term memories."""
    return MemoryList.of(await memory.list_memories(limit, offset, order, **conditions, as_of=as_of))


@routes.get("/count", operation_id="count")
async def count(memory: ReadingScope, conditions: Conditions) -> Count:
    """How many long-term memories match."""
    return Count(count=await memory.count(**conditions))


@routes.get("/entities", operation_id="list_entities")
async def list_entities(
    *,
    memory: ReadingScope,
    limit: Annotated[f.QueryLimit, Query(description="How many at most, 1 to 10,000.")] = 100,
    offset: Annotated[f.QueryOffset, Query(description="How many to pass over.")] = 0,
) -> EntityList:
    """What memories mention: people, places, things."""
    return EntityList(results=await memory.list_entities(limit, offset))


@routes.post("/memories/read", operation_id="get_memories")
async def get_memories(memory: Reading, body: bodies.IdsBody, request: Request) -> MemoryList:
    """Memories by their ids, in the order asked for, each once; ids of none are passed over."""
    state_of(request).options.limits.check_batch(body.memory_ids, "memory_ids")
    return MemoryList.of(await within(memory, body.owner).get_memories(body.memory_ids))


@routes.post("/memories/archive", operation_id="archive_memories")
async def archive_memories(memory: Writing, body: bodies.IdsBody, request: Request) -> ArchiveResult:
    """Take memories out of search and keep them."""
    state_of(request).options.limits.check_batch(body.memory_ids, "memory_ids")
    return await within(memory, body.owner).archive_memories(body.memory_ids)


@routes.post("/memories/unarchive", operation_id="unarchive_memories")
async def unarchive_memories(memory: Writing, body: bodies.IdsBody, request: Request) -> UnarchiveResult:
    """Bring archived memories back into search, as they were."""
    state_of(request).options.limits.check_batch(body.memory_ids, "memory_ids")
    return await within(memory, body.owner).unarchive_memories(body.memory_ids)


@routes.post("/forget", operation_id="forget")
async def forget(memory: Writing, body: bodies.ForgetBody) -> DeletionReceipt:
    """Remove all memories that match, short-term and archived ones too, without a trace. Nothing brings them back.

    With an owner alone it is all that belongs to them.
    """
    conditions = body.given(*bodies.OWNERS)
    if not conditions and not body.owner:
        raise RefusedError(
            422, "names no memories.", field="body", remedy="Give a condition; POST /reset removes the whole namespace."
        )
    return await within(memory, body.owner).forget(**(conditions or {"everything": True}))


@routes.post("/reset", operation_id="reset")
async def reset(memory: Administering) -> DeletionReceipt:
    """Remove the whole namespace, without a trace. Nothing brings it back."""
    return await memory.forget(everything=True)


# Ids may hold a slash, so what has one after the id stands before the id alone.


@routes.get("/memories/{memory_id:path}/history", operation_id="get_history")
async def get_history(memory: ReadingScope, memory_id: MemoryId) -> VersionList:
    """How a memory was from one change to the next, the present state last."""
    found = await memory.get_history(memory_id)
    if not found:
        raise missing_memory(memory_id)
    return VersionList(results=found)


@routes.post("/memories/{memory_id:path}/supersede", operation_id="supersede_memory")
async def supersede_memory(memory: Writing, memory_id: MemoryId, body: bodies.SupersedeBody) -> Stored:
    """Let a memory be replaced by another one. It stays, and is found behind what replaces it."""
    memory = within(memory, body.owner)
    if await memory.get_memory(memory_id) is None:
        raise missing_memory(memory_id)
    return Stored(memory_id=await memory.supersede_memory(memory_id, **body.given(*bodies.OWNERS)))


@routes.post("/memories/{memory_id:path}/retract", operation_id="retract_memory")
async def retract_memory(memory: Writing, memory_id: MemoryId, body: bodies.StandingBody) -> Changed:
    """Take a memory back: what it says was never so. It stays, and is found as outdated."""
    if not await within(memory, body.owner).retract_memory(memory_id, **body.given(*bodies.OWNERS)):
        raise missing_memory(memory_id)
    return Changed(changed=True)


@routes.post("/memories/{memory_id:path}/reinstate", operation_id="reinstate_memory")
async def reinstate_memory(memory: Writing, memory_id: MemoryId, body: bodies.StandingBody) -> Changed:
    """Let a memory hold again, whatever has outdated it."""
    if not await within(memory, body.owner).reinstate_memory(memory_id, **body.given(*bodies.OWNERS)):
        raise missing_memory(memory_id)
    return Changed(changed=True)


@routes.post("/memories/{memory_id:path}/promote", operation_id="promote_memory")
async def promote_memory(memory: WritingScope, memory_id: MemoryId) -> Changed:
    """Keep a short-term memory for good."""
    if not await memory.promote_memory(memory_id):
        raise missing_memory(memory_id)
    return Changed(changed=True)


@routes.get("/memories/{memory_id:path}", operation_id="get_memory")
async def get_memory(
    memory: ReadingScope,
    memory_id: MemoryId,
    as_of: Annotated[f.QueryMoment | None, Query(description="The time its `decay_factor` is computed for.")] = None,
) -> ShownMemory:
    """One memory by its id, archived or short-term ones too."""
    found = await memory.get_memory(memory_id, as_of=as_of)
    if found is None:
        raise missing_memory(memory_id)
    return ShownMemory.of(found)


@routes.put("/memories/{memory_id:path}", operation_id="update_memory")
async def update_memory(memory: Writing, memory_id: MemoryId, body: bodies.UpdateBody) -> Changed:
    """Change a memory. What is left out stays as it is; how it was before stays in its history."""
    if not await within(memory, body.owner).update_memory(memory_id, **body.given(*bodies.OWNERS)):
        raise missing_memory(memory_id)
    return Changed(changed=True)


@routes.delete("/memories/{memory_id:path}", status_code=204, operation_id="delete_memory")
async def delete_memory(memory: WritingScope, memory_id: MemoryId) -> None:
    """Remove a memory for good, with all that only it held."""
    if not await memory.delete_memory(memory_id):
        raise missing_memory(memory_id)
