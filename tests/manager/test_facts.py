"""Facts, profiles, what replaces what and histories through the façade, on stand-in embeddings and the real parser."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from coda_graphmem import Memory, MemoryConfig, MemoryEvent, MemoryManager, MemoryStorageError, ValidationError
from coda_graphmem.facts.reader import Words
from coda_graphmem.models import Fact, LinkKind
from coda_graphmem.sync import SyncMemoryManager
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder

DAY = 86_400.0


def brief(facts: list[Fact]) -> list[tuple[str, str, str]]:
    return [(fact.subject, fact.attribute, fact.value) for fact in facts]


async def homes(memory: MemoryManager, **options: Any) -> list[str]:
    return [fact.value for fact in await memory.get_facts("User", "residence", **options)]


async def held(memory: MemoryManager, memory_id: str) -> Memory:
    found = await memory.get_memory(memory_id)
    assert found is not None
    return found


@pytest.fixture
async def moved(memory: MemoryManager, clock: Clock) -> tuple[str, str]:
    """Ids of two memories of where the user lives, a day apart, the last of them a day ago."""
    paris = await memory.store_memory("I live in Paris.", timestamp=clock.now - 2 * DAY)
    rome = await memory.store_memory("I live in Rome now.", timestamp=clock.now - DAY)
    return paris, rome


# ------------------------------------------------------------------------------------------------- what is known


async def test_facts_are_there_before_the_next_question(
    memory: MemoryManager, moved: tuple[str, str], clock: Clock
) -> None:
    paris, rome = moved
    [fact] = await memory.get_facts()
    assert (fact.subject, fact.attribute, fact.value) == ("User", "residence", "Rome")
    assert (fact.valid_from, fact.known_from, fact.memory_ids) == (clock.now - DAY, clock.now - DAY, [rome])
    before = await held(memory, paris)
    assert (before.valid_until, before.superseded_by) == (clock.now - DAY, rome)
    assert (await held(memory, rome)).valid_until is None


async def test_the_past_is_kept_and_can_be_asked_for(
    memory: MemoryManager, moved: tuple[str, str], clock: Clock
) -> None:
    history = await memory.get_fact_history("user", "Residence")
    assert [(fact.value, fact.valid_until) for fact in history] == [("Paris", clock.now - DAY), ("Rome", None)]
    assert await homes(memory, include_past=True) == ["Paris", "Rome"]
    assert await homes(memory, as_of=clock.now - 1.5 * DAY) == ["Paris"]
    assert await homes(memory, as_of=clock.now - 3 * DAY) == []
    [known] = await memory.get_facts("User", as_of=clock.now - 1.5 * DAY, include_past=True)
    assert known.valid_until is None, "nobody knew of the move"
    assert await memory.get_facts("Maria") == await memory.get_facts("User", "employer") == []


async def test_what_is_read_is_known_before_searches_contexts_and_memories(
    memory: MemoryManager, moved: tuple[str, str]
) -> None:
    paris, rome = moved
    await memory.retrieve_memories("where does the user live?", min_relevance=0.0)
    assert await memory.services.resources.store.facts.unread(memory.namespace, limit=9) == []
    oslo = await memory.store_memory("I live in Oslo.", conversation_id="c")
    assert [item.memory_id for item in await memory.get_conversation_context("c")] == [oslo]
    assert (await held(memory, rome)).superseded_by == oslo
    bergen = await memory.store_memory("I live in Bergen.")
    listed = {item.memory_id: item.superseded_by for item in await memory.list_memories()}
    assert listed == {paris: rome, rome: oslo, oslo: bergen, bergen: None}


async def test_a_turn_and_what_was_learned_of_it_say_the_same_fact(memory: MemoryManager, clock: Clock) -> None:
    at = clock.now - DAY
    turn = await memory.store_memory("I live in Rome now", conversation_id="c", timestamp=at)
    [learned] = (await memory.learn_from_interaction("I live in Rome now", "ok", None, "c")).stored
    [fact] = await memory.get_facts("User", "residence")
    assert set(fact.memory_ids) == {turn, learned}
    assert fact.known_from == at
    assert (await held(memory, learned)).timestamp == at, "as its turn"


@pytest.mark.parametrize(
    ("metadata", "subjects"),
    [
        ({}, ["User"]),
        ({"role": "user"}, ["User"]),
        ({"speaker": "Caroline"}, ["Caroline"]),
        ({"speaker": "Caroline", "role": "user"}, ["Caroline"]),
        ({"role": "assistant"}, []),
        ({"speaker": "ChatGPT"}, []),
        ({"role": "tool"}, []),
    ],
)
async def test_facts_are_of_whoever_speaks(
    memory: MemoryManager, metadata: Mapping[str, str], subjects: list[str]
) -> None:
    await memory.store_memory("I live in Rome.", metadata=metadata)
    assert [fact.subject for fact in await memory.get_facts()] == subjects


async def test_who_may_be_a_person_or_a_program_is_told_by_who_else_speaks(memory: MemoryManager) -> None:
    other = memory.for_namespace("other")
    await memory.store_memory("Hello there.", metadata={"speaker": "You"})
    for view in (memory, other):
        await view.store_memory("I live in Rome.", metadata={"speaker": "Claude"})
    assert await memory.get_facts() == []
    assert [fact.subject for fact in await other.get_facts()] == ["Claude"]


async def test_new_content_is_read_again_and_forgotten_content_says_nothing(memory: MemoryManager) -> None:
    memory_id = await memory.store_memory("I live in Paris.")
    assert await homes(memory) == ["Paris"]
    await memory.update_memory(memory_id, "I live in Rome.")
    assert await homes(memory, include_past=True) == ["Rome"]
    await memory.delete_memory(memory_id)
    assert await homes(memory, include_past=True) == []


async def test_a_profile_is_of_now_or_of_then(memory: MemoryManager, moved: tuple[str, str], clock: Clock) -> None:
    await memory.store_memory("I work at Orion.", timestamp=clock.now - DAY / 2)
    profile = await memory.get_profile()
    assert profile.text == "Home:\n- Lives in Rome\nWork:\n- Works at Orion"
    assert profile.lines[0].fact.memory_ids == [moved[1]]
    assert (profile.subject, profile.as_of, profile.omitted) == ("User", clock.now, 0)
    then = await memory.get_profile("me", clock.now - 1.5 * DAY)
    assert [line.text for line in then.lines] == ["Lives in Paris"]
    small = await memory.get_profile(max_tokens=8)
    assert (small.text, small.omitted, len(small.lines)) == ("Home:\n- Lives in Rome", 1, 2)
    assert (await memory.get_profile("Nobody")).text == ""


async def test_what_becomes_outdated_is_told(memory: MemoryManager, clock: Clock) -> None:
    heard: list[MemoryEvent] = []
    async with memory.subscribe(heard.append, ["outdated"]):
        old = await memory.store_memory("I live in Paris.", timestamp=clock.now - DAY)
        await memory.store_memory("I live in Rome.")
        await memory.get_facts()
    assert [(event.name, event.memory_ids) for event in heard] == [("outdated", [old])]


# ------------------------------------------------------------------------------------------------- by when it was said


async def test_history_stored_newest_first_does_not_outdate_the_present(memory: MemoryManager, clock: Clock) -> None:
    said = [("I live in Rome now.", 1.0), ("I live in Oslo.", 30.0), ("I live in Paris.", 60.0)]
    ids = [await memory.store_memory(text, timestamp=clock.now - days * DAY) for text, days in said]
    for text, days in said:
        await memory.learn_from_interaction(text, "ok", timestamp=clock.now - days * DAY)
    assert await homes(memory) == ["Rome"]
    assert [(await held(memory, memory_id)).superseded_by is None for memory_id in ids] == [True, False, False]
    learned = [item for item in await memory.list_memories() if item.metadata.get("learned")]
    current = [item.content for item in learned if item.valid_until is None and not item.possibly_outdated_by]
    assert current == ["User lives in Rome now."]


async def test_links_of_learning_go_from_what_was_said_first(memory: MemoryManager, clock: Clock) -> None:
    """Whatever arrives first; without facts as well as with them."""
    [new] = (await memory.learn_from_interaction("My favorite color is blue", "ok")).stored
    result = await memory.learn_from_interaction("My favorite color is green", "ok", timestamp=clock.now - DAY)
    [old] = result.stored
    assert result.outdated == [old]
    links = await memory.list_links([old, new], [LinkKind.POSSIBLY_OUTDATED_BY])
    assert [(link.source_id, link.target_id) for link in links] == [(old, new)]


async def test_automatic_learning_goes_by_the_time_of_the_turn(memory: MemoryManager, clock: Clock) -> None:
    await memory.enable_auto_learning("c")
    at = clock.now - 100 * DAY
    await memory.store_memory("Well, I live in Rome these days", conversation_id="c", timestamp=at)
    await memory.services.learning.auto.background.settle()
    assert {item.timestamp for item in await memory.list_memories()} == {at}


async def test_what_is_said_again_is_current_again(memory: MemoryManager, clock: Clock) -> None:
    [paris] = (await memory.learn_from_interaction("I live in Paris", "ok")).stored
    clock.advance(DAY)
    [rome] = (await memory.learn_from_interaction("I live in Rome", "ok")).stored
    clock.advance(DAY)
    again = await memory.learn_from_interaction("I live in Paris", "ok")
    assert (again.stored, again.strengthened) == ([], [paris])
    assert await homes(memory) == ["Paris"]
    assert (await held(memory, paris)).valid_until is None
    assert (await held(memory, rome)).superseded_by == paris


async def test_consolidation_goes_by_when_a_thing_was_said_last(memory: MemoryManager, clock: Clock) -> None:
    """What no rule reads as a fact is compared as a text, from what was said first to what was said last."""
    texts = (
        "The tall green pump in the garden is at 40 percent.",
        "The tall green pump in the garden is at 60 percent.",
    )
    forty, sixty = [await memory.store_memory(text, "semantic", timestamp=at)  # type: ignore[arg-type]
                    for text, at in zip(texts, (clock.now - 3 * DAY, clock.now - 2 * DAY), strict=True)]  # fmt: skip
    await memory.consolidate_memories()
    before = {memory_id: (await held(memory, memory_id)).superseded_by for memory_id in (forty, sixty)}
    assert before == {forty: sixty, sixty: None}
    await memory.store_memory(texts[0], "semantic", timestamp=clock.now - DAY)  # type: ignore[arg-type]
    await memory.consolidate_memories()
    after = await memory.services.resources.store.facts.outdated(memory.namespace, [forty, sixty])
    assert [(one.memory_id, one.superseded_by) for one in after] == [(sixty, forty)]


async def test_a_correction_replaces_what_was_recalled(memory: MemoryManager, clock: Clock) -> None:
    old = await memory.store_memory("The meeting room kettle is red")
    clock.advance(60)
    await memory.retrieve_memories("red kettle", min_relevance=0.0)
    correction = {"correction": "The meeting room kettle is grey"}
    [new] = (await memory.learn_from_interaction("Hm", "It is red", correction)).stored
    replaced = await held(memory, old)
    assert (replaced.standing, replaced.superseded_by, replaced.valid_until) == ("superseded", new, clock.now)
    assert [version.actor for version in await memory.get_history(old)] == ["caller", "learning"]


# ------------------------------------------------------------------------------------------------- by hand


async def test_a_text_supersedes_and_all_of_it_can_be_undone(memory: MemoryManager, clock: Clock) -> None:
    old = await memory.store_memory("I live in Paris.", metadata={"speaker": "Nora", "page": 3}, conversation_id="c")
    clock.advance(DAY)
    heard: list[MemoryEvent] = []
    async with memory.subscribe(heard.append, ["stored", "superseded", "reinstated"]):
        new = await memory.supersede_memory(old, "I live in Rome.")
        assert [fact.value for fact in await memory.get_facts("Nora")] == ["Rome"]
        before, after = await held(memory, old), await held(memory, new)
        clock.advance(DAY)
        assert await memory.reinstate_memory(old)
    assert [(event.name, event.memory_ids) for event in heard] == [
        ("stored", [new]), ("superseded", [old]), ("reinstated", [old]),
    ]  # fmt: skip
    assert heard[1].details == {"superseded_by": new}
    assert (before.standing, before.superseded_by, before.valid_until) == ("superseded", new, after.timestamp)
    assert (after.speaker, after.conversation_id, after.memory_type) == ("Nora", "c", before.memory_type)
    assert [fact.value for fact in await memory.get_facts("Nora")] == ["Paris"]
    assert (await held(memory, old)).valid_until is None


async def test_another_memory_supersedes_from_when_it_was_said(memory: MemoryManager, clock: Clock) -> None:
    """Of texts that no rule reads as facts, too."""
    old = await memory.store_memory("The red kettle whistles", timestamp=clock.now - 3 * DAY)
    new = await memory.store_memory("The grey kettle whistles", timestamp=clock.now - 2 * DAY)
    assert await memory.supersede_memory(old, new_id=new) == new
    assert (await held(memory, old)).valid_until == clock.now - 2 * DAY
    await memory.supersede_memory(old, None, clock.now - DAY, new_id=new)
    assert (await held(memory, old)).valid_until == clock.now - DAY
    await memory.delete_memory(new)
    assert (await held(memory, old)).valid_until is None, "with the memory goes what it replaced"


async def test_what_is_taken_back_was_never_so(memory: MemoryManager, moved: tuple[str, str], clock: Clock) -> None:
    _, rome = moved
    assert await memory.retract_memory(rome)
    assert await homes(memory, include_past=True) == ["Paris"]
    assert (await held(memory, rome)).standing == "retracted"
    assert await memory.retract_memory(rome)
    assert len(await memory.get_history(rome)) == 2, "it was already"
    assert await memory.reinstate_memory(rome)
    assert await homes(memory) == ["Rome"]
    assert (await held(memory, rome)).standing is None
    clock.advance(DAY)
    assert await memory.retract_memory(rome, clock.now - DAY / 2)
    assert await homes(memory, as_of=clock.now - 0.75 * DAY) == ["Rome"]
    assert await homes(memory) == ["Paris"]


async def test_an_outdated_memory_is_reinstated(memory: MemoryManager, moved: tuple[str, str], clock: Clock) -> None:
    paris, rome = moved
    assert await memory.reinstate_memory(paris)
    assert await homes(memory) == ["Paris"]
    assert (await held(memory, rome)).valid_until == clock.now
    assert not await memory.reinstate_memory("nobody")
    assert not await memory.retract_memory("nobody")


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ({"old_id": "nobody", "content": "x"}, "old_id", "no memory"),
        ({"old_id": "elsewhere", "content": "x"}, "old_id", "no memory"),
        ({"old_id": "a", "new_id": "nobody"}, "new_id", "no memory"),
        ({"old_id": "a", "new_id": "elsewhere"}, "new_id", "no memory"),
        ({"old_id": "a", "new_id": "a"}, "new_id", "itself"),
        ({"old_id": "a"}, "content", "missing"),
        ({"old_id": "a", "content": "x", "new_id": "b"}, "content", "excludes"),
        ({"old_id": "a", "content": "the  red kettle "}, "content", "already"),
        ({"old_id": "a", "content": "x", "at": 2e9}, "at", "to come"),
        ({"old_id": "a", "content": "x", "at": 5.0}, "at", "before"),
        ({"old_id": "c", "new_id": "a"}, "new_id", "replaced by"),
    ],
)
async def test_a_replacement_that_makes_no_sense_is_refused_and_changes_nothing(
    memory: MemoryManager, arguments: Mapping[str, Any], field: str, message: str
) -> None:
    for memory_id, content in (("a", "The red kettle"), ("b", "The grey kettle"), ("c", "The blue kettle")):
        await memory.store_memory(content, memory_id=memory_id, timestamp=10.0)
    await memory.for_namespace("other").store_memory("The red kettle", memory_id="elsewhere")
    await memory.supersede_memory("a", new_id="b")
    await memory.supersede_memory("b", new_id="c")
    before = await memory.list_memories()
    with pytest.raises(ValidationError, match=message) as caught:
        await memory.supersede_memory(**arguments)
    assert caught.value.field == field
    assert caught.value.remedy
    assert await memory.list_memories() == before


async def test_what_was_replaced_can_come_back_by_being_the_replacement(memory: MemoryManager, clock: Clock) -> None:
    paris = await memory.store_memory("I live in Paris.", "semantic")  # type: ignore[arg-type] # by its value
    clock.advance(DAY)
    rome = await memory.supersede_memory(paris, "I live in Rome.")
    clock.advance(DAY)
    assert await memory.supersede_memory(rome, "I live in Paris.") == paris
    assert await homes(memory) == ["Paris"]
    assert [(await held(memory, one)).valid_until is None for one in (paris, rome)] == [True, False]


# ------------------------------------------------------------------------------------------------- versions


async def test_a_history_says_what_was_changed_when_and_by_whom(memory: MemoryManager, clock: Clock) -> None:
    memory_id = await memory.store_memory("The kettle is red", metadata={"page": 1})
    assert [version.operation for version in await memory.get_history(memory_id)] == ["created"]
    clock.advance(60)
    await memory.update_memory(memory_id, "The kettle is grey", actor="Nora")
    await memory.update_memory(memory_id, importance_score=0.9)
    versions = await memory.get_history(memory_id)
    assert [(v.version, v.operation, v.actor, v.content) for v in versions] == [
        (1, "created", "caller", "The kettle is red"),
        (2, "updated", "Nora", "The kettle is grey"),
        (3, "updated", "caller", "The kettle is grey"),
    ]
    assert len({version.content_hash for version in versions}) == 2
    assert (await held(memory, memory_id)).version == 3
    await memory.delete_memory(memory_id)
    assert await memory.get_history(memory_id) == []


async def test_of_two_changes_of_one_version_the_second_is_refused(memory: MemoryManager) -> None:
    memory_id = await memory.store_memory("The kettle is red")
    assert await memory.update_memory(memory_id, "The kettle is grey", expected_version=1)
    with pytest.raises(MemoryStorageError, match="version") as caught:
        await memory.update_memory(memory_id, "The kettle is blue", expected_version=1)
    assert caught.value.field == "expected_version"
    assert (await held(memory, memory_id)).content == "The kettle is grey"
    assert await memory.update_memory(memory_id, "The kettle is blue", expected_version=2)


# ------------------------------------------------------------------------------------------------- in the background


async def test_what_a_killed_process_left_unread_the_next_one_reads(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        memory.services.facts.reading._begin = lambda namespace: None  # type: ignore[method-assign] # it dies
        await memory.store_memory("I live in Rome.")
        await memory.for_namespace("other").store_memory("I live in Oslo.")
    async with open_memory(config, clock) as memory:
        assert await homes(memory) == ["Rome"]
        run = await memory.run_job("facts")
        assert run is not None
        assert (run.status, run.changed) == ("done", 1)
        assert await homes(memory.for_namespace("other")) == ["Oslo"]


async def test_reading_waits_for_a_quiet_moment_and_searches_do_not(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.memories.statements.QUIET", 3600.0)
    facts = memory.services.resources.store.facts
    await memory.store_memory("I live in Rome.")
    await asyncio.sleep(0.05)
    assert len(await facts.unread(memory.namespace, limit=9)) == 1
    assert await homes(memory) == ["Rome"]


async def test_a_text_that_cannot_be_read_keeps_nobody_from_searching(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reader = memory.services.learning.reader
    read = reader.statements_of

    def failing(said: Sequence[Words]) -> Any:
        if any("Paris" in words.text for words in said):
            raise RuntimeError(said)
        return read(said)

    monkeypatch.setattr(reader, "statements_of", failing)
    await memory.store_memory("I live in Paris.")
    await memory.store_memory("I work at Orion.")
    assert brief(await memory.get_facts()) == [("User", "employer", "Orion")]
    assert "Paris" not in caplog.text
    assert "RuntimeError" in caplog.text
    assert await memory.services.resources.store.facts.unread(memory.namespace, limit=9) == []


async def test_patience_is_bounded(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = memory.services.facts.reading
    going_on = asyncio.Event()

    async def slow(namespace: str) -> int:
        await going_on.wait()
        return 0

    monkeypatch.setattr(reading, "read_all", slow)
    await memory.store_memory("I live in Rome.")
    await reading.settled(memory.namespace, patience=0.01)
    assert len(await memory.services.resources.store.facts.unread(memory.namespace, limit=9)) == 1
    monkeypatch.setattr("coda_graphmem.memories.statements.SHORT_PATIENCE", 0.02)
    async with asyncio.timeout(5):
        # Who comes after one that waited in vain does not wait as long again.
        assert await memory.get_facts() == []
    going_on.set()


async def test_a_store_that_takes_no_writes_keeps_nobody_from_searching(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coda_graphmem.memories.statements.SHORT_PATIENCE", 0.02)
    locked = asyncio.Event()

    async def save(*_: object) -> list[str]:
        await locked.wait()
        return []

    monkeypatch.setattr(memory.services.resources.store.facts, "save_statements", save)
    await memory.store_memory("I live in Rome.")
    async with asyncio.timeout(5):
        assert len(await memory.retrieve_memories("where?", min_relevance=0.0)) == 1
    locked.set()


def test_the_twin_and_other_loops_know_the_same(config: MemoryConfig) -> None:
    with SyncMemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor()) as memory:
        old = memory.store_memory("I live in Paris.", timestamp=1000.0)
        memory.store_memory("I live in Rome.", timestamp=2000.0)
        assert [fact.value for fact in memory.get_facts("User")] == ["Rome"]
        assert memory.reinstate_memory(old)
        assert memory.get_profile().text == "Home:\n- Lives in Paris"
        assert len(memory.get_history(old)) == 2

    async def asked(manager: MemoryManager) -> list[str]:
        return [fact.value for fact in await manager.get_facts("User")]

    async def stored() -> MemoryManager:
        manager = open_memory(config.model_copy(update={"namespace": "other"}))
        await manager.initialize(warm_up=False)
        await manager.store_memory("I live in Oslo.")
        return manager

    manager = asyncio.run(stored())
    assert asyncio.run(asked(manager)) == ["Oslo"]
    asyncio.run(manager.cleanup())


async def test_what_another_process_stored_is_a_fact_at_the_next_call(config: MemoryConfig, clock: Clock) -> None:
    """Also where nothing was unread moments before, and the other ended before it read anything."""
    async with open_memory(config, clock) as memory:
        assert await memory.get_facts("User") == []
        async with open_memory(config, clock) as other:
            await other.store_memory("I live in Rome.")
        assert [fact.value for fact in await memory.get_facts("User", "residence")] == ["Rome"]
