"""An inspector of a small memory, reached without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from coda_graphmem import MemoryManager, MemoryType
from coda_graphmem.inspector.app import make_app
from coda_graphmem.inspector.security import Access
from tests.inspector.pages import launched

HOST = "127.0.0.1:8777"
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A folder as the front end is built into."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(
        '<meta name="session" content="" /><title>Memory inspector</title>', encoding="utf-8"
    )
    (folder / "assets" / "main.js").write_text("0", encoding="utf-8")
    return folder


async def fill(memory: MemoryManager) -> None:
    """Four memories of one conversation."""
    for memory_id, content, kind in (
        ("rows", "Our Maria rows in Berlin", MemoryType.EPISODIC),
        ("lives", "Our Maria lives in Lisbon", MemoryType.SEMANTIC),
        ("barks", "The dog Rex barks", MemoryType.EPISODIC),
        ("hostile", HOSTILE, MemoryType.EPISODIC),
    ):
        await memory.store_memory(content, kind, memory_id=memory_id, conversation_id="c1")


@pytest.fixture
async def filled(memory: MemoryManager) -> MemoryManager:
    await fill(memory)
    return memory


Client = Callable[..., httpx.AsyncClient]


@asynccontextmanager
async def make_clients(memory: MemoryManager, page: Path) -> AsyncIterator[Client]:
    """Makes clients of an inspector: of its session unless told otherwise."""
    made: list[httpx.AsyncClient] = []

    def make(*, session: bool = True, read_only: bool = False, **headers: str) -> httpx.AsyncClient:
        access = Access("127.0.0.1", 8777, read_only=read_only, token="token", session="session")
        given = {"Authorization": "Bearer session"} if session else {}
        made.append(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(make_app(memory, access, page), raise_app_exceptions=False),
                base_url=f"http://{HOST}",
                headers=given | headers,
            )
        )
        return made[-1]

    yield make
    for one in made:
        await one.aclose()


@pytest.fixture
async def client(filled: MemoryManager, page: Path) -> AsyncIterator[Client]:
    """Makes clients of the inspector of a small memory."""
    async with make_clients(filled, page) as make:
        yield make


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started
