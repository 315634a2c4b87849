"""The loader for programs without an event loop."""

from __future__ import annotations

from coda_graphmem import MemoryConfig, SyncMemoryManager
from coda_graphmem.importing import Record, SyncLoader
from tests.fakes import NameExtractor, WordEmbedder


def test_it_stores_records_and_counts_them(config: MemoryConfig) -> None:
    records = [Record({"content": f"Anna has {i} dogs", "memory_id": str(i)}, once=True) for i in range(3)]
    seen: list[tuple[int, int]] = []
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        loader = SyncLoader(memory.for_namespace("dogs"))
        assert (loader.done, loader.total) == (0, 0)
        result = loader.load(records, progress=lambda *step: seen.append(step))
        assert (result.memories, result.new, result.namespaces) == (3, 3, ("dogs",))
        assert (loader.done, loader.total, seen) == (3, 3, [(3, 3)])
        assert SyncLoader(memory.for_namespace("dogs")).load(records).new == 0
        assert (memory.count(), memory.for_namespace("dogs").count()) == (0, 3)
