"""Conditions in every call that takes a filter, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coda_graphmem import MemoryManager, MemoryType, ValidationError

STORED: list[dict[str, Any]] = [
    {"memory_id": "a", "content": "Maria likes tea", "type": "preference", "tags": ["drinks", "home"],
     "metadata": {"year": 2020, "ok": True, "at": {"city": "Rome", "a.b": 1}, "speaker": "Tom"}, "timestamp": 100.0},
    {"memory_id": "b", "content": "Maria likes wine", "type": "preference", "tags": ["drinks"],
     "metadata": {"year": 2021.0, "ok": 1, "list": ["x", "y", 3], "title": "Annual report"}, "timestamp": 200.0,
     "importance_score": 0.9},
    {"memory_id": "c", "content": "Maria met Tom", "conversation_id": "talk", "user_id": "anna",
     "metadata": {"year": "2021", "parts": [{"n": 1}, {"n": 2}], "none": None}, "timestamp": 300.0},
]  # fmt: skip


@pytest.fixture
async def filled(memory: MemoryManager) -> MemoryManager:
    await memory.store_memories_batch(STORED)
    return memory


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"memory_type": "preference"}, "ab"),
        ({"memory_type": {"$ne": "preference"}}, "c"),
        ({"importance_score": {"$gte": 0.9}}, "b"),
        ({"timestamp": {"$gt": 100, "$lte": 300}}, "bc"),
        ({"timestamp": {"$lt": datetime.fromtimestamp(200, UTC)}}, "a"),
        ({"timestamp": "1970-01-01T00:03:20Z"}, "b"),
        ({"speaker": "Tom"}, "a"),
        ({"speaker": None}, "bc"),
        ({"speaker": {"$exists": True}}, "a"),
        ({"conversation_id": "talk"}, "c"),
        ({"user_id": {"$in": ["anna", "bob"]}}, "c"),
        ({"entities": "the Maria"}, "abc"),
        ({"entities": {"$nin": ["Tom"]}}, "ab"),
        ({"tags": "home"}, "a"),
        ({"tags": {"$contains": "drinks"}}, "ab"),
        ({"tags": {"$exists": False}}, "c"),
        ({"metadata.year": 2021}, "b"),
        ({"metadata.year": "2021"}, "c"),
        ({"metadata.year": {"$gt": 9}}, "ab"),
        ({"metadata.ok": True}, "a"),
        ({"metadata.ok": 1}, "b"),
        ({"metadata.at.city": {"$ne": "Rome"}}, "bc"),
        ({"metadata.at.a\\.b": 1}, "a"),
        ({"metadata.at": {"city": "Rome", "a.b": 1.0}}, "a"),
        ({"metadata.list": "y"}, "b"),
        ({"metadata.list": {"$contains": 3}}, "b"),
        ({"metadata.list": ["x", "y", 3]}, "b"),
        ({"metadata.title": {"$contains": "report"}}, "b"),
        ({"metadata.list": {"$contains": "ist"}}, ""),
        ({"metadata.parts.n": 2}, "c"),
        ({"metadata.none": None}, "c"),
        ({"metadata.none": {"$exists": True}}, "c"),
        ({"metadata.missing": {"$gt": 1}}, ""),
        ({"$or": [{"tags": "home"}, {"metadata.year": "2021"}]}, "ac"),
        ({"$and": [{"tags": "drinks"}, {"$not": {"tags": "home"}}]}, "b"),
        ({"metadata.year": {"$in": []}}, ""),
    ],
)
async def test_conditions_select(filled: MemoryManager, where: dict[str, Any], ids: str) -> None:
    assert {m.memory_id for m in await filled.list_memories(where=where)} == set(ids)
    assert await filled.count(where=where) == len(ids)
    for mode in ("graph", "vector", "text"):
        found = await filled.retrieve_memories("Maria", where=where, mode=mode, min_relevance=0)
        assert {m.memory_id for m in found} == set(ids)
    several = await filled.retrieve_memories_multi_query(["Maria", "tea"], where=where, min_relevance=0)
    assert {m.memory_id for m in several} == set(ids)


async def test_the_rest_of_the_calls(filled: MemoryManager) -> None:
    where = {"metadata.year": {"$in": [2020, "2021"]}}
    assert {m.memory_id for m in await filled.retrieve_contextual_memories("talk", where=where)} == {"a", "c"}
    later = await filled.retrieve_recent_memories(10**9, where={"tags": "home"})
    assert [m.memory_id for m in later] == ["a"]
    receipt = await filled.forget(where=where)
    assert receipt.memories == 2
    assert [m.memory_id for m in await filled.list_memories()] == ["b"]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({}, "asks for nothing"),
        ({"year": 2020}, r"metadata\.year"),
        ({"metadata": 1}, r"metadata\.key"),
        ({"metadata.year": {"$like": 1}}, r"\$like"),
        ({"$nor": [{"tags": "a"}]}, r"\$nor"),
        ({"$or": []}, "list of conditions"),
        ({"$and": {"tags": "a"}}, "list of conditions"),
        ({"$not": []}, "mapping"),
        ({"metadata.year": {"$in": "2020"}}, "needs a list"),
        ({"metadata.year": {"$exists": 1}}, "True or False"),
        ({"metadata.year": {"$gt": True}}, "numbers or texts"),
        ({"metadata.year": {"$gt": None}}, "numbers or texts"),
        ({"metadata.year": float("nan")}, "JSON"),
        ({"memory_type": "nonsense"}, "not a memory type"),
        ({"timestamp": "soon"}, "not a time"),
        ({"importance_score": "high"}, "numbers"),
        ({"tags": 3}, "texts"),
        ({"metadata.a\\x": 1}, "backslash"),
        ({1: 2}, "no operator"),
        ([("tags", "a")], "mapping"),
    ],
)
async def test_what_is_refused(memory: MemoryManager, where: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message) as caught:
        await memory.count(where=where)
    assert caught.value.field == "where"
    assert caught.value.remedy


async def test_conditions_have_bounds(memory: MemoryManager) -> None:
    deep: dict[str, Any] = {"tags": "a"}
    for _ in range(30):
        deep = {"$not": deep}
    with pytest.raises(ValidationError, match="nested deeper"):
        await memory.count(where=deep)
    with pytest.raises(ValidationError, match="comparisons"):
        await memory.count(where={"$or": [{"tags": f"t{i}"} for i in range(300)]})
    with pytest.raises(ValidationError, match="values"):
        await memory.count(where={"tags": {"$in": [str(i) for i in range(5_000)]}})


async def test_tags_are_kept_each_once_and_in_order(memory: MemoryManager) -> None:
    memory_id = await memory.store_memory("x", tags=["b", "a", "b"])
    kept = await memory.get_memory(memory_id)
    assert kept is not None
    assert kept.tags == ["b", "a"]
    assert await memory.update_memory(memory_id, tags=["c"])
    assert await memory.count(where={"tags": "a"}) == 0
    assert await memory.count(where={"tags": "c"}) == 1
    assert await memory.update_memory(memory_id, tags=[])
    assert await memory.count(where={"tags": {"$exists": True}}) == 0
    for wrong in (["a\nb"], [""], [1], "home", ["x" * 201], [str(i) for i in range(101)]):
        with pytest.raises(ValidationError, match="tags"):
            await memory.store_memory("y", tags=wrong)  # type: ignore[arg-type]
    await memory.update_memory(memory_id, memory_type=MemoryType.SEMANTIC)
    assert await memory.count(where={"memory_type": "semantic"}) == 1
