"""What goes wrong as an answer, by RFC 9457: the one place that gives an error its status."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from coda_graphmem.errors import (
    EmbeddingError,
    EmbeddingMismatchError,
    ExtractionError,
    GraphMemoryError,
    MemoryConsolidationError,
    MemoryStorageError,
    MissingPackageError,
    NotInitializedError,
    StoreUnavailableError,
    ValidationError,
)
from coda_graphmem.validation.arguments import explain, place_of

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

#: Seconds after which it is worth to try again what could not be reached.
_LATER = 5


class Problem(BaseModel):
    """What went wrong, and what to do about it."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str = "about:blank"
    """``about:blank``: ``status`` says what kind of problem it is."""
    title: str
    """The status in words."""
    status: int
    """The status of the answer."""
    detail: str
    """What is wrong, in one sentence."""
    field: str | None = None
    """The parameter, header or part of the body that it is about, such as ``memories[3].content``."""
    remedy: str | None = None
    """What to do about it."""


class RefusedError(GraphMemoryError, HTTPException):
    """A request that is not answered as it is, wherever in the handling of it that turns out.

    Args:
        status: Of the answer.
        message: What is wrong, in one sentence.
        field: What it is about.
        remedy: What to do about it.
        headers: Headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        field: str | None = None,
        remedy: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        GraphMemoryError.__init__(self, message, field=field, remedy=remedy)
        self.status_code = status
        self.detail = message
        self.headers = dict(headers or {})


def missing_memory(memory_id: str) -> RefusedError:
    """The answer where there is no such memory."""
    return RefusedError(
        404,
        f"there is no memory {memory_id[:100]!r} here.",
        field="memory_id",
        remedy="Look for its id with POST /search or GET /memories.",
    )


def _is_taken(error: GraphMemoryError) -> bool:
    """Whether an id that a caller gave is in use with something else."""
    return isinstance(error, ValidationError) and error.message.startswith("a memory with the id ")


#: What an error is answered with: the first that fits counts.
_STATUS: Sequence[tuple[Callable[[GraphMemoryError], bool], int]] = (
    (_is_taken, 409),
    (lambda error: isinstance(error, ValidationError), 422),
    (lambda error: isinstance(error, MemoryStorageError) and error.field == "expected_version", 409),
    (lambda error: isinstance(error, MemoryConsolidationError) and error.message.startswith("no consolidation "), 404),
    (lambda error: isinstance(error, MemoryConsolidationError) and not error.__cause__, 409),
    (lambda error: isinstance(error, MissingPackageError), 501),
    (lambda error: isinstance(error, EmbeddingMismatchError), 500),
    (
        lambda error: isinstance(error, StoreUnavailableError | NotInitializedError | EmbeddingError | ExtractionError),
        503,
    ),
)


def status_of(error: GraphMemoryError) -> int:
    """The status that an error is answered with."""
    if isinstance(error, RefusedError):
        return error.status_code
    return next((status for fits, status in _STATUS if fits(error)), 500)


def problem_answer(error: Exception) -> Response:
    """The answer to a request that failed."""
    if isinstance(error, RequestValidationError):
        error = _of_request(error)
    if isinstance(error, HTTPException) and not isinstance(error, RefusedError):
        headers = dict(error.headers or {})
        said = _SAID.get(error.status_code)
        error = RefusedError(
            error.status_code, said or str(error.detail), remedy=_ADDRESSES if said else None, headers=headers
        )
    if not isinstance(error, GraphMemoryError):
        # Only the kind: the text of a foreign error may hold content.
        logger.error("A request failed unexpectedly (%s).", type(error).__name__)
        logger.debug("It comes from:", exc_info=error)
        error = RefusedError(
            500, f"something failed unexpectedly ({type(error).__name__}).", remedy="See the server's log."
        )
    status = status_of(error)
    headers = dict(error.headers or {}) if isinstance(error, RefusedError) else {}
    if status == 503:
        headers.setdefault("Retry-After", str(_LATER))
    problem = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=error.message, field=error.field, remedy=error.remedy
    )
    return Response(problem.model_dump_json(exclude_none=True), status, headers, MEDIA_TYPE)


_SAID = {404: "there is nothing at this address.", 405: "this address does not take this method."}
_ADDRESSES = "GET /openapi.json says which there are."


def _of_request(error: RequestValidationError) -> RefusedError:
    """The first thing that is wrong with a request."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        place = first["loc"][-1]
        why = first.get("ctx", {}).get("error", "")
        return RefusedError(
            400, f"is no JSON ({why} at character {place}).", field="body", remedy="Send a JSON object."
        )
    if first["type"] == "model_attributes_type":
        return RefusedError(422, "is no object.", field="body", remedy="Send a JSON object as application/json.")
    message, remedy = explain(first)
    where, *rest = first["loc"]
    return RefusedError(422, message, field=place_of(tuple(rest)) or str(where), remedy=remedy)


async def answer_error(_: Request, error: Exception) -> Response:
    """See `problem_answer`; for applications."""
    if isinstance(error, ClientDisconnect):
        # Who asked went away in the middle: nobody reads it, and nothing is wrong.
        return Response(status_code=400)
    return problem_answer(error)
