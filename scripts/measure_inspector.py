"""Measure how soon a memory that one process stores is on the page that another process serves.

The time runs from the storing call's return to the node's being in the graph of an open page, told by the page
itself. Needs Chromium and the built page (make inspector); for Neo4j a running server, as for the command line:

    python scripts/measure_inspector.py
    NEO4J_URI=neo4j://localhost:7687 NEO4J_PASSWORD=… python scripts/measure_inspector.py --memories 2000
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page

from coda_graphmem import MemoryManager
from tests.inspector.pages import launched, opened
from tests.inspector.process import Settings, embedded_in, memory_of, served


def _settings(folder: str) -> Settings:
    if "NEO4J_URI" in os.environ:
        return {"vector_store_type": "neo4j", "namespace": f"measured-{uuid.uuid4().hex}"}
    return embedded_in(Path(folder))


async def _prepared(settings: Settings, count: int) -> MemoryManager:
    memory = memory_of(settings)
    await memory.initialize(warm_up=False, maintain=False)
    for start in range(0, count, 500):
        await memory.store_memories_batch(
            [{"content": f"Note {i} of Tom"} for i in range(start, min(count, start + 500))]
        )
    return memory


def _waited(page: Page, memory_id: str) -> None:
    """Return once the log of the page names the memory, which is after its node is in the graph."""
    page.wait_for_function("id => document.querySelector('.log')?.textContent.includes(id)", arg=memory_id, polling=10)


def main() -> None:
    """Print the time of each round, and median and maximum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, help="memories that are stored one after another")
    parser.add_argument("--memories", type=int, default=200, help="memories that are there before")
    given = parser.parse_args()
    times: list[float] = []
    # The loop of this thread belongs to Playwright.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, ThreadPoolExecutor(1) as thread:
        settings = _settings(folder)
        loop = asyncio.new_event_loop()

        def run(work: object) -> object:
            return thread.submit(lambda: loop.run_until_complete(work)).result()  # type: ignore[arg-type]

        memory: MemoryManager = run(_prepared(settings, given.memories))  # type: ignore[assignment]
        try:
            with launched() as browser, served(settings) as addresses, opened(browser, next(addresses)) as page:
                page.get_by_role("tab", name="Live").click()
                page.locator(".live-dot.on").wait_for()
                for i in range(given.rounds):
                    page.wait_for_timeout(100 + 37 * i % 300)
                    run(memory.store_memory(f"Our Anna skis, round {i} of {given.rounds}", memory_id=f"skis{i}"))
                    started = time.perf_counter()
                    _waited(page, f"round {i} of")
                    times.append(time.perf_counter() - started)
                    print(f"{i + 1:3}  {times[-1]:.3f} s", flush=True)
        finally:
            run(memory.forget(everything=True))
            run(memory.cleanup())
    store = "neo4j" if "NEO4J_URI" in os.environ else "embedded"
    print(f"{store}, {given.memories:,} memories: median {statistics.median(times):.3f} s, at most {max(times):.3f} s")


if __name__ == "__main__":
    main()
