"""A line says all of a memory, and a line that is damaged is refused by name."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coda_graphmem import ValidationError
from coda_graphmem.models import LinkKind, Memory, MemoryType
from coda_graphmem.store.protocol import EntityNode, StoredMemory
from coda_graphmem.transfer.lines import (
    End,
    Header,
    Line,
    is_header,
    read_line,
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
        updated_at=3.25,
        reinforcement_count=2,
        expires_at=4.5,
        archived_at=5.5,
        consolidated_into="m9",
        decay_factor=0.123456789,
    ),
    embedding=unit(3),
    dedup_key="k" * 64,
    position=0,
    run_id="run",
)
LINKS = (link("m1", "m2", guard="g", reason="a | b", run_id="r"), link("m1", "m3", LinkKind.POSSIBLY_OUTDATED_BY))


def back(stored: StoredMemory, entities: dict[str, EntityNode] | None = None, links: Any = ()) -> Line:
    dimension = None if stored.embedding is None else len(stored.embedding)
    line = read_line(write_memory(stored, entities or {}, links), "x, line 2", dimension)
    assert isinstance(line, Line)
    return line


def test_every_field_of_a_memory_has_its_place() -> None:
    """A field that is added to `Memory` has to be thought of here."""
    left_out = {"relevance_score", "explanation", "namespace", "possibly_outdated_by", "embedding"}
    assert {name for name in Memory.model_fields if getattr(FULL.memory, name) in (None, [], 0, {})} <= left_out
    written = json.loads(write_memory(FULL, {}, LINKS))
    assert set(Memory.model_fields) - set(written) == left_out - {"embedding"}


def test_a_full_memory_comes_back_bit_by_bit() -> None:
    line = back(FULL, {"ann": entity("ann"), "bob": replace(entity("bob"), name="Robert")}, LINKS)
    assert line.stored.memory == FULL.memory
    assert (line.stored.dedup_key, line.stored.run_id) == (FULL.dedup_key, FULL.run_id)
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
    line = write_header(Header("a", 1, None, None, 1.0)).replace('"version":1', '"version":2')
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


@pytest.mark.parametrize("text", ["{", "[]", '{"end": ""}', '{"coda_graphmem": "other"}'])
def test_a_line_that_is_none_is_named(text: str) -> None:
    with pytest.raises(ValidationError, match=r"x\.jsonl, line 7"):
        read_line(text, "x.jsonl, line 7")
