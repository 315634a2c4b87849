"""Puts the server together: routes, assistants and inspector, and the gate before them."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from coda_graphmem._version import __version__
from coda_graphmem.errors import GraphMemoryError
from coda_graphmem.server.assistants import Assistants
from coda_graphmem.server.document import check_parameters, document
from coda_graphmem.server.gate import Gate
from coda_graphmem.server.inspection import Inspection
from coda_graphmem.server.problems import answer_error
from coda_graphmem.server.routes import conversations, events, facts, health, memories, search, transfer, upkeep
from coda_graphmem.server.state import ServerState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp

    from coda_graphmem.mcp.late import LateMemory
    from coda_graphmem.server.options import ServerOptions

_ROUTES = (memories, search, facts, conversations, upkeep, transfer, events, health)


def make_api(state: ServerState) -> FastAPI:
    """The routes of REST as an application, without the gate.

    Args:
        state: What all requests share.
    """
    app = FastAPI(
        title="coda-graphmem",
        version=__version__,
        # The pages that show the document load scripts of other sites.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(check_parameters)],
        exception_handlers=dict.fromkeys(
            (GraphMemoryError, RequestValidationError, HTTPException, ClientDisconnect, Exception), answer_error
        ),
    )
    app.openapi = partial(document, app)  # type: ignore[method-assign] # as FastAPI's own pages say
    for module in _ROUTES:
        app.include_router(module.routes)
    app.state.server = state
    return app


def running(
    late: LateMemory, options: ServerOptions, port: int
) -> AbstractAsyncContextManager[tuple[ASGIApp, ServerState]]:
    """All of it as one application, as long as the block runs. The memory is opened when it is first asked for.

    Args:
        late: The memory.
        options: How the server is run.
        port: The port it is reached on.

    Raises:
        ValidationError: It would be open to others by mistake, or the file of keys cannot be used.
    """
    options.limits.check()
    state = ServerState(late, options, port)
    state.reception.check()
    return _running(state)


@asynccontextmanager
async def _running(state: ServerState) -> AsyncIterator[tuple[ASGIApp, ServerState]]:
    assistants, inspection = Assistants(state), Inspection(state)
    api = make_api(state)
    api.state.inspection = inspection
    try:
        yield Gate(api, assistants, inspection, state), state
    finally:
        state.ending.set()
        await assistants.close()
        await state.late.close()
