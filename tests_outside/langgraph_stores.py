"""LangGraph's SQLite stores replaced by ours, for the tests of theirs that say what a store has to do."""

from __future__ import annotations

import importlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from coda_graphmem import MemoryConfig, MemoryManager, SyncMemoryManager
from tests_outside.memories import NameExtractor, WordEmbedder

#: The configuration of a memory for the file that a test names; a file in memory is a new one each time.
Configure = Callable[[str], MemoryConfig]

PACKAGES = ("langgraph-checkpoint==4.3.2", "langgraph-checkpoint-sqlite==3.1.2", "langchain-core==1.8.3")
SDIST = "langgraph-checkpoint-sqlite==3.1.2"
TESTS = ("tests/test_store.py", "tests/test_async_store.py", "tests/test_ttl.py")

_SQL = "about statements and helpers of its own SQL"
LEFT_OUT = {
    **dict.fromkeys(
        (
            "test_nonnull_migrations",
            "test_escape_glob_literal",
            "test_namespace_match_pattern",
            "test_list_namespaces_prefix_uses_indexable_condition",
        ),
        _SQL,
    ),
    "test_vector_store_initialization": "looks for tables of its own file",
}


def in_folders(conn_string: str) -> MemoryConfig:
    """The embedded file, in a folder that belongs to the file of a test."""
    if conn_string == ":memory:":
        return MemoryConfig(vector_store={"persist_directory": Path(tempfile.mkdtemp(prefix="outside-"))})
    return MemoryConfig(vector_store={"persist_directory": Path(f"{conn_string}.memory")})


def on_neo4j(settings: dict[str, Any]) -> Configure:
    """A server, on which each file of a test is a namespace."""

    def configure(conn_string: str) -> MemoryConfig:
        name = uuid.uuid4().hex if conn_string == ":memory:" else Path(conn_string).name
        return MemoryConfig(vector_store_type="neo4j", neo4j=settings, namespace=f"outside-{name}")

    return configure


def _as_theirs(options: dict[str, Any]) -> dict[str, Any]:
    """Options with what the SQLite store does where nothing is said.

    It puts off no end, though LangGraph's interface says that reading does so by default, as ours has it.
    """
    ttl = options.get("ttl")
    return options if ttl is None else {**options, "ttl": {"refresh_on_read": False, **ttl}}


def swap(configure: Configure) -> None:
    """Put our stores where their tests expect theirs.

    Args:
        configure: Says where a store keeps its items.
    """
    from coda_graphmem.integrations.langgraph import GraphMemoryStore

    parts: dict[str, Any] = {"embedder": WordEmbedder(), "extractor": NameExtractor()}

    class Store(GraphMemoryStore):
        """Ours, opened like theirs."""

        @classmethod
        @contextmanager
        def from_conn_string(cls, conn_string: str, **options: Any) -> Iterator[Store]:  # type: ignore[override]
            memory = SyncMemoryManager(configure(conn_string), **parts)
            memory.initialize(warm_up=False, maintain=False)
            try:
                store = cls(memory, **_as_theirs(options))
                yield store
                store.stop_ttl_sweeper()
            finally:
                memory.cleanup()

    class AsyncStore(GraphMemoryStore):
        """Ours, opened like theirs and with the names of theirs."""

        @classmethod
        @asynccontextmanager
        async def from_conn_string(cls, conn_string: str, **options: Any) -> AsyncIterator[AsyncStore]:  # type: ignore[override]
            memory = MemoryManager(configure(conn_string), **parts)
            await memory.initialize(warm_up=False, maintain=False)
            try:
                yield cls(memory, **_as_theirs(options))
            finally:
                await memory.cleanup()

        async def setup(self) -> None:  # type: ignore[override]
            await self.asetup()

        async def sweep_ttl(self) -> int:  # type: ignore[override]
            return await self.asweep_ttl()

        async def start_ttl_sweeper(self) -> None:  # type: ignore[override]
            super().start_ttl_sweeper()

        async def stop_ttl_sweeper(self) -> bool:  # type: ignore[override]
            return super().stop_ttl_sweeper()

    for name in ("langgraph.store.sqlite", "langgraph.store.sqlite.aio"):
        module: Any = importlib.import_module(name)
        module.SqliteStore, module.AsyncSqliteStore = Store, AsyncStore
