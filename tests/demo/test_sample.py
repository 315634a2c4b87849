"""The sample conversation is long, spread over weeks, and answers its questions."""

from __future__ import annotations

from itertools import pairwise

import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.demo import QUESTIONS, Question, read_sample
from coda_graphmem.importing import Loader, parse_time

pytestmark = pytest.mark.slow

DAY = 86400.0


def test_it_is_a_conversation_over_weeks() -> None:
    turns = [record.memory for record in read_sample()]
    times = [turn["timestamp"] for turn in turns]
    assert len(turns) >= 80
    assert times == sorted(times)
    assert times[-1] - times[0] > 40 * DAY
    assert {turn["metadata"]["speaker"] for turn in turns} == {"Nora", "Assistant"}
    assert len({turn["conversation_id"] for turn in turns}) >= 10
    assert len({turn["content"] for turn in turns}) == len(turns)
    for before, after in pairwise(turns):
        if before["conversation_id"] == after["conversation_id"]:
            assert before["metadata"]["speaker"] != after["metadata"]["speaker"]


def test_every_answer_was_said_exactly_once() -> None:
    texts = [record.memory["content"] for record in read_sample()]
    for question in QUESTIONS:
        if question.answer is not None:
            assert sum(question.answer in text for text in texts) == 1, question.answer


@pytest.fixture(scope="module")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> MemoryConfig:
    import asyncio

    config = MemoryConfig(vector_store={"persist_directory": tmp_path_factory.mktemp("sample")})

    async def fill() -> None:
        async with MemoryManager(config) as memory:
            await Loader(memory).load(read_sample())

    asyncio.run(fill())
    return config


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.shows)
async def test_questions_are_answered(sample_folder: MemoryConfig, question: Question) -> None:
    since = None if question.since is None else parse_time(question.since)
    async with MemoryManager(sample_folder) as memory:
        found = await memory.retrieve_memories(
            question.text, limit=4, min_relevance=question.min_relevance, since=since
        )
    if question.answer is None:
        assert found == []
    else:
        assert any(question.answer in item.content for item in found)


async def test_only_the_graph_finds_what_shares_neither_words_nor_meaning(sample_folder: MemoryConfig) -> None:
    [question] = [question for question in QUESTIONS if question.needs_graph]
    assert question.answer is not None
    async with MemoryManager(sample_folder) as memory:
        for mode in ("vector", "text", "hybrid"):
            found = await memory.retrieve_memories(question.text, limit=10, min_relevance=0.0, mode=mode)
            assert len(found) > 1
            assert not any(question.answer in item.content for item in found), mode
        found = await memory.retrieve_memories(question.text, limit=4, explain=True)
    [answer] = [item for item in found if question.answer in item.content]
    assert answer.explanation is not None
    assert "graph" in answer.explanation.sources
    assert any(path.entity_key == "margit" for path in answer.explanation.paths)
