"""``import``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import TURNS, Run, write_jsonl
from tests.importing.exports import WHATSAPP
from tests.importing.test_chats import chatgpt, message, write


def test_import_says_how_much_and_is_idempotent(run: Run, talk: Path) -> None:
    first = run("import", str(talk)).out
    assert "Imported 7 memories" in first
    assert "already" not in first
    assert "7 of them were there already" in run("import", str(talk)).out
    assert run("import", str(talk), "--json").json["new"] == 0


def test_import_of_documents_says_what_they_hold_no_more(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "tent.md").write_text("# Tent\n\nBegin with the poles.\n")
    (folder / "pegs.txt").write_text("Pegs are made of titanium.\n")
    (folder / "photo.jpg").write_bytes(b"")
    first = run("import", str(folder)).out
    assert "Imported 2 memories" in first
    assert "Passed over 1 of 3 files: 1 neither Markdown nor text nor PDF (photo.jpg)." in first
    (folder / "tent.md").write_text("# Tent\n\nBegin with the pegs.\n")
    assert (
        "1 sections are stored that their documents hold no more: --replace removes them."
        in run("import", str(folder)).out
    )
    (folder / "pegs.txt").write_text("\n\nPegs are made of titanium.\n")
    told = run("import", str(folder), "--replace", "--json").json
    assert (told["new"], told["outdated"], told["removed"], told["moved"]) == (0, 1, 1, 1)
    assert "no more" not in run("import", str(folder), "--replace").out
    (tmp_path / "talk.jsonl").write_text('{"text": "Hello"}\n')
    assert "--replace" in run("import", str(tmp_path / "talk.jsonl"), "--replace", code=1).err


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


def test_what_is_passed_over_is_counted_and_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(WHATSAPP, encoding="utf-8")
    shown = run("import", str(path)).out
    assert "Imported 2 memories" in shown
    assert "1 pictures, recordings, calls and deleted messages (chat.txt, line 6)" in " ".join(shown.split())
    done = run("import", str(path), "--json").json
    assert (done["format"], done["read"]) == ("whatsapp", {"lines": 8})
    assert sum(item["count"] for item in done["passed_over"]) == 4
    path.write_text("Nora: Hello.\nIda: Hi.\n")
    assert "nobody called 'Tom'" in run("import", str(path), "-s", "Nora", "-s", "Tom").out
    path.write_text("12/03/26, 19:13 - Ida: <Media omitted>\n")
    failed = run("import", str(path), code=1).err
    assert "holds no memories. Passed over 1 of 1 lines" in " ".join(failed.split())


def test_a_fault_in_the_middle_stops_before_anything_is_stored(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps([chatgpt(message("user", "fine")), {"mapping": {}}]))
    assert "conversation 2" in run("import", str(path), code=1).err
    lines = [json.dumps(turn) for turn in TURNS]
    path.write_text("\n".join([*lines, '{"text": ""}']))
    assert "line 8" in run("import", str(path), code=1).err
    assert run("stats", "--json").json["total_memories"] == 0
