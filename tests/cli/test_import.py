"""``add`` and ``import``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import TURNS, Run, write_jsonl


def test_add_says_under_which_id_it_stored(run: Run) -> None:
    stored = run("add", "Nora rows on Sundays.").out.strip()
    memory_id = stored.removeprefix("Stored as ").removesuffix(".")
    assert run("show", memory_id, "--json").json["content"] == "Nora rows on Sundays."


def test_add_keeps_what_its_options_say(run: Run) -> None:
    done = run(
        *("add", "Tea, not coffee.", "--type", "preference", "--importance", "0.9", "--conversation", "c1"),
        *("--speaker", "Nora", "--at", "2026-03-02T12:00:00+00:00", "--meta", "cups=3", "--meta", "place=at home"),
        *("--id", "tea", "--namespace", "alice", "--json"),
    )
    assert done.json == {"memory_id": "tea", "namespace": "alice"}
    memory = run("show", "tea", "-n", "alice", "--json").json
    assert memory["memory_type"] == "preference"
    assert memory["importance_score"] == 0.9
    assert memory["conversation_id"] == "c1"
    assert memory["metadata"] == {"speaker": "Nora", "cups": 3, "place": "at home"}
    assert memory["timestamp"] == 1772452800.0
    run("show", "tea", code=1)


def test_add_reads_standard_input(run: Run) -> None:
    run("add", "-", "--id", "piped", stdin="Two lines\nof text\n")
    assert run("show", "piped", "--json").json["content"] == "Two lines\nof text"


def test_adding_an_id_again_is_harmless_and_with_other_words_an_error(run: Run) -> None:
    run("add", "The code is 12.", "--id", "code")
    run("add", "The code is 12.", "--id", "code")
    failed = run("add", "The code is 13.", "--id", "code", code=1)
    assert "memory_id" in failed.err
    assert failed.out == ""
    assert run("stats", "--json").json["total_memories"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["   "], "content: is empty"),
        (["x", "--importance", "2"], "importance_score: 2.0 is outside"),
        (["x", "--meta", "novalue"], "--meta: 'novalue' has no key and value"),
        (["x", "--at", "yesterday"], "--at: 'yesterday' is not a time"),
        (["x", "--namespace", ""], "namespace"),
    ],
)
def test_add_refuses_what_is_not_acceptable(run: Run, arguments: list[str], message: str) -> None:
    failed = run("add", *arguments, code=1)
    assert message in failed.err
    assert "Traceback" not in failed.err
    assert run("stats", "--json").json["total_memories"] == 0


def test_import_says_how_much_and_is_idempotent(run: Run, talk: Path) -> None:
    first = run("import", str(talk)).out
    assert "Imported 7 memories" in first
    assert "already" not in first
    assert "7 of them were there already" in run("import", str(talk)).out
    assert run("import", str(talk), "--json").json["new"] == 0


def test_import_reads_standard_input(run: Run) -> None:
    lines = "".join(json.dumps(turn) + "\n" for turn in TURNS)
    assert run("import", "-", "--json", stdin=lines).json["memories"] == len(TURNS)


def test_import_of_a_beir_folder_makes_a_namespace_a_group(run: Run, tmp_path: Path) -> None:
    documents = [
        {
            "_id": f"{group}/{i}",
            "title": "",
            "text": f"Ann: Turn {i}.",
            "metadata": {"group": group, "session": i // 2, "speaker": "Ann", "timestamp": 1000.0 + i},
        }
        for group in ("g1", "g2")
        for i in range(4)
    ]
    write_jsonl(tmp_path / "corpus.jsonl", documents)
    assert run("import", str(tmp_path), "--json").json["namespaces"] == ["g1", "g2"]
    counts = run("stats", "--all", "--json").json
    assert {name: (item["total_memories"], item["total_conversations"]) for name, item in counts.items()} == {
        "g1": (4, 2),
        "g2": (4, 2),
    }
    assert [item["memory_id"] for item in run("context", "session-1", "-n", "g2", "--json").json["conversation"]] == [
        "g2/2",
        "g2/3",
    ]


def test_a_line_that_cannot_be_used_stops_before_anything_is_stored(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "bad.jsonl", [{"text": "fine"}, {"text": ""}])
    failed = run("import", str(path), code=1)
    assert "bad.jsonl, line 2" in failed.err
    assert run("stats", "--json").json["total_memories"] == 0


def test_import_of_nothing(run: Run, tmp_path: Path) -> None:
    run("import", "missing.jsonl", code=2)
    (tmp_path / "empty").mkdir()
    assert "corpus.jsonl" in run("import", str(tmp_path / "empty"), code=1).err
    (tmp_path / "empty.jsonl").touch()
    assert "no memories" in run("import", str(tmp_path / "empty.jsonl"), code=1).err


def test_edit_changes_what_is_named(filled: Run) -> None:
    changed = filled("edit", "m3", "Margit eats quince jelly.", "-i", "0.9", "-m", "n=1", "-m", "k=v", "--json").json
    assert (changed["content"], changed["importance_score"]) == ("Margit eats quince jelly.", 0.9)
    assert changed["metadata"] == {"n": 1, "k": "v"}
    assert "Changed m3" in filled("edit", "m3", "--without", "n").out
    kept = filled("show", "m3", "--json").json
    assert (kept["content"], kept["metadata"]) == ("Margit eats quince jelly.", {"k": "v"})
    assert filled("search", "quince", "--limit", "1", "--json").json[0]["memory_id"] == "m3"


def test_edit_reads_standard_input(filled: Run) -> None:
    filled("edit", "m5", "-", stdin="The boiler is fine.\n")
    assert filled("show", "m5", "--json").json["content"] == "The boiler is fine."


def test_edit_of_nothing_fails(filled: Run) -> None:
    assert "m99" in filled("edit", "m99", "x", code=1).err
    assert "nothing to change" in filled("edit", "m3", code=1).err
