"""What somebody said in a transcript, and what nobody did."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coda_graphmem.hooks import transcript
from coda_graphmem.hooks.transcript import read_turns
from tests.hooks.lines import answered, append, said


def texts(path: Path, start: int = 0) -> list[str]:
    return [turn.text for turn in read_turns(path, start)]


def test_turns_of_both_are_read_with_their_times(tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "I like plums."), answered(2, "Noted."))
    first, second = read_turns(path, 0)
    assert (first.turn_id, first.speaker, first.text, first.said_at) == (
        "turn-1",
        "user",
        "I like plums.",
        1583143260.0,
    )
    assert (second.speaker, second.text) == ("assistant", "Noted.")
    assert second.end == path.stat().st_size


def test_what_nobody_said_is_passed_over(tmp_path: Path) -> None:
    path = append(
        tmp_path / "t.jsonl",
        {"type": "file-history-snapshot", "uuid": "x"},
        {"type": "system", "uuid": "x", "message": {"content": "x"}},
        said(1, [{"type": "tool_result", "tool_use_id": "x", "content": "secret output"}]),
        said(
            2, [{"type": "thinking", "thinking": "hm"}, {"type": "tool_use", "name": "Bash", "input": {}}], "assistant"
        ),
        said(3, "Caveat", isMeta=True),
        said(4, "of a subagent", isSidechain=True),
        said(5, "This session is being continued", isCompactSummary=True),
        answered(6, "API error", isApiErrorMessage=True),
        said(7, "<command-name>/clear</command-name>\n<command-message>clear</command-message>"),
        said(8, "[Request interrupted by user for tool use]"),
        said(9, None),
        said(10, "no id", uuid=7),
        said(11, "Where is Rex?<system-reminder>be kind\nand short</system-reminder>"),
        said(
            12,
            [{"type": "text", "text": "<ide_opened_file>a.py</ide_opened_file>"}, {"type": "text", "text": "In a.py"}],
        ),
        said(13, "I wrote <div>this</div>"),
    )
    with path.open("ab") as file:
        file.write(b"no json\n[]\n\n" + b"[" * 100_000 + b"\n")
    assert texts(path) == ["Where is Rex?", "In a.py", "I wrote <div>this</div>"]


def test_reading_goes_on_where_it_ended_and_leaves_half_a_line_alone(tmp_path: Path) -> None:
    path = append(tmp_path / "t.jsonl", said(1, "one"))
    [first] = read_turns(path, 0)
    whole = append(tmp_path / "next.jsonl", said(2, "two")).read_bytes()
    with path.open("ab") as file:
        file.write(whole[:-20])
    assert texts(path, first.end) == []
    with path.open("ab") as file:
        file.write(whole[-20:])
    assert texts(path, first.end) == ["two"]
    path.write_bytes(whole[:0])
    append(path, said(3, "x"))
    assert texts(path, 10_000) == ["x"]


def test_lines_that_are_too_long_hide_none_behind_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcript, "LONGEST_LINE", 400)
    path = append(tmp_path / "t.jsonl", said(1, "long " * 400), said(2, "short"))
    assert texts(path) == ["short"]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="directory"):
        texts(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(FileNotFoundError, match="a pipe"):
            texts(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        texts(tmp_path / "none")


@pytest.mark.parametrize("time", [None, 7, "yesterday", "0001-01-01T00:00:00Z"])
def test_a_time_that_nobody_knows_is_none(tmp_path: Path, time: object) -> None:
    [turn] = read_turns(append(tmp_path / "t.jsonl", said(1, "one", timestamp=time)), 0)
    assert turn.said_at is None
