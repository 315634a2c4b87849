"""Importing the package is cheap and brings none of the heavy parts along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import coda_graphmem

HEAVY = {"torch", "spacy", "neo4j", "sentence_transformers", "transformers", "onnxruntime", "chromadb", "networkx",
         "scipy", "rich", "typer", "opentelemetry"}  # fmt: skip


@pytest.mark.parametrize(
    "statement", ["import coda_graphmem", "from coda_graphmem import MemoryManager; MemoryManager()"]
)
def test_nothing_heavy_is_imported(statement: str) -> None:
    code = f"{statement}\nimport sys\nprint(*sorted({HEAVY!r} & sys.modules.keys()))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_searches_load_no_torch_unless_a_reranker_is_named(tmp_path: Path) -> None:
    code = f"""
import sys
from coda_graphmem import MemoryConfig, SyncMemoryManager
from tests.fakes import NameExtractor, WordEmbedder

config = MemoryConfig(vector_store=dict(persist_directory={str(tmp_path)!r}))
with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
    memory.store_memory("Anna likes tea")
    assert len(memory.retrieve_memories("tea", min_relevance=0.0)) == 1
print(*sorted({{"torch", "transformers", "sentence_transformers"}} & sys.modules.keys()))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


def test_calls_load_no_opentelemetry_that_the_program_has_not(tmp_path: Path) -> None:
    code = f"""
import sys
from coda_graphmem import MemoryConfig, SyncMemoryManager

config = MemoryConfig(enable_semantic_search=False, vector_store=dict(persist_directory={str(tmp_path)!r}))
with SyncMemoryManager(config) as memory:
    memory.get_revision()
    assert memory.config.telemetry.enabled
print("opentelemetry" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_who_only_asks_imports_nothing_for_files_graphs_reading_and_merging(tmp_path: Path) -> None:
    code = f"""
import gc, sys
from coda_graphmem import MemoryConfig, SyncMemoryManager
from tests.fakes import WordEmbedder

config = MemoryConfig(vector_store=dict(persist_directory={str(tmp_path)!r}))
with SyncMemoryManager(config, embedder=WordEmbedder()) as memory:
    assert memory.retrieve_memories("tea", min_relevance=0.0) == []
    unused = {{"facts.engine", "facts.statements", "consolidation.plan", "transfer.export", "graphs.service"}}
    print(*sorted(unused & {{name.removeprefix("coda_graphmem.") for name in sys.modules}}), "spacy" in sys.modules)
    memory.export_memories({str(tmp_path / "file.jsonl")!r})
    print("coda_graphmem.transfer.export" in sys.modules, gc.isenabled())
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True", "True"]


def test_the_ranking_is_imported_with_the_first_question(tmp_path: Path) -> None:
    code = f"""
import sys
from coda_graphmem import MemoryConfig, SyncMemoryManager
from tests.fakes import WordEmbedder

config = MemoryConfig(vector_store=dict(persist_directory={str(tmp_path)!r}))
with SyncMemoryManager(config, embedder=WordEmbedder()) as memory:
    print("coda_graphmem.retrieval.ranker" in sys.modules)
    memory.retrieve_memories("tea", min_relevance=0.0)
    print("coda_graphmem.retrieval.ranker" in sys.modules)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("state", ["enable", "disable"])
def test_importing_leaves_the_collector_of_garbage_as_it_was(state: str) -> None:
    code = f"import gc\ngc.{state}()\nfrom coda_graphmem import MemoryManager\nprint(gc.isenabled())"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(state == "enable")


def test_all_names_exist_and_shadow_nothing() -> None:
    import builtins

    for name in coda_graphmem.__all__:
        assert getattr(coda_graphmem, name) is not None
        assert not hasattr(builtins, name)
    assert coda_graphmem.MemoryError is coda_graphmem.GraphMemoryError
    assert "MemoryManager" in dir(coda_graphmem)
    with pytest.raises(AttributeError):
        _ = coda_graphmem.nothing
