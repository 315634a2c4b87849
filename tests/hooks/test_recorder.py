"""Conversations are kept, each turn once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import MemoryManager
from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.hooks.queue import Note, add_note, read_notes
from coda_graphmem.hooks.recorder import Progress, Recorder
from tests.hooks.lines import answered, append, said


def note(path: Path, session: str = "s1", **more: Any) -> Note:
    return Note("default", session, str(path), **more)


async def turns(memory: MemoryManager) -> list[tuple[str, str | None]]:
    found = await memory.list_memories(order="oldest", where={"metadata.source": "claude-code"})
    return [(one.content, one.conversation_id) for one in found]


async def test_turns_are_kept_once_and_learned_from(memory: MemoryManager, tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "I live in Rome."), answered(2, "A fine city."))
    recorder = Recorder(tmp_path)
    assert await recorder.record(memory, note(path)) == 2
    assert await recorder.record(memory, note(path)) == 0
    append(path, said(3, "Rex barks."))
    assert await recorder.record(memory, note(path)) == 1
    assert await turns(memory) == [("I live in Rome.", "s1"), ("A fine city.", "s1"), ("Rex barks.", "s1")]
    [first, answer, _] = await memory.get_memories([f"claude-code-turn-{i}" for i in (1, 2, 3)])
    assert (first.speaker, first.timestamp, answer.speaker) == ("user", 1583143260.0, "assistant")
    assert [line.text for line in (await memory.get_profile()).lines] == ["Lives in Rome"]


async def test_turns_that_another_file_holds_too_are_kept_once(memory: MemoryManager, tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "I live in Rome."))
    recorder = Recorder(tmp_path)
    await recorder.record(memory, note(path))
    before = await memory.list_memories()
    append(path.rename(tmp_path / "next.jsonl"), said(2, "Rex barks."))
    await recorder.record(memory, note(tmp_path / "next.jsonl", "s2"))
    assert await turns(memory) == [("I live in Rome.", "s1"), ("Rex barks.", "s2")]
    # Nor is what was learned from them said again.
    after = {one.memory_id: one.reinforcement_count for one in await memory.list_memories()}
    assert {one.memory_id: one.reinforcement_count for one in before}.items() <= after.items()


async def test_what_was_forgotten_stays_so(memory: MemoryManager, tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "Rex barks."))
    recorder = Recorder(tmp_path)
    await recorder.record(memory, note(path))
    await memory.delete_memory("claude-code-turn-1")
    append(path, said(2, "It rains."))
    await recorder.record(memory, note(path))
    assert await turns(memory) == [("It rains.", "s1")]


async def test_a_failure_half_way_loses_and_doubles_nothing(
    memory: MemoryManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.hooks.recorder._AT_A_TIME", 1)
    path = append(tmp_path / "t.jsonl", *(said(i, f"Number {i}.") for i in range(3)))
    recorder = Recorder(tmp_path)
    kept = MemoryManager.store_memories_batch

    async def failing(self: MemoryManager, entries: Any, **more: Any) -> list[str]:
        if entries[0]["content"] == "Number 1.":
            raise MemoryStorageError("the disk is full.")
        return await kept(self, entries, **more)

    monkeypatch.setattr(MemoryManager, "store_memories_batch", failing)
    with pytest.raises(MemoryStorageError):
        await recorder.record(memory, note(path))
    assert [text for text, _ in await turns(memory)] == ["Number 0."]
    monkeypatch.setattr(MemoryManager, "store_memories_batch", kept)
    assert await recorder.record(memory, note(path)) == 2
    assert [text for text, _ in await turns(memory)] == ["Number 0.", "Number 1.", "Number 2."]


async def test_a_turn_that_cannot_be_kept_keeps_no_other_out(memory: MemoryManager, tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "one"), said(2, "\u200b"), said(3, "three"))
    await Recorder(tmp_path).record(memory, note(path))
    assert {"one", "three"} <= {text for text, _ in await turns(memory)}


async def test_it_is_written_down_what_the_assistant_forgot(memory: MemoryManager, tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "one"))
    recorder = Recorder(tmp_path)
    assert recorder.progress("default", "s1") == Progress()
    await recorder.record(memory, note(path, is_shortened=True, noted_at=1583143600.0))
    assert recorder.progress("default", "s1") == Progress(path.stat().st_size, 1583143600.0)
    append(path, said(2, "two"))
    await recorder.record(memory, note(path))
    assert recorder.progress("default", "s1").shortened_at == 1583143600.0
    assert recorder.progress("other", "s1") == Progress()
    recorder._place("default", "s1").write_text("{")
    assert recorder.progress("default", "s1") == Progress()


def test_notes_are_read_in_their_order_and_are_for_their_owner(tmp_path: Path) -> None:
    for name in "ab":
        add_note(tmp_path, note(Path(name)))
    (tmp_path / "9-broken.json").write_text("{")
    (tmp_path / ".1-half.json").write_text("")
    found = read_notes(tmp_path)
    assert [one and one.transcript for _, one in found] == ["a", "b", None]
    if os.name == "posix":
        assert {path.stat().st_mode & 0o777 for path, one in found if one} == {0o600}
