"""A line says all of a memory, and a line that is damaged is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coda_graphmem import ValidationError
from coda_graphmem.models import LinkKind, Memory, MemoryType, MemoryVersion, Statement
from coda_graphmem.store.codec import content_hash
from coda_graphmem.store.protocol import EntityNode, Saying, StoredMemory
from coda_graphmem.transfer.lines import (
    End,
    Header,
    Line,
    as_of,
    is_header,
    read_line,
    with_earlier,
    write_earlier,
    write_end,
    write_header,
    write_memory,
)
from tests.graphs.build import HOSTILE, entity, link, memory
from tests.store.factory import unit

FULL = StoredMemory(
    memory=memory(
        "m1",
        HOSTILE,
        entities=("ann", "bob"),
        memory_type=MemoryType.PROCEDURAL,
        timestamp=0.1 + 0.2,
        importance_score=1 / 3,
        access_count=7,
        last_accessed=1e9 + 1e-6,
        metadata={"speaker": "Ann", "deep": {"list": [1, 1.0, None, True, "\u2028"]}},
        conversation_id="c",
        user_id="u",
        agent_id="a",
        session_id="s",
        tags=["work", "é"],
        updated_at=3.25,
        reinforcement_count=2,
        expires_at=4.5,
        lifetime="short_term",
        refresh_seconds=0.1 + 0.2,
        archived_at=5.5,
        consolidated_into="m9",
        decay_factor=0.123456789,
        last_said_at=1e9 + 0.5,
        version=3,
        standing="superseded",
        standing_at=6.25,
    ),
    embedding=unit(3),
    dedup_key="k" * 64,
    position=0,
    run_id="run",
    to_read=True,
    statements=(
        Statement(subject="User", subject_key="user", attribute="residence", value="Köln", value_key="koln"),
        Statement(
            subject="User", subject_key="user", attribute="employer", value="", value_key="", polarity=False,
            valid_from=0.1 + 0.2, valid_until=1e9, confidence=1 / 3,
        ),
    ),
    replaced_by="m8",
)  # fmt: skip
LINKS = (link("m1", "m2", guard="g", reason="a | b", run_id="r"), link("m1", "m3", LinkKind.POSSIBLY_OUTDATED_BY))


def back(stored: StoredMemory, entities: dict[str, EntityNode] | None = None, links: Any = ()) -> Line:
    dimension = None if stored.embedding is None else len(stored.embedding)
    line = read_line(write_memory(stored, entities or {}, links), "x, line 2", dimension)
    assert isinstance(line, Line)
    return line


def test_every_field_of_a_memory_has_its_place() -> None:
    """A field that is added to `Memory` has to be thought of here."""
    left_out = {
        *("relevance_score", "explanation", "namespace", "possibly_outdated_by", "embedding"),
        *("valid_until", "superseded_by", "supersedes", "passages"),
    }
    assert {name for name in Memory.model_fields if getattr(FULL.memory, name) in (None, [], 0, {})} <= left_out
    written = json.loads(write_memory(FULL, {}, LINKS))
    assert set(Memory.model_fields) - set(written) == left_out - {"embedding"}


def test_a_full_memory_comes_back_bit_by_bit() -> None:
    line = back(FULL, {"ann": entity("ann"), "bob": replace(entity("bob"), name="Robert")}, LINKS)
    assert line.stored.memory == FULL.memory
    assert replace(line.stored, embedding=None) == replace(FULL, embedding=None)
    assert line.stored.embedding is not None
    assert line.stored.embedding.dtype == np.float32
    assert line.stored.embedding.tobytes() == unit(3).tobytes()
    assert line.links == LINKS
    assert [(node.key, node.name) for node in line.entities] == [("ann", "Ann"), ("bob", "Robert")]
    assert "\n" not in write_memory(FULL, {}, LINKS)[:-1]


def test_an_empty_memory_comes_back_and_says_little() -> None:
    stored = StoredMemory(memory("m"), None, None, 0)
    assert back(stored) == Line(stored, (), ())
    assert set(json.loads(write_memory(stored, {}, ()))) == {
        *("memory_id", "content", "memory_type", "timestamp", "importance_score", "created_at")
    }


def test_vectors_that_half_precision_holds_take_half_the_room() -> None:
    half = unit(4).astype(np.float16).astype(np.float32)
    written = json.loads(write_memory(replace(FULL, embedding=half), {}, ()))["embedding"]
    assert written.startswith("f2:")
    found = back(replace(FULL, embedding=half)).stored.embedding
    assert found is not None
    assert found.tobytes() == half.tobytes()


def test_header_and_end() -> None:
    header = Header("näme", 2, "model", 384, 12.5)
    assert is_header(write_header(header))
    assert read_line(write_header(header), "x") == header
    assert read_line(write_end(End("näme", 3)), "x") == End("näme", 3)
    assert not any(map(is_header, ("", "[", '{"text": "a"}', write_end(End("a", 1)), '{"coda_graphmem": 1}')))


def test_a_newer_version_is_refused() -> None:
    line = write_header(Header("a", 1, None, None, 1.0)).replace('"version":4', '"version":5')
    assert is_header(line)
    with pytest.raises(ValidationError, match="newer than this package") as caught:
        read_line(line, "x, line 1")
    assert caught.value.field == "x, line 1, version"
    assert "Upgrade" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": ""}, "content"),
        ({"memory_id": None}, "memory_id"),
        ({"memory_type": "odd"}, "memory_type"),
        ({"timestamp": "noon"}, "timestamp"),
        ({"importance_score": 2}, "importance_score"),
        ({"access_count": -1}, "access_count"),
        ({"metadata": []}, "metadata"),
        ({"created_at": None}, "created_at"),
        ({"decay_factor": 1.5}, "decay_factor"),
        ({"more": 1}, "more"),
        ({"standing": "odd"}, "standing"),
        ({"standing_at": None}, "standing"),
        ({"version": 0}, "version"),
        ({"to_read": 1}, "to_read"),
        ({"statements": [{"subject": "a"}]}, "statements[0].subject_key"),
        ({"last_change": {"operation": "odd", "at": 1.0, "actor": "a"}}, "last_change.operation"),
        ({"entities": [{"key": "a", "name": "A"}]}, "entities[0].label"),
        ({"entities": [{"key": "a", "name": "A", "label": "X", "known_as": 5}]}, "entities[0].known_as"),
        ({"entities": {}}, "entities"),
        ({"links": [{"target_id": "b", "kind": "odd"}]}, "links[0].kind"),
        ({"links": [{"target_id": "b", "kind": "SIMILAR_TO", "score": "x"}]}, "links[0].score"),
        ({"links": [5]}, "links"),
        ({"embedding": "f8:AAAA"}, "embedding"),
        ({"embedding": "f4:???"}, "embedding"),
        ({"embedding": "f4:AAAA"}, "embedding"),
        ({"embedding": "f4:AACAfw=="}, "embedding"),
    ],
)
def test_a_damaged_line_is_named(change: dict[str, Any], field: str) -> None:
    values = json.loads(write_memory(FULL, {}, ())) | {"embedding": None} | change
    with pytest.raises(ValidationError) as caught:
        read_line(json.dumps(values), "x.jsonl, line 7", 1)
    assert caught.value.field == f"x.jsonl, line 7, {field}"
    assert caught.value.remedy
    assert "alert" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"memory_id": 5}, "memory_id: must be a string, not int. Export again"),
        ({"memory_id": "a\nb"}, "memory_id: holds a control character."),
        ({"conversation_id": "x" * 513}, "conversation_id: has 513 characters, more than the 512 allowed."),
        ({"memory_type": "odd"}, "memory_type: 'odd' is not a memory type."),
        ({"importance_score": 2}, "importance_score: 2.0 is outside 0 to 1."),
        ({"importance_score": True}, "importance_score: must be a number, not bool."),
        ({"timestamp": float("nan")}, "timestamp: nan is not a finite number."),
        ({"access_count": 1.0}, "access_count: must be a whole number, not float."),
        ({"metadata": {"a": "\x00"}}, "metadata: holds a NUL character. Remove it."),
        ({"content": "", "more": 1}, "more: is no key of this version."),
        ({"content": "\ud800"}, "content: holds a lone surrogate, which is no text."),
        ({"entities": [{"key": "a", "name": "A"}]}, "entities[0].label: is missing."),
        ({"links": [5]}, "links: is not a list of objects."),
    ],
)
def test_a_message_says_what_is_wrong(change: dict[str, Any], said: str) -> None:
    values = json.loads(write_memory(replace(FULL, embedding=None), {}, ())) | change
    with pytest.raises(ValidationError) as caught:
        read_line(json.dumps(values), "x.jsonl, line 7")
    assert str(caught.value).startswith(f"x.jsonl, line 7, {said}")


def version(number: int, content: str, **values: Any) -> MemoryVersion:
    defaults: dict[str, Any] = {
        "operation": "updated", "at": number / 3, "actor": "somebody", "memory_type": MemoryType.SEMANTIC,
        "metadata": {"n": number}, "importance_score": 1 / 3,
    }  # fmt: skip
    values = {**defaults, **values}
    said = content_hash(content, values["memory_type"], values["metadata"])
    return MemoryVersion(memory_id="m1", version=number, content_hash=said, content=content, **values)


def changed() -> tuple[StoredMemory, list[str]]:
    """A memory that was changed twice, and the lines before its own."""
    present = {"memory_type": FULL.memory.memory_type, "metadata": FULL.memory.metadata}
    versions = (version(1, "before", operation="created"), version(2, HOSTILE), version(3, HOSTILE, **present))
    stored = replace(FULL, versions=versions)
    return stored, write_earlier(stored).splitlines(keepends=True)


def test_each_earlier_version_has_a_line_of_its_own() -> None:
    stored, lines = changed()
    assert len(lines) == 2
    assert write_earlier(FULL) == ""
    earlier = [read_line(line, "x, line 2") for line in lines]
    assert earlier == list(stored.versions[:-1])
    assert with_earlier(back(stored), stored.versions[:-1], "x, line 4").stored.versions == stored.versions
    assert "before" not in write_memory(stored, {}, ())


def test_versions_that_do_not_belong_together_are_refused() -> None:
    stored, _ = changed()
    one, two, _ = stored.versions
    other = two.model_copy(update={"memory_id": "m2"})
    for line, earlier in (
        (back(stored), [two, one]),
        (back(stored), [one, one]),
        (back(stored), [one, other]),
        (back(FULL), [one]),
    ):
        with pytest.raises(ValidationError, match="earlier versions"):
            with_earlier(line, earlier, "x, line 4")


@pytest.mark.parametrize(
    ("content", "metadata", "is_merged", "to_read"),
    [
        ("I moved to Rome.", {}, False, True),
        ("I moved to Rome.", {}, True, False),
        ("I moved to Rome.", {"role": "assistant"}, False, False),
        ("All good things", {}, False, False),
    ],
)
def test_what_version_1_says_is_to_be_read(
    content: str, metadata: dict[str, Any], is_merged: bool, to_read: bool
) -> None:
    said = tuple(
        Saying(conversation_id=one, timestamp=at, created_at=9.0, importance_score=0.5)
        for one, at in (("a", 1.0), ("b", 7.0), ("c", 3.0))
    )
    stored = StoredMemory(memory("m", content, metadata=metadata), None, None, 0, sayings=said)
    line = as_of(back(stored), 1, is_merged=is_merged)
    assert (line.stored.to_read, line.stored.memory.last_said_at) == (to_read, 7.0)
    # Later ones say themselves what is to be read.
    assert as_of(back(stored), 2, is_merged=False) == back(stored)


def test_what_ends_in_lines_before_version_3_is_short_term() -> None:
    ends = back(StoredMemory(memory("m", expires_at=9.0, lifetime="long_term"), None, None, 0))
    assert as_of(ends, 3, is_merged=False).stored.memory.lifetime == "long_term"
    assert as_of(ends, 2, is_merged=False).stored.memory.lifetime == "short_term"
    stays = back(StoredMemory(memory("m"), None, None, 0))
    assert as_of(stays, 2, is_merged=False).stored.memory.lifetime == "long_term"


@pytest.mark.parametrize("text", ["{", "[]", '{"end": ""}', '{"coda_graphmem": "other"}'])
def test_a_line_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValidationError, match=r"x\.jsonl, line 7"):
        read_line(text, "x.jsonl, line 7")
