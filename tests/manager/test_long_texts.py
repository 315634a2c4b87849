"""A fact in any part of a long memory is found by meaning, and shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.errors import MemoryStorageError
from tests.fakes import Clock, NameExtractor, WordEmbedder

FILLER = "\n\n".join(
    f"In week {week} the usual matters of the house were talked over, slowly and at length, by all. " * 3
    for week in range(12)
)
FACT = "The boiler downstairs is serviced by Petrov each October."
DOCUMENT = f"{FILLER}\n\n{FACT}\n\n{FILLER}\n\nThe cellar door sticks when it rains."


def open_memory(folder: Path) -> MemoryManager:
    config = MemoryConfig(vector_store={"persist_directory": folder}, enable_auto_consolidation=False)
    return MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor(), clock=Clock())


async def shown(memory: MemoryManager, query: str, mode: str = "graph") -> list[str]:
    found = await memory.retrieve_memories(query, min_relevance=0.0, mode=mode, explain=True)  # type: ignore[arg-type]
    [document] = [one for one in found if one.memory_id == "document"]
    for one in found:
        assert one.explanation is not None
        assert one.explanation.passage == next(iter(one.passages), None)
        assert (one.passages == []) == (one.memory_id != "document")
    assert all(document.content[one.start : one.end] == one.text for one in document.passages)
    assert [one.score for one in document.passages] == sorted((one.score for one in document.passages), reverse=True)
    return [one.text for one in document.passages]


async def test_what_answers_is_found_and_shown(tmp_path: Path) -> None:
    async with open_memory(tmp_path) as memory:
        await memory.store_memory(DOCUMENT, memory_id="document")
        await memory.store_memory("Bread rises in a warm kitchen")
        await memory.store_memory(DOCUMENT + " She said so.", metadata={"speaker": "Nora"}, memory_id="said")
        for mode in ("graph", "hybrid", "vector", "text"):
            [best, *_] = await shown(memory, "boiler serviced Petrov October", mode)
            assert FACT in best
        [best, *_] = await shown(memory, "cellar door sticks rains")
        assert "cellar door" in best
        # Among short memories the long one is as near as its passage, less what its length costs.
        [first, *_] = await memory.retrieve_memories(
            "boiler serviced Petrov October", min_relevance=0.0, mode="vector", explain=True
        )
        assert first.explanation is not None
        assert first.explanation.passage is not None
        assert first.explanation.similarity is not None
        assert first.explanation.similarity < first.explanation.passage.score

        await memory.update_memory("document", content=DOCUMENT.replace("boiler", "furnace"))
        [best, *_] = await shown(memory, "furnace serviced Petrov October")
        assert "furnace" in best
        await memory.update_memory("document", content="The boiler is gone")
        assert await memory.retrieve_memories("boiler", min_relevance=0.0)
        assert all(one.passages == [] for one in await memory.retrieve_memories("boiler", min_relevance=0.0))


async def test_missing_passages_are_made_by_the_job_an_import_and_a_new_model(tmp_path: Path) -> None:
    async with open_memory(tmp_path / "one") as memory:
        passages = memory.services.resources.store.passages
        await memory.store_memory(DOCUMENT, memory_id="document")
        file = tmp_path / "memories.jsonl"
        await memory.export_memories(file)
        assert "passages" not in json.loads(file.read_text(encoding="utf-8").splitlines()[1])

        async def fails(*_: object, **__: object) -> int:
            raise MemoryStorageError("The disk is full.", remedy="Make room.")

        # What is stored stays so where its passages could not be kept.
        saving = passages.save
        passages.save = fails  # type: ignore[method-assign]
        await memory.store_memory(DOCUMENT.upper(), memory_id="later")
        passages.save = saving  # type: ignore[method-assign]
        assert [one.memory_id for one in await passages.pending("default", after=0, limit=5)] == ["later"]
        run = await memory.run_job("passages")
        assert run is not None
        assert run.changed == 1
        assert await passages.pending("default", after=0, limit=5) == []
        again = await memory.run_job("passages")
        assert again is not None
        assert again.changed == 0
    async with open_memory(tmp_path / "two") as memory:
        await memory.import_memories(file)
        assert FACT in (await shown(memory, "boiler serviced Petrov October"))[0]
        await memory.reembed()
        assert FACT in (await shown(memory, "boiler serviced Petrov October"))[0]


async def test_a_budget_gets_what_answers_of_a_memory_that_is_too_large(tmp_path: Path) -> None:
    async with open_memory(tmp_path) as memory:
        await memory.store_memory(DOCUMENT, memory_id="document")
        small = await memory.build_context("boiler serviced Petrov October", max_tokens=400, min_relevance=0.0)
        assert FACT in small.text
        assert "cellar door" not in small.text
        large = await memory.build_context("boiler serviced Petrov October", max_tokens=20_000, min_relevance=0.0)
        assert "cellar door" in large.text


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_the_interval_of_the_job_is_checked(value: float) -> None:
    with pytest.raises(ValueError, match="passages_interval_hours"):
        MemoryConfig(maintenance={"passages_interval_hours": value})
