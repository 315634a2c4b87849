"""Requests that look: the graph, questions, and how strong memories are."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coda_graphmem._version import __version__
from coda_graphmem.inspector.picture import CROWDED, Options, drawing
from coda_graphmem.inspector.requests import as_json, flag, integer, memory_of, number
from coda_graphmem.models import Memory

#: Memories that are asked for at a time at most.
SHOWN = 10_000

#: Memories that expanding one brings at most.
_EXPANDED = 40

#: Memories of an entity that are shown at first.
_LISTED = 40

#: Starts of paths that are shown though they are no results, for each result.
_PATHS = 3


async def state(request: Request) -> Response:
    """What there is to look at, and what may be done."""
    memory = memory_of(request)
    stats = await memory.get_memory_stats()
    return JSONResponse(
        {
            "version": __version__,
            "store": memory.config.vector_store_type,
            "namespace": memory.namespace,
            "namespaces": sorted({*await memory.list_namespaces(), memory.namespace}),
            "read_only": request.app.state.access.read_only,
            "semantic_search": memory.config.enable_semantic_search,
            "stats": stats.model_dump(mode="json"),
        }
    )


async def graph(request: Request) -> Response:
    """A page of the newest memories with what they mention and their conversations; the first page is placed."""
    memory = memory_of(request)
    limit, skip = min(integer(request, "limit", SHOWN), SHOWN), integer(request, "skip", 0)
    found = await memory.get_graph(max_memories=limit, include_archived=flag(request, "archived"), skip=skip)
    sparse = skip > 0 or found.left_out > 0 or found.count("memory") > CROWDED
    options = Options(rate=memory.config.importance_decay_rate, placed=skip == 0, sparse=sparse)
    # Placing takes a second where there are many, in which others want to go on.
    return JSONResponse(await asyncio.to_thread(drawing, found, options))


async def around(request: Request) -> Response:
    """A memory with what the graph links to it."""
    memory = memory_of(request)
    found = await memory.get_graph(memory_ids=[request.path_params["memory_id"]], max_memories=_EXPANDED)
    return JSONResponse(drawing(found, Options(rate=memory.config.importance_decay_rate, placed=False)))


async def entity(request: Request) -> Response:
    """An entity with its newest memories, as many as are asked for, and the graph of them."""
    memory, key = memory_of(request), request.path_params["key"]
    found = await memory.get_graph(entity_keys=[key], max_memories=min(integer(request, "limit", _LISTED), SHOWN))
    drawn = drawing(
        found, Options(rate=memory.config.importance_decay_rate, placed=False, sparse=found.count("memory") > 1)
    )
    # What only archived or short-term memories mention is in no graph.
    unseen = {"id": f"entity:{key}", "kind": "entity", "label": key, "mentions": 0}
    node = next((node for node in drawn["nodes"] if node["id"] == unseen["id"]), unseen)
    memories = [item for item in drawn["nodes"] if item["kind"] == "memory"]
    memories.sort(key=lambda item: (-item["time"], item["id"]))
    return JSONResponse({"node": node, "in_all": node["mentions"], "memories": memories, "graph": drawn})


async def ask(request: Request) -> Response:
    """The ranked answers to a question with their explanations, and the part of the graph that led to them.

    Looking is no recall: it makes no memory stronger.
    """
    memory = memory_of(request)
    found = await memory.retrieve_memories(
        request.query_params.get("q", ""),
        limit=integer(request, "limit", 10),
        min_relevance=0.0,
        as_of=number(request, "as_of"),
        explain=True,
        count_recall=False,
    )
    wanted = list(dict.fromkeys([item.memory_id for item in found] + _seeds(found)))
    part: dict[str, Any] = {"nodes": [], "edges": [], "left_out": 0, "namespace": memory.namespace}
    if wanted:
        linked = await memory.get_graph(memory_ids=wanted, max_depth=0, max_memories=len(wanted))
        part = drawing(linked, Options(rate=memory.config.importance_decay_rate, placed=False))
    return JSONResponse({"results": [as_json(item) for item in found], "graph": part})


def _seeds(found: list[Memory]) -> list[str]:
    """Where the shown paths of results start."""
    paths = [path for item in found if item.explanation for path in item.explanation.paths[:_PATHS]]
    return [path.seed_id for path in paths if path.seed_id is not None]


ROUTES = [
    Route("/api/state", state),
    Route("/api/graph", graph),
    Route("/api/graph/{memory_id:path}", around),
    Route("/api/entities/{key:path}", entity),
    Route("/api/ask", ask),
]
