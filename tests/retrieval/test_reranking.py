"""A reranker of one's own: what it is asked, what its scores are worth, and what becomes of its mistakes."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from coda_graphmem import MemoryConfig, MemoryManager
from coda_graphmem.errors import MemoryRetrievalError
from coda_graphmem.models import Memory
from coda_graphmem.reranking import RerankingService
from coda_graphmem.retrieval.constants import RANKING
from coda_graphmem.retrieval.factors import reranker_factor
from tests.fakes import NameExtractor, WordEmbedder
from tests.retrieval.build import values


class Preferring:
    """Prefers texts that hold a word, by far, and notes what it is asked."""

    def __init__(self, word: str = "", answer: Callable[[int], Any] | None = None) -> None:
        self.word = word
        self.answer = answer
        self.loads = 0
        self.asked: list[tuple[str, list[str]]] = []
        self.threads: set[int] = set()

    def load(self) -> None:
        self.loads += 1

    def score(self, query: str, texts: Sequence[str]) -> Sequence[float]:
        self.asked.append((query, list(texts)))
        self.threads.add(threading.get_ident())
        if self.answer is not None:
            given: Sequence[float] = self.answer(len(texts))
            return given
        return [1000.0 if self.word in text else 0.0 for text in texts]


def manager(folder: Path, reranker: Preferring | None, **settings: Any) -> MemoryManager:
    config = MemoryConfig(vector_store={"persist_directory": folder}, **settings)
    return MemoryManager(config, embedder=WordEmbedder(), extractor=NameExtractor(), reranker=reranker)


async def ask(memory: MemoryManager, query: str, **options: Any) -> list[Memory]:
    return await memory.retrieve_memories(query, **{"min_relevance": 0.0, "explain": True, **options})


def factors(found: Sequence[Memory]) -> list[dict[str, float]]:
    return [one.explanation.factors for one in found if one.explanation is not None]


@pytest.mark.parametrize(("scale", "zero"), [(1.0, 0.0), (1e-12, 5e-12), (1e200, 0.0), (3.0, -7.0)])
def test_neither_scale_nor_zero_of_the_scores_matter(scale: float, zero: float) -> None:
    factor = reranker_factor(5, [4, 0, 2], scale * values(3.0, 2.0, 1.0) + zero, RANKING)
    step = math.exp(RANKING.reranker_weight * math.sqrt(1.5))
    assert factor == pytest.approx([1.0, 1 / step, 1 / step, 1 / step, step], rel=1e-6)


@pytest.mark.parametrize("scores", [[0.1] * 7, [0.0] * 7, [-1e9] * 7])
def test_equal_scores_change_nothing(scores: list[float]) -> None:
    assert reranker_factor(9, range(7), np.array(scores), RANKING).tolist() == [1.0] * 9


def test_a_single_or_no_score_changes_nothing() -> None:
    assert reranker_factor(2, [1], values(5.0), RANKING).tolist() == [1.0, 1.0]
    assert reranker_factor(0, [], values(), RANKING).tolist() == []


async def test_its_scores_move_the_order_and_show(tmp_path: Path) -> None:
    rows = [{"content": f"The green tent number {i}", "memory_id": f"t{i:02}"} for i in range(60)]
    rows += [{"content": "A green kettle " + "x" * 3000, "memory_id": "kettle"}]
    reranker = Preferring("kettle")
    async with manager(tmp_path, None) as memory:
        await memory.store_memories_batch(rows)
        plain = await ask(memory, "green kettle", limit=20)
        assert all("reranker" not in given for given in factors(plain))
    async with manager(tmp_path, reranker) as memory:
        await memory.warm_up()
        assert reranker.loads >= 1
        for mode in ("graph", "hybrid"):
            reranker.asked.clear()
            found = await ask(memory, "green kettle", limit=20, mode=mode)
            [(query, texts)] = reranker.asked
            assert query == "green kettle"
            assert len(texts) == 60, "three times the limit"
            assert max(map(len, texts)) == RANKING.reranked_characters
            assert found[0].memory_id == "kettle"
            shown = factors(found)
            assert shown[0]["reranker"] > 1.0 > shown[1]["reranker"]
            products = [math.prod(given.values()) for given in shown]
            assert products == sorted(products, reverse=True)
            relevances = [one.relevance_score for one in found]
            assert relevances == sorted(relevances, reverse=True)
        reranker.word = "number 7"
        assert (await ask(memory, "green kettle"))[0].memory_id == "t07"
        assert len(reranker.asked[-1][1]) == RANKING.reranked
        assert (await ask(memory, "green kettle", max_depth=0))[0].memory_id == "t07"
        together = await memory.retrieve_memories_multi_query(["green kettle", "a tent"], min_relevance=0.0)
        assert together[0].memory_id == "t07"
        reranker.asked.clear()
        for mode in ("vector", "text"):
            assert (await ask(memory, "kettle", mode=mode))[0].memory_id == "kettle", "one measure alone"
        assert await memory.for_namespace("empty").retrieve_memories("green") == []
        assert reranker.asked == []
        assert threading.get_ident() not in reranker.threads


async def test_what_is_over_gives_way_whatever_it_scores(tmp_path: Path) -> None:
    async with manager(tmp_path, Preferring("Berlin")) as memory:
        await memory.store_memory("I live in Berlin.", memory_id="before", timestamp=1_700_000_000.0)
        await memory.store_memory("I moved to Lisbon.", memory_id="after", timestamp=1_740_000_000.0)
        await memory.supersede_memory("before", new_id="after")
        found = await ask(memory, "Where do I live?")
        assert [one.memory_id for one in found] == ["after", "before"]
        assert all("reranker" in given for given in factors(found))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda count: [1.0] * (count + 1), "shape"),
        (lambda count: [[1.0]] * count, "shape"),
        (lambda count: [math.nan] * count, "finite"),
        (lambda count: ["good"] * count, "numbers"),
        (lambda count: [1.0][count], "IndexError"),
    ],
)
async def test_what_is_no_score_is_an_error(answer: Callable[[int], Any], told: str) -> None:
    service = RerankingService(Preferring(answer=answer))
    with pytest.raises(MemoryRetrievalError, match=told) as caught:
        await service.score("secret question", ["secret text", "another"])
    assert caught.value.field == "reranker"
    assert caught.value.remedy
    assert "secret" not in str(caught.value)
    service.close()


async def test_closed_and_opened_again() -> None:
    reranker = Preferring("a")
    service = RerankingService(reranker)
    assert (await service.score("query", [])).shape == (0,)
    service.close()
    service.close()
    with pytest.raises(MemoryRetrievalError, match="closed"):
        await service.score("query", ["a"])
    service.open()
    assert (await service.score("query", ["a", "b"])).tolist() == [1000.0, 0.0]
    service.close()


async def test_without_a_reranker() -> None:
    service = RerankingService(None)
    await service.warm_up()
    assert not service.enabled
    with pytest.raises(MemoryRetrievalError, match="no reranker"):
        await service.score("query", ["text"])
    assert service.close()
