"""What is read from messages of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest

from coda_graphmem.conversation.attachment import told
from coda_graphmem.conversation.turns import read_turn
from coda_graphmem.language.roles import SILENT
from tests.language.names import ASSISTANTS

NOW = 1_750_000_000.0


class Role(str, Enum):
    USER = "user"


@dataclass
class Message:
    role: Any
    content: Any
    timestamp: Any = None


def read(message: object) -> tuple[str | None, str, float] | None:
    turn = read_turn("c", message, NOW)
    return None if turn is None else (turn.speaker, turn.text, turn.timestamp)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Hello", (None, "Hello", NOW)),
        ({"content": "Hello"}, (None, "Hello", NOW)),
        ({"role": "user", "content": "Hello", "timestamp": 5}, ("user", "Hello", 5.0)),
        (Message("assistant", "Hello", 5.5), ("assistant", "Hello", 5.5)),
        (Message(Role.USER, "Hello"), ("user", "Hello", NOW)),
        ({"role": "user", "name": "Nora", "content": "Hello"}, ("Nora", "Hello", NOW)),
        (Message("user", "Hello", datetime(1970, 1, 2, tzinfo=UTC)), ("user", "Hello", 86_400.0)),
        (Message("user", "Hello", "1970-01-02T00:00:00Z"), ("user", "Hello", 86_400.0)),
        (Message("user", "Hello", "some day"), ("user", "Hello", NOW)),
        (Message("user", "Hello", 1e18), ("user", "Hello", 1e9)),
        (Message("user", "Hello", 1_735_787_045_000), ("user", "Hello", 1_735_787_045.0)),
        (Message("user", "Hello", 1_735_787_045_123.0), ("user", "Hello", 1_735_787_045.123)),
        (Message("user", "Hello", 1_735_787_045_000_000), ("user", "Hello", 1_735_787_045.0)),
        (Message("user", "Hello", "1735787045000"), ("user", "Hello", 1_735_787_045.0)),
        (Message("user", "Hello", "2025-01-02 03:04:05.000Z"), ("user", "Hello", 1_735_787_045.0)),
        (Message("user", "Hello", date(1970, 1, 2)), ("user", "Hello", 86_400.0)),
        (Message("user", "Hello", 1e40), ("user", "Hello", NOW)),
        (Message("user", "Hello", True), ("user", "Hello", NOW)),
        (Message("user", "Hello", ["1970"]), ("user", "Hello", NOW)),
        (Message("user", [{"type": "text", "text": "See"}, {"type": "image"}, "this"]), ("user", "See\nthis", NOW)),
        ("  \n", None),
        ({"role": "user", "content": " "}, None),
        ({"role": "user", "content": None}, None),
        ({"role": "user", "content": 7}, None),
        ({"role": "user", "content": [{"type": "image"}]}, None),
        (7, None),
    ],
)
def test_messages(message: object, expected: object) -> None:
    assert read(message) == expected


@pytest.mark.parametrize("role", [*sorted(SILENT), "System"])
def test_what_nobody_says_is_no_turn(role: str) -> None:
    assert read({"role": role, "content": "You are helpful"}) is None


@pytest.mark.parametrize("name", ASSISTANTS)
def test_what_assistants_say_is_a_turn_under_their_name(name: str) -> None:
    assert read({"role": name, "content": "Hello"}) == (name, "Hello", NOW)
    assert read({"role": "assistant", "name": name, "content": "Hello"}) == (name, "Hello", NOW)


def test_a_time_that_is_none_is_told(caplog: pytest.LogCaptureFixture) -> None:
    read(Message("user", "Hello", "some secret day"))
    assert "timestamp" in caplog.text
    assert "secret" not in caplog.text


def test_a_time_without_a_zone_is_local() -> None:
    local = datetime(2025, 1, 2, 3, 4, 5)
    assert read(Message("user", "Hello", local)) == ("user", "Hello", local.timestamp())


def test_turns_have_ids_of_their_own() -> None:
    one, other = read_turn("c", "Hello", NOW), read_turn("c", "Hello", NOW)
    assert one is not None
    assert other is not None
    assert one.turn_id != other.turn_id


MESSAGE = {"role": "user", "content": "Hello"}


@pytest.mark.parametrize(
    ("arguments", "named", "expected"),
    [
        (("c", "Hello"), {}, ("c", "Hello")),
        (("c",), {"message": "Hello"}, ("c", "Hello")),
        (("Hello",), {"conversation_id": "c"}, ("c", "Hello")),
        ((), {"message": "Hello", "conversation_id": "c"}, ("c", "Hello")),
        (("c", "Hello", "more"), {"priority": 1}, ("c", "Hello")),
        (({"conversation_id": "c", "message": MESSAGE},), {}, ("c", MESSAGE)),
        (({"conversation_id": "c", **MESSAGE},), {}, ("c", {"conversation_id": "c", **MESSAGE})),
        (("Hello",), {}, (None, "Hello")),
        ((), {}, (None, None)),
    ],
)
def test_arguments_of_a_call(arguments: tuple[Any, ...], named: dict[str, Any], expected: object) -> None:
    assert told(arguments, named) == expected
