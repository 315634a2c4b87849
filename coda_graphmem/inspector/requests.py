"""What all parts of the API share: the memory asked about, arguments, and errors as JSON."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic import ValidationError as BadBody
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from coda_graphmem.errors import GraphMemoryError, MemoryConsolidationError, StoreUnavailableError, ValidationError
from coda_graphmem.manager import MemoryManager
from coda_graphmem.models import Memory

logger = logging.getLogger(__name__)

Body = TypeVar("Body", bound=BaseModel)

#: Bytes a change may send.
MAX_BODY = 4_000_000


def memory_of(connection: HTTPConnection) -> MemoryManager:
    """The memory, in the namespace that the address names."""
    memory: MemoryManager = connection.app.state.memory
    name = connection.query_params.get("namespace")
    return memory if name in (None, memory.namespace) else memory.for_namespace(name)


def integer(request: Request, name: str, default: int) -> int:
    """A whole number of the address; `MemoryManager` checks its range."""
    value = request.query_params.get(name)
    try:
        return default if value is None else int(value)
    except ValueError:
        raise ValidationError("is no whole number.", field=name, remedy="Write digits.") from None


def number(request: Request, name: str) -> float | None:
    """A number of the address; None where it is not given."""
    value = request.query_params.get(name)
    try:
        return None if value is None else float(value)
    except ValueError:
        raise ValidationError("is no number.", field=name, remedy="Write digits.") from None


def flag(request: Request, name: str) -> bool:
    """Whether the address asks for something."""
    return request.query_params.get(name) in ("1", "true")


async def body(request: Request, model: type[Body]) -> Body:
    """What a change sends.

    Raises:
        ValidationError: It is too large, no JSON, or has other fields.
    """
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_BODY:
            raise ValidationError("is too large.", field="body", remedy=f"Send at most {MAX_BODY:,} bytes.")
    try:
        return model.model_validate_json(bytes(content))
    except BadBody as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "body"
        raise ValidationError(f"is not acceptable ({first['msg']}).", field=name, remedy="Correct it.") from None


def as_json(memory: Memory) -> dict[str, Any]:
    """A memory without its vector."""
    return memory.model_dump(mode="json", exclude={"embedding"})


def missing(memory_id: str) -> Response:
    """The answer where there is no such memory."""
    return JSONResponse({"error": f"There is no memory {memory_id} any more."}, 404)


async def failed(_: Request, error: Exception) -> Response:
    """An error as JSON: what is wrong, which argument it is about, and what helps."""
    if not isinstance(error, GraphMemoryError):
        # Only the kind: the text of a foreign error may hold content.
        logger.error("The inspector failed (%s).", type(error).__name__, exc_info=error)
        return JSONResponse({"error": f"Something failed unexpectedly ({type(error).__name__})."}, 500)
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    return JSONResponse({"error": error.message, "field": error.field, "remedy": error.remedy}, status)


#: Statuses of errors, of which the first that fits counts. What cannot be merged or undone as things are is a conflict.
_STATUS: dict[type[GraphMemoryError], int] = {
    ValidationError: 422,
    StoreUnavailableError: 503,
    MemoryConsolidationError: 409,
}
