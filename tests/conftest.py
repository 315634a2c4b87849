"""Fixtures that all tests share."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadFileScheduling

from coda_graphmem import MemoryConfig
from tests.asked import asked_by
from tests.fakes import Clock, NameExtractor, WordEmbedder

if TYPE_CHECKING:
    from coda_graphmem import MemoryManager

pytest_plugins = ("tests.servers", "tests.scratch")

#: Files whose few tests take long, as they start servers of their own; begun last, they would run on alone.
SLOWEST = (
    "tests/store/neo4j/test_own_server.py",
    "tests/congruence/test_real_models.py",
    "tests/cli/test_servers.py",
    "tests/cypher/test_statements.py",
    "tests/congruence/",
    "tests/store/",
)

#: Files that change what all tests of a server share: one worker does them one after another, on servers of its own.
ON_OWN_SERVERS = frozenset(SLOWEST[:3])

#: Files that load PyTorch and what builds on it, which takes a worker ten seconds.
ON_PYTORCH = (
    "tests/embedding/test_cross_encoder.py",
    "tests/embedding/test_onnx.py",
    "tests/embedding/test_sentence_transformer.py",
)


class _Scheduling(LoadFileScheduling):
    """The tests of a file go to one worker, and so do those of all files that have to start the same."""

    def _split_scope(self, nodeid: str) -> str:
        scope = super()._split_scope(nodeid)
        if scope in ON_OWN_SERVERS:
            return "on own servers"
        return "on PyTorch" if scope in ON_PYTORCH else scope


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Have what takes long to start, as a pair of servers does, started once."""
    return _Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for servers."""
    return min(4, (os.cpu_count() or 1) + 1)


#: Fixtures that start a server, and those that start a browser.
SERVERS = frozenset({"neo4j_5", "neo4j_2026", "neo4j_server", "neo4j_servers", "private_neo4j", "server", "own_server"})
BROWSERS = frozenset({"browser"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what starts servers and browsers, which ``make test-fast`` leaves out, and begin with what takes longest."""
    for item in items:
        asked = asked_by(item)
        if asked & SERVERS:
            item.add_marker("server")
        if asked & BROWSERS:
            item.add_marker("browser")

    def rank(item: pytest.Item) -> int:
        return next((i for i, start in enumerate(SLOWEST) if item.nodeid.startswith(start)), len(SLOWEST))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Leave what stays anyway, tests and modules, out of what is looked through for garbage again and again."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings of whoever runs it, leaves a file beside the sources, or runs jobs unasked."""
    for name in list(os.environ):
        if name.startswith("CODA_GRAPHMEM_"):
            monkeypatch.delenv(name)
    # A slow machine would otherwise find jobs in the background of tests that turn the clock.
    monkeypatch.setenv("CODA_GRAPHMEM_MAINTENANCE__ENABLED", "false")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C means here, and in programs started from here, what it means in a terminal.

    What is started in the background ignores it, and so does all that it starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(tmp_path: Path) -> MemoryConfig:
    return MemoryConfig(vector_store={"persist_directory": tmp_path / "memory"})


@pytest.fixture
async def memory(config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    """An embedded memory on the stand-in models."""
    async with open_memory(config, clock) as manager:
        yield manager


def open_memory(
    config: MemoryConfig, clock: Clock | None = None, *, embedder: WordEmbedder | None = None
) -> MemoryManager:
    """A manager on the stand-in models, to be used with ``async with``."""
    from coda_graphmem import MemoryManager

    return MemoryManager(config, embedder=embedder or WordEmbedder(), extractor=NameExtractor(), clock=clock or Clock())
