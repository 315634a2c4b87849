"""Exports of Telegram become conversations: one chat, or all of an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coda_graphmem import ValidationError
from coda_graphmem.importing import Source
from tests.importing.exports import TELEGRAM


def read(folder: Path, value: dict[str, Any]) -> Source:
    path = folder / "result.json"
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    source = Source(path)
    assert source.format == "telegram"
    return source


def test_one_chat(tmp_path: Path) -> None:
    source = read(tmp_path, TELEGRAM)
    first, forwarded, poll = source
    assert first.memory | {"memory_id": ""} == {
        "memory_id": "",
        "content": "See https://example.org now",
        "metadata": {"speaker": "Ida", "conversation_title": "Ida"},
        "conversation_id": "telegram-4711",
        "timestamp": 1773342785.0,
    }
    assert forwarded.memory["metadata"] == {
        "speaker": "Nora",
        "conversation_title": "Ida",
        "forwarded_from": "Tom",
        "reply_to": first.memory["memory_id"],
    }
    assert forwarded.memory["timestamp"] == 1773342905.0
    assert (poll.memory["metadata"]["speaker"], poll.memory["content"]) == ("user7", "When?\n- now\n- later")
    assert (source.account.taken("messages"), source.account.read("messages")) == (3, 5)
    assert {item.reason: item.places for item in source.account.passed_over} == {
        "service messages": ("result.json, chat 1, message 1",),
        "without words": ("result.json, chat 1, message 3",),
    }


def test_all_of_an_account_in_a_folder(tmp_path: Path) -> None:
    saved = {**TELEGRAM, "id": 5, "name": None, "type": "saved_messages"}
    left = {"name": "Choir", "type": "private_group", "id": 6, "messages": []}
    export = {
        "about": "Here is the data you requested.",
        "contacts": {"list": [{"first_name": "Ida"}]},
        "chats": {"about": "…", "list": [TELEGRAM, saved]},
        "left_chats": {"list": [left]},
    }
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "p.jpg").write_bytes(b"\xff")
    read(tmp_path, export)
    source = Source(tmp_path)
    records = list(source)
    assert [record.memory["conversation_id"] for record in records] == 3 * ["telegram-4711"] + 3 * ["telegram-5"]
    assert records[3].memory["metadata"]["conversation_title"] == "saved messages"
    assert len({record.memory["memory_id"] for record in records}) == 6
    assert (source.account.taken("conversations"), source.account.read("conversations")) == (2, 3)
    assert source.account.read("messages") == 10
    assert source.account.read("files") == 2


@pytest.mark.parametrize(
    ("message", "field", "reason"),
    [
        ({"date": 5, "text": "x"}, "result.json, chat 1, message 2", "date is not a time"),
        ({"date": "soon", "text": "x"}, "result.json, chat 1, message 2", "date: 'soon' is not a time"),
        (7, "result.json, message 2", "is a int"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, message: Any, field: str, reason: str) -> None:
    source = read(tmp_path, {"name": "Ida", "id": 1, "type": "x", "messages": [{"text": "a"}, message]})
    with pytest.raises(ValidationError, match=reason) as caught:
        list(source)
    assert caught.value.field == field


def test_a_file_without_chats_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"text": "a"}')
    with pytest.raises(ValidationError, match="holds no chat"):
        list(Source(tmp_path / "x.json", format="telegram"))
