"""``copy``: between folders; `test_servers` copies to Neo4j and back."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from coda_graphmem.store.embedded.transfer import EmbeddedTransfer
from coda_graphmem.store.protocol import EntityNode, StoredMemory
from tests.cli.conftest import Run, listed

pytestmark = pytest.mark.slow

THERE = ("copy", "--from", "embedded", "--to", "embedded", "--to-dir", "there")


def test_copy_ends_with_a_count_by_kind(filled: Run) -> None:
    told = filled(*THERE).out
    for line in ("memories                        7            7", "vectors                         7            7"):
        assert line in told
    assert "Copied 7 memories of namespace default" in told
    assert "Both stores hold the same, by kind and memory by memory." in told
    assert listed(filled, "--dir", "there") == listed(filled)
    assert "; 7 were there already." in filled(*THERE).out


def test_copy_for_programs(filled: Run) -> None:
    filled("add", "Nora rows.", "-n", "two")
    filled(*THERE, "-n", "two")
    report = filled(*THERE, "--json").json
    assert report["complete"]
    assert {part["namespace"]: (part["copied"], part["present"]) for part in report["namespaces"]} == {
        "default": (7, 0),
        "two": (0, 1),
    }
    [first, _] = report["namespaces"]
    assert first["complete"]
    assert first["source"] == first["target"]


def test_both_folders_are_named(filled: Run) -> None:
    filled(*THERE)
    filled("copy", "--from", "embedded", "--to", "embedded", "--dir", "there", "--to-dir", "further")
    assert listed(filled, "--dir", "further") == listed(filled)


def test_what_differs_is_an_error(filled: Run) -> None:
    filled(*THERE)
    filled("delete", "m3", "--dir", "there")
    filled("add", "Another.", "--id", "m3", "--dir", "there")
    failed = filled(*THERE, code=1)
    assert "Namespace default differs: memories or items m3." in failed.out
    assert not filled(*THERE, "--json", code=1).json["complete"]
    filled("add", "One more.", "--dir", "there", "-n", "other")
    filled("add", "Something else.", "-n", "other")
    assert "the target holds 1 more, which were there before" in filled(*THERE, "-n", "other", code=1).out


def test_many_differences_are_counted(filled: Run) -> None:
    filled(*THERE)
    for i in range(12):
        filled("add", "here", "--id", f"x{i:02}")
        filled("add", "there", "--id", f"x{i:02}", "--dir", "there")
    assert "x08, x09 and 2 more." in filled(*THERE, code=1).out


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("--from", "embedded", "--to", "embedded"), "target"),
        (("--from", "embedded", "--to", "chroma"), "target"),
        (("--from", "embedded", "--to", "neo4j", "--to-dir", "x"), "--to-dir"),
        (("--from", "neo4j", "--to", "neo4j", "--dir", "x"), "--dir"),
        (("--from", "neo4j", "--to", "neo4j"), "target"),
        (("--from", "embedded", "--to", "neo4j", "--store", "neo4j"), "--store"),
    ],
)
def test_places_that_make_no_sense(run: Run, arguments: tuple[str, ...], field: str) -> None:
    failed = run("copy", *arguments, code=1)
    assert failed.err.splitlines()[-1].startswith(f"Error: {field}: ")
    assert not Path("data").exists()


def test_both_stores_have_to_be_named(run: Run) -> None:
    run("copy", "--from", "embedded", code=2)
    run("copy", "--to", "embedded", code=2)


def test_settings_for_chroma_do_not_trouble_other_stores(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__CHROMA_HOST", "chroma.example")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__CHROMA_PORT", "8000")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__DISTANCE_METRIC", "ip")
    filled(*THERE)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is a POSIX signal here")
def test_a_copy_stopped_by_ctrl_c_is_continued(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = EmbeddedTransfer.import_memories

    async def stopped(
        self: EmbeddedTransfer, namespace: str, rows: list[StoredMemory], entities: list[EntityNode]
    ) -> int:
        count = await plain(self, namespace, rows, entities)
        if rows[0].memory.memory_id == "m2":
            os.kill(os.getpid(), signal.SIGINT)
        return count

    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__BATCH_SIZE", "2")
    monkeypatch.setenv("CODA_GRAPHMEM_VECTOR_STORE__MAX_BATCH_SIZE", "2")
    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedTransfer, "import_memories", stopped)
        failed = filled(*THERE, code=130)
    assert failed.out == ""
    assert "2 of 7 memories are copied. Run the same command again to continue" in failed.err
    assert "Stopped." in failed.err
    part = json.loads(filled(*THERE, "--json").out)["namespaces"][0]
    assert (part["copied"], part["present"]) == (3, 4)
