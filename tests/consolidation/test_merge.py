"""One memory of several."""

from __future__ import annotations

from typing import Any

import pytest

from coda_graphmem.consolidation.merge import merge
from coda_graphmem.consolidation.readings import Reader
from coda_graphmem.models import EntityMention, Memory, MemoryType, MergedMemory


def memory(memory_id: str, content: str, **fields: Any) -> Memory:
    return Memory.model_validate(
        {
            "memory_id": memory_id,
            "content": content,
            "memory_type": MemoryType.SEMANTIC,
            "timestamp": 0.0,
            "importance_score": 0.5,
        }
        | fields
    )


def merged(reader: Reader, *memories: Memory, reinforcement: float = 0.1) -> MergedMemory:
    return merge(memories, reader.read([m.content for m in memories]), reinforcement=reinforcement)


SHORT, LONG = "Anna has a dog.", "Anna has a brown dog from the shelter."


def test_the_most_informative_text_is_kept(reader: Reader) -> None:
    for order in ((SHORT, LONG), (LONG, SHORT)):
        made = merged(reader, memory("a", order[0]), memory("b", order[1]))
        assert made.content == LONG
        assert made.kept_id == "ab"[order.index(LONG)]


def test_of_equally_informative_texts_the_newest_is_kept(reader: Reader) -> None:
    assert merged(reader, memory("a", SHORT, timestamp=2.0), memory("b", SHORT, timestamp=1.0)).kept_id == "a"


@pytest.mark.parametrize(
    ("count", "reinforcement", "expected"), [(2, 0.1, 0.73), (3, 0.1, 0.757), (2, 0.0, 0.7), (2, 1.0, 1.0)]
)
def test_importance_grows_as_if_it_had_been_stored_again(
    reader: Reader, count: int, reinforcement: float, expected: float
) -> None:
    memories = [memory(str(i), SHORT, importance_score=0.7 - i / 10) for i in range(count)]
    assert merged(reader, *memories, reinforcement=reinforcement).importance_score == pytest.approx(expected)


def test_counts_are_added_and_times_are_a_range(reader: Reader) -> None:
    made = merged(
        reader,
        memory(
            "b", SHORT, timestamp=30.0, access_count=2, last_accessed=40.0, reinforcement_count=1, conversation_id="y"
        ),
        memory(
            "a", SHORT, timestamp=10.0, access_count=3, last_accessed=90.0, reinforcement_count=2, conversation_id="x"
        ),
        memory("c", SHORT, timestamp=20.0),
    )
    assert made.source_ids == ["a", "c", "b"]
    assert (made.first_timestamp, made.timestamp, made.conversation_id) == (10.0, 30.0, "y")
    assert (made.access_count, made.last_accessed, made.reinforcement_count) == (5, 90.0, 5)
    assert made.metadata["consolidated"] == {"count": 3, "first_timestamp": 10.0, "last_timestamp": 30.0}


def test_what_was_never_recalled_stays_so(reader: Reader) -> None:
    assert merged(reader, memory("a", SHORT), memory("b", SHORT)).last_accessed is None


def test_metadata_are_united_and_nothing_is_lost(reader: Reader) -> None:
    made = merged(
        reader,
        memory("kept", LONG, metadata={"source": "chat", "tags": ["dog"], "sure": True, "n": None}),
        memory("other", SHORT, metadata={"source": "mail", "tags": ["dog", "pet"], "sure": 1, "page": 3, "n": None}),
    )
    united = dict(made.metadata)
    record = united.pop("consolidated")
    assert united == {"source": "chat", "tags": ["dog", "pet"], "sure": True, "page": 3, "n": None}
    assert record["other_values"] == {"source": ["mail"], "sure": [1]}


def test_merging_what_was_merged_counts_all_originals(reader: Reader) -> None:
    first = merged(
        reader,
        memory("a", SHORT, timestamp=5.0, metadata={"source": "chat"}),
        memory("b", SHORT, timestamp=8.0, metadata={"source": "mail"}),
    )
    again = merged(
        reader,
        memory("ab", first.content, timestamp=first.timestamp, metadata=first.metadata),
        memory("c", LONG, timestamp=9.0, metadata={"source": "note"}),
    )
    record = again.metadata["consolidated"]
    assert (record["count"], record["first_timestamp"], record["last_timestamp"]) == (3, 5.0, 9.0)
    assert again.metadata["source"] == "note"
    assert sorted(record["other_values"]["source"]) == ["chat", "mail"]
    assert again.first_timestamp == 5.0


def test_the_originals_are_left_as_they_were(reader: Reader) -> None:
    a, b = memory("a", LONG, metadata={"tags": ["x"]}), memory("b", SHORT, metadata={"tags": ["y"]})
    before = a.model_dump(), b.model_dump()
    merged(reader, a, b)
    assert (a.model_dump(), b.model_dump()) == before


def test_entities_are_united(reader: Reader) -> None:
    anna, dog, shelter = (EntityMention(key=key, name=key.title(), label="X") for key in ("anna", "dog", "shelter"))
    other_dog = EntityMention(key="dog", name="DOG", label="Y")
    made = merged(reader, memory("a", SHORT, entities=[anna, other_dog]), memory("b", LONG, entities=[dog, shelter]))
    assert made.entities == [dog, shelter, anna]


def test_owner_and_tags_are_kept(reader: Reader) -> None:
    owner = {"user_id": "u", "agent_id": "a", "session_id": "s"}
    made = merged(reader, memory("a", SHORT, tags=["x", "y"], **owner), memory("b", LONG, tags=["z", "x"], **owner))
    assert made.tags == ["z", "x", "y"]
    assert (made.user_id, made.agent_id, made.session_id) == ("u", "a", "s")


@pytest.mark.parametrize(("first", "second", "end"), [(9.0, 7.0, 9.0), (9.0, None, None), (None, None, None)])
def test_a_merged_memory_ends_with_the_last_of_its_originals(
    reader: Reader, first: float | None, second: float | None, end: float | None
) -> None:
    assert merged(reader, memory("a", SHORT, expires_at=first), memory("b", LONG, expires_at=second)).expires_at == end
