"""What happens in a namespace, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from coda_graphmem.models import EventName
from coda_graphmem.server import fields as f
from coda_graphmem.server.memory import Reading
from coda_graphmem.server.state import ServerState, caller_of, state_of

if TYPE_CHECKING:
    from coda_graphmem.events.receivers import EventStream
    from coda_graphmem.models import MemoryEvent
    from coda_graphmem.server.callers import Caller

routes = APIRouter(tags=["events"])

MEDIA_TYPE = "text/event-stream"
#: What a stream says where nothing happens, which clients pass over.
_ALIVE = b": still here\n\n"


@routes.get(
    "/events",
    operation_id="events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events, of which `event` is the kind and `data` JSON.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        }
    },
)
async def events(
    memory: Reading,
    request: Request,
    kinds: Annotated[
        list[EventName] | None, Query(min_length=1, description="Only these kinds; repeat it for several.")
    ] = None,
    include_content: Annotated[f.QueryFlag, Query(description="Whether events hold what memories say.")] = False,
) -> StreamingResponse:
    """What is done in the namespace by this server from now on, until the client goes or the server ends.

    What other processes do on the same store is no part of it; `GET /stats` tells what became of it.
    """
    stream = memory.events(kinds, include_content)
    return StreamingResponse(_told(stream, state_of(request), caller_of(request)), media_type=MEDIA_TYPE)


async def _told(stream: "EventStream", state: ServerState, caller: "Caller") -> AsyncIterator[bytes]:
    """Events as text; something at least with every heartbeat."""
    ended = asyncio.ensure_future(state.ending.wait())
    upcoming: asyncio.Future[MemoryEvent] | None = None
    try:
        async with stream:
            yield b": from now on\n\n"
            while not ended.done():
                if upcoming is None:
                    upcoming = asyncio.ensure_future(anext(stream))
                waiting: set[asyncio.Future[Any]] = {upcoming, ended}
                await asyncio.wait(waiting, timeout=state.options.heartbeat, return_when=asyncio.FIRST_COMPLETED)
                # A key may have been revoked since.
                if ended.done() or not state.reception.is_still_good(caller):
                    return
                if not upcoming.done():
                    yield _ALIVE
                    continue
                try:
                    event = upcoming.result()
                except StopAsyncIteration:
                    return
                upcoming = None
                data = json.dumps(event.as_data(), ensure_ascii=False, separators=(",", ":"))
                yield f"event: {event.name}\ndata: {data}\n\n".encode()
    finally:
        ended.cancel()
        if upcoming is not None:
            upcoming.cancel()
