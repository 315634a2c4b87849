"""Learning through the façade, on stand-in embeddings and the real parser."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from coda_graphmem import (
    InformationMatch,
    LearningResult,
    Memory,
    MemoryConfig,
    MemoryManager,
    MemoryStorageError,
    MemoryType,
    ValidationError,
)
from coda_graphmem.models import LinkKind
from tests.conftest import open_memory
from tests.fakes import Clock, WordEmbedder
from tests.language.names import ASSISTANTS, PEOPLE, PEOPLE_TOO


class WarmEmbedder(WordEmbedder):
    """Texts about the user are near one another, as they are for a real model."""

    def embed(self, texts: Any) -> NDArray[np.float32]:
        rows = super().embed(texts) + 0.35 * self._direction("user").astype(np.float32) / 4
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
async def memory(config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    from tests.fakes import NameExtractor

    async with MemoryManager(config, embedder=WarmEmbedder(), extractor=NameExtractor(), clock=clock) as manager:
        yield manager


async def contents(memory: MemoryManager) -> list[str]:
    return sorted(item.content for item in await memory.list_memories())


async def held(memory: MemoryManager, memory_id: str) -> Memory:
    found = await memory.get_memory(memory_id)
    assert found is not None
    return found


async def settled(memory: MemoryManager) -> list[str]:
    await memory.services.learning.auto.background.settle()
    return await contents(memory)


# ------------------------------------------------------------------------------------------------- extraction


async def test_facts_are_found_and_nothing_is_stored(memory: MemoryManager) -> None:
    text = "I work as a software engineer at TechCorp and I'm working on a new AI project"
    found = await memory.extract_key_information(text, ["job", "company", "project"])
    assert [(i.info_type, i.value) for i in found] == [
        ("job", "software engineer"), ("company", "TechCorp"), ("project", "new AI project"),
    ]  # fmt: skip
    assert [i.info_type for i in await memory.extract_key_information(text, ["company"])] == ["company"]
    [home] = await memory.extract_key_information("I live in Oslo", subject="Nora")
    assert home.content == "Nora lives in Oslo."
    assert await memory.count() == 0


async def test_a_matcher_serves_all_namespaces(memory: MemoryManager) -> None:
    def orders(text: str) -> list[InformationMatch]:
        return [InformationMatch(value="#1", content="User has order #1.", span=(0, 2), importance_score=0.7)]

    await memory.register_information_matcher("order", orders)
    [info] = await memory.for_namespace("other").extract_key_information("#1 is late", ["order"])
    assert (info.info_type, info.importance_score) == ("order", 0.7)


async def test_importance_is_that_of_the_explanation(memory: MemoryManager) -> None:
    text = "Important: on Friday I meet Anna"
    explained = await memory.explain_importance(text, MemoryType.SEMANTIC)
    kept = await held(memory, await memory.store_memory(text, MemoryType.SEMANTIC))
    assert kept.importance_score == pytest.approx(explained.score)
    assert all(explained.parts[part] > 0 for part in ("type", "entities", "first_person", "dates", "emphasis"))
    assert (await held(memory, await memory.store_memory(text, importance_score=0.2))).importance_score == 0.2


# ------------------------------------------------------------------------------------------------- interactions


async def test_facts_of_the_user_are_kept(memory: MemoryManager) -> None:
    result = await memory.learn_from_interaction(
        "I love hiking in the mountains", "That sounds wonderful!", {"helpful": True, "relevant": True}, "c1"
    )
    [memory_id] = result.stored
    kept = await held(memory, memory_id)
    assert (kept.content, kept.memory_type) == ("User loves hiking in the mountains.", MemoryType.PREFERENCE)
    assert kept.conversation_id == "c1"
    assert kept.metadata["facts"] == [{"type": "preference", "value": "hiking in the mountains"}]
    assert [i.info_type for i in result.extracted] == ["preference"]
    assert result.changed


async def test_several_facts_of_one_statement_are_one_memory(memory: MemoryManager) -> None:
    result = await memory.learn_from_interaction("I work as a nurse at Acme", "ok")
    [memory_id] = result.stored
    assert [f["type"] for f in (await held(memory, memory_id)).metadata["facts"]] == ["job", "company"]


async def test_nothing_to_learn(memory: MemoryManager) -> None:
    assert await memory.learn_from_interaction("What time is it?", "Ten", {"helpful": True}) == LearningResult()
    assert not LearningResult().changed


async def test_repetition_strengthens_instead_of_multiplying(memory: MemoryManager, clock: Clock) -> None:
    [memory_id] = (await memory.learn_from_interaction("I love coffee", "ok")).stored
    before = (await held(memory, memory_id)).importance_score
    clock.advance(60)
    result = await memory.learn_from_interaction("I love coffee!", "ok")
    assert (result.stored, result.strengthened) == ([], [memory_id])
    after = (await held(memory, memory_id)).importance_score
    assert after == pytest.approx(before + memory.config.learning_rate * (1 - before))
    assert await memory.count() == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I love coffee", "I don't like coffee any more"),
        ("I love coffee", "I hate coffee"),
        ("I live in Oslo", "I live in Bergen"),
        ("My favorite color is green", "My favorite color is blue"),
    ],
)
async def test_a_contradiction_outdates(memory: MemoryManager, clock: Clock, first: str, second: str) -> None:
    [old] = (await memory.learn_from_interaction(first, "ok")).stored
    clock.advance(60)
    result = await memory.learn_from_interaction(second, "ok")
    [new] = result.stored
    assert result.outdated == [old]
    assert (await held(memory, old)).possibly_outdated_by == [new]
    [link] = await memory.services.resources.store.links.find_links(memory.namespace, [old])
    assert (link.kind, link.target_id, link.guard) == (LinkKind.POSSIBLY_OUTDATED_BY, new, "update")


async def test_other_facts_stand_beside_one_another(memory: MemoryManager, clock: Clock) -> None:
    await memory.learn_from_interaction("I love coffee", "ok")
    clock.advance(60)
    result = await memory.learn_from_interaction("I love tea", "ok")
    assert (len(result.stored), result.outdated, result.strengthened) == (1, [], [])


async def test_without_vectors_facts_are_kept_once(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config.model_copy(update={"enable_semantic_search": False}), clock) as memory:
        first = await memory.learn_from_interaction("I love coffee", "ok")
        second = await memory.learn_from_interaction("I love coffee", "ok")
        assert second.strengthened == first.stored
        assert second.stored == []


async def test_an_answer_may_be_missing(memory: MemoryManager) -> None:
    hit = await memory.store_memory("The red kettle is loud", importance_score=0.5)
    await recalled(memory)
    result = await memory.learn_from_interaction("I love coffee", user_feedback={"helpful": True})
    assert [await content_of(memory, i) for i in result.stored] == ["User loves coffee."]
    assert result.strengthened == [hit]
    without = (await held(memory, hit)).importance_score - 0.5
    for answer, share in ((None, 1.0), ("", 1.0), ("The red kettle is loud", 2.0)):
        view = memory.for_namespace(f"answer {answer}")
        hit = await view.store_memory("The red kettle is loud", importance_score=0.5)
        await recalled(view)
        await view.learn_from_interaction("thanks", answer, {"helpful": True})
        assert (await held(view, hit)).importance_score - 0.5 == pytest.approx(share * without)


async def content_of(memory: MemoryManager, memory_id: str) -> str:
    return (await held(memory, memory_id)).content


async def test_the_first_person_is_whoever_speaks(memory: MemoryManager) -> None:
    result = await memory.learn_from_interaction(
        "I live in Lisbon and I'm allergic to peanuts. My sister Maria is a nurse.", subject="Anna"
    )
    kept = {await content_of(memory, i) for i in result.stored}
    assert {"Anna lives in Lisbon.", "Anna is allergic to peanuts.", "Maria is Anna's sister."} <= kept
    assert not any("User" in text for text in kept)
    told = {(fact.subject, fact.attribute, fact.value) for fact in await memory.get_facts()}
    assert {("Anna", "residence", "Lisbon"), ("Anna", "allergy", "peanuts")} <= told
    assert not any(subject == "User" for subject, _, _ in told)
    assert "Lisbon" in (await memory.get_profile("Anna")).text
    assert (await memory.get_profile()).text == ""


@pytest.mark.parametrize("subject", ["User", "user", "You", "Me"])
async def test_the_user_is_the_user_by_any_name(memory: MemoryManager, subject: str) -> None:
    [stored] = (await memory.learn_from_interaction("I love coffee", subject=subject)).stored
    assert await content_of(memory, stored) == "User loves coffee."


async def test_what_one_says_of_themselves_says_nothing_of_another(memory: MemoryManager, clock: Clock) -> None:
    [of_the_user] = (await memory.learn_from_interaction("I love coffee")).stored
    clock.advance(60)
    result = await memory.learn_from_interaction("I hate coffee", subject="Anna")
    [of_anna] = result.stored
    assert (result.outdated, result.strengthened) == ([], [])
    clock.advance(60)
    result = await memory.learn_from_interaction("I love coffee", subject="Anna")
    assert (result.outdated, of_the_user in result.strengthened) == ([of_anna], False)
    assert (await held(memory, of_the_user)).possibly_outdated_by == []


# ------------------------------------------------------------------------------------------------- feedback


async def recalled(memory: MemoryManager, query: str = "kettle", **arguments: Any) -> list[str]:
    return [m.memory_id for m in await memory.retrieve_memories(query, min_relevance=0.0, **arguments)]


@pytest.mark.parametrize(
    ("feedback", "direction"),
    [
        ({"helpful": True}, 1), ({"helpful": False}, -1), ({"relevant": True}, 1), ({"relevant": False}, -1),
        ({"rating": 5}, 1), ({"rating": 1}, -1), ({"rating": 3}, 0), ({}, 0), (None, 0),
    ],
)  # fmt: skip
async def test_feedback_reaches_what_was_recalled(
    memory: MemoryManager, feedback: dict[str, Any] | None, direction: int
) -> None:
    hit = await memory.store_memory("The red kettle is loud", importance_score=0.5)
    aside = await memory.for_namespace("other").store_memory("The red kettle is loud", importance_score=0.5)
    await recalled(memory)
    result = await memory.learn_from_interaction("thanks", "Your red kettle is loud", feedback)
    assert result.strengthened == ([hit] if direction > 0 else [])
    assert result.weakened == ([hit] if direction < 0 else [])
    moved = (await held(memory, hit)).importance_score - 0.5
    assert np.sign(moved) == direction
    assert abs(moved) <= memory.config.learning_rate
    assert (await held(memory.for_namespace("other"), aside)).importance_score == 0.5


async def test_one_recall_is_judged_once_and_repeated_feedback_counts_less(memory: MemoryManager) -> None:
    hit = await memory.store_memory("The red kettle is loud", importance_score=0.5)
    levels = [0.5]
    for _ in range(3):
        await recalled(memory)
        await memory.learn_from_interaction("thanks", "The red kettle is loud", {"helpful": True})
        assert not (await memory.learn_from_interaction("thanks", "again", {"helpful": True})).changed
        levels.append((await held(memory, hit)).importance_score)
    steps = np.diff(levels)
    assert steps[0] > steps[1] > steps[2] > 0


async def test_what_the_answer_takes_up_moves_more(memory: MemoryManager) -> None:
    used = await memory.store_memory("The red kettle is loud", importance_score=0.5)
    unused = await memory.store_memory("The kettle came from grandmother", importance_score=0.5)
    assert set(await recalled(memory)) == {used, unused}
    await memory.learn_from_interaction("thanks", "It is the red and loud kettle", {"helpful": True})
    assert (await held(memory, used)).importance_score > (await held(memory, unused)).importance_score > 0.5


async def test_feedback_of_a_conversation_reaches_its_own_recalls(memory: MemoryManager) -> None:
    one = await memory.store_memory("The red kettle", conversation_id="c1", importance_score=0.5)
    other = await memory.store_memory("The blue kettle", conversation_id="c2", importance_score=0.5)
    await recalled(memory, conversation_id="c1")
    await recalled(memory, conversation_id="c2")
    result = await memory.learn_from_interaction("thanks", "red kettle", {"helpful": True}, "c1")
    assert result.strengthened == [one]
    assert (await held(memory, other)).importance_score == 0.5


async def test_a_correction_is_kept_and_outdates(memory: MemoryManager, clock: Clock) -> None:
    old = await memory.store_memory("User lives in Oslo.", MemoryType.SEMANTIC)
    clock.advance(60)
    await recalled(memory, "where does the user live")
    result = await memory.learn_from_interaction("Hm", "You live in Oslo", {"correction": "No, I live in Bergen"})
    [new] = result.stored
    assert (await held(memory, new)).content == "User lives in Bergen."
    assert result.outdated == [old]


async def test_a_correction_that_no_rule_understands_outdates_the_nearest_recall(
    memory: MemoryManager, clock: Clock
) -> None:
    old = await memory.store_memory("The meeting room kettle is red", MemoryType.SEMANTIC)
    far = await memory.store_memory("Whales sing", MemoryType.SEMANTIC)
    clock.advance(60)
    await recalled(memory, "kettle")
    result = await memory.learn_from_interaction("Hm", "red", {"correction": "The meeting room kettle was never there"})
    [new] = result.stored
    assert result.outdated == [old]
    assert (await held(memory, old)).possibly_outdated_by == [new]
    assert (await held(memory, far)).possibly_outdated_by == []


@pytest.mark.parametrize(("subject", "corrected"), [("Anna", "anna"), ("User", "user"), ("Tom", None)])
async def test_a_correction_is_of_whoever_makes_it(
    memory: MemoryManager, clock: Clock, subject: str, corrected: str | None
) -> None:
    """What was recalled of others stays, however near it is."""
    await memory.store_memory("Anna lives in Oslo.", MemoryType.SEMANTIC, memory_id="anna")
    await memory.store_memory("User lives in Oslo.", MemoryType.SEMANTIC, memory_id="user")
    clock.advance(60)
    assert len(await recalled(memory, "who lives in Oslo")) == 2
    result = await memory.learn_from_interaction(
        "Hm", user_feedback={"correction": "No, I live in Bergen"}, subject=subject
    )
    assert [await content_of(memory, i) for i in result.stored] == [f"{subject} lives in Bergen."]
    standing = {m.memory_id: m.standing for m in await memory.list_memories() if m.memory_id in ("anna", "user")}
    assert standing == {name: "superseded" if name == corrected else None for name in ("anna", "user")}


async def test_words_of_a_correction_that_no_rule_reads_are_of_whoever_says_them(memory: MemoryManager) -> None:
    await memory.store_memory("The meeting room kettle is red")
    await recalled(memory, "kettle")
    correction = {"correction": "I never saw that meeting room kettle"}
    [stored] = (await memory.learn_from_interaction("Hm", user_feedback=correction, subject="Anna")).stored
    assert (await held(memory, stored)).speaker == "Anna"
    view = memory.for_namespace("the user's")
    [stored] = (await view.learn_from_interaction("Hm", user_feedback=correction)).stored
    assert (await held(view, stored)).speaker is None


# ------------------------------------------------------------------------------------------------- by itself


async def test_turns_of_a_conversation_are_learned_from(memory: MemoryManager) -> None:
    await memory.enable_auto_learning("c1")
    await memory.store_memory("I have asthma", conversation_id="c1")
    await memory.store_memories_batch([{"content": "I live in Oslo", "conversation_id": "c1"}])
    await memory.store_memory("I drive a Vespa", conversation_id="c2")
    await memory.store_memory("I drive a Vespa")
    assert await settled(memory) == sorted(
        [
            "I have asthma",
            "I live in Oslo",
            "I drive a Vespa",
            "I drive a Vespa",
            "User has asthma.",
            "User lives in Oslo.",
        ]
    )
    assert await memory.disable_auto_learning("c1") is True
    assert await memory.disable_auto_learning("c1") is False
    await memory.store_memory("I own a boat", conversation_id="c1")
    assert "User owns a boat." not in await settled(memory)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, "User has asthma."),
        ({"speaker": "user"}, "User has asthma."),
        ({"role": "user"}, "User has asthma."),
        ({"speaker": "Nora"}, "Nora has asthma."),
        ({"speaker": "Human"}, "User has asthma."),
        ({"speaker": "You"}, "User has asthma."),
        ({"speaker": "assistant"}, None),
        ({"role": "assistant"}, None),
        ({"role": "System"}, None),
    ],
)
async def test_the_speaker_is_whom_it_is_about(
    memory: MemoryManager, metadata: dict[str, str], expected: str | None
) -> None:
    await memory.enable_auto_learning("c1")
    await memory.store_memory("I have asthma", conversation_id="c1", metadata=metadata)
    assert await settled(memory) == sorted(["I have asthma", *([expected] if expected else [])])


async def test_assistants_are_known_by_name_and_people_stay_people(memory: MemoryManager) -> None:
    await memory.enable_auto_learning("c1")
    learning = memory.services.learning
    for name in (*ASSISTANTS, *PEOPLE, *PEOPLE_TOO):
        learned = await learning.observe(memory.namespace, "c1", name, "I have asthma")
        assert [info.content for info in learned.extracted] == ([] if name in ASSISTANTS else [f"{name} has asthma."])


async def test_names_of_both_are_told_by_who_else_speaks(memory: MemoryManager) -> None:
    await memory.enable_auto_learning("c1")
    await memory.store_memory("How are you?", conversation_id="c1", metadata={"speaker": "User"})
    for name in PEOPLE_TOO:
        await memory.store_memory("I have asthma", conversation_id="c1", metadata={"speaker": name})
    assert not any("has asthma" in content for content in await settled(memory))


async def test_a_fact_is_not_learned_from_itself(memory: MemoryManager) -> None:
    await memory.enable_auto_learning("c1")
    await memory.store_memory("User prefers morning meetings", MemoryType.PREFERENCE, conversation_id="c1")
    assert await settled(memory) == ["User prefers morning meetings"]


async def test_a_retry_teaches_nothing(memory: MemoryManager) -> None:
    await memory.enable_auto_learning("c1")
    for _ in range(2):
        await memory.store_memory("I have asthma", conversation_id="c1", memory_id="turn")
        await settled(memory)
    [fact] = [m for m in await memory.list_memories() if m.content == "User has asthma."]
    [info] = await memory.extract_key_information("I have asthma")
    assert fact.importance_score == info.importance_score


async def test_listeners_hear_of_it(memory: MemoryManager) -> None:
    heard: list[Any] = []
    subscription = memory.subscribe(heard.append, ["learned"])
    result = await memory.learn_from_interaction("I have asthma", "ok")
    await subscription.close()
    [event] = heard
    assert (event.name, event.memory_ids) == ("learned", result.stored)
    assert event.details == {"stored": 1, "strengthened": 0, "weakened": 0, "outdated": 0}


async def test_a_linked_conversation_is_learned_from(memory: MemoryManager) -> None:
    class Conversations:
        def add_message(self, conversation_id: str, message: object) -> None:
            pass

    await memory.enable_auto_learning("c1")
    conversations = Conversations()
    await memory.enable_conversation_integration(conversations, auto_store_messages=False, auto_extract_entities=False)
    conversations.add_message("c1", {"role": "user", "content": "I have asthma"})
    conversations.add_message("c1", {"role": "assistant", "content": "I own a boat"})
    conversations.add_message("c1", {"role": "ChatGPT", "content": "I own a boat"})
    conversations.add_message("c1", {"role": "model", "name": "Gemini", "content": "I own a boat"})
    conversations.add_message("c2", {"role": "user", "content": "I drive a Vespa"})
    await memory.disable_conversation_integration()
    assert await contents(memory) == ["User has asthma."]


async def test_threshold_and_rate_of_a_conversation(memory: MemoryManager, clock: Clock) -> None:
    await memory.enable_auto_learning("c1", learning_rate=0.5, importance_threshold=0.85)
    assert (await memory.learn_from_interaction("I drive a Vespa", "ok", conversation_id="c1")).stored == []
    [memory_id] = (await memory.learn_from_interaction("I have asthma", "ok", conversation_id="c1")).stored
    before = (await held(memory, memory_id)).importance_score
    await memory.learn_from_interaction("I have asthma", "ok", conversation_id="c1")
    assert (await held(memory, memory_id)).importance_score == pytest.approx(before + 0.5 * (1 - before))
    assert len((await memory.learn_from_interaction("I drive a Vespa", "ok")).stored) == 1


async def test_settings_survive_a_restart(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.enable_auto_learning("c1", 0.3, 0.4)
    async with open_memory(config, clock) as memory:
        found = await memory.services.learning.auto.settings(memory.namespace, "c1")
        assert found is not None
        assert (found.learning_rate, found.importance_threshold) == (0.3, 0.4)
        assert await memory.services.learning.auto.settings("other", "c1") is None


async def test_the_master_switch(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.enable_auto_learning("c1")
    async with open_memory(config.model_copy(update={"enable_auto_learning": False}), clock) as memory:
        await memory.store_memory("I have asthma", conversation_id="c1")
        assert await settled(memory) == ["I have asthma"]
        with pytest.raises(ValidationError) as caught:
            await memory.enable_auto_learning("c2")
        assert caught.value.field == "enable_auto_learning"
        assert len((await memory.learn_from_interaction("I own a boat", "ok")).stored) == 1


async def test_what_fails_in_the_background_fails_no_call(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await memory.enable_auto_learning("c1")

    async def broken(*args: Any, **kwargs: Any) -> Any:
        raise MemoryStorageError("secret words")

    monkeypatch.setattr(memory.services.learning, "extract", broken)
    with caplog.at_level(logging.WARNING):
        memory_id = await memory.store_memory("I have asthma", conversation_id="c1")
        assert await settled(memory) == ["I have asthma"]
    assert (await held(memory, memory_id)).content == "I have asthma"
    assert "could not be learned" in caplog.text
    assert "secret" not in caplog.text
    monkeypatch.setattr(memory.services.resources.store.jobs, "settings", broken)
    await memory.store_memory("I own a boat", conversation_id="c9")


async def test_cleanup_learns_from_what_still_waits(config: MemoryConfig, clock: Clock) -> None:
    async with open_memory(config, clock) as memory:
        await memory.enable_auto_learning("c1")
        await memory.store_memory("I have asthma", conversation_id="c1")
    async with open_memory(config, clock) as memory:
        assert "User has asthma." in await contents(memory)


async def test_observing_a_message(memory: MemoryManager) -> None:
    learning = memory.services.learning
    assert await learning.observe(memory.namespace, "c1", "user", "I have asthma") == LearningResult()
    await memory.enable_auto_learning("c1")
    assert len((await learning.observe(memory.namespace, "c1", "user", "I have asthma")).stored) == 1
    assert not (await learning.observe(memory.namespace, "c1", "assistant", "I own a boat")).changed
