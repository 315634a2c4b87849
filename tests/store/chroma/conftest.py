"""Fixtures for the Chroma store: a local collection, and a server on loopback."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem.config import MemoryConfig
from coda_graphmem.store.chroma import ChromaIndex
from coda_graphmem.store.embedded import EmbeddedStore
from tests.store.factory import opening

MakeStore = Callable[..., contextlib.AbstractAsyncContextManager[EmbeddedStore]]


class Server:
    """``chroma run`` on a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = Path(sys.executable).with_name("chroma")
        command = [program, "run", "--host", "127.0.0.1", "--port", str(self.port), "--path", str(self.folder)]
        self._process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/heartbeat", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                assert self._process.poll() is None, "the Chroma server ended"
                assert time.monotonic() < deadline, "the Chroma server did not start"
                time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(tmp_path_factory.mktemp("chroma-server"))
    one.start()
    yield one
    one.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A server that a test may stop and start."""
    (tmp_path / "server").mkdir()
    one = Server(tmp_path / "server")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "memory"


@pytest.fixture
def opened(folder: Path) -> MakeStore:
    """Opens a store; settings of ``vector_store`` by keyword."""

    def make(*, bind: bool = True, **settings: Any) -> contextlib.AbstractAsyncContextManager[EmbeddedStore]:
        return opening(make_chroma(folder, **settings), bind=bind)

    return make


def make_chroma(folder: Path, **settings: Any) -> EmbeddedStore:
    config = make_config(folder, **settings)
    return EmbeddedStore(config, ChromaIndex(config))


def make_config(folder: Path, **settings: Any) -> MemoryConfig:
    return MemoryConfig(vector_store_type="chroma", vector_store={"persist_directory": folder, **settings})


@pytest.fixture(params=["local", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Settings of a local collection, or of one of its own on the server."""
    if request.param == "local":
        return {}
    name = f"test-{abs(hash(str(tmp_path))):x}"
    port = request.getfixturevalue("server").port
    return {"chroma_host": "127.0.0.1", "chroma_port": port, "collection_name": name}


@pytest.fixture
async def store(opened: MakeStore, place: dict[str, Any]) -> AsyncIterator[EmbeddedStore]:
    async with opened(**place) as one:
        yield one
