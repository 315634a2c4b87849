"""Commands about whole namespaces tell of items."""

from __future__ import annotations

from pathlib import Path

from coda_graphmem import SyncMemoryManager
from coda_graphmem.cli.settings import Settings
from tests.cli.conftest import Run


def test_items_are_counted_exported_and_forgotten(run: Run, tmp_path: Path) -> None:
    with SyncMemoryManager(Settings().config()) as memory:
        memory.put_item(("a",), "k", {"n": 1})
    assert "items           1" in run("stats").out
    assert "0 memories and 1 items" in run("export", str(tmp_path / "all.jsonl")).out
    assert "and 0 links and 1 items" in run("import", str(tmp_path / "all.jsonl"), "-n", "copy").out
    assert "items" in run("copy", "--from", "embedded", "--to", "embedded", "--to-dir", str(tmp_path / "copied")).out
    asked = run("forget", "--all", stdin="n\n", code=1)
    assert "Remove all 0 memories and 1 items" in asked.err
    assert "1 item." in run("forget", "--all", "--yes").out
    assert "nothing to remove" in run("forget", "--all", "--yes").out
