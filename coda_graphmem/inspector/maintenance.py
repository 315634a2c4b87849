"""Requests about maintenance: what would be merged and why not, runs and undoing them, jobs and health."""

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coda_graphmem.inspector.requests import body, integer, memory_of
from coda_graphmem.inspector.responses import Jobs, MergeDecision, Review, ShownMemory, answer
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import ConsolidationResult

#: Hours that are looked back where nobody says how many: a year.
_HOURS = 24 * 365

#: Refused pairs that are shown, the most alike first.
_REFUSED = 100

_RUNS = 50


class Window(BaseModel, extra="forbid"):
    """How far back a consolidation looks."""

    hours: int = _HOURS


async def review(request: Request) -> Response:
    """What a consolidation would merge, what it would not, and why; nothing is changed."""
    memory = memory_of(request)
    result = await memory.consolidate_memories(integer(request, "hours", _HOURS), dry_run=True)
    return answer(await _review(memory, result))


async def consolidate(request: Request) -> Response:
    """Merge what says the same."""
    memory = memory_of(request)
    window = await body(request, Window)
    return answer(await _review(memory, await memory.consolidate_memories(window.hours)))


class Chosen(BaseModel, extra="forbid"):
    """Memories that somebody chose, and what to do in spite of guards."""

    memory_ids: list[str]
    despite_guards: bool = False


class Decision(BaseModel, extra="forbid"):
    """Memories that are kept apart, or are no longer."""

    memory_ids: list[str]
    refused: bool


async def merge(request: Request) -> Response:
    """Merge one group now, as a run of its own."""
    chosen = await body(request, Chosen)
    done = await memory_of(request).merge_memories(chosen.memory_ids, despite_guards=chosen.despite_guards)
    return answer(done)


async def decide(request: Request) -> Response:
    """Refuse to merge some memories, or take that back."""
    memory, decision = memory_of(request), await body(request, Decision)
    call = memory.refuse_merge if decision.refused else memory.allow_merge
    return answer(MergeDecision(pairs=await call(decision.memory_ids)))


async def runs(request: Request) -> Response:
    """Consolidations of the namespace, the newest first."""
    return answer(await memory_of(request).list_consolidations(_RUNS))


async def undo(request: Request) -> Response:
    """Take a consolidation back."""
    return answer(await memory_of(request).undo_consolidation(request.path_params["run_id"]))


async def jobs(request: Request) -> Response:
    """Jobs of the schedule and what ran."""
    memory = memory_of(request)
    return answer(Jobs(jobs=await memory.list_jobs(), runs=await memory.list_runs(limit=_RUNS)))


async def run_job(request: Request) -> Response:
    """Do a job now; the answer is null where another process is at it."""
    return answer(await memory_of(request).run_job(request.path_params["name"]))


async def health(request: Request) -> Response:
    """How well the namespace is."""
    return answer(await memory_of(request).check_memory_health())


async def _review(memory: MemoryManager, result: ConsolidationResult) -> Review:
    refused = sorted(result.refused, key=lambda pair: -pair.similarity)[:_REFUSED]
    wanted = [memory_id for proposal in result.proposals for memory_id in proposal.merged.source_ids]
    wanted += [memory_id for pair in refused for memory_id in (pair.first_id, pair.second_id)]
    found = await memory.get_memories(list(dict.fromkeys(wanted))) if wanted else []
    shown = {item.memory_id: ShownMemory.of(item) for item in found}
    return Review(**{**dict(result), "refused": refused}, refused_in_all=len(result.refused), memories=shown)


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
