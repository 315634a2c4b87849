"""JSON lines become memories with ids that stay the same."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from coda_graphmem import MemoryType, ValidationError
from coda_graphmem.importing import Record, parse_time, read_jsonl


def read(*objects: dict[str, Any] | str) -> list[Record]:
    lines = [item if isinstance(item, str) else json.dumps(item) for item in objects]
    return list(read_jsonl(lines, "talk.jsonl"))


def test_every_key_arrives_where_it_belongs() -> None:
    [record] = read(
        {
            "text": "Port Blair is a town.",
            "conversation_id": "c1",
            "speaker": "Ann",
            "title": "Port Blair",
            "timestamp": "2026-03-02T19:12:00+01:00",
            "type": "semantic",
            "importance_score": 0.7,
            "metadata": {"source": "atlas"},
            "memory_id": "m1",
        }
    )
    assert record.memory == {
        "content": "Port Blair is a town.",
        "conversation_id": "c1",
        "metadata": {"source": "atlas", "speaker": "Ann", "title": "Port Blair"},
        "timestamp": 1772475120.0,
        "type": "semantic",
        "importance_score": 0.7,
        "memory_id": "m1",
    }
    assert record.namespace is None


def test_content_is_another_name_for_text() -> None:
    assert read({"content": "x", "memory_type": "emotional"})[0].memory["memory_type"] == MemoryType.EMOTIONAL.value


def test_an_id_follows_from_the_line_and_not_from_its_place() -> None:
    first, second = read({"text": "a", "speaker": "Ann"}, {"text": "b"})
    again = read({"text": "new"}, {"text": "b"}, "", {"text": "a", "speaker": "Ann"})
    assert [again[2].memory["memory_id"], again[1].memory["memory_id"]] == [
        first.memory["memory_id"],
        second.memory["memory_id"],
    ]
    assert read({"text": "a", "speaker": "Tom"})[0].memory["memory_id"] != first.memory["memory_id"]


def test_equal_lines_are_separate_memories() -> None:
    ids = [record.memory["memory_id"] for record in read({"text": "Yes."}, {"text": "Yes."})]
    assert len(set(ids)) == 2
    assert ids == [record.memory["memory_id"] for record in read({"text": "Yes."}, {"text": "Yes."})]


def test_a_byte_order_mark_and_empty_lines_are_no_obstacle() -> None:
    assert [record.memory["content"] for record in read('\ufeff{"text": "a"}', "   ", '{"text": "b"}')] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2: is not JSON"),
        ("[1]", "line 2: holds a list"),
        ('{"text": "x", "autor": "y"}', "nobody reads: autor"),
        ('{"speaker": "x"}', "needs either text or content"),
        ('{"text": "x", "content": "x"}', "needs either text or content"),
        ('{"text": "  "}', "line 2: content is empty"),
        ('{"text": 5}', "content must be a string"),
        ('{"text": "x", "timestamp": "yesterday"}', "'yesterday' is not a time"),
        ('{"text": "x", "timestamp": ["2026-03-02"]}', "is not a time"),
        ('{"text": "x", "timestamp": {}}', "is not a time"),
        ('{"text": "x", "timestamp": true}', "is not a time"),
        ('{"text": "x", "type": "rumour"}', "'rumour' is not a memory type"),
        ('{"text": "x", "importance_score": 2}', "importance_score 2.0 is outside"),
        ('{"text": "x", "importance_score": NaN}', "not a finite number"),
        ('{"text": "x", "metadata": [1]}', "metadata must be an object"),
        ('{"text": "\\ud800"}', "lone surrogate"),
        ('{"text": "a\\u0000b"}', "NUL"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(line: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read('{"text": "fine"}', line)
    assert caught.value.field == "talk.jsonl, line 2"
    assert caught.value.remedy
    assert message in str(caught.value)


def test_other_encodings_are_refused() -> None:
    lines = io.TextIOWrapper(io.BytesIO('{"text": "Käse"}'.encode("latin-1")), encoding="utf-8")
    with pytest.raises(ValidationError, match="UTF-8"):
        list(read_jsonl(lines, "talk.jsonl"))


def test_a_time_without_a_zone_is_utc() -> None:
    assert parse_time("1970-01-02") == 86400.0
    assert parse_time("1970-01-02T00:00:00-01:00") == 90000.0
    assert parse_time(12.5) == 12.5
