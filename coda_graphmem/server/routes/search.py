"""Search: what is relevant, and the text for a prompt that is made of it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from coda_graphmem.models import Context, MemoryType
from coda_graphmem.server import bodies
from coda_graphmem.server import fields as f
from coda_graphmem.server.answers import MemoryList
from coda_graphmem.server.memory import Reading, ReadingScope, within
from coda_graphmem.server.state import caller_of, state_of

routes = APIRouter(tags=["search"])


@routes.post("/search", operation_id="retrieve_memories")
async def retrieve_memories(memory: Reading, body: bodies.SearchBody, request: Request) -> MemoryList:
    """Find what is relevant to a question, the most relevant first, with `relevance_score` in [0, 1]."""
    for name in body.namespaces or ():
        caller_of(request).check_namespace(name, "namespaces")
    found = await within(memory, body.owner).retrieve_memories(**body.given(*bodies.OWNERS))
    return MemoryList.of(found)


@routes.post("/search/multi", operation_id="retrieve_memories_multi_query")
async def retrieve_memories_multi_query(memory: Reading, body: bodies.MultiSearchBody, request: Request) -> MemoryList:
    """Find what is relevant to several questions together."""
    state_of(request).options.limits.check_batch(body.queries, "queries")
    found = await within(memory, body.owner).retrieve_memories_multi_query(**body.given(*bodies.OWNERS))
    return MemoryList.of(found)


@routes.post("/context", operation_id="build_context")
async def build_context(memory: Reading, body: bodies.ContextBody) -> Context:
    """The text that belongs into a prompt: what is known, what is relevant and what was said last, quoted as data."""
    return await within(memory, body.owner).build_context(**body.given(*bodies.OWNERS))


@routes.get("/recent", operation_id="retrieve_recent_memories")
async def retrieve_recent_memories(
    *,
    memory: ReadingScope,
    hours: Annotated[f.QueryPositive, Query(description="How far back, in hours.")] = 24,
    memory_types: Annotated[
        list[MemoryType] | None, Query(min_length=1, description="Only these types; repeat it for several.")
    ] = None,
    limit: Annotated[f.QueryLimit | None, Query(description="How many at most.")] = None,
    where: f.QueryWhere = None,
) -> MemoryList:
    """The memories of the last hours, the newest first."""
    return MemoryList.of(await memory.retrieve_recent_memories(hours, memory_types, limit, where=where))
