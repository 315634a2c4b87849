"""Calls as spans: names, kinds and attributes by the conventions, content only where it is asked for."""

from __future__ import annotations

import inspect
import json
import re
from functools import cache
from pathlib import Path

import pytest
from opentelemetry import metrics, trace
from opentelemetry.metrics import Histogram, NoOpMeter
from opentelemetry.trace import SpanKind, StatusCode

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, TelemetryConfig, ValidationError, telemetry
from coda_graphmem.telemetry import OPERATIONS, WatchedCall
from tests.conftest import open_memory
from tests.telemetry.conftest import Watch

DOCS = Path(__file__).parents[2] / "docs"


def watched_config(tmp_path: Path, **telemetry: bool) -> MemoryConfig:
    return MemoryConfig(vector_store={"persist_directory": tmp_path / "memory"}, telemetry=telemetry)


async def test_a_search_is_a_span_without_content(memory: MemoryManager, watch: Watch) -> None:
    await memory.store_memory("Anna has a dog named Rex")
    await memory.store_memory("Anna has a cat")
    found = await memory.retrieve_memories("Anna dog Rex", min_relevance=0.0, conversation_id=None)
    span = watch.last
    assert (span.name, span.kind) == ("search_memory", SpanKind.INTERNAL)
    assert dict(span.attributes or {}) == {
        "gen_ai.operation.name": "search_memory",
        "gen_ai.memory.store.id": "default",
        "gen_ai.memory.record.count": len(found),
        "code.function.name": "coda_graphmem.MemoryManager.retrieve_memories",
    }
    assert span.status.status_code is StatusCode.UNSET
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "coda_graphmem"
    assert all("Rex" not in str(span.to_json()) for span in watch.spans)


async def test_a_span_names_the_records_it_is_about(memory: MemoryManager, watch: Watch) -> None:
    first = await memory.store_memory("Anna has a dog", conversation_id="c1")
    assert watch.last.attributes is not None
    assert watch.last.attributes["gen_ai.memory.record.id"] == first
    assert watch.last.attributes["gen_ai.conversation.id"] == "c1"
    new = await memory.supersede_memory(first, "Anna has a cat")
    assert watch.last.name == "update_memory"
    assert watch.last.attributes["gen_ai.memory.record.id"] == first
    assert await memory.delete_memory(new)
    assert watch.last.name == "delete_memory"
    assert watch.last.attributes["gen_ai.memory.record.id"] == new
    assert not await memory.delete_memory(new)
    assert watch.last.attributes["gen_ai.memory.record.count"] == 0
    await memory.for_namespace("anna").store_memories_batch([{"content": "one"}, {"content": "two"}])
    assert watch.last.name == "upsert_memory"
    assert watch.last.attributes["gen_ai.memory.store.id"] == "anna"
    assert watch.last.attributes["gen_ai.memory.record.count"] == 2
    assert "gen_ai.memory.record.id" not in watch.last.attributes


@pytest.mark.parametrize("asked", [False, True])
async def test_content_is_captured_where_it_is_asked_for(tmp_path: Path, watch: Watch, asked: bool) -> None:
    async with open_memory(watched_config(tmp_path, capture_content=asked)) as memory:
        stored = await memory.store_memory("Anna has a dog named Rex")
        written = dict(watch.last.attributes or {})
        await memory.retrieve_memories("Anna dog", min_relevance=0.0)
        read = dict(watch.last.attributes or {})
        await memory.retrieve_memories_multi_query(["Anna", "dog"], min_relevance=0.0)
        several = dict(watch.last.attributes or {})
        await memory.store_memories_batch([{"content": "one"}, {"content": "two"}])
        batch = dict(watch.last.attributes or {})
        await memory.update_memory(stored, "Anna has a cat")
        updated = dict(watch.last.attributes or {})
    if not asked:
        assert not any(key in ("gen_ai.memory.records", "gen_ai.memory.query.text") for key in {**written, **read})
        assert not any(word in str(span.to_json()) for span in watch.spans for word in ("dog", "cat", "two"))
        return
    assert json.loads(written["gen_ai.memory.records"]) == [{"id": stored, "content": "Anna has a dog named Rex"}]
    assert read["gen_ai.memory.query.text"] == "Anna dog"
    [record] = json.loads(read["gen_ai.memory.records"])
    assert record["content"] == "Anna has a dog named Rex"
    assert 0 <= record["score"] <= 1
    assert several["gen_ai.memory.query.text"] == "Anna\ndog"
    assert [record["content"] for record in json.loads(batch["gen_ai.memory.records"])] == ["one", "two"]
    assert json.loads(updated["gen_ai.memory.records"]) == [{"id": stored, "content": "Anna has a cat"}]


async def test_an_iterator_of_memories_is_stored_and_counted(tmp_path: Path, watch: Watch) -> None:
    async with open_memory(watched_config(tmp_path, capture_content=True)) as memory:
        await memory.store_memories_batch({"content": word} for word in ("one", "two"))  # type: ignore[arg-type]
        assert (watch.last.attributes or {})["gen_ai.memory.record.count"] == 2


async def test_an_error_is_its_kind_alone(tmp_path: Path, watch: Watch) -> None:
    async with open_memory(watched_config(tmp_path)) as memory:
        with pytest.raises(ValidationError):
            await memory.delete_memory("a secret that was passed by mistake\nand is no id")
        span = watch.last
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert not span.events
        assert (span.attributes or {})["error.type"] == "ValidationError"
        assert "secret" not in span.to_json()
        assert not trace.get_current_span().get_span_context().is_valid


async def test_off_means_off(tmp_path: Path, watch: Watch) -> None:
    async with open_memory(watched_config(tmp_path, enabled=False)) as memory:
        await memory.store_memory("Anna has a dog")
    assert watch.spans == ()


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MemoryConfig().telemetry == TelemetryConfig(enabled=True, capture_content=False)
    monkeypatch.setenv("CODA_GRAPHMEM_TELEMETRY__ENABLED", "false")
    monkeypatch.setenv("CODA_GRAPHMEM_TELEMETRY__CAPTURE_CONTENT", "true")
    assert MemoryConfig().telemetry == TelemetryConfig(enabled=False, capture_content=True)


async def test_storing_is_creating_where_nothing_is_deduplicated(tmp_path: Path, watch: Watch) -> None:
    config = MemoryConfig(vector_store={"persist_directory": tmp_path / "memory"}, deduplicate=False)
    async with open_memory(config) as memory:
        await memory.store_memory("Anna has a dog", MemoryType.SEMANTIC)
    assert watch.last.name == "create_memory"


async def test_a_dry_run_deletes_nothing_and_is_called_so(memory: MemoryManager, watch: Watch) -> None:
    await memory.cleanup_old_memories(dry_run=True)
    assert watch.last.name == "coda_graphmem.cleanup_old_memories"
    assert "gen_ai.memory.record.count" not in (watch.last.attributes or {})
    await memory.cleanup_old_memories()
    assert watch.last.name == "delete_memory"


async def test_what_the_conventions_do_not_know_has_a_name_of_ours(memory: MemoryManager, watch: Watch) -> None:
    await memory.get_memory_stats()
    assert watch.last.name == "coda_graphmem.get_memory_stats"
    assert (watch.last.attributes or {})["gen_ai.operation.name"] == "coda_graphmem.get_memory_stats"


@pytest.mark.parametrize(
    ("settings", "kind", "server"),
    [
        ({}, SpanKind.INTERNAL, {}),
        (
            {"vector_store_type": "neo4j", "neo4j": {"uri": "neo4j+s://db.example"}},
            SpanKind.CLIENT,
            {"server.address": "db.example", "server.port": 7687},
        ),
        (
            {"vector_store_type": "neo4j", "neo4j": {"uri": "bolt://[::1]:7688"}},
            SpanKind.CLIENT,
            {"server.address": "::1", "server.port": 7688},
        ),
        (
            {"vector_store": {"store_type": "chroma", "chroma_host": "chroma.example", "chroma_port": 8000}},
            SpanKind.CLIENT,
            {"server.address": "chroma.example", "server.port": 8000},
        ),
        ({"vector_store_type": "chroma"}, SpanKind.INTERNAL, {}),
    ],
)
def test_a_server_makes_a_client(
    settings: dict[str, object], kind: SpanKind, server: dict[str, object], watch: Watch
) -> None:
    with WatchedCall("delete_memory", MemoryConfig(**settings), "default", {}):
        pass
    assert watch.last.kind is kind
    assert {key: value for key, value in (watch.last.attributes or {}).items() if "server" in key} == server
    [point] = [
        point
        for name, point in watch.measured()
        if name.name == "gen_ai.client.operation.duration"
        and {k: v for k, v in point.attributes.items() if "server" in k} == server
        and point.attributes["gen_ai.operation.name"] == "delete_memory"
        and "error.type" not in point.attributes
    ]
    assert point.count >= 1


async def test_durations_are_measured_by_operation_and_error(memory: MemoryManager, watch: Watch) -> None:
    def points() -> dict[tuple[str, str | None], int]:
        return {
            (point.attributes["gen_ai.operation.name"], point.attributes.get("error.type")): point.count
            for _, point in watch.measured()
        }

    before = points()
    await memory.get_revision()
    with pytest.raises(ValidationError):
        await memory.update_memory("m1")
    after = points()
    good, bad = ("coda_graphmem.get_revision", None), ("update_memory", "ValidationError")
    assert after[good] == before.get(good, 0) + 1
    assert after[bad] == before.get(bad, 0) + 1
    [(metric, point), *_] = watch.measured()
    assert (metric.name, metric.unit) == ("gen_ai.client.operation.duration", "s")
    assert point.explicit_bounds[0] == 0.01
    assert not any("namespace" in key or "store" in key for key in point.attributes)


async def test_an_opentelemetry_that_does_not_fit_is_told_once_and_does_no_harm(
    memory: MemoryManager, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class OldMeter(NoOpMeter):
        def create_histogram(self, name: str, unit: str = "", description: str = "") -> Histogram:  # type: ignore[override]
            return super().create_histogram(name, unit, description)

    monkeypatch.setattr(metrics, "get_meter", lambda *_: OldMeter("old"))
    monkeypatch.setattr(telemetry, "_instruments", cache(telemetry._instruments.__wrapped__))
    for i in range(2):
        assert await memory.store_memory(f"Anna has {i} dogs")
    assert watch.spans == ()
    [warning] = [record.getMessage() for record in caplog.records if "OpenTelemetry" in record.getMessage()]
    assert "coda-graphmem[otel]" in warning


async def test_every_operation_counts(memory: MemoryManager, watch: Watch, tmp_path: Path) -> None:
    """The results of all operations are of types that are counted, and what is counted is what was done."""
    one = await memory.store_memory("Anna has a dog", conversation_id="c1")
    short = await memory.store_short_term_memory("Anna is here", "c1")
    await memory.export_memories(tmp_path / "all.jsonl")
    other = memory.for_namespace("other")
    counted = {
        "promote_memory": (await memory.promote_memory(short), 1),
        "get_memory": (await memory.get_memory("nothing"), 0),
        "get_memories": (await memory.get_memories([one, short, "nothing"]), 2),
        "list_memories": (await memory.list_memories(), 2),
        "list_touched": (await memory.list_touched(0), 2),
        "list_recalled": (await memory.list_recalled(0), 0),
        "get_conversation_context": (await memory.get_conversation_context("c1"), 2),
        "retrieve_recent_memories": (await memory.retrieve_recent_memories(), 2),
        "retrieve_contextual_memories": (await memory.retrieve_contextual_memories("c1"), 2),
        "retract_memory": (await memory.retract_memory(one), 1),
        "reinstate_memory": (await memory.reinstate_memory(one), 1),
        "unarchive_memories": (await memory.unarchive_memories([one, short]), 0),
        "import_memories": (await other.import_memories(tmp_path / "all.jsonl"), 2),
        "learn_from_interaction": (await other.learn_from_interaction("I live in Lisbon.", ""), 1),
        "forget": (await memory.forget(everything=True), 2),
    }
    seen = {
        str((span.attributes or {})["code.function.name"]).rpartition(".")[2]: (span.attributes or {}).get(
            "gen_ai.memory.record.count"
        )
        for span in watch.spans
    }
    assert {name: seen[name] for name in counted} == {name: count for name, (_, count) in counted.items()}
    tested = {
        *counted,
        *("store_memory", "store_short_term_memory", "store_memories_batch", "update_memory", "supersede_memory"),
        *("delete_memory", "cleanup_old_memories", "retrieve_memories", "retrieve_memories_multi_query"),
    }
    assert tested == set(OPERATIONS)


def test_every_operation_is_a_method_and_the_page_names_it() -> None:
    page = (DOCS / "operations.md").read_text(encoding="utf-8")
    for method, operation in OPERATIONS.items():
        assert inspect.iscoroutinefunction(getattr(MemoryManager, method)), method
        [row] = re.findall(rf"^\| `{operation}` \|.*$", page, re.MULTILINE)
        assert f"`{method}`" in row, method
