"""Retrieval as a whole, on the embedded store with stand-in models: every option and what it does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coda_graphmem import MemoryConfig, MemoryManager, ValidationError
from coda_graphmem.decay import decay_factors_of
from coda_graphmem.memories.access import RecentRecalls
from coda_graphmem.models import Memory, MemoryFilter
from coda_graphmem.retrieval.constants import RANKING, RankingConstants
from coda_graphmem.retrieval.query import Query
from coda_graphmem.retrieval.service import RetrievalService
from coda_graphmem.store.protocol import Neighbourhood
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor, WordEmbedder

DAY = 86_400.0
FILLERS = 40


@pytest.fixture
async def linked(memory: MemoryManager) -> MemoryManager:
    """The answer shares one name with what matches the question and no word with the question itself."""
    rows = [{"content": f"The green filler number {i}", "memory_id": f"f{i:02}"} for i in range(FILLERS)]
    rows += [
        {"content": "The old green tent was lent to us by Anna", "memory_id": "tent"},
        {"content": "Quince marmalade delights Anna", "memory_id": "jam"},
        {"content": "Anna also rowed across the lake with Tom", "memory_id": "tom"},
        {"content": "Everything else belongs to Tom", "memory_id": "else"},
    ]
    await memory.store_memories_batch(rows)
    return memory


async def ask(memory: MemoryManager, query: str, **options: Any) -> list[Memory]:
    return await memory.retrieve_memories(query, **{"min_relevance": 0.0, **options})


async def ids(memory: MemoryManager, query: str, **options: Any) -> list[str]:
    return [found.memory_id for found in await ask(memory, query, **options)]


def service(memory: MemoryManager, constants: RankingConstants) -> RetrievalService:
    """Retrieval in the same memory with other constants."""
    shared = memory.services
    return RetrievalService(shared.resources, shared.access, RecentRecalls(shared.resources.clock), constants)


QUESTION = "who lent the green tent"


async def test_only_the_graph_brings_what_shares_no_word(linked: MemoryManager) -> None:
    for mode in ("vector", "text", "hybrid"):
        assert "jam" not in await ids(linked, QUESTION, limit=3, mode=mode), mode
    found = await ask(linked, QUESTION, limit=3, explain=True)
    assert found[0].memory_id == "tent"
    [jam] = [item for item in found if item.memory_id == "jam"]
    assert jam.explanation is not None
    assert "graph" in jam.explanation.sources
    path = jam.explanation.paths[0]
    assert (path.seed_id, path.via, path.entity_key, path.depth) == ("tent", "Anna", "anna", 1)


async def test_depth(linked: MemoryManager) -> None:
    one_seed = service(linked, replace(RANKING, seeds=1))

    async def reached(depth: int) -> set[str]:
        found = await one_seed.answer(
            Query(namespace="default", text=QUESTION, limit=60, max_depth=depth, explain=True)
        )
        return {m.memory_id for m in found if m.explanation is not None and m.explanation.paths}

    assert await ids(linked, QUESTION, max_depth=0) == await ids(linked, QUESTION, mode="hybrid")
    assert await reached(0) == set()
    assert await reached(1) == {"jam", "tom"}
    assert await reached(2) == {"jam", "tom", "else"}


async def test_only_the_most_probable_of_a_walk_are_read(
    memory: MemoryManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anna links nine memories that hold no word of the question; another hundred keep them from being found."""
    await memory.store_memory("The green tent came from Anna", memory_id="tent")
    for i in range(9):
        await memory.store_memory(f"Anna likes jam number {i}", memory_id=f"jam{i}")
    await memory.store_memories_batch([{"content": f"tent {i} is green"} for i in range(100)])
    asked: list[Sequence[str]] = []
    store = memory.services.resources.store
    read = store.search.candidates

    async def spy(namespace: str, memory_ids: Sequence[str], vector: Any) -> Any:
        asked.append(memory_ids)
        return await read(namespace, memory_ids, vector)

    monkeypatch.setattr(store.search, "candidates", spy)
    for walked, limit, expected in ((50, 1, 9), (1, 1, 3), (1, 2, 6), (4, 1, 4)):
        few = service(memory, replace(RANKING, walked=walked, candidates=20))
        await few.answer(Query(namespace="default", text="which green tent came", limit=limit))
        assert len(asked[-1]) == expected
        assert {memory_id[:3] for memory_id in asked[-1]} == {"jam"}


async def test_parts_sum_to_the_relevance_and_factors_multiply_to_the_order(linked: MemoryManager) -> None:
    for mode in ("graph", "hybrid", "text", "vector"):
        found = await ask(linked, QUESTION, mode=mode, explain=True)
        assert found
        products = []
        for item in found:
            assert item.explanation is not None
            assert sum(item.explanation.parts.values()) == pytest.approx(item.relevance_score)
            products.append(math.prod(item.explanation.factors.values()))
        assert products == sorted(products, reverse=True)
        scores = [item.relevance_score for item in found]
        assert scores == sorted(scores, reverse=True)
        assert all(item.explanation is None for item in await ask(linked, QUESTION, mode=mode))
    assert set(found[0].explanation.parts) == {"vector"}


async def test_the_vector_alone_is_the_plain_similarity(linked: MemoryManager) -> None:
    embedder = WordEmbedder()
    query = embedder.embed([QUESTION])[0]
    for item in await ask(linked, QUESTION, mode="vector", limit=20):
        cosine = float(embedder.embed([item.content])[0] @ query)
        assert item.relevance_score == pytest.approx((1 + cosine) / 2, abs=2e-3)


async def test_relevance_is_plain_similarity_where_nothing_else_speaks(memory: MemoryManager) -> None:
    await memory.store_memory("quiet lakes", memory_id="lakes")
    [found] = await ask(memory, "loud mountains", explain=True)
    assert found.explanation is not None
    assert found.explanation.similarity is not None
    plain = (1 + found.explanation.similarity) / 2
    [alike] = await ask(memory, "loud mountains", mode="vector")
    assert alike.relevance_score == pytest.approx(plain)
    # So alike are any two texts, which stays below the default threshold.
    assert found.relevance_score == pytest.approx(RANKING.chance_left * plain)
    assert found.explanation.parts["chance"] < 0
    assert found.relevance_score < 0.5 < plain
    assert await memory.retrieve_memories("loud mountains") == []


async def test_what_is_linked_with_nothing_that_answers_is_left_out(linked: MemoryManager) -> None:
    """Every memory holds a word that all hold, and most are linked, and yet nothing answers."""
    question = "the opera singers of Vienna"
    everything = service(linked, replace(RANKING, chance_one=0.0, chance_growth=0.0))
    asked = Query(namespace="default", text=question, limit=10, min_relevance=0.4, explain=True)
    before, after = await everything.answer(asked), await service(linked, RANKING).answer(asked)
    assert len(before) > len(after) == 0
    order = [m.memory_id for m in await everything.answer(replace(asked, min_relevance=0.0))]
    assert [m.memory_id for m in await service(linked, RANKING).answer(replace(asked, min_relevance=0.0))] == order


@pytest.mark.parametrize("question", ["which plans did Maria discuss", "what happened last week"])
async def test_a_question_about_who_speaks_or_a_time_needs_less(tmp_path: Path, question: str) -> None:
    clock = Clock()
    rows = [
        {
            "content": f"{who}: I {what}",
            "metadata": {"speaker": who},
            "conversation_id": "talk",
            "type": "episodic",
            "timestamp": clock() - (7 + i) * DAY,
        }
        for i, (who, what) in enumerate([("Maria", "rowed across the lake"), ("Tom", "baked a plum cake")] * 3)
    ]
    async with open_memory(MemoryConfig(vector_store={"persist_directory": tmp_path}), clock) as memory:
        await memory.store_memories_batch(rows)
        asked = Query(namespace="default", text=question, limit=5, explain=True)
        level = replace(RANKING, chance_one=0.99, chance_most=0.99, chance_about=1.0)
        strict = await service(memory, level).answer(asked)
        mild = await service(memory, replace(level, chance_about=0.0)).answer(asked)
    assert strict[0].relevance_score < mild[0].relevance_score  # type: ignore[operator]
    assert strict[0].explanation is not None
    assert "chance" in strict[0].explanation.parts


async def test_a_filter_leaves_fewer_to_be_the_best_by_chance(linked: MemoryManager) -> None:
    """Among two memories a likeness is something that among all of them is nothing."""
    level = replace(RANKING, chance_one=0.0, chance_growth=0.2, chance_most=0.99)
    await linked.store_memory("Gold rings for Vienna", memory_id="rings", metadata={"speaker": "Ada"})
    question = Query(namespace="default", text="silver rings of some duchess", limit=1, explain=True)
    narrow = replace(question, where=MemoryFilter(metadata={"speaker": "Ada"}))
    [among_all], [among_few] = [await service(linked, level).answer(query) for query in (question, narrow)]
    assert among_all.memory_id == among_few.memory_id == "rings"
    assert among_all.relevance_score < 0.5 < among_few.relevance_score  # type: ignore[operator]


async def test_a_question_about_something_else_finds_nothing_at_a_high_threshold(linked: MemoryManager) -> None:
    for question in ("opera tickets for Vienna", "who painted the ceiling", "is Anna left-handed"):
        assert await ids(linked, question, min_relevance=0.8) == []
    assert await ids(linked, "The old green tent was lent to us by Anna", min_relevance=0.8, limit=1) == ["tent"]


async def test_a_question_about_somebody_never_mentioned_finds_nothing_at_a_high_threshold(
    linked: MemoryManager,
) -> None:
    for mode in ("graph", "hybrid", "text"):
        known = await ids(linked, "to whom was the old green tent lent by Anna", mode=mode, min_relevance=0.7)
        assert known[:1] == ["tent"]
        assert await ids(linked, "to whom was the old green tent lent by Vincent", mode=mode, min_relevance=0.7) == []
    [best] = await ask(linked, "to whom was the old green tent lent by Vincent", limit=1, explain=True)
    assert best.memory_id == "tent"
    assert best.explanation is not None
    assert best.explanation.parts["unknown"] < -0.05
    assert sum(best.explanation.parts.values()) == pytest.approx(best.relevance_score)


async def test_speakers_and_titles_are_known_without_being_in_the_text(memory: MemoryManager) -> None:
    await memory.store_memory("my kitchen was painted yellow", metadata={"speaker": "Maria"}, memory_id="said")
    await memory.store_memory("a kitchen of the old school", metadata={"title": "Berlin"}, memory_id="titled")
    for question in ("the yellow kitchen of Maria", "the old kitchen of Berlin"):
        [best, *_] = await ask(memory, question, explain=True)
        assert best.explanation is not None
        assert "unknown" not in best.explanation.parts
    [best, *_] = await ask(memory, "the yellow kitchen of Vincent", explain=True)
    assert best.explanation is not None
    assert "unknown" in best.explanation.parts


async def test_the_named_speaker_comes_first(memory: MemoryManager) -> None:
    rows = [("Maria", "We painted the kitchen yellow"), ("Tom", "We painted the kitchen blue, Maria, remember")]
    for speaker, text in rows:
        await memory.store_memory(f"{speaker}: {text}", metadata={"speaker": speaker}, memory_id=speaker)
    assert await ids(memory, "what did Maria say about the painted kitchen") == ["Maria", "Tom"]
    assert await ids(memory, "what did Tom say about the painted kitchen") == ["Tom", "Maria"]


async def test_a_question_in_the_first_person_means_the_user(memory: MemoryManager) -> None:
    for speaker in ("user", "assistant"):
        await memory.store_memory(
            f"{speaker}: the budget for the garden is large", metadata={"speaker": speaker}, memory_id=speaker
        )
    assert await ids(memory, "what is my budget for the garden", diverse=False) == ["user", "assistant"]


async def test_informative_turns_come_before_chatter(memory: MemoryManager) -> None:
    turns = {
        "asks": "The pottery class?",
        "tells": "The pottery class is run by a retired potter whose pottery comes out of a wood kiln",
    }
    for memory_id, text in turns.items():
        await memory.store_memory(f"Maria: {text}", metadata={"speaker": "Maria"}, memory_id=memory_id)
    for i in range(20):
        await memory.store_memory(f"Maria: another evening at home, the {i}th", metadata={"speaker": "Maria"})
    assert (await ids(memory, "pottery class"))[:2] == ["tells", "asks"]
    assert (await ids(memory, "pottery class", mode="hybrid"))[:2] == ["asks", "tells"]


async def test_times_in_a_question_prefer_memories_of_that_time(memory: MemoryManager, clock: Clock) -> None:
    for memory_id, age in (("recent", 0.2), ("week", 7.0), ("month", 31.0)):
        await memory.store_memory(
            "Lunch at the harbour place", "episodic", memory_id=memory_id, timestamp=clock.now - age * DAY
        )
    assert set(await ids(memory, "lunch at the harbour place", diverse=False)) == {"recent", "week", "month"}
    assert (await ids(memory, "lunch at the harbour place last week", diverse=False))[0] == "week"
    assert (await ids(memory, "lunch at the harbour place last month", diverse=False))[0] == "month"
    later = clock.now + 7 * DAY
    found = await ids(memory, "lunch at the harbour place last week", diverse=False, as_of=later)
    assert found[0] == "recent"
    assert len(found) == 3


async def test_strength_decides_between_equals_only(memory: MemoryManager) -> None:
    for memory_id, importance in (("a weak", 0.1), ("b strong", 0.9)):
        await memory.store_memory("Tea with lemon", "episodic", memory_id=memory_id, importance_score=importance)
    await memory.store_memory("Coffee with oat milk", memory_id="coffee", importance_score=0.0)
    assert await ids(memory, "tea with lemon", diverse=False, limit=2) == ["b strong", "a weak"]
    assert (await ids(memory, "coffee with oat milk"))[0] == "coffee"
    assert (await ids(memory, "tea with lemon", diverse=False, mode="hybrid"))[0] == "a weak"


async def test_an_old_exact_answer_does_not_vanish(memory: MemoryManager, clock: Clock) -> None:
    await memory.store_memory(
        "The safe code is behind the blue tile", memory_id="old", importance_score=0.05,
        timestamp=clock.now - 4000 * DAY,
    )  # fmt: skip
    clock.advance(2000 * DAY)
    for i in range(30):
        await memory.store_memory(f"The new code review number {i} is done", importance_score=1.0)
    found = await ask(memory, "where is the safe code")
    assert found[0].memory_id == "old"
    # As strong as it was found: the recall that makes it strong again comes after.
    before = found[0].model_copy(update={"access_count": 0, "last_accessed": None})
    assert found[0].decay_factor == pytest.approx(decay_factors_of([before], now=clock.now, rate=0.01)[0])
    assert found[0].decay_factor < 0.2


async def test_near_duplicates_do_not_fill_the_list(memory: MemoryManager) -> None:
    for i in range(30):
        await memory.store_memory("Good morning to everybody!", "episodic", memory_id=f"greeting {i:02}")
    await memory.store_memory("Every morning Maria swims", memory_id="swims")
    assert await ids(memory, "good morning", limit=5) == ["greeting 00", "swims"]
    assert len(await ids(memory, "good morning", limit=5, diverse=False)) == 5


async def test_filters_hold_for_what_the_graph_finds(linked: MemoryManager) -> None:
    await linked.store_memory("Breakfast again with Anna", "preference", memory_id="liked")
    assert set(await ids(linked, QUESTION, memory_types=["preference"])) == {"liked"}
    await linked.store_memory("Anna in a talk", conversation_id="c", memory_id="talk")
    assert await ids(linked, QUESTION, conversation_id="c") == ["talk"]


async def test_a_small_limit_changes_no_relevance(linked: MemoryManager) -> None:
    many = await ask(linked, QUESTION, limit=10)
    [one] = await ask(linked, QUESTION, limit=1)
    assert (one.memory_id, one.relevance_score) == (many[0].memory_id, many[0].relevance_score)


async def test_hubs_neither_flood_nor_slow_a_query(memory: MemoryManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything mentions Rome; what is linked over Anna is found all the same, and the walk stays small."""
    for start in range(0, 10_000, 1000):
        await memory.store_memories_batch(
            [{"content": f"Notice {i} from Rome", "memory_id": f"n{i:05}"} for i in range(start, start + 1000)]
        )
    await memory.store_memory("A green tent in Rome came from Anna", memory_id="tent")
    await memory.store_memory("Jam in Rome makes Anna happy", memory_id="jam")

    seen: list[Neighbourhood] = []
    store = memory.services.resources.store
    walked = store.graph.neighbourhood

    async def spy(*given: Any, **options: Any) -> Neighbourhood:
        seen.append(await walked(*given, **options))
        return seen[-1]

    monkeypatch.setattr(store.graph, "neighbourhood", spy)
    found = await ask(memory, "which green tent came to Rome", limit=3, explain=True)
    assert [m.memory_id for m in found[:2]] == ["tent", "jam"]
    assert "rome" not in seen[0].entities
    assert len(seen[0].depths) < 100
    assert all(path.via != "Rome" for m in found if m.explanation for path in m.explanation.paths)


async def test_without_vectors_text_and_graph_remain(tmp_path: Path) -> None:
    config = MemoryConfig(enable_semantic_search=False, vector_store={"persist_directory": tmp_path})
    async with open_memory(config) as memory:
        await memory.store_memory("The green tent came from Anna", memory_id="tent")
        await memory.store_memory("Jam makes Anna happy", memory_id="jam")
        await memory.store_memory("Rain all day", memory_id="rain")
        found = await ask(memory, "green tent", explain=True)
        assert [m.memory_id for m in found] == ["tent", "jam"]
        assert found[0].relevance_score == pytest.approx(1.0, abs=0.05)
        assert found[0].explanation is not None
        assert found[0].explanation.similarity is None
        assert await ids(memory, "green tent", mode="hybrid") == ["tent"]
        related = await memory.retrieve_contextual_memories("none")
        assert related == []
        with pytest.raises(ValidationError, match="mode"):
            await ask(memory, "green tent", mode="vector")


async def test_several_queries_explain_their_joint_score(linked: MemoryManager) -> None:
    for method in ("weighted_average", "max", "reciprocal_rank"):
        found = await linked.retrieve_memories_multi_query(
            [QUESTION, "who rowed across the lake"], method, min_relevance=0.0, explain=True
        )
        assert {"tent", "tom"} <= {m.memory_id for m in found[:4]}
        for item in found:
            assert item.explanation is not None
            assert sum(item.explanation.parts.values()) == pytest.approx(item.relevance_score)


async def test_several_queries_leave_out_near_duplicates(memory: MemoryManager) -> None:
    for i in range(3):
        await memory.store_memory("Good morning to everybody!", "episodic", memory_id=str(i))
    queries = ["good morning", "hello everybody"]
    assert len(await memory.retrieve_memories_multi_query(queries, min_relevance=0.0)) == 1
    assert len(await memory.retrieve_memories_multi_query(queries, min_relevance=0.0, diverse=False)) == 3


async def test_context_is_ranked_and_rated(linked: MemoryManager) -> None:
    await linked.store_memory("Anna borrowed the ladder", conversation_id="c", memory_id="ladder")
    found = await linked.retrieve_contextual_memories("c", max_depth=1, explain=True)
    assert found[0].memory_id == "ladder"
    assert {"tent", "jam"} <= {m.memory_id for m in found}
    scores = [m.relevance_score for m in found]
    assert scores == sorted(scores, reverse=True)
    for item in found:
        assert item.explanation is not None
        assert sum(item.explanation.parts.values()) == pytest.approx(item.relevance_score)
    assert np.all([m.explanation.paths for m in found[1:] if m.explanation])


async def test_context_starts_at_the_latest_memories(memory: MemoryManager) -> None:
    for i in range(25):
        await memory.store_memory(f"turn {i} of the talk", conversation_id="c", memory_id=f"{i:02}", timestamp=float(i))
    found = await memory.retrieve_contextual_memories("c", include_related=False, limit=20)
    assert {m.memory_id for m in found} == {f"{i:02}" for i in range(15, 25)}


class HalfDeaf(WordEmbedder):
    """Finds everything in Russian alike, and knows it."""

    share = 0.0

    def known_share(self, text: str) -> float:
        return 1.0 if text.isascii() else self.share

    def _row(self, text: str) -> Any:
        return super()._row(text if text.isascii() else "alike")


async def test_vectors_count_as_far_as_the_model_knows_the_language(tmp_path: Path) -> None:
    embedder = HalfDeaf()
    rows = [{"content": f"Наш сосед номер {i} опять купил собаку", "memory_id": f"n{i}"} for i in range(9)]
    rows += [{"content": "Сестра живёт в Казани", "memory_id": "sister"}, {"content": "The sister", "memory_id": "en"}]
    config = MemoryConfig(vector_store={"persist_directory": tmp_path}, cache_size=0)
    async with MemoryManager(config, embedder=embedder, extractor=NameExtractor()) as memory:
        await memory.store_memories_batch(rows)
        [first, *others] = await ask(memory, "где живут сёстры?")
        assert first.memory_id == "sister"
        assert first.relevance_score == pytest.approx(0.75, abs=0.02), "it holds a form of one of both words"
        assert max(one.relevance_score for one in others) <= 0.5
        assert (await ids(memory, "where is the sister"))[0] == "en"
        embedder.share = 1.0
        trusted = {one.memory_id: one.relevance_score for one in await ask(memory, "где живут сёстры?")}
        assert trusted["n0"] > 0.9


async def test_a_time_in_another_language_is_a_time(tmp_path: Path) -> None:
    clock = Clock(1_715_774_400.0)  # Wednesday, 15 May 2024
    rows = [
        {"content": f"Wir waren im Kino Nummer {i}", "memory_id": f"d{i}", "timestamp": clock() - i * DAY}
        for i in range(1, 12)
    ]
    config = MemoryConfig(vector_store={"persist_directory": tmp_path})
    async with open_memory(config, clock) as memory:
        await memory.store_memories_batch(rows)
        found = await ask(memory, "In welchem Kino waren wir letzte Woche?", explain=True)
        most = RANKING.time_factor
        lifted = {one.memory_id for one in found if one.explanation and one.explanation.factors["time"] == most}
        assert lifted == {f"d{i}" for i in range(3, 10)}


async def test_a_question_starts_from_all_documents_that_it_names(tmp_path: Path) -> None:
    """However much better one of them matches, the other is before what the first one leads to."""
    films = {
        "Charlie Ray in Oslo": "A film by Lucy Berg in which Charlie Ray sees Oslo.",
        "Lianna (film)": "A drama by Tom Sayer.",
        "Lucy Berg": "Lucy Berg, born in 1950, makes pictures.",
        "Tom Sayer": "Tom Sayer, born in 1948, makes pictures.",
    }
    rivals = [f"Charlie Ray in town {i} is a film about Charlie Ray, whose director was born later." for i in range(40)]
    rows = [
        {"content": f"{name}. {text}", "memory_id": name, "metadata": {"title": name}} for name, text in films.items()
    ]
    rows += [{"content": text, "memory_id": f"rival {i}"} for i, text in enumerate(rivals)]
    async with open_memory(MemoryConfig(vector_store={"persist_directory": tmp_path}), Clock()) as memory:
        await memory.store_memories_batch(rows)
        found = await ask(memory, "Which film has the director born later, Charlie Ray in Oslo or Lianna?", limit=4)
        assert [one.memory_id for one in found] == list(films)
