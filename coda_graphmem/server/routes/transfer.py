"""Memories as lines of JSON, out and in."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from coda_graphmem.models import ImportReport
from coda_graphmem.server import fields as f
from coda_graphmem.server.memory import Reading, Writing

routes = APIRouter(tags=["transfer"])

MEDIA_TYPE = "application/jsonl"
#: Bytes that are read or written at a time.
_PART = 256 * 1024
#: Bytes that are kept in memory before a file takes them.
_IN_MEMORY = 1024 * 1024

_LINES: dict[str, Any] = {MEDIA_TYPE: {"schema": {"type": "string"}}}


def _nameless() -> BinaryIO:
    """A file that nobody else can open, and that goes with this process."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))


@routes.get(
    "/export",
    operation_id="export_memories",
    response_class=StreamingResponse,
    responses={200: {"description": "A line of JSON for each memory, and for what belongs to it.", "content": _LINES}},
)
async def export_memories(
    memory: Reading,
    where: f.QueryWhere = None,
    with_embeddings: Annotated[
        f.QueryFlag, Query(description="Whether vectors are part of it; without, an import makes them anew.")
    ] = False,
) -> StreamingResponse:
    """All memories of the namespace, archived and short-term ones too, as `POST /import` takes them: without loss."""
    file = _nameless()
    try:
        # Written first: what fails is answered as an error, and no slow reader holds a state of the store open.
        await memory.export_memories(file, "jsonl", where=where, with_embeddings=with_embeddings)
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise

    async def parts() -> AsyncIterator[bytes]:
        with file:
            while part := await asyncio.to_thread(file.read, _PART):
                yield part

    return StreamingResponse(parts(), media_type=MEDIA_TYPE)


@routes.post(
    "/import",
    operation_id="import_memories",
    openapi_extra={"requestBody": {"required": True, "content": _LINES}},
)
async def import_memories(memory: Writing, request: Request) -> ImportReport:
    """Bring memories back from the lines that `GET /export` gave, exactly as they were, into this namespace.

    Memories whose id exists are passed over, so that an import that was interrupted is simply made again.
    """
    with _nameless() as file:
        async for part in request.stream():
            await asyncio.to_thread(file.write, part)
        await asyncio.to_thread(file.seek, 0)
        return await memory.import_memories(file)
