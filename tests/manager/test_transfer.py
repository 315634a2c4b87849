"""What the façade takes out and copies: which memories a graph holds, and what does not fit together."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx
import pytest

from coda_graphmem import (
    EmbeddingMismatchError,
    MemoryConfig,
    MemoryGraph,
    MemoryManager,
    SyncMemoryManager,
    ValidationError,
)
from coda_graphmem.models import LinkKind
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder
from tests.graphs.build import link

TALK = [
    {"memory_id": "m0", "content": "We saw Maria", "conversation_id": "c", "timestamp": 100.0},
    {"memory_id": "m1", "content": "Then Maria left for Rome", "conversation_id": "c", "timestamp": 200.0},
    {"memory_id": "m2", "content": "It rains in Rome", "timestamp": 300.0, "importance_score": 0.9},
    {"memory_id": "m3", "content": "Also Tom saw Rex", "timestamp": 400.0},
    {"memory_id": "m4", "content": "The weather was dull", "timestamp": 50.0},
]


Place = Callable[..., MemoryConfig]


@pytest.fixture
async def filled(memory: MemoryManager) -> MemoryManager:
    await memory.store_memories_batch(TALK)
    store = memory.services.resources.store
    await store.links.save_links(
        "default",
        [link("m3", "m0"), link("m4", "m3", LinkKind.POSSIBLY_OUTDATED_BY)],
    )
    return memory


def ids(graph: MemoryGraph) -> list[str]:
    return [node.node_id.partition(":")[2] for node in graph.nodes if node.kind == "memory"]


def edges(graph: MemoryGraph, kind: str) -> set[tuple[str, str]]:
    return {(edge.source.partition(":")[2], edge.target.partition(":")[2]) for edge in graph.edges if edge.kind == kind}


async def test_a_graph_of_all(filled: MemoryManager) -> None:
    graph = await filled.get_graph()
    assert ids(graph) == ["m4", "m0", "m1", "m2", "m3"]
    assert edges(graph, "NEXT") == {("m0", "m1")}
    assert edges(graph, "SIMILAR_TO") == {("m3", "m0")}
    assert edges(graph, "POSSIBLY_OUTDATED_BY") == {("m4", "m3")}
    assert ("m1", "rome") in edges(graph, "MENTIONS")
    assert graph.count("conversation") == 1
    assert graph.left_out == 0


async def test_a_graph_around_entities(filled: MemoryManager) -> None:
    graph = await filled.get_graph(entity_keys=["maria"])
    assert sorted(ids(graph)) == ["m0", "m1"]
    assert {("m0", "maria"), ("m1", "maria"), ("m1", "rome")} <= edges(graph, "MENTIONS")
    assert ids(await filled.get_graph(entity_keys=["maria"], max_memories=1)) == ["m1"]  # the newest
    assert sorted(ids(await filled.get_graph(entity_keys=["maria"], memory_ids=["m3"]))) == ["m0", "m1", "m3"]
    assert sorted(ids(await filled.get_graph(entity_keys=["maria"], max_depth=2))) == ["m0", "m1", "m2"]
    assert (await filled.to_networkx(entity_keys=["rome"])).has_edge("memory:m2", "entity:rome")
    await filled.store_memories_batch([{"content": f"Visit {i} of Tom", "timestamp": 1000.0 + i} for i in range(50)])
    assert len(ids(await filled.get_graph(entity_keys=["tom"]))) == 51
    with pytest.raises(ValidationError, match="walk goes over live"):
        await filled.get_graph(entity_keys=["tom"], include_archived=True)


async def test_a_graph_around_memories(filled: MemoryManager) -> None:
    async def around(**options: Any) -> list[str]:
        return sorted(ids(await filled.get_graph(memory_ids=["m0"], **options)))

    assert await around(max_depth=0) == ["m0"]
    assert await around() == ["m0", "m1"]
    assert await around(max_depth=2) == ["m0", "m1", "m2"]
    assert await around(max_depth=2, max_memories=1) == ["m0"]
    graph = await filled.get_graph(memory_ids=["m0"], max_depth=2)
    assert edges(graph, "NEXT") == {("m0", "m1")}


async def test_a_graph_around_a_query(filled: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coda_graphmem.graphs.service.SEEDS", 1)
    graph = await filled.get_graph("the weather was dull", max_depth=1)
    assert ids(graph) == ["m4"]
    assert float(graph.nodes[0].values["relevance"]) > 0.5
    both = await filled.get_graph("the weather was dull", memory_ids=["m4", "m3"], max_depth=0)
    assert sorted(ids(both)) == ["m3", "m4"]


async def test_the_newest_are_kept_and_the_rest_is_counted(filled: MemoryManager) -> None:
    graph = await filled.get_graph(max_memories=2)
    assert (ids(graph), graph.left_out) == (["m2", "m3"], 3)
    assert edges(graph, "SIMILAR_TO") == set()


async def test_the_newest_can_be_passed_over_and_those_that_are_linked_come_along(filled: MemoryManager) -> None:
    graph = await filled.get_graph(max_memories=2, skip=2)
    first = {node.node_id for node in (await filled.get_graph(max_memories=2)).nodes}
    own = [name for name in ids(graph) if f"memory:{name}" not in first]
    assert (len(own), graph.left_out) == (2, 1)
    whole = {kind: edges(await filled.get_graph(), kind) for kind in ("SIMILAR_TO", "MENTIONS")}
    assert whole["SIMILAR_TO"] == edges(graph, "SIMILAR_TO") | edges(await filled.get_graph(skip=4), "SIMILAR_TO")
    assert ids(await filled.get_graph(skip=5)) == []


async def test_archived_memories_are_part_of_it_where_asked_for(filled: MemoryManager) -> None:
    await filled.services.resources.store.records.archive("default", ["m1"], 7.0)
    assert "m1" not in ids(await filled.get_graph())
    graph = await filled.get_graph(include_archived=True)
    assert "m1" in ids(graph)
    assert edges(graph, "NEXT") == set()
    with pytest.raises(ValidationError, match="no live memory m1"):
        await filled.get_graph(memory_ids=["m1"])


async def test_networkx_is_the_same_graph_and_larger_by_default(filled: MemoryManager) -> None:
    found = await filled.to_networkx()
    assert isinstance(found, networkx.MultiDiGraph)
    assert set(found.nodes) == {node.node_id for node in (await filled.get_graph()).nodes}
    assert found.graph == {"namespace": "default"}
    assert (await filled.to_networkx(memory_ids=["m0"], max_depth=0)).number_of_nodes() == 3
    for options in ({"max_memories": 1}, {"query": "Tom", "max_memories": 1}):
        part = await filled.to_networkx(**options)
        assert [kind for _, kind in part.nodes(data="kind")].count("memory") == 1
    await filled.store_memories_batch([{"content": f"Turn {i}"} for i in range(160)])
    assert len(ids(await filled.get_graph())) == 150
    assert [kind for _, kind in (await filled.to_networkx()).nodes(data="kind")].count("memory") == 165
    await filled.services.resources.store.records.archive("default", ["m1"], 7.0)
    assert "memory:m1" in await filled.to_networkx(include_archived=True)


async def test_nothing_of_another_tenant_is_part_of_it(filled: MemoryManager, tmp_path: Path) -> None:
    other = filled.for_namespace("other")
    assert (await other.get_graph()).nodes == []
    with pytest.raises(ValidationError, match="no live memory m0"):
        await other.get_graph(memory_ids=["m0"])
    for name in ("a.jsonl", "a.cypher", "a.html", "a.graphml"):
        assert (await other.export_memories(tmp_path / name)).memories == 0
        assert "Maria" not in (tmp_path / name).read_text()


@pytest.mark.parametrize("form", ["graphml", "gexf", "html", "svg", "png", "cypher", "jsonl"])
async def test_every_format_writes_what_it_says(filled: MemoryManager, tmp_path: Path, form: Any) -> None:
    path = tmp_path / f"a.{form}"
    result = await filled.export_memories(path)
    assert (result.format, result.memories, result.namespaces) == (form, 5, ["default"])
    assert (result.links, result.entities) == (2, 0 if form == "jsonl" else 4)
    assert result.bytes == path.stat().st_size
    file = io.BytesIO()
    await filled.export_memories(file, form)
    if form != "gexf":  # which names the day
        assert file.getvalue() == path.read_bytes()
    if form in ("graphml", "gexf", "html", "svg"):
        part = await filled.export_memories(tmp_path / "part", form, memory_ids=["m0"], max_depth=0)
        assert (part.memories, part.entities) == (1, 1)
        part = await filled.export_memories(tmp_path / "part", form, query="Tom saw Rex", max_depth=0, max_memories=2)
        assert (part.memories, part.left_out) == (2, 3)
        await filled.services.resources.store.records.archive("default", ["m4"], 7.0)
        assert (await filled.export_memories(tmp_path / "part", form, include_archived=True)).memories == 5


@pytest.mark.parametrize(
    ("name", "options", "field"),
    [
        ("a.jsonl", {"query": "x"}, "format"),
        ("a.cypher", {"memory_ids": ["m0"]}, "format"),
        ("a.jsonl", {"max_memories": 5}, "format"),
        ("a.cypher", {"include_archived": True}, "format"),
        ("a.cypher", {"with_embeddings": False}, "format"),
        ("a.html", {"every_namespace": True}, "format"),
        ("a.txt", {}, "format"),
        ("a.html", {"format": "pdf"}, "format"),
        ("a.html", {"query": " "}, "query"),
        ("a.html", {"memory_ids": "m0"}, "memory_ids"),
        ("a.html", {"memory_ids": ["gone"]}, "memory_ids"),
        ("a.html", {"max_depth": 5}, "max_depth"),
        ("a.html", {"max_memories": 0}, "max_memories"),
        ("a.html", {"max_memories": 2_001}, "max_memories"),
        ("a.gexf", {"max_memories": 100_001}, "max_memories"),
        ("a.html", {"include_archived": True, "query": "x"}, "include_archived"),
        ("a.html", {"include_archived": 1}, "include_archived"),
        ("a.jsonl", {"every_namespace": 1}, "every_namespace"),
        ("a.jsonl", {"with_embeddings": None}, "with_embeddings"),
    ],
)
async def test_what_does_not_fit_is_refused(
    filled: MemoryManager, tmp_path: Path, name: str, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await filled.export_memories(tmp_path / name, **options)
    assert caught.value.field == field
    assert caught.value.remedy
    assert not (tmp_path / name).exists()


async def test_an_open_file_needs_a_format(filled: MemoryManager) -> None:
    with pytest.raises(ValidationError, match="missing for an open file"):
        await filled.export_memories(io.BytesIO())
    for wrong in (io.StringIO(), None):
        with pytest.raises(ValidationError, match="target: must be a path or an open binary file"):
            await filled.export_memories(wrong, "svg")  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="source: must be a path or an open binary file"):
            await filled.import_memories(wrong)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="every_namespace"):
        await filled.import_memories(io.BytesIO(), every_namespace="yes")  # type: ignore[arg-type]


async def test_memories_by_their_ids(filled: MemoryManager) -> None:
    found = await filled.get_memories(["m2", "gone", "m0", "m2"])
    assert [item.memory_id for item in found] == ["m2", "m0"]
    assert found[0].embedding is None
    assert (await filled.get_memories(["m2"], with_embedding=True))[0].embedding is not None
    assert await filled.for_namespace("other").get_memories(["m2"]) == []
    for wrong in ("m2", [""], [f"m{i}" for i in range(10_001)]):
        with pytest.raises(ValidationError, match="memory_ids"):
            await filled.get_memories(wrong)


def test_notebooks_see_the_settings_without_a_look_into_the_store(tmp_path: Path) -> None:
    config = MemoryConfig(namespace="a<b>", vector_store={"persist_directory": tmp_path / "m"})
    options: Any = {"embedder": WordEmbedder(), "extractor": NameExtractor(), "clock": Clock()}
    memory = SyncMemoryManager(config, **options)
    assert "<td>closed</td>" in memory._repr_html_()
    with memory:
        shown = memory._repr_html_()
    assert "<td>a&lt;b&gt;</td>" in shown
    assert "<td>open</td>" in shown
    assert str(tmp_path / "m") in shown
    remote = MemoryManager(
        MemoryConfig(vector_store_type="neo4j", neo4j={"password": "secret"}, enable_semantic_search=False), **options
    )
    assert "neo4j://localhost:7687" in remote._repr_html_()
    assert "secret" not in remote._repr_html_()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The configuration of a folder of that name."""

    def place(name: str, **values: object) -> MemoryConfig:
        return MemoryConfig(vector_store={"persist_directory": tmp_path / name, **values})

    return place


async def fill(memory: MemoryManager, *names: str) -> None:
    for name in names:
        space = memory.for_namespace(name)
        for i in range(5):
            await space.store_memory(f"Note {i} about Maria", memory_id=f"m{i}", conversation_id="c", timestamp=i + 1.0)


async def test_everything_arrives(memory: MemoryManager, place: Place, clock: Clock) -> None:
    await fill(memory, "one", "two")
    one = memory.for_namespace("one")
    await one.retrieve_memories("note 3", limit=1, min_relevance=0)
    report = await memory.copy_to(place("other"))
    assert report.complete
    assert [(part.namespace, part.copied, part.present) for part in report.namespaces] == [("one", 5, 0), ("two", 5, 0)]
    # The recall before the call was counted by then.
    assert report.namespaces[0].target.access_count == 1
    async with open_memory(place("other"), clock) as other:
        assert await other.list_namespaces() == ["one", "two"]
        there = other.for_namespace("one")
        assert await there.list_memories() == await one.list_memories()
        assert await there.get_memory("m2", with_embedding=True) == await one.get_memory("m2", with_embedding=True)
        [best] = await there.retrieve_memories("note 2", limit=1, mode="vector")
        assert best.memory_id == "m2"
    again = await memory.copy_to(place("other"))
    assert [(part.copied, part.present) for part in again.namespaces] == [(0, 5), (0, 5)]


async def test_only_some_namespaces_in_batches_as_large_as_the_target_takes(
    memory: MemoryManager, place: Place
) -> None:
    await fill(memory, "one", "two", "three")
    seen: list[tuple[int, int]] = []
    report = await memory.copy_to(
        place("other", batch_size=2, max_batch_size=2),
        namespaces=["three", "one", "three"],
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [part.namespace for part in report.namespaces] == ["three", "one"]
    assert [done for done, _ in seen] == [0, 2, 4, 5, 5, 7, 9, 10]
    assert {total for _, total in seen} == {10}


async def test_a_target_that_holds_more_is_no_copy(memory: MemoryManager, place: Place) -> None:
    await fill(memory, "one")
    async with open_memory(place("other")) as other:
        await other.for_namespace("one").store_memory("mine")
    report = await memory.copy_to(place("other"))
    assert not report.complete
    assert report.namespaces[0].differing == ()


async def test_no_model_is_needed(config: MemoryConfig, memory: MemoryManager, place: Place) -> None:
    """Vectors are copied as they are, also where another model is configured by now."""
    await fill(memory, "one")
    await memory.cleanup()
    changed = MemoryManager(config, embedder=WordEmbedder("other words"), extractor=NameExtractor())
    with pytest.raises(EmbeddingMismatchError):
        await changed.initialize()
    try:
        assert (await changed.copy_to(place("other"))).complete
    finally:
        await changed.cleanup()
    async with open_memory(place("third")) as third:
        await third.store_memory("mine")
        await third.cleanup()
        different = MemoryManager(place("fourth"), embedder=WordEmbedder("other words"), extractor=NameExtractor())
        async with different:
            await different.store_memory("theirs")
            with pytest.raises(EmbeddingMismatchError):
                await different.copy_to(place("third"))


async def test_not_onto_itself(config: MemoryConfig, memory: MemoryManager, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere" / ".." / "memory"
    for same in (config, MemoryConfig(vector_store_type="chroma", vector_store={"persist_directory": folder})):
        with pytest.raises(ValidationError) as caught:
            await memory.copy_to(same)
        assert caught.value.field == "target"
    graph = MemoryConfig(vector_store_type="neo4j", neo4j={"uri": "bolt://127.0.0.1:1"})
    with pytest.raises(ValidationError):
        await MemoryManager(graph).copy_to(MemoryConfig(**{**graph.model_dump(), "namespace": "other"}))


def test_without_await(config: MemoryConfig, place: Place) -> None:
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        memory.store_memory("Note about Maria")
        assert memory.copy_to(place("other")).complete
