"""Puts the inspector together: the page, its API, and the guard before both."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from coda_graphmem.errors import GraphMemoryError, ValidationError
from coda_graphmem.inspector import changes, contents, facts, graph, maintenance, memories
from coda_graphmem.inspector.requests import content
from coda_graphmem.inspector.responses import Problem, answer, failed, gone
from coda_graphmem.inspector.security import OPENING, SAFE, Access, Guard, closed
from coda_graphmem.manager import MemoryManager

#: Where the built page is.
STATIC = Path(__file__).parent / "static"

#: Where the built page takes its session from, as ``inspector/index.html`` has it.
_NO_SESSION = 'name="session" content=""'

#: Bytes of a form that holds a token.
MAX_FORM = 4_096


def check_built(folder: Path = STATIC) -> Path:
    """The folder of the page.

    Raises:
        ValidationError: It was not built.
    """
    if not (folder / "index.html").is_file():
        raise ValidationError(
            "the page is not part of this checkout until it is built.",
            field="inspect",
            remedy="Run make inspector (it needs Node 20 or newer), or install the package from a wheel.",
        )
    return folder


def make_app(memory: MemoryManager, access: Access, folder: Path) -> Starlette:
    """The inspector of a memory as an ASGI application.

    Args:
        memory: An open memory; the page may look into its other namespaces too.
        access: Who may use it.
        folder: Where the built page is.
    """
    shell = (folder / "index.html").read_text(encoding="utf-8")

    async def page(request: Request) -> Response:
        given = request.url.query if request.method in SAFE else (await content(request, MAX_FORM)).decode("latin-1")
        if "token=" not in given or request.method == "HEAD":
            return HTMLResponse(shell)
        # A browser that only looks ahead must not use the token up.
        if "prefetch" in request.headers.get("sec-purpose", "") or not access.exchange(given):
            return closed()
        return HTMLResponse(shell.replace(_NO_SESSION, f'name="session" content="{access.session}"', 1))

    app = Starlette(
        routes=[
            Route("/", page, methods=[*OPENING]),
            *graph.ROUTES,
            *contents.ROUTES,
            *facts.ROUTES,
            *memories.ROUTES,
            *maintenance.ROUTES,
            *changes.ROUTES,
            Mount("/assets", StaticFiles(directory=folder / "assets", check_dir=False)),
        ],
        exception_handlers={
            GraphMemoryError: failed,
            ClientDisconnect: gone,
            Exception: failed,
            404: _unknown,
            405: _unknown,
        },
    )
    app.state.memory, app.state.access, app.state.feeds = memory, access, changes.Feeds()
    app.add_middleware(Guard, access=access)
    return app


async def _unknown(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return answer(Problem(error="There is no such thing."), 404)
    return PlainTextResponse("There is no such page.\n", 404)
