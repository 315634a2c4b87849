"""Statements, facts and what is over: one behaviour of all stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from coda_graphmem.errors import MemoryStorageError
from coda_graphmem.facts.hindsight import known as known_then
from coda_graphmem.facts.values import owned_key
from coda_graphmem.models import Fact, MemoryFilter, Scope, Statement
from coda_graphmem.store.neo4j import Neo4jStore
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, ReadMemory
from tests.store.factory import new, says
from tests.store.neo4j.consistency import check_graph
from tests.store.parts.build import OUTDATED, link, merge_one
from tests.store.parts.conftest import ns, other, store

__all__ = ["ns", "store"]


@pytest.fixture(autouse=True)
def sound(store: MemoryStore, ns: str, request: pytest.FixtureRequest) -> Iterator[None]:
    """The graph says what the store says."""
    yield
    if isinstance(store, Neo4jStore):
        check_graph(request.getfixturevalue(request.node.callspec.params["store"]), ns)


async def tell(
    store: MemoryStore, ns: str, memory_id: str, at: float, *statements: Statement, **values: Any
) -> list[str]:
    """Store a memory that says something, and read it; ids of what is over by that."""
    await store.records.insert(ns, [new(memory_id, timestamp=at, to_read=True, **values)], reinforcement=0.1)
    return await read(store, ns, memory_id, *statements)


async def read(store: MemoryStore, ns: str, memory_id: str, *statements: Statement) -> list[str]:
    content = (await store.records.get(ns, [memory_id]))[0].content
    return await store.facts.save_statements(ns, [ReadMemory(memory_id, content, statements)])


async def lives(store: MemoryStore, ns: str, *places: tuple[str, float, str]) -> None:
    """Memories (id, time, place) of where the user lives."""
    for memory_id, at, place in places:
        await tell(store, ns, memory_id, at, says("residence", place))


def brief(facts: Sequence[Fact]) -> list[tuple[Any, ...]]:
    return [
        (fact.value, fact.polarity, fact.valid_from, fact.valid_until, fact.memory_ids, fact.ended_by) for fact in facts
    ]


async def known(store: MemoryStore, ns: str, attribute: str | None = None) -> list[tuple[Any, ...]]:
    return brief(await store.facts.find_facts(ns, attribute=attribute))


async def over(store: MemoryStore, ns: str, *memory_ids: str) -> dict[str, tuple[Any, ...]]:
    found = await store.facts.outdated(ns, memory_ids)
    assert len({one.memory_id for one in found}) == len(found)
    return {one.memory_id: (one.share, one.since, one.superseded_by, one.reason) for one in found}


PARIS = ("Paris", True, 1.0, 5.0, ["m1"], "m2")
ROME = ("Rome", True, 5.0, None, ["m2"], None)


async def test_a_memory_is_unread_until_its_statements_are_saved(store: MemoryStore, ns: str) -> None:
    rows = [new("m1", to_read=True), new("m2"), new("m3", to_read=True)]
    await store.records.insert(ns, rows, reinforcement=0.1)
    await store.records.insert(other(ns), [new("m1", to_read=True)], reinforcement=0.1)
    assert [memory.memory_id for memory in await store.facts.unread(ns, limit=9)] == ["m1", "m3"]
    assert [memory.memory_id for memory in await store.facts.unread(ns, limit=1)] == ["m1"]
    everywhere = {(memory.namespace, memory.memory_id) for memory in await store.facts.unread(None, limit=9999)}
    assert {(ns, "m1"), (ns, "m3"), (other(ns), "m1")} <= everywhere
    assert await read(store, ns, "m1") == []
    assert (
        await store.facts.save_statements(ns, [ReadMemory("m3", "something else", (says("residence", "Rome"),))]) == []
    )
    assert await store.facts.save_statements(ns, [ReadMemory("none", "x", ())]) == []
    assert [memory.memory_id for memory in await store.facts.unread(ns, limit=9)] == ["m3"]
    assert await known(store, ns) == []
    assert [memory.memory_id for memory in await store.facts.unread(other(ns), limit=9)] == ["m1"]


async def test_a_new_value_ends_the_one_before_whatever_came_first(store: MemoryStore, ns: str) -> None:
    assert await tell(store, ns, "m1", 1.0, says("residence", "Paris")) == []
    assert await tell(store, ns, "m2", 5.0, says("residence", "Rome"), says("likes", "jazz")) == ["m1"]
    assert await known(store, ns, "residence") == [PARIS, ROME]
    await lives(store, other(ns), ("m2", 5.0, "Rome"), ("m1", 1.0, "Paris"))
    assert await known(store, other(ns), "residence") == [PARIS, ROME]
    assert await over(store, ns, "m1") == {"m1": (1.0, 5.0, "m2", "residence")}
    assert await over(store, ns, "m2") == {"m1": (1.0, 5.0, "m2", "residence")}
    assert await over(store, ns, "none") == await over(store, ns) == {}
    [first, second] = await store.records.get(ns, ["m1", "m2"])
    assert (first.valid_until, first.superseded_by) == (5.0, "m2")
    assert (second.valid_until, second.superseded_by) == (None, None)
    found = await store.records.find(ns, MemoryFilter(), order="oldest", now=9.0)
    assert [(memory.memory_id, memory.superseded_by) for memory in found] == [("m1", "m2"), ("m2", None)]
    assert await store.facts.subjects(ns) == [("user", "User", 3)]
    assert await known(store, ns, "employer") == []


async def test_statements_are_found_as_they_were_read(store: MemoryStore, ns: str) -> None:
    dated = says("employer", "Orion", valid_from=2.5, valid_until=7.25, confidence=0.75)
    ended = says("employer", "", polarity=False, subject="Maria")
    await tell(store, ns, "m1", 1.0, dated, ended, says("likes", "jazz"))
    await tell(store, ns, "m2", 2.0, says("employer", "Vega"))
    [first, second] = await store.facts.find_statements(ns)
    assert (first.memory_id, first.timestamp, first.last_said_at, first.standing) == ("m1", 1.0, None, None)
    assert first.statements == (dated, ended, says("likes", "jazz"))
    assert (second.memory_id, second.statements) == ("m2", (says("employer", "Vega"),))
    [one] = await store.facts.find_statements(ns, subject_key="maria")
    assert one.statements == (ended,)
    found = await store.facts.find_statements(ns, attribute="employer")
    assert [memory.statements for memory in found] == [(dated, ended), (says("employer", "Vega"),)]
    assert await store.facts.find_statements(ns, subject_key="user", attribute="age") == []
    assert await store.facts.find_statements(other(ns)) == []


async def test_facts_come_with_what_else_is_said_of_the_same(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"), ("m2", 5.0, "Rome"))
    await tell(store, ns, "m3", 2.0, says("employer", "Orion"), says("residence", "Oslo", subject="Maria"))
    await tell(store, ns, "m4", 3.0, says("employer", "Vega"))
    everything = await store.facts.find_facts(ns)
    assert len(everything) == 5
    assert brief(await store.facts.facts_beside(ns, ["m1"])) == [PARIS, ROME]
    beside = await store.facts.facts_beside(ns, ["m3", "m1", "nobody"])
    assert beside == everything
    assert await store.facts.facts_beside(ns, []) == await store.facts.facts_beside(other(ns), ["m1"]) == []


async def test_what_is_said_comes_with_what_else_is_said_of_the_same(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"))
    await tell(store, ns, "m2", 5.0, says("residence", "Rome"), says("employer", "Orion"))
    await tell(store, ns, "m3", 2.0, says("employer", "Vega"))
    await tell(store, ns, "m4", 3.0, says("employer", "Orion", subject="Maria"))
    everything = await store.facts.find_statements(ns)
    beside = await store.facts.statements_beside(ns, ["m1"])
    assert beside == everything[:3]
    assert known_then(beside, ["m1"], 4.0) == known_then(everything, ["m1"], 4.0)
    assert await store.facts.statements_beside(ns, ["m4"]) == everything[3:]
    assert await store.facts.statements_beside(ns, ["nobody"]) == await store.facts.statements_beside(ns, []) == []


async def test_statements_of_a_scope_are_those_of_its_memories(store: MemoryStore, ns: str) -> None:
    def of(key: str, value: str, user: str | None) -> Statement:
        return says("residence", value).model_copy(update={"subject_key": owned_key(key, user)})

    await tell(store, ns, "m1", 1.0, of("user", "Paris", "ann"), of("tom", "Oslo", "ann"), user_id="ann")
    await tell(store, ns, "m2", 2.0, of("user", "Rome", "ann"), user_id="ann", agent_id="a")
    await tell(store, ns, "m3", 3.0, of("user", "Bonn", "anna"), user_id="anna", agent_id="a")
    await tell(store, ns, "m4", 4.0, of("user", "Graz", None), agent_id="a")
    await store.records.archive(ns, ["m2"], 5.0)

    async def told(scope: Scope, **which: str) -> list[str]:
        return [one.memory_id for one in await store.facts.find_statements(ns, scope=scope, **which)]

    assert await told(Scope(user_id="ann")) == ["m1", "m2"]
    assert await told(Scope(user_id="ann"), subject_key=owned_key("tom", "ann")) == ["m1"]
    assert await told(Scope(user_id="ann", agent_id="a")) == ["m2"]
    assert await told(Scope(agent_id="a")) == ["m2", "m3", "m4"]
    assert await told(Scope(agent_id="a"), subject_key="user") == ["m4"]
    assert await told(Scope(session_id="a")) == []
    assert await told(Scope()) == ["m1", "m2", "m3", "m4"]


async def test_a_merged_memory_of_a_scope_says_what_its_originals_say(store: MemoryStore, ns: str) -> None:
    await tell(store, ns, "m1", 1.0, says("residence", "Paris"), agent_id="a")
    await tell(store, ns, "m2", 2.0, says("residence", "Paris"), agent_id="a")
    await merge_one(store, ns, "x", ["m1", "m2"])
    merged = (await store.records.get(ns, ["x"]))[0]
    scope = Scope(agent_id="a")
    found = [one.memory_id for one in await store.facts.find_statements(ns, scope=scope)]
    assert found == (["x", "x"] if merged.scope == scope else [])
    assert [one.memory_id for one in await store.facts.statements_beside(ns, ["x"])] == ["x", "x"]


async def test_what_was_read_again_takes_the_place_of_what_was_read_before(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"), ("m2", 5.0, "Rome"))
    assert await read(store, ns, "m2", says("employer", "Orion")) == []
    assert await known(store, ns, "residence") == [("Paris", True, 1.0, None, ["m1"], None)]
    assert await over(store, ns, "m1", "m2") == {}
    await read(store, ns, "m1")
    await read(store, ns, "m2")
    assert await known(store, ns) == await store.facts.subjects(ns) == []


async def test_said_again_an_earlier_value_is_current_again(store: MemoryStore, ns: str) -> None:
    await tell(store, ns, "m1", 1.0, says("residence", "Paris"), content="I live in Paris", dedup_key="k")
    await lives(store, ns, ("m2", 5.0, "Rome"))
    again = new("x", "I live in Paris", timestamp=9.0, dedup_key="k", to_read=True)
    [stored] = await store.records.insert(ns, [again], reinforcement=0.1)
    assert stored.memory_id == "m1"
    assert (await store.records.get(ns, ["m1"]))[0].last_said_at == 9.0
    assert await known(store, ns) == [
        PARIS, ("Rome", True, 5.0, 9.0, ["m2"], "m1"), ("Paris", True, 9.0, None, ["m1"], None)
    ]  # fmt: skip
    assert await over(store, ns, "m1", "m2") == {"m2": (1.0, 9.0, "m1", "residence")}


async def test_a_part_of_what_a_memory_says_is_over(store: MemoryStore, ns: str) -> None:
    await tell(store, ns, "m1", 1.0, says("residence", "Paris"), says("likes", "jazz"))
    assert await tell(store, ns, "m2", 5.0, says("residence", "Rome")) == ["m1"]
    assert await over(store, ns, "m1") == {"m1": (0.5, 5.0, "m2", "residence")}
    [memory] = await store.records.get(ns, ["m1"])
    assert (memory.valid_until, memory.superseded_by) == (None, "m2")
    assert await tell(store, ns, "m3", 6.0, says("likes", "jazz", polarity=False)) == ["m1"]
    assert (await over(store, ns, "m1"))["m1"][:3] == (1.0, 6.0, "m3")


async def test_what_is_told_as_past_is_over_alone(store: MemoryStore, ns: str) -> None:
    moved = (says("residence", "Paris", valid_until=5.0), says("residence", "Rome"))
    await tell(store, ns, "m1", 5.0, *moved)
    await tell(store, ns, "m2", 6.0, says("employer", "Orion", valid_until=3.0))
    assert await over(store, ns, "m1", "m2") == {"m2": (1.0, 3.0, None, "past")}


@pytest.mark.parametrize("removal", ["delete", "forget", "update", "retract"])
async def test_what_nobody_says_any_more_ends_nothing(store: MemoryStore, ns: str, removal: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"))
    await tell(store, ns, "m2", 5.0, says("residence", "Rome"), conversation_id="c", entities=["rome"])
    if removal == "delete":
        await store.records.delete(ns, ["m2"])
    elif removal == "forget":
        await store.records.forget(ns, MemoryFilter(conversation_id="c"))
    elif removal == "update":
        changes = MemoryChanges(content="I am a baker", embedding=new("m2").embedding, updated_at=7.0)
        assert await store.records.update(ns, "m2", changes)
    else:
        assert await store.facts.set_standing(ns, "m2", "retracted", at=6.0, actor="caller", now=7.0)
    assert await known(store, ns) == [("Paris", True, 1.0, None, ["m1"], None)]
    retracted = {"m2": (1.0, 6.0, None, "retracted")} if removal == "retract" else {}
    assert await over(store, ns, "m1", "m2") == retracted
    assert (await store.records.get(ns, ["m1"]))[0].superseded_by is None


async def test_archived_memories_still_say_what_they_said(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"), ("m2", 5.0, "Rome"))
    await store.records.archive(ns, ["m1", "m2"], 6.0)
    assert await known(store, ns) == [PARIS, ROME]
    await store.records.unarchive(ns, ["m2"], 7.0)
    assert await known(store, ns) == [PARIS, ROME]
    found = await store.facts.versions(ns, "m2")
    assert [(one.version, one.operation) for one in found] == [(1, "created"), (2, "archived"), (3, "unarchived")]


async def test_expired_memories_say_nothing(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"))
    await tell(store, ns, "m2", 5.0, says("residence", "Rome"), expires_at=50.0)
    assert len(await known(store, ns)) == 2
    await store.records.expire(ns, 60.0)
    assert await known(store, ns) == [("Paris", True, 1.0, None, ["m1"], None)]


async def test_a_merged_memory_says_what_its_originals_say(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"), ("m2", 5.0, "Rome"), ("m3", 6.0, "Rome"))
    before = await known(store, ns)
    judged = await over(store, ns, "m1", "m2", "m3")
    await merge_one(store, ns, "x", ["m2", "m3"])
    assert await store.facts.unread(ns, limit=9) == []
    assert await known(store, ns) == [
        ("Paris", True, 1.0, 5.0, ["m1"], "x"), ("Rome", True, 5.0, None, ["x"], None)
    ]  # fmt: skip
    assert await over(store, ns, "m1", "x") == {"m1": (1.0, 5.0, "x", "residence")}
    assert [memory.memory_id for memory in await store.facts.find_statements(ns)] == ["m1", "x", "x"]
    assert await store.merges.undo_merge(ns, "x") is not None
    assert await known(store, ns) == before
    assert await over(store, ns, "m1", "m2", "m3") == judged


async def test_an_original_that_goes_takes_along_what_it_said(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"))
    await tell(store, ns, "m2", 5.0, says("residence", "Rome"))
    await tell(store, ns, "m3", 6.0, says("residence", "Rome"), says("likes", "jazz"))
    await tell(store, ns, "m4", 7.0, says("residence", "Rome"))
    await merge_one(store, ns, "x", ["m2", "m3", "m4"])
    await store.records.delete(ns, ["m3"])
    assert await known(store, ns) == [
        ("Paris", True, 1.0, 5.0, ["m1"], "x"), ("Rome", True, 5.0, None, ["x"], None)
    ]  # fmt: skip
    await store.records.delete(ns, ["m2"])
    assert await known(store, ns) == [
        ("Paris", True, 1.0, 7.0, ["m1"], "m4"), ("Rome", True, 7.0, None, ["m4"], None)
    ]  # fmt: skip
    await store.records.delete(ns, ["m1", "m4"])
    assert await known(store, ns) == []


async def test_one_memory_is_replaced_by_another_by_hand(store: MemoryStore, ns: str) -> None:
    await tell(store, ns, "m1", 1.0, says("residence", "Paris"))
    await store.records.insert(ns, [new("m2"), new("m3")], reinforcement=0.1)
    facts = store.facts
    assert not await facts.set_standing(ns, "none", "retracted", at=1.0, actor="caller", now=7.0)
    replaced: dict[str, Any] = {"at": 4.0, "superseded_by": "m2", "actor": "somebody", "now": 7.0}
    assert await facts.set_standing(ns, "m1", "superseded", **replaced)
    assert await facts.set_standing(ns, "m3", "superseded", **replaced)
    assert await known(store, ns) == [("Paris", True, 1.0, 4.0, ["m1"], "m2")]
    mine = (1.0, 4.0, "m2", "superseded")
    assert await over(store, ns, "m1") == {"m1": mine}
    assert await over(store, ns, "m2") == {"m1": mine, "m3": mine}
    [memory] = await store.records.get(ns, ["m3"])
    assert (memory.standing, memory.standing_at, memory.superseded_by) == ("superseded", 4.0, "m2")
    assert (memory.valid_until, memory.version) == (4.0, 2)
    assert await facts.set_standing(ns, "m1", "reinstated", at=8.0, actor="caller", now=8.0)
    assert await over(store, ns, "m1") == {}
    assert [fact[2:4] for fact in await known(store, ns)] == [(1.0, None)]
    assert await facts.set_standing(ns, "m1", "superseded", **replaced)
    await store.records.delete(ns, ["m2"])
    assert await over(store, ns, "m1", "m3") == {}
    [one, three] = await store.records.get(ns, ["m1", "m3"])
    assert [one.standing, three.standing, one.valid_until, three.valid_until] == [None] * 4
    assert await known(store, ns) == [("Paris", True, 1.0, None, ["m1"], None)]


async def test_a_newer_text_outdates_one_that_no_rule_reads(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1"), new("m2"), new("m3")], reinforcement=0.1)
    await store.links.save_links(ns, [link("m1", "m2", OUTDATED)])
    assert await over(store, ns, "m1") == await over(store, ns, "m2") == {"m1": (1.0, 1002.0, "m2", "update")}
    await store.facts.set_standing(ns, "m1", "retracted", at=1500.0, actor="caller", now=1500.0)
    assert await over(store, ns, "m1") == {"m1": (1.0, 1500.0, None, "retracted")}
    await store.facts.set_standing(ns, "m1", "reinstated", at=1600.0, actor="caller", now=1600.0)
    assert await over(store, ns, "m1", "m2") == {}


async def test_each_change_of_a_memory_is_a_version(store: MemoryStore, ns: str) -> None:
    await store.records.insert(ns, [new("m1", "tea", metadata={"a": 1}, expires_at=9e9)], reinforcement=0.1)
    assert await store.facts.versions(ns, "none") == []
    [first] = await store.facts.versions(ns, "m1")
    assert (first.version, first.operation, first.at, first.actor) == (1, "created", 2000.0, "caller")
    await store.records.promote(ns, "m1", dedup_key=None, at=3000.0)
    changes = MemoryChanges(
        content="coffee",
        embedding=new("m1").embedding,
        updated_at=4000.0,
        actor="somebody",
        expected_version=2,
    )
    assert await store.records.update(ns, "m1", changes)
    with pytest.raises(MemoryStorageError) as caught:
        await store.records.update(ns, "m1", changes)
    assert caught.value.field == "expected_version"
    found = await store.facts.versions(ns, "m1")
    assert [(one.version, one.operation, one.at, one.actor) for one in found] == [
        (1, "created", 2000.0, "caller"), (2, "promoted", 3000.0, "caller"), (3, "updated", 4000.0, "somebody")
    ]  # fmt: skip
    assert [(one.content, one.metadata, one.importance_score) for one in found] == [
        ("tea", {"a": 1}, 0.5), ("tea", {"a": 1}, 0.5), ("coffee", {"a": 1}, 0.5)
    ]  # fmt: skip
    assert found[0].content_hash == found[1].content_hash == first.content_hash != found[2].content_hash
    assert (await store.records.get(ns, ["m1"]))[0].version == 3
    await store.records.delete(ns, ["m1"])
    await store.records.insert(ns, [new("m1", "milk")], reinforcement=0.1)
    assert [one.content for one in await store.facts.versions(ns, "m1")] == ["milk"]


async def test_a_copy_knows_the_same(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Paris"), ("m2", 5.0, "Rome"), ("m3", 6.0, "Rome"))
    await store.records.insert(ns, [new("m4"), new("m5", to_read=True), new("m6")], reinforcement=0.1)
    await store.records.update(ns, "m1", MemoryChanges(importance_score=0.75, updated_at=7000.0, actor="somebody"))
    await merge_one(store, ns, "x", ["m2", "m3"])
    await store.facts.set_standing(ns, "m4", "superseded", at=4.0, superseded_by="m6", actor="caller", now=7.0)
    rows = await store.transfer.export_memories(ns, after=0, limit=99)
    copy = other(ns)
    for page in (rows[:3], rows[3:5], rows[5:]):
        assert await store.transfer.import_memories(copy, page, []) == len(page)
    assert await known(store, copy) == await known(store, ns)
    assert await store.facts.find_statements(copy) == await store.facts.find_statements(ns)
    ids = [row.memory.memory_id for row in rows]
    assert await store.facts.outdated(copy, ids) == await store.facts.outdated(ns, ids) != []
    for memory_id in ids:
        assert await store.facts.versions(copy, memory_id) == await store.facts.versions(ns, memory_id)
    assert [memory.memory_id for memory in await store.facts.unread(copy, limit=9)] == ["m5"]
    again = await store.transfer.export_memories(copy, after=0, limit=99)
    for one, two in zip(rows, again, strict=True):
        assert two.memory == one.memory.model_copy(update={"namespace": copy})
        assert (two.statements, two.versions, two.replaced_by, two.to_read) == (
            one.statements, one.versions, one.replaced_by, one.to_read
        )  # fmt: skip
    await store.merges.undo_merge(copy, "x")
    await store.records.delete(copy, ["m6"])
    assert [fact[4] for fact in await known(store, copy)] == [["m1"], ["m2", "m3"]]
    assert (await store.records.get(copy, ["m4"]))[0].standing is None


async def test_what_was_said_by_hand_of_a_merged_memory_stays(store: MemoryStore, ns: str) -> None:
    """Where it is made anew of fewer originals, and where the last one takes its place."""
    await lives(store, ns, *((f"m{i}", float(i), "Rome") for i in range(1, 4)))
    await merge_one(store, ns, "x", ["m1", "m2", "m3"])
    await store.facts.set_standing(ns, "x", "retracted", at=4.0, actor="caller", now=7.0)
    assert await known(store, ns) == []
    await store.records.delete(ns, ["m1"])
    assert await known(store, ns) == []
    assert list(await over(store, ns, "x")) == ["x"]
    await store.records.delete(ns, ["m2"])
    assert await known(store, ns) == []
    assert await over(store, ns, "m3") == {"m3": (1.0, 4.0, None, "retracted")}
    await store.facts.set_standing(ns, "m3", None, at=4.0, actor="caller", now=8.0)
    assert await known(store, ns) == [("Rome", True, 3.0, None, ["m3"], None)]


async def test_a_merged_memory_that_was_changed_speaks_for_itself(store: MemoryStore, ns: str) -> None:
    await lives(store, ns, ("m1", 1.0, "Rome"), ("m2", 2.0, "Rome"))
    await merge_one(store, ns, "x", ["m1", "m2"])
    changes = MemoryChanges(content="I live in Oslo", embedding=new("m1").embedding, updated_at=7.0)
    await store.records.update(ns, "x", changes)
    assert await known(store, ns) == []
    await read(store, ns, "x", says("residence", "Oslo"))
    assert [fact[0] for fact in await known(store, ns)] == ["Oslo"]
    await store.merges.undo_merge(ns, "x")
    assert [(fact[0], fact[4]) for fact in await known(store, ns)] == [("Rome", ["m1", "m2"])]


async def test_what_a_conversation_said_goes_with_it(store: MemoryStore, ns: str) -> None:
    same: dict[str, Any] = {"content": "I live in Paris", "dedup_key": "k", "to_read": True}
    await store.records.insert(ns, [new("m1", timestamp=1.0, conversation_id="a", **same)], reinforcement=0.1)
    await read(store, ns, "m1", says("residence", "Paris"))
    await lives(store, ns, ("m2", 5.0, "Rome"))
    await store.records.insert(ns, [new("m3", timestamp=9.0, conversation_id="b", **same)], reinforcement=0.1)
    assert [fact[0] for fact in await known(store, ns)] == ["Paris", "Rome", "Paris"]
    await store.records.forget(ns, MemoryFilter(conversation_id="b"))
    assert await known(store, ns) == [PARIS, ROME]
    assert (await store.records.get(ns, ["m1"]))[0].last_said_at is None


async def test_how_a_memory_was_goes_with_a_conversation_that_said_it(store: MemoryStore, ns: str) -> None:
    same = {"content": "I like tea", "dedup_key": "k"}
    await store.records.insert(ns, [new("m1", conversation_id="a", metadata={"a": 1}, **same)], reinforcement=0.1)
    changes = MemoryChanges(metadata={"a": 2}, updated_at=3000.0, actor="somebody")
    await store.records.update(ns, "m1", changes)
    await store.records.insert(ns, [new("m2", conversation_id="b", metadata={"b": 1}, **same)], reinforcement=0.1)
    await store.records.update(ns, "m1", MemoryChanges(importance_score=0.75, updated_at=4000.0))
    assert len(await store.facts.versions(ns, "m1")) == 3
    await store.records.forget(ns, MemoryFilter(conversation_id="a"))
    [one] = await store.facts.versions(ns, "m1")
    assert (one.version, one.operation, one.actor, one.metadata) == (3, "created", "caller", {"b": 1})
    [stored] = await store.transfer.export_memories(ns, after=-1, limit=9)
    assert (stored.versions, stored.memory.version) == ((), 3)
    await store.records.update(ns, "m1", MemoryChanges(importance_score=0.25, updated_at=5000.0))
    found = [(one.version, one.operation) for one in await store.facts.versions(ns, "m1")]
    assert found == [(3, "created"), (4, "updated")]


async def test_what_is_said_of_all_values_ends_each(store: MemoryStore, ns: str) -> None:
    """Of an attribute that has many at a time, each of which is settled alone."""
    await tell(store, ns, "m1", 1.0, says("likes", "jazz"), says("likes", "tea"))
    await tell(store, ns, "m2", 2.0, says("likes", "chess"))
    assert await tell(store, ns, "m3", 5.0, says("likes", "", polarity=False)) == ["m1", "m2"]
    await tell(store, ns, "m4", 6.0, says("likes", "tea"))
    assert await known(store, ns) == [
        ("jazz", True, 1.0, 5.0, ["m1"], "m3"),
        ("tea", True, 1.0, 5.0, ["m1"], "m3"),
        ("chess", True, 2.0, 5.0, ["m2"], "m3"),
        ("", False, 5.0, 6.0, ["m3"], "m4"),
        ("tea", True, 6.0, None, ["m4"], None),
    ]
    await store.records.delete(ns, ["m3"])
    assert [(fact[0], fact[3], fact[4]) for fact in await known(store, ns)] == [
        ("jazz", None, ["m1"]), ("tea", None, ["m1", "m4"]), ("chess", None, ["m2"])
    ]  # fmt: skip
    assert await over(store, ns, "m1", "m2", "m4") == {}


async def test_what_somebody_else_says_is_read_again(store: MemoryStore, ns: str) -> None:
    await tell(store, ns, "m1", 1.0, says("residence", "Rome"), metadata={"speaker": "Ida"})
    await store.records.update(ns, "m1", MemoryChanges(metadata={"speaker": "Ida", "a": 1}, updated_at=7.0))
    assert await store.facts.unread(ns, limit=9) == []
    await store.records.update(ns, "m1", MemoryChanges(metadata={"speaker": "Tom"}, updated_at=8.0))
    assert [memory.memory_id for memory in await store.facts.unread(ns, limit=9)] == ["m1"]
    assert await known(store, ns) == []
