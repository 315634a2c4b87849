"""What was acknowledged survives a kill, and several processes keep items in one file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, SyncMemoryManager
from tests.fakes import NameExtractor, WordEmbedder

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is of POSIX")]

ROOT = Path(__file__).resolve().parents[2]

_OPENED = """
import asyncio, os, sys
from coda_graphmem import MemoryConfig, MemoryManager
from tests.fakes import NameExtractor, WordEmbedder

def opened():
    config = MemoryConfig(vector_store={"persist_directory": sys.argv[1]})
    return MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())
"""

_PUTS_AND_TELLS = f"""{_OPENED}
async def main():
    async with opened() as memory:
        for n in range(1_000_000):
            await memory.put_item(("a", str(n % 3)), str(n), {{"n": n, "text": f"number {{n}}"}}, fields=["text"])
            print(n, flush=True)

asyncio.run(main())
"""

_WRITES = f"""{_OPENED}
async def main():
    name = sys.argv[2]
    async with opened() as memory:
        for n in range(15):
            await memory.put_item(("own", name), str(n), {{"n": n}}, fields=["n"])
            await memory.put_item(("shared",), "k", {{"by": name, "n": n}})

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))


def opened(config: MemoryConfig) -> SyncMemoryManager:
    return SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor())


def test_what_was_acknowledged_survives_a_kill(config: MemoryConfig) -> None:
    arguments = [sys.executable, "-c", _PUTS_AND_TELLS, str(config.vector_store.persist_directory)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(12)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
    with opened(config) as memory:
        kept = {item.value["n"]: item for item in memory.search_items(limit=100_000)}
        assert set(told) <= kept.keys()
        # At most one more was written, and none by half.
        assert len(kept) - len(told) in (0, 1)
        assert len(memory.search_items((), "number 7", limit=100_000)) == len(kept)
        assert memory.get_item(("a", "1"), "7") is not None


def test_two_processes_lose_nothing_in_one_file(config: MemoryConfig) -> None:
    folder = str(config.vector_store.persist_directory)
    writers = [subprocess.Popen([sys.executable, "-c", _WRITES, folder, name]) for name in ("x", "y")]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    with opened(config) as memory:
        for name in ("x", "y"):
            assert {item.value["n"] for item in memory.search_items(("own", name), limit=99)} == set(range(15))
            assert len(memory.search_items(("own", name), "3", limit=99)) == 15
        [shared] = memory.search_items(("shared",))
        assert shared.value["n"] == 14
