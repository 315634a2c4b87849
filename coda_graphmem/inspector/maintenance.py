"""Requests about upkeep: what would be merged and why not, runs and undoing them, jobs and health."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coda_graphmem.inspector.requests import as_json, body, integer, memory_of
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import ConsolidationResult

#: Hours that are looked back where nobody says how many: a year.
_HOURS = 24 * 365

#: Refused pairs that are shown, the most alike first.
_REFUSED = 100

_RUNS = 50


class Window(BaseModel):
    """How far back a consolidation looks."""

    model_config = ConfigDict(extra="forbid")

    hours: int = _HOURS


async def review(request: Request) -> Response:
    """What a consolidation would merge, what it would not, and why; nothing is changed."""
    memory = memory_of(request)
    result = await memory.consolidate_memories(integer(request, "hours", _HOURS), dry_run=True)
    return JSONResponse(await _told(memory, result))


async def consolidate(request: Request) -> Response:
    """Merge what says the same."""
    memory = memory_of(request)
    window = await body(request, Window)
    return JSONResponse(await _told(memory, await memory.consolidate_memories(window.hours)))


class Chosen(BaseModel):
    """Memories that somebody chose, and what to do in spite of guards."""

    model_config = ConfigDict(extra="forbid")

    memory_ids: list[str]
    despite_guards: bool = False


class Decision(BaseModel):
    """Memories that are kept apart, or are no longer."""

    model_config = ConfigDict(extra="forbid")

    memory_ids: list[str]
    refused: bool


async def merge(request: Request) -> Response:
    """Merge one group now, as a run of its own."""
    chosen = await body(request, Chosen)
    done = await memory_of(request).merge_memories(chosen.memory_ids, despite_guards=chosen.despite_guards)
    return JSONResponse(done.model_dump(mode="json"))


async def decide(request: Request) -> Response:
    """Refuse to merge some memories, or take that back."""
    memory, decision = memory_of(request), await body(request, Decision)
    call = memory.refuse_merge if decision.refused else memory.allow_merge
    return JSONResponse({"pairs": await call(decision.memory_ids)})


async def runs(request: Request) -> Response:
    """Consolidations of the namespace, the newest first."""
    found = await memory_of(request).list_consolidations(_RUNS)
    return JSONResponse([run.model_dump(mode="json") for run in found])


async def undo(request: Request) -> Response:
    """Take a consolidation back."""
    result = await memory_of(request).undo_consolidation(request.path_params["run_id"])
    return JSONResponse(result.model_dump(mode="json"))


async def jobs(request: Request) -> Response:
    """Jobs of the schedule and what ran."""
    memory = memory_of(request)
    return JSONResponse(
        {
            "jobs": [status.model_dump(mode="json") for status in await memory.list_jobs()],
            "runs": [run.model_dump(mode="json") for run in await memory.list_runs(limit=_RUNS)],
        }
    )


async def run_job(request: Request) -> Response:
    """Do a job now; the answer is null where another process is at it."""
    run = await memory_of(request).run_job(request.path_params["name"])
    return JSONResponse(None if run is None else run.model_dump(mode="json"))


async def health(request: Request) -> Response:
    """How well the namespace is."""
    return JSONResponse((await memory_of(request).check_memory_health()).model_dump(mode="json"))


async def _told(memory: MemoryManager, result: ConsolidationResult) -> dict[str, object]:
    refused = sorted(result.refused, key=lambda pair: -pair.similarity)[:_REFUSED]
    wanted = [memory_id for proposal in result.proposals for memory_id in proposal.merged.source_ids]
    wanted += [memory_id for pair in refused for memory_id in (pair.first_id, pair.second_id)]
    found = await memory.get_memories(list(dict.fromkeys(wanted))) if wanted else []
    told = result.model_dump(mode="json", exclude={"refused"})
    return {
        **told,
        "refused": [pair.model_dump(mode="json") for pair in refused],
        "refused_in_all": len(result.refused),
        "memories": {item.memory_id: as_json(item) for item in found},
    }


ROUTES = [
    Route("/api/consolidation", review, methods=["GET"]),
    Route("/api/consolidation", consolidate, methods=["POST"]),
    Route("/api/consolidation/merges", merge, methods=["POST"]),
    Route("/api/consolidation/refusals", decide, methods=["POST"]),
    Route("/api/consolidation/runs", runs),
    Route("/api/consolidation/runs/{run_id}/undo", undo, methods=["POST"]),
    Route("/api/jobs", jobs),
    Route("/api/jobs/{name}/run", run_job, methods=["POST"]),
    Route("/api/health", health),
]
