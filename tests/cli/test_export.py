"""``export``, and ``import`` of what it wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, listed


def test_out_and_back(filled: Run, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    assert "all.jsonl: 7 memories of default" in filled("export", str(path)).out
    back = filled("import", str(path), "--dir", str(tmp_path / "other"), "--json").json
    assert (back["format"], back["memories"], back["new"], back["embedded"]) == ("export", 7, 7, 0)
    assert listed(filled) == listed(filled, "--dir", str(tmp_path / "other"))
    again = filled("import", str(path), "--dir", str(tmp_path / "other")).out
    assert "Brought back 7 memories" in again
    assert "7 of them were there already" in again


def test_standard_output_and_input(filled: Run, tmp_path: Path) -> None:
    out = filled("export", "-", "--format", "jsonl", "--no-embeddings")
    assert len(out.out.splitlines()) == 9
    assert "7 memories" in out.err
    back = filled("import", "-", "-n", "other", "--json", stdin=out.out).json
    assert (back["namespaces"], back["new"], back["embedded"]) == (["other"], 7, 7)


@pytest.mark.parametrize("name", ["vault", "vault.zip"])
def test_markdown_out_and_back(filled: Run, tmp_path: Path, name: str) -> None:
    path = str(tmp_path / name)
    assert "7 memories of default" in filled("export", path, "--format", "markdown").out
    assert "already" in filled("export", str(tmp_path), "--format", "markdown", code=1).err
    back = filled("import", path, "--dir", str(tmp_path / "other"), "--json").json
    assert (back["format"], back["memories"], back["new"]) == ("export", 7, 7)
    assert listed(filled) == listed(filled, "--dir", str(tmp_path / "other"))


def test_memories_of_other_programs(filled: Run, tmp_path: Path) -> None:
    path = tmp_path / "mem0.json"
    path.write_text('{"results": [{"id": "1", "memory": "Likes tea", "user_id": "nora"}, {"id": "2"}]}')
    done = filled("import", str(path), "-n", "other")
    assert "Imported 1 memories" in done.out
    assert "Passed over 1 of 2 records: 1 without words (mem0.json, memory 2)." in done.out
    assert filled("import", str(path), "-n", "other", "--format", "mem0", "--json").json["new"] == 0
    filled("export", str(tmp_path / "memory.jsonl"), "-n", "other", "--format", "knowledge-graph")
    assert "Likes tea" in (tmp_path / "memory.jsonl").read_text()


def test_all_namespaces(filled: Run, tmp_path: Path) -> None:
    filled("add", "Rex barks.", "-n", "second")
    path, folder = str(tmp_path / "all.jsonl"), str(tmp_path / "other")
    assert filled("export", path, "--all", "--json").json["namespaces"] == ["default", "second"]
    assert "keep their names" in filled("import", path, "--dir", folder, "-n", "x", code=1).err
    assert "2 namespaces" in filled("import", path, "--dir", folder).out
    assert {
        name: item["total_memories"] for name, item in filled("stats", "--all", "--dir", folder, "--json").json.items()
    } == {"default": 7, "second": 1}


def test_a_graph_of_a_part(filled: Run, tmp_path: Path) -> None:
    def exported(*options: str) -> int:
        done = filled("export", str(tmp_path / "a.graphml"), "--json", *options)
        return int(done.json["memories"])

    assert exported() == 7
    assert exported("--max-memories", "3") == 3
    assert exported("--memory", "m0", "--depth", "0") == 1
    assert exported("--memory", "m0", "--depth", "0", "-m", "m6") == 2
    assert exported("--memory", "m0") > 1
    assert exported("--query", "boiler", "--max-memories", "4") == 4
    text = filled("export", str(tmp_path / "a.svg"), "--max-memories", "3").out
    assert "4 more were left out" in text
    assert exported("--archived") == 7


@pytest.mark.parametrize(
    ("arguments", "reason", "code"),
    [
        (["-"], "--format", 2),
        (["-", "-f", "svg", "--json"], "--json", 2),
        (["a.txt"], "stands for no format", 1),
        (["a.jsonl", "--query", "x"], "does not go with", 1),
        (["a.svg", "--all"], "does not go with every_namespace", 1),
        (["a.svg", "--memory", "gone"], "no live memory gone", 1),
        (["no/such/a.svg"], "cannot be written", 1),
    ],
)
def test_export_refuses_what_does_not_fit(filled: Run, arguments: list[str], reason: str, code: int) -> None:
    failed = filled("export", *arguments, code=code)
    assert reason in failed.err
    assert "Traceback" not in failed.err
