"""A namespace is a tenant: nothing of one is seen, counted or changed from another."""

from __future__ import annotations

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, SyncMemoryManager
from tests.fakes import NameExtractor, WordEmbedder


async def test_views_share_the_store_and_nothing_else(memory: MemoryManager) -> None:
    alice, bob = memory.for_namespace("alice"), memory.for_namespace("bob")
    assert alice.namespace == "alice"
    assert alice.config is memory.config
    for view, secret in ((alice, "Maria hid the key in the shed"), (bob, "Maria hid the key in the well")):
        await view.store_memory(secret, MemoryType.SEMANTIC, {"k": 1}, memory_id="secret", conversation_id="c")
        await view.store_short_term_memory("just a moment", "c")
    assert await memory.count() == 0
    assert await memory.list_entities() == []
    assert await memory.list_namespaces() == ["alice", "bob"]
    for view, word, other in ((alice, "shed", "well"), (bob, "well", "shed")):
        for mode in ("graph", "hybrid", "vector", "text"):
            found = await view.retrieve_memories(f"key {word} {other}", mode=mode, min_relevance=0)
            assert [word in m.content for m in found] == [True]
            assert {m.namespace for m in found} == {view.namespace}
        related = await view.retrieve_contextual_memories("c")
        assert [word in m.content for m in related] == [True]
        assert len(await view.get_conversation_context("c")) == 2
        assert [e.mention_count for e in await view.list_entities()] == [1]
        stats = await view.get_memory_stats()
        assert (stats.total_memories, stats.short_term_memories, stats.total_entities) == (1, 1, 1)


async def test_changes_stay_inside(memory: MemoryManager) -> None:
    alice, bob = memory.for_namespace("alice"), memory.for_namespace("bob")
    for view in (alice, bob):
        await view.store_memory("Maria likes tea", MemoryType.PREFERENCE, memory_id="x")
        await view.store_memory("Tom likes tea", memory_id="y", conversation_id="c")
    assert await alice.update_memory("x", content="Anna likes coffee", metadata={"a": 1})
    assert await alice.delete_memory("y")
    await alice.retrieve_memories("Anna", min_relevance=0)
    untouched = await bob.get_memory("x")
    assert untouched is not None
    assert (untouched.content, untouched.metadata, untouched.access_count) == ("Maria likes tea", {}, 0)
    assert await bob.get_memory("y") is not None
    await alice.store_memory("Maria likes tea", MemoryType.PREFERENCE)
    unchanged = await bob.get_memory("x")
    assert unchanged is not None
    assert unchanged.reinforcement_count == 0
    receipt = await alice.forget(everything=True)
    assert receipt.memories == 2
    assert await bob.count() == 2
    assert {e.name for e in await bob.list_entities()} == {"Maria", "Tom"}
    assert await memory.list_namespaces() == ["bob"]


async def test_ids_are_unknown_elsewhere(memory: MemoryManager) -> None:
    memory_id = await memory.for_namespace("alice").store_memory("mine")
    bob = memory.for_namespace("bob")
    assert await bob.get_memory(memory_id) is None
    assert await bob.update_memory(memory_id, content="stolen") is False
    assert await bob.delete_memory(memory_id) is False


async def test_awkward_names_do_not_meet(memory: MemoryManager) -> None:
    """Names that an index could fold into one another."""
    names = ["Team", "team", "team ", "té am", "te am", "team_1", "team-1", "team 1", '" OR 1', "ns1", "1"]
    for name in names:
        await memory.for_namespace(name).store_memory(f"the secret word of {names.index(name)}", memory_id="x")
    for name in names:
        view = memory.for_namespace(name)
        for mode in ("text", "vector", "graph"):
            found = await view.retrieve_memories("the secret word", mode=mode, min_relevance=0)
            assert [m.content for m in found] == [f"the secret word of {names.index(name)}"]


async def test_a_view_shares_settings_and_services_and_is_made_of_the_public_class(memory: MemoryManager) -> None:
    view = memory.for_namespace("other")
    assert isinstance(view, MemoryManager)
    assert view.config is memory.config
    assert view.services is memory.services
    assert (view.namespace, view.for_namespace("third").namespace) == ("other", "third")
    assert repr(view).startswith("MemoryManager(namespace='other'")


async def test_a_view_of_a_subclass_is_of_that_subclass(config: MemoryConfig) -> None:
    class Diary(MemoryManager):
        def __init__(self, owner: str, config: MemoryConfig) -> None:
            super().__init__(config, embedder=WordEmbedder(), extractor=NameExtractor())
            self.owner = owner

        async def lines(self) -> int:
            return await self.count()

    async with Diary("Nora", config) as diary:
        view = diary.for_namespace("other")
        await view.store_memory("Rowed with Ida.")
        assert isinstance(view, Diary)
        assert (await view.lines(), await diary.lines()) == (1, 0)
        assert repr(view).startswith("Diary(namespace='other'")


def test_a_synchronous_view_of_a_subclass_is_of_that_subclass(config: MemoryConfig) -> None:
    class Diary(SyncMemoryManager):
        pass

    diary = Diary(config, embedder=WordEmbedder(), extractor=NameExtractor())
    assert type(diary.for_namespace("other")) is Diary
