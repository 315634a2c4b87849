"""Upkeep of a namespace: merging what says the same, fading, counts and a check."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from coda_graphmem.models import ConsolidationResult, DecayResult, MemoryHealth, MemoryStats, UndoResult
from coda_graphmem.server import bodies
from coda_graphmem.server import fields as f
from coda_graphmem.server.answers import InspectorPage, NamespaceList, RunList
from coda_graphmem.server.memory import Administering, Reading
from coda_graphmem.server.state import caller_of

routes = APIRouter(tags=["upkeep"])


@routes.get("/stats", operation_id="get_memory_stats")
async def get_memory_stats(memory: Reading, request: Request) -> MemoryStats:
    """Counts of the namespace. The size of the whole store is told to those who may see all of it."""
    found = await memory.get_memory_stats()
    return found if caller_of(request).sees_all else found.model_copy(update={"storage_bytes": None})


@routes.get("/check", operation_id="check_memory_health")
async def check_memory_health(memory: Administering) -> MemoryHealth:
    """Compare all that the namespace holds with indexes and counters."""
    return await memory.check_memory_health()


@routes.post("/decay", operation_id="apply_decay")
async def apply_decay(memory: Administering, body: bodies.DecayBody) -> DecayResult:
    """Keep how much of each memory's strength is left."""
    return await memory.apply_decay(**body.given())


@routes.post("/consolidations", operation_id="consolidate_memories")
async def consolidate_memories(memory: Administering, body: bodies.ConsolidateBody) -> ConsolidationResult:
    """Say which memories would be merged as they say the same, or with `dry_run: false` merge them."""
    return await memory.consolidate_memories(**{"dry_run": body.dry_run, **body.given()})


@routes.get("/consolidations", operation_id="list_consolidations")
async def list_consolidations(
    memory: Administering, limit: Annotated[f.QueryLimit, Query(description="How many at most.")] = 100
) -> RunList:
    """Consolidations of the namespace, the newest first."""
    return RunList(results=await memory.list_consolidations(limit))


@routes.post("/consolidations/{run_id}/undo", operation_id="undo_consolidation")
async def undo_consolidation(
    memory: Administering, run_id: Annotated[f.Id, Path(description="The run, as `consolidate_memories` named it.")]
) -> UndoResult:
    """Take a consolidation back: originals are live again, as they were."""
    return await memory.undo_consolidation(run_id)


@routes.get("/namespaces", operation_id="list_namespaces")
async def list_namespaces(memory: Administering, request: Request) -> NamespaceList:
    """The namespaces that hold something and that the key is for."""
    caller = caller_of(request)
    return NamespaceList(results=[name for name in await memory.list_namespaces() if caller.sees(name)])


@routes.post("/inspector", operation_id="open_inspector")
async def open_inspector(memory: Administering, request: Request) -> InspectorPage:
    """An address that opens the inspector once, for keys that are for every namespace."""
    del memory
    caller = caller_of(request)
    caller.check_all()
    return InspectorPage(address=await request.app.state.inspection.open(caller, str(request.base_url)))
