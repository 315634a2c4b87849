"""Memories go out as a knowledge graph, and one that came in goes out as it was."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from coda_graphmem import MemoryManager
from coda_graphmem.importing import Loader, Source
from tests.importing.exports import KNOWLEDGE_GRAPH
from tests.transfer.test_round_trip import manager


async def exported(memory: MemoryManager, **options: Any) -> list[dict[str, Any]]:
    file = io.BytesIO()
    await memory.export_memories(file, "knowledge-graph", **options)
    return [json.loads(line) for line in file.getvalue().splitlines()]


async def bring_in(memory: MemoryManager, text: str) -> int:
    with Source(io.BytesIO(text.encode())) as source:
        return (await Loader(memory).load(source)).new


async def test_a_graph_goes_out_as_it_came_in(tmp_path: Path) -> None:
    lines = [
        *map(json.loads, KNOWLEDGE_GRAPH.splitlines()),
        {"type": "entity", "name": "Paul % [x]", "entityType": "Person", "observations": ["é\\n\u2028b", "x", "x"]},
        {"type": "relation", "from": "Choir", "to": "Nowhere", "relationType": "is in"},
    ]
    graph = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    async with manager(tmp_path / "one") as one, manager(tmp_path / "two") as two:
        assert await bring_in(one, graph) == 8
        found = await exported(one)
        key = json.dumps
        assert sorted(found, key=key) == sorted(lines, key=key)
        assert [line["type"] for line in found] == ["entity"] * 3 + ["relation"] * 2
        assert await bring_in(two, "\n".join(map(json.dumps, found))) == 8
        assert await exported(two) == found
        assert await bring_in(one, "\n".join(map(json.dumps, found))) == 0


async def test_memories_are_observed_of_what_they_mention(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as memory:
        await memory.store_memory("there Ann met Tom", memory_id="m1")
        await memory.store_memory("nothing at all", memory_id="m2")
        await memory.store_memory("about Tom", memory_id="m3", metadata={"title": "Notes"})
        await memory.store_memory("now Ann is away", memory_id="m4")
        await memory.services.resources.store.records.archive("default", ["m4"], 5.0)
        await memory.store_short_term_memory("Ann is here", "c", 30)
        relation = {"from": "Ann", "to": "Tom", "type": "knows"}
        await memory.store_memory("Ann has known Tom for years", memory_id="m5", metadata={"relation": relation})
        seen: list[tuple[int, int]] = []
        found = await exported(memory, progress=lambda done, total: seen.append((done, total)))
        assert {line.get("name"): line.get("observations") for line in found[:-1]} == {
            "Ann": ["there Ann met Tom", "Ann has known Tom for years"],
            "Tom": ["there Ann met Tom"],
            "memory": ["nothing at all"],
            "Notes": ["about Tom"],
        }
        assert {line.get("entityType") for line in found[:-1]} == {"name", "entity"}
        assert found[-1] == {"type": "relation", "from": "Ann", "to": "Tom", "relationType": "knows"}
        assert seen[-1] == (6, 6)


async def test_what_the_result_says(tmp_path: Path) -> None:
    async with manager(tmp_path / "one") as memory:
        await memory.store_memory("there Ann met Tom", memory_id="m1")
        result = await memory.export_memories(tmp_path / "memory.jsonl", "knowledge-graph")
        assert (result.format, result.memories, result.entities) == ("knowledge-graph", 1, 2)
        assert result.bytes == (tmp_path / "memory.jsonl").stat().st_size
