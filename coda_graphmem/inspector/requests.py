"""What requests hold: the memory they are about, arguments, and bodies."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic import ValidationError as BadBody
from starlette.requests import HTTPConnection, Request

from coda_graphmem.errors import ValidationError
from coda_graphmem.manager import MemoryManager
from coda_graphmem.where import conditions_of

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


def moment(request: Request, name: str) -> float | str | None:
    """A time of the address, in seconds or as ISO 8601, which `MemoryManager` reads; None where it is not given."""
    value = request.query_params.get(name)
    try:
        return None if value is None else float(value)
    except ValueError:
        return value


def flag(request: Request, name: str) -> bool:
    """Whether the address asks for something."""
    return request.query_params.get(name) in ("1", "true")


def conditions(request: Request) -> Mapping[str, Any] | None:
    """Conditions of the address, written in JSON, of which all have to hold; None where there are none.

    Raises:
        ValidationError: They are no JSON, or no conditions.
    """
    given = [conditions_of(text) for text in request.query_params.getlist("where")]
    return {"$and": given} if given else None


async def content(request: Request, limit: int) -> bytes:
    """What a request sends, of at most so many bytes.

    Raises:
        ValidationError: It is larger.
    """
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > limit:
            raise ValidationError("is too large.", field="body", remedy=f"Send at most {limit:,} bytes.")
    return bytes(found)


async def body(request: Request, model: type[Body]) -> Body:
    """What a change sends.

    Raises:
        ValidationError: It is too large, no JSON, or has other fields.
    """
    try:
        return model.model_validate_json(await content(request, MAX_BODY))
    except BadBody as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "body"
        raise ValidationError(f"is not acceptable ({first['msg']}).", field=name, remedy="Correct it.") from None
