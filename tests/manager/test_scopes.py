"""A scope is a place in a namespace: what a view of it stores carries its ids, and it sees and changes no others."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, SyncMemoryManager, ValidationError
from coda_graphmem.models import Memory
from tests.fakes import NameExtractor, WordEmbedder

#: More of them may be asked for: the walk below takes some three milliseconds a step.
OPERATIONS = int(os.environ.get("CODA_GRAPHMEM_TEST_OPERATIONS", "200"))


async def test_what_a_view_stores_carries_its_ids(memory: MemoryManager) -> None:
    view = memory.scoped(user_id="anna").scoped(session_id="s1")
    one = await view.store_memory("Maria likes tea", MemoryType.PREFERENCE)
    [two] = await view.store_memories_batch([{"content": "Tom likes tea", "agent_id": "helper"}])
    three = await view.store_short_term_memory("in passing", "c")
    found = await memory.get_memories([one, two, three])
    assert [(m.user_id, m.agent_id, m.session_id) for m in found] == [
        ("anna", None, "s1"),
        ("anna", "helper", "s1"),
        ("anna", None, "s1"),
    ]
    assert {m.memory_id for m in await memory.scoped(user_id="anna").list_memories()} == {one, two}
    assert await memory.scoped(user_id="anna", agent_id="helper").count() == 1
    assert await memory.scoped(session_id="other").count() == 0


async def test_a_scope_names_somebody_and_never_somebody_else(memory: MemoryManager) -> None:
    with pytest.raises(ValidationError, match="names nobody"):
        memory.scoped()
    with pytest.raises(ValidationError, match="empty"):
        memory.scoped(user_id="")
    view = memory.scoped(user_id="anna")
    with pytest.raises(ValidationError, match="bound to 'anna'"):
        view.scoped(user_id="bob")
    with pytest.raises(ValidationError, match="bound to 'anna'"):
        await view.store_memory("x", user_id="bob")
    with pytest.raises(ValidationError, match=r"memories\[0\].user_id"):
        await view.store_memories_batch([{"content": "x", "user_id": "bob"}])
    assert await memory.count() == 0
    assert "user_id='anna'" in repr(view)


async def test_every_call_by_id_keeps_to_the_scope(memory: MemoryManager) -> None:
    anna, bob = memory.scoped(user_id="anna"), memory.scoped(user_id="bob")
    mine = await anna.store_memory("Maria lives in Rome", MemoryType.SEMANTIC)
    passing = await anna.store_short_term_memory("Maria was here", "c")
    assert await bob.get_memory(mine) is None
    assert await bob.get_memories([mine]) == []
    assert await bob.update_memory(mine, content="stolen") is False
    assert await bob.delete_memory(mine) is False
    assert await bob.retract_memory(mine) is False
    assert await bob.reinstate_memory(mine) is False
    assert await bob.promote_memory(passing) is False
    assert await bob.get_history(mine) == []
    assert await bob.list_links([mine]) == []
    assert (await bob.unarchive_memories([mine])).missing_ids == [mine]
    with pytest.raises(ValidationError, match="old_id"):
        await bob.supersede_memory(mine, "Maria lives in Oslo")
    own = await bob.store_memory("Maria lives in Oslo", MemoryType.SEMANTIC)
    with pytest.raises(ValidationError, match="new_id"):
        await bob.supersede_memory(own, new_id=mine)
    assert await bob.get_conversation_context("c") == []
    assert (await bob.forget(everything=True)).memories == 1
    kept = await memory.get_memory(mine)
    assert kept is not None
    assert (kept.content, kept.version, kept.access_count) == ("Maria lives in Rome", 1, 0)


async def test_searches_of_all_kinds_keep_to_the_scope(memory: MemoryManager) -> None:
    anna, bob = memory.scoped(user_id="anna"), memory.scoped(user_id="bob")
    for view, place in ((anna, "shed"), (bob, "well")):
        await view.store_memory(f"Maria hid the key in the {place}", conversation_id="c")
    for view, place in ((anna, "shed"), (bob, "well")):
        for mode in ("graph", "hybrid", "vector", "text"):
            found = await view.retrieve_memories("Maria key shed well", mode=mode, min_relevance=0)
            assert [place in m.content for m in found] == [True]
        several = await view.retrieve_memories_multi_query(["key", "Maria"], min_relevance=0)
        assert [m.user_id for m in several] == [view.scope.user_id]
        assert [m.user_id for m in await view.retrieve_contextual_memories("c")] == [view.scope.user_id]
        assert [m.user_id for m in await view.retrieve_recent_memories(1)] == [view.scope.user_id]
    both = await memory.retrieve_memories(
        "key", min_relevance=0, scopes=[{"user_id": "anna"}, {"user_id": "bob"}, {"user_id": "nobody"}]
    )
    assert {m.user_id for m in both} == {"anna", "bob"}
    with pytest.raises(ValidationError, match="scopes"):
        await memory.retrieve_memories("key", scopes=[])
    with pytest.raises(ValidationError, match="names nobody"):
        await memory.retrieve_memories("key", scopes=[{}])
    with pytest.raises(ValidationError, match="none of its ids"):
        await memory.retrieve_memories("key", scopes=[{"user": "anna"}])


async def test_the_same_words_of_two_users_are_two_memories(memory: MemoryManager) -> None:
    ids = [
        await memory.scoped(user_id=name).store_memory("Maria likes tea", MemoryType.PREFERENCE)
        for name in ("anna", "bob", "anna")
    ]
    assert ids[0] == ids[2] != ids[1]
    assert await memory.store_memory("Maria likes tea", MemoryType.PREFERENCE) not in ids


async def test_facts_are_told_apart_by_user(memory: MemoryManager) -> None:
    anna, bob = memory.scoped(user_id="anna"), memory.scoped(user_id="bob")
    await anna.store_memory("I live in Paris.", MemoryType.SEMANTIC, timestamp=1000)
    await anna.scoped(session_id="s2").store_memory("I moved to Rome.", MemoryType.SEMANTIC, timestamp=2000)
    old = await bob.store_memory("I live in Oslo.", MemoryType.SEMANTIC, timestamp=1500)
    assert [f.value for f in await anna.get_facts("User", "residence")] == ["Rome"]
    assert [f.value for f in await bob.get_facts("User", "residence")] == ["Oslo"]
    assert [f.value for f in await anna.get_fact_history("User", "residence")] == ["Paris", "Rome"]
    assert "Rome" in (await anna.get_profile()).text
    assert [f.value for f in await memory.scoped(session_id="s2").get_facts("User")] == ["Rome"]
    assert await memory.get_facts("User") == []
    kept = await bob.get_memory(old)
    assert kept is not None
    assert kept.superseded_by is None


async def test_what_another_session_says_supersedes_nothing_in_a_view(memory: MemoryManager) -> None:
    user = memory.scoped(user_id="anna")
    one, two = user.scoped(session_id="s1"), user.scoped(session_id="s2")
    old = await one.store_memory("I live in Paris.", MemoryType.SEMANTIC, timestamp=1000)
    new = await two.store_memory("I moved to Rome.", MemoryType.SEMANTIC, timestamp=2000)
    seen = await user.get_memory(old)
    assert seen is not None
    assert seen.superseded_by == new
    inside = await one.get_memory(old)
    assert inside is not None
    assert (inside.superseded_by, inside.valid_until) == (None, None)
    [found] = await one.retrieve_memories("Where do I live?", min_relevance=0)
    assert (found.superseded_by, found.supersedes) == (None, 0)


async def test_learning_keeps_to_the_scope(memory: MemoryManager) -> None:
    anna, bob = memory.scoped(user_id="anna"), memory.scoped(user_id="bob")
    told = await anna.learn_from_interaction("I am allergic to peanuts.", "Noted.")
    assert await bob.count() == 0
    again = await bob.learn_from_interaction("I am allergic to peanuts.", "Noted.")
    assert told.stored
    assert again.stored
    assert set(told.stored).isdisjoint(again.stored)
    assert again.strengthened == []


async def test_calls_about_the_whole_namespace_are_refused(memory: MemoryManager) -> None:
    view = memory.scoped(user_id="anna")
    for call in (view.get_memory_stats, view.consolidate_memories, view.check_memory_health):
        with pytest.raises(ValidationError, match="whole namespace"):
            await call()
    with pytest.raises(ValidationError, match="namespaces"):
        await view.retrieve_memories("x", namespaces=["other"])


async def test_entities_of_a_view_are_those_of_its_memories(memory: MemoryManager) -> None:
    anna, bob = memory.scoped(user_id="anna"), memory.scoped(user_id="bob")
    for content in ("Maria met Tom", "Maria swims"):
        await anna.store_memory(content)
    await bob.store_memory("Maria met Oslo")
    assert [(e.name, e.mention_count) for e in await anna.list_entities()] == [("Maria", 2), ("Tom", 1)]
    assert [e.name for e in await anna.list_entities(limit=1, offset=1)] == ["Tom"]
    assert [e.name for e in await bob.list_entities()] == ["Maria", "Oslo"]
    assert [e.mention_count for e in await memory.list_entities(limit=1)] == [3]


async def test_several_namespaces_are_searched_where_they_are_named(memory: MemoryManager) -> None:
    for name in ("alice", "bob", "carol"):
        await memory.for_namespace(name).store_memory(f"Maria hid the key with {name}")
    found = await memory.retrieve_memories("Maria key", min_relevance=0, namespaces=["alice", "carol", "nobody"])
    assert {m.namespace for m in found} == {"alice", "carol"}
    assert [m.relevance_score for m in found] == sorted((m.relevance_score for m in found), reverse=True)
    assert len(await memory.retrieve_memories("Maria key", limit=1, min_relevance=0, namespaces=["alice", "bob"])) == 1
    counted = await memory.for_namespace("carol").get_retrieval_stats()
    assert (counted.total_retrievals, counted.avg_seconds > 0) == (1, True)
    with pytest.raises(ValidationError, match="namespaces"):
        await memory.retrieve_memories("key", namespaces=[])


def test_the_synchronous_twin_has_views(config: MemoryConfig) -> None:
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        view = memory.scoped(agent_id="helper")
        view.store_memory("Maria likes tea")
        assert (view.count(), memory.scoped(agent_id="other").count(), memory.count()) == (1, 0, 1)


@dataclass
class _Ledger:
    """What is to be found, kept by hand."""

    memories: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    """Namespace and id to user, session and content."""
    steps: dict[tuple[str, str], int] = field(default_factory=dict)

    def of(self, namespace: str, user: str) -> dict[str, str]:
        return {
            memory_id: content
            for (where, memory_id), (owner, _, content) in self.memories.items()
            if (where, owner) == (namespace, user)
        }


async def test_random_operations_over_namespaces_and_scopes(memory: MemoryManager) -> None:
    """What one scope does is seen by it alone, however the calls follow one another."""
    chosen = random.Random(5)
    ledger = _Ledger()
    words = "Maria Tom Anna key shed well garden bridge river stone".split()
    for step in range(OPERATIONS):
        namespace, user = chosen.choice("abcde"), chosen.choice(("u1", "u2", "u3"))
        view = memory.for_namespace(namespace).scoped(user_id=user)
        anywhere = sorted(ledger.memories)
        where, memory_id = chosen.choice(anywhere) if anywhere else (namespace, "none")
        is_own = (where, ledger.memories.get((where, memory_id), ("",))[0]) == (namespace, user)
        match chosen.randrange(9):
            case 0 | 1 | 2:
                content = f"{' '.join(chosen.sample(words, 3))} {step}"
                session = chosen.choice(("s1", "s2"))
                made = await view.scoped(session_id=session).store_memory(content, metadata={"step": step})
                ledger.memories[namespace, made] = (user, session, content)
                ledger.steps[namespace, made] = step
            case 3:
                found = await view.get_memory(memory_id)
                assert (found is not None) == is_own
            case 4:
                assert await view.update_memory(memory_id, content=f"changed {step}") == is_own
                if is_own:
                    owner, session, _ = ledger.memories[where, memory_id]
                    ledger.memories[where, memory_id] = (owner, session, f"changed {step}")
            case 5:
                assert await view.delete_memory(memory_id) == is_own
                if is_own:
                    del ledger.memories[where, memory_id]
            case 6:
                found = await view.retrieve_memories(chosen.choice(words), limit=50, min_relevance=0)
                _check(found, ledger.of(namespace, user))
            case 7:
                found = await view.list_memories(10_000, where={"metadata.step": {"$lte": step}})
                assert {m.memory_id: m.content for m in found} == ledger.of(namespace, user)
            case _:
                old = {"session_id": "s1", "metadata.step": {"$lt": step - 100}}
                gone = [
                    key
                    for key, (owner, session, _) in ledger.memories.items()
                    if (key[0], owner, session) == (namespace, user, "s1") and ledger.steps[key] < step - 100
                ]
                assert (await view.forget(where=old)).memories == len(gone)
                for key in gone:
                    del ledger.memories[key]
    for namespace in "abcde":
        for user in ("u1", "u2", "u3"):
            left = await memory.for_namespace(namespace).scoped(user_id=user).list_memories(10_000)
            assert {m.memory_id: m.content for m in left} == ledger.of(namespace, user)


def _check(found: list[Memory], own: dict[str, str]) -> None:
    assert {m.memory_id: m.content for m in found}.items() <= own.items()
