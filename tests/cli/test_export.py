"""``export``, and ``import`` of what it wrote and of chats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import TURNS, Run, listed
from tests.importing.test_chats import chatgpt, message, write


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


def test_a_chat_is_imported_and_asked(run: Run, tmp_path: Path) -> None:
    chat = chatgpt(message("user", "Margit sings alto in the choir", at=100.0), message("assistant", "How lovely."))
    path = str(write(tmp_path, chat))
    done = run("import", path, "--me", "Nora", "--json").json
    assert (done["format"], done["memories"], done["new"]) == ("chatgpt", 2, 2)
    [found] = run("search", "who sings in the choir?", "--limit", "1", "--json").json
    assert found["metadata"] == {"speaker": "Nora", "conversation_title": "Trip"}
    assert "conversation 1" in run("import", path, "--format", "claude", code=1).err


def test_a_transcript_is_imported(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    path.write_text("Nora: Two cases.\nOslo: cold.\nIda: I see.\n")
    assert run("import", str(path), "--json").json["memories"] == 3
    chosen = run("import", str(path), "-n", "b", "-s", "Nora", "-s", "Ida", "--json").json
    assert (chosen["format"], chosen["memories"]) == ("transcript", 2)


def test_a_fault_in_the_middle_stops_before_anything_is_stored(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([chatgpt(message("user", "fine")), {"mapping": {}}]))
    assert "conversation 2" in run("import", str(path), code=1).err
    lines = [json.dumps(turn) for turn in TURNS]
    path.write_text("\n".join([*lines, '{"text": ""}']))
    assert "line 8" in run("import", str(path), code=1).err
    assert run("stats", "--json").json["total_memories"] == 0


def test_a_tree_leads_over_what_is_mentioned(filled: Run) -> None:
    told = filled("graph", "--memory", "m0").out
    assert told.splitlines()[0].startswith("Our tent went mouldy")
    assert "mentions Margit" in told
    assert "mentioned in Margit goes through a jar" in told
    [tree] = filled("graph", "--memory", "m0", "--depth", "0", "--json").json
    assert "memory:m3" not in str(tree)


def test_a_tree_may_begin_at_words(filled: Run) -> None:
    trees = filled("graph", "boiler", "--roots", "2", "--json").json
    assert {tree["node"]["node_id"] for tree in trees} == {"memory:m5", "memory:m6"}
    assert "more memories were left out" in filled("graph", "boiler", "--limit", "2").err
    assert "Nothing is stored" in filled("graph", "boiler", "-n", "nobody").out


@pytest.mark.parametrize("arguments", [[], ["boiler", "--memory", "m0"]])
def test_a_tree_begins_at_one_thing(filled: Run, arguments: list[str]) -> None:
    filled("graph", *arguments, code=2)
