"""What is kept of a memory, and how it is written and read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coda_graphmem.models import Memory, MemoryLifetime, MemoryType
from coda_graphmem.store import codec
from coda_graphmem.store.protocol import Candidate
from tests.store.factory import mention

WHOLE = Memory(
    memory_id="m1",
    content="Anna: Who rows today?",
    memory_type=MemoryType.PREFERENCE,
    timestamp=1.0,
    importance_score=0.5,
    access_count=2,
    last_accessed=3.0,
    metadata={"speaker": "Anna", "list": [1, 2.0, None], "é": True},
    decay_factor=0.25,
    namespace="ns",
    conversation_id="c",
    user_id="u",
    agent_id="a",
    session_id="s",
    tags=["work", "é"],
    entities=[mention("anna")],
    created_at=4.0,
    updated_at=5.0,
    reinforcement_count=6,
    expires_at=7.0,
    refresh_seconds=60.0,
    archived_at=8.0,
    consolidated_into="m2",
    last_said_at=9.0,
    version=3,
    standing="superseded",
    standing_at=10.0,
    possibly_outdated_by=["m3"],
)


def test_every_field_is_kept_but_those_that_live_elsewhere() -> None:
    apart = {
        *("embedding", "relevance_score", "namespace", "entities", "possibly_outdated_by", "explanation"),
        *("valid_until", "superseded_by", "supersedes", "passages"),
    }
    assert set(codec.KEPT) == set(Memory.model_fields) - apart
    # What says of a memory that ends whether it is a short-term one is where its end is kept.
    assert set(codec.FIELDS) == {*codec.KEPT, "ends_at"} - {"lifetime"}
    never_null = {
        "memory_id", "content", "memory_type", "timestamp", "importance_score", "access_count", "metadata",
        "created_at", "reinforcement_count", "version",
    }  # fmt: skip
    assert set(codec.REQUIRED) == never_null


def test_a_candidate_is_of_what_is_kept() -> None:
    assert set(codec.CANDIDATE_FIELDS) <= {*codec.FIELDS, *codec.TRAITS}
    assert {*codec.CANDIDATE_FIELDS, "similarity", "excerpt", "uses"} == set(Candidate._fields)
    nullable = {"similarity", "last_accessed", "conversation_id", "speaker"}
    assert set(codec.CANDIDATE_REQUIRED) == set(Candidate._fields) - nullable


def test_a_memory_comes_back_as_it_was_written() -> None:
    written = codec.dump_memory(WHOLE)
    assert tuple(written) == (*codec.FIELDS, *codec.TRAITS)
    assert (written["speaker"], written["word_count"], written["is_question"]) == ("Anna", 3, True)
    assert written["metadata"] == '{"speaker":"Anna","list":[1,2.0,null],"é":true}'
    assert all(value is None or isinstance(value, str | int | float) for value in written.values())
    kept = {name: written[name] for name in codec.FIELDS}
    apart: dict[str, Any] = {"namespace": "ns", "entities": [mention("anna")], "possibly_outdated_by": ["m3"]}
    assert codec.load_memory(kept, **apart) == WHOLE


@pytest.mark.parametrize(
    ("lifetime", "expires_at", "kept"),
    [
        ("long_term", None, (None, None)),
        ("long_term", 7.0, (None, 7.0)),
        ("short_term", 7.0, (7.0, None)),
    ],
)
def test_where_an_end_is_kept_says_of_which_lifetime_a_memory_is(
    lifetime: MemoryLifetime, expires_at: float | None, kept: tuple[float | None, float | None]
) -> None:
    memory = WHOLE.model_copy(update={"lifetime": lifetime, "expires_at": expires_at})
    written = codec.dump_fields(memory)
    assert (written["expires_at"], written["ends_at"]) == kept
    found = codec.load_memory(written)
    assert (found.lifetime, found.expires_at) == (lifetime, expires_at)


def test_fields_that_are_left_out_have_their_defaults() -> None:
    kept = {name: codec.dump_memory(WHOLE)[name] for name in codec.REQUIRED}
    memory = codec.load_memory(kept)
    assert (memory.last_accessed, memory.entities, memory.archived_at) == (None, [], None)
    assert (memory.tags, memory.lifetime, memory.expires_at) == ([], "long_term", None)


@pytest.mark.parametrize(("metadata", "speaker"), [({"speaker": "Anna"}, "Anna"), ({"speaker": 5}, None), ({}, None)])
def test_a_speaker_is_a_text(metadata: dict[str, object], speaker: str | None) -> None:
    assert codec.dump_traits("words", metadata)["speaker"] == speaker


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {}, False),
        ({"a": [1, 2]}, {"a": [2, 1]}, False),
    ],
)
def test_metadata_is_compared_by_what_it_says(one: dict[str, object], other: dict[str, object], same: bool) -> None:
    assert codec.same_metadata(one, other) is same
    assert codec.same_metadata(json.loads(codec.dump_metadata(one)), other) is same
