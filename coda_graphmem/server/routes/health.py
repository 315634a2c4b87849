"""Whether the server lives and is ready, and what it has done, for those who look after it."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from coda_graphmem.server.answers import Health
from coda_graphmem.server.metrics import MEDIA_TYPE
from coda_graphmem.server.problems import RefusedError
from coda_graphmem.server.state import state_of

routes = APIRouter(tags=["health"])

#: Seconds that are as good as none.
_AT_ONCE = 0.1


@routes.get("/health", operation_id="health")
async def health(request: Request) -> Health:
    """Whether the server answers. Needs no key; says nothing of any memory."""
    return Health(status="ok", ready=await state_of(request).is_ready(_AT_ONCE))


@routes.get("/health/ready", operation_id="ready")
async def ready(request: Request) -> Health:
    """The same, with the status 503 until the memory is open and its store answers."""
    if not await state_of(request).is_ready():
        raise RefusedError(503, "the memory is not open, or its store does not answer.", remedy="Try again.")
    return Health(status="ok", ready=True)


@routes.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={
        200: {
            "description": "Counts, as Prometheus reads them.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    },
)
async def metrics(request: Request) -> Response:
    """What was answered and how long it took. Needs a key unless only this machine reaches the server."""
    return Response(state_of(request).metrics.text(), media_type=MEDIA_TYPE)
