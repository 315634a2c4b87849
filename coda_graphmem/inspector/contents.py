"""Requests that follow as one looks closer: what hangs on memories in view, and a whole conversation."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coda_graphmem.errors import ValidationError
from coda_graphmem.inspector.picture import Options, drawing
from coda_graphmem.inspector.requests import as_json, memory_of

#: Memories whose surroundings are asked for at a time.
_ASKED = 100

#: Memories that come along, beyond those asked for.
_BESIDE = 60

#: Memories of a conversation that are shown: the first ones.
_TURNS = 2_000


async def around(request: Request) -> Response:
    """Memories with what the graph links to them; those that are live no more are passed over."""
    memory = memory_of(request)
    asked = request.query_params.getlist("id")
    if not 0 < len(asked) <= _ASKED:
        raise ValidationError(f"asks for {len(asked)} memories.", field="id", remedy=f"Name 1 to {_ASKED}.")
    live = [m.memory_id for m in await memory.get_memories(asked) if m.archived_at is None and m.expires_at is None]
    if not live:
        return JSONResponse({"namespace": memory.namespace, "nodes": [], "edges": [], "left_out": 0})
    found = await memory.get_graph(memory_ids=live, max_memories=len(live) + _BESIDE)
    return JSONResponse(drawing(found, Options(rate=memory.config.importance_decay_rate, placed=False)))


async def conversation(request: Request) -> Response:
    """The live memories of a conversation in the order in which they happened."""
    memory = memory_of(request)
    name = request.query_params.get("id", "")
    found = await memory.list_memories(limit=_TURNS, order="oldest", conversation_id=name)
    total = await memory.count(conversation_id=name) if len(found) == _TURNS else len(found)
    return JSONResponse({"memories": [as_json(item) for item in found], "left_out": total - len(found)})


ROUTES = [Route("/api/around", around), Route("/api/conversation", conversation)]
