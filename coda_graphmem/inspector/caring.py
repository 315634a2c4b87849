"""Requests about one memory: its page, editing and deleting it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coda_graphmem.inspector.answers import as_json, body, memory_of, missing

#: Archived memories that are looked through for what a memory was merged from.
_ARCHIVED = 10_000


class Edit(BaseModel):
    """A change of a memory; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    content: str | None = None
    importance_score: float | None = None
    metadata: dict[str, Any] | None = None


async def show(request: Request) -> Response:
    """A memory with its links and, where it was merged, its originals."""
    memory, memory_id = memory_of(request), request.path_params["memory_id"]
    found = await memory.get_memory(memory_id)
    if found is None:
        return missing(memory_id)
    originals = []
    if "consolidated" in found.metadata:
        archived = await memory.list_memories(limit=_ARCHIVED, archived=True)
        originals = [item for item in archived if item.consolidated_into == memory_id]
    newer = await memory.get_memories(found.possibly_outdated_by) if found.possibly_outdated_by else []
    return JSONResponse(
        {
            "memory": as_json(found),
            "originals": [as_json(item) for item in originals],
            "newer": [as_json(item) for item in newer],
        }
    )


async def edit(request: Request) -> Response:
    """Change a memory; the answer is how it is now."""
    memory, memory_id = memory_of(request), request.path_params["memory_id"]
    changes = await body(request, Edit)
    changed = await memory.update_memory(memory_id, **changes.model_dump())
    found = await memory.get_memory(memory_id) if changed else None
    return missing(memory_id) if found is None else JSONResponse({"memory": as_json(found)})


async def delete(request: Request) -> Response:
    """Remove a memory for good."""
    memory_id = request.path_params["memory_id"]
    deleted = await memory_of(request).delete_memory(memory_id)
    return JSONResponse({"deleted": True}) if deleted else missing(memory_id)


ROUTES = [
    Route("/api/memories/{memory_id}", show, methods=["GET"]),
    Route("/api/memories/{memory_id}", edit, methods=["PATCH"]),
    Route("/api/memories/{memory_id}", delete, methods=["DELETE"]),
]
