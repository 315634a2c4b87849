"""The server in this process, with keys, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.mcp.late import LateMemory
from coda_graphmem.server.api import make_api, running
from coda_graphmem.server.document import document
from coda_graphmem.server.keys import RIGHTS, KeyFile, Right
from coda_graphmem.server.limits import Limits
from coda_graphmem.server.options import ServerOptions
from coda_graphmem.server.state import ServerState
from tests.conftest import open_memory
from tests.fakes import Clock

PORT = 8779
ADDRESS = f"http://127.0.0.1:{PORT}"


@dataclass
class Served:
    """A server, and what its tests ask of it."""

    app: Any
    state: ServerState
    keys: KeyFile
    memory: MemoryManager
    """What it serves."""

    def key(self, *rights: Right, namespaces: tuple[str, ...] = (), prefixes: tuple[str, ...] = (), **more: Any) -> str:
        """A new key; of all rights unless some are named."""
        return self.keys.create("test", rights or RIGHTS, namespaces=namespaces, prefixes=prefixes, **more)[1]

    def client(self, key: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A client that shows a key."""
        given = headers | ({"X-API-Key": key} if key else {})
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ADDRESS, headers=given)


Serve = Callable[..., Any]


@pytest.fixture
def serve(config: MemoryConfig, clock: Clock, tmp_path: Path) -> Serve:
    """Starts a server with some limits and options."""

    @asynccontextmanager
    async def started(*, limits: Limits | None = None, **options: Any) -> AsyncIterator[Served]:
        memory = open_memory(config, clock)
        chosen = ServerOptions(keys=tmp_path / "keys" / "api.json", limits=limits or Limits(), **options)
        async with running(LateMemory(lambda: memory), chosen, PORT) as (app, state):
            yield Served(app, state, KeyFile(chosen.keys), memory)

    return started


@pytest.fixture
async def served(serve: Serve) -> AsyncIterator[Served]:
    """A server of this machine alone, which has no keys so far."""
    async with serve() as started:
        yield started


def undecided() -> FastAPI:
    """The routes without a memory, to look at what they are."""
    options = ServerOptions(keys=Path("nowhere"))

    def never() -> MemoryManager:
        raise AssertionError

    return make_api(ServerState(LateMemory(never), options, PORT))


@dataclass(frozen=True)
class Operation:
    """An operation of the document, and a request for it."""

    name: str
    method: str
    path: str
    raw: dict[str, Any]

    @property
    def has_body(self) -> bool:
        return "requestBody" in self.raw

    @property
    def parameters(self) -> set[str]:
        return {one["name"] for one in self.raw.get("parameters", ())}

    def request(self, **query: str) -> dict[str, Any]:
        """Arguments of ``request`` of a client: as little as its document asks for."""
        path = self.path
        for name in ("memory_id", "conversation_id", "run_id"):
            path = path.replace(f"{{{name}}}", "x")
        asked: dict[str, Any] = {"method": self.method, "url": path, "params": query}
        if self.has_body:
            asked["json"] = BODIES.get(self.name, {})
        return asked


#: Bodies that are answered, where an empty one is not.
BODIES: dict[str, Any] = {
    "store_memory": {"content": "Maria likes plums."},
    "store_memories_batch": {"memories": [{"content": "Maria likes plums."}]},
    "get_memories": {"memory_ids": ["x"]},
    "archive_memories": {"memory_ids": ["x"]},
    "unarchive_memories": {"memory_ids": ["x"]},
    "retrieve_memories": {"query": "plums"},
    "retrieve_memories_multi_query": {"queries": ["plums"]},
    "store_short_term_memory": {"content": "Maria likes plums."},
    "learn_from_interaction": {"user_input": "I like plums."},
    "extract_key_information": {"text": "I like plums."},
    "forget": {"conversation_id": "x"},
    "supersede_memory": {"content": "Maria likes pears."},
    "update_memory": {"content": "Maria likes pears."},
}

#: The document, which takes a second to make.
DOCUMENT = document(undecided())

OPERATIONS = [
    Operation(raw["operationId"], method.upper(), path, raw)
    for path, methods in DOCUMENT["paths"].items()
    for method, raw in methods.items()
]
#: All but those that need no key.
GUARDED = [one for one in OPERATIONS if one.raw["security"]]
#: Of these, all that are about a namespace.
OF_A_NAMESPACE = [one for one in GUARDED if "namespace" in one.parameters]
