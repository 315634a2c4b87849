"""What hooks are told, and what they answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coda_graphmem.hooks.event import NAMES, Event, answer_of, read_event


def told(**more: Any) -> bytes:
    return json.dumps({"session_id": "s1", "cwd": "/projects/shop", **more}).encode()


def test_an_event_is_read() -> None:
    data = told(hook_event_name="UserPromptSubmit", prompt="Where is Rex?", transcript_path="/t.jsonl", later={"a": 1})
    assert read_event("UserPromptSubmit", data) == Event(
        "UserPromptSubmit", "s1", "/projects/shop", "/t.jsonl", "Where is Rex?"
    )
    assert read_event("session-start", told(source="compact")).source == "compact"
    assert {read_event(name, told()).name for name in NAMES} == set(NAMES)
    assert read_event("Stop", told(prompt="a\ud800")).prompt == "a?"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("Stopped", told(), "no event 'Stopped'"),
        ("Stop", b"", "no JSON object"),
        ("Stop", b"[" * 100_000, "no JSON object"),
        ("Stop", b"[]", "no JSON object"),
        ("Stop", told(hook_event_name="SessionEnd"), "is of .SessionEnd"),
        ("Stop", told(session_id=""), "session_id"),
        ("Stop", told(session_id="a\nb"), "session_id"),
        ("Stop", told(session_id=7), "session_id"),
        ("Stop", told(transcript_path=["x"]), "transcript_path"),
    ],
)
def test_what_is_no_event_is_refused(name: str, data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_event(name, data)


def test_an_answer_is_json_of_ascii_and_nothing_where_there_is_nothing_to_say() -> None:
    assert answer_of("SessionStart", "") == ""
    answer = answer_of("UserPromptSubmit", "Zoë 🍑\n")
    assert answer.isascii()
    assert json.loads(answer) == {
        "hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": "Zoë 🍑\n"}
    }
