"""Requests for the graph: pages of it, what is linked to memories, and entities."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from coda_graphmem.errors import ValidationError
from coda_graphmem.inspector.picture import CROWDED, DrawingOptions, draw_graph, draw_part
from coda_graphmem.inspector.requests import conditions, flag, integer, memory_of
from coda_graphmem.inspector.responses import DrawnGraph, DrawnNode, EntityPage, answer

#: Memories that are asked for at a time at most.
SHOWN = 10_000

#: Memories that expanding one brings at most.
_EXPANDED = 40

#: Memories of an entity that are shown at first.
_LISTED = 40

#: Memories whose neighbours are asked for at a time.
_ASKED = 100

#: Memories that come along, beyond those asked for.
_BESIDE = 60


async def graph(request: Request) -> Response:
    """A page of the newest memories with what they mention and their conversations; the first page is placed."""
    memory = memory_of(request)
    limit, skip = min(integer(request, "limit", SHOWN), SHOWN), integer(request, "skip", 0)
    found = await memory.get_graph(
        max_memories=limit, include_archived=flag(request, "archived"), skip=skip, where=conditions(request)
    )
    sparse = skip > 0 or found.left_out > 0 or found.count("memory") > CROWDED
    options = DrawingOptions(rate=memory.config.importance_decay_rate, placed=skip == 0, sparse=sparse)
    # Placing takes a second where there are many, in which others want to go on.
    return answer(await asyncio.to_thread(draw_graph, found, options))


async def neighbourhood(request: Request) -> Response:
    """A memory with what the graph links to it."""
    memory = memory_of(request)
    start = [request.path_params["memory_id"]]
    found = await memory.get_graph(memory_ids=start, max_memories=_EXPANDED, where=conditions(request))
    return answer(draw_part(memory, found))


async def neighbours(request: Request) -> Response:
    """Memories with what the graph links to them, or at depth 0 alone.

    Those that are live no more, and those of which the conditions do not hold, are passed over.
    """
    memory, where, depth = memory_of(request), conditions(request), integer(request, "depth", 1)
    asked = request.query_params.getlist("id")
    if not 0 < len(asked) <= _ASKED:
        raise ValidationError(f"asks for {len(asked)} memories.", field="id", remedy=f"Name 1 to {_ASKED}.")
    live = [
        m.memory_id for m in await memory.get_memories(asked) if m.archived_at is None and m.lifetime == "long_term"
    ]
    if not live:
        return answer(DrawnGraph(namespace=memory.namespace, nodes=[], edges=[], left_out=0))
    beside = _BESIDE if depth else 0
    found = await memory.get_graph(memory_ids=live, max_depth=depth, max_memories=len(live) + beside, where=where)
    return answer(draw_part(memory, found))


async def entity(request: Request) -> Response:
    """An entity with its newest memories, as many as are asked for, and the graph of them."""
    memory, key, where = memory_of(request), request.path_params["key"], conditions(request)
    limit = min(integer(request, "limit", _LISTED), SHOWN)
    found = await memory.get_graph(entity_keys=[key], max_memories=limit, where=where)
    drawn = draw_part(memory, found, sparse=found.count("memory") > 1)
    # What only archived or short-term memories mention is in no graph.
    unseen = DrawnNode(id=f"entity:{key}", kind="entity", label=key, mentions=0)
    node = next((node for node in drawn["nodes"] if node["id"] == unseen["id"]), unseen)
    memories = [item for item in drawn["nodes"] if item["kind"] == "memory"]
    memories.sort(key=lambda item: (-item["time"], item["id"]))
    in_all = node["mentions"] if where is None else await memory.count(where={"$and": [{"entities": key}, where]})
    return answer(EntityPage(node=node, in_all=in_all, memories=memories, graph=drawn))


ROUTES = [
    Route("/api/graph", graph),
    Route("/api/graph/{memory_id:path}", neighbourhood),
    Route("/api/around", neighbours),
    Route("/api/entities/{key:path}", entity),
]
