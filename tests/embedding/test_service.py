from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from coda_graphmem.cache import Cache
from coda_graphmem.embedding.embedder import Embedder
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingError
from tests.fakes import WordEmbedder


class Recording(WordEmbedder):
    """Notes which texts it gets and in which thread, and waits for a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[list[str]] = []
        self.threads: set[int] = set()
        self.loads = 0
        self.gate = threading.Event()
        self.gate.set()

    def load(self) -> None:
        self.loads += 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.batches.append(list(texts))
        self.threads.add(threading.get_ident())
        assert self.gate.wait(10)
        return super().embed(texts)


class Broken(WordEmbedder):
    """Gives back what it is told to."""

    def __init__(self, answer: Callable[[int], object]) -> None:
        super().__init__(dimension=3)
        self.answer = answer

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.answer(len(texts))  # type: ignore[return-value]


@pytest.fixture
def embedder() -> Recording:
    return Recording()


@pytest.fixture
async def service(embedder: Recording) -> AsyncIterator[EmbeddingService]:
    service = EmbeddingService(embedder, batch_size=2, cache=Cache(2))
    yield service
    embedder.gate.set()
    service.close()


async def test_what_it_says_about_its_model(service: EmbeddingService, embedder: Recording) -> None:
    assert service.enabled
    assert service.model == "words"
    assert await service.dimension() == 48
    await service.warm_up()
    assert embedder.loads == 1


async def test_query_and_documents_have_the_same_unit_vectors(service: EmbeddingService) -> None:
    query = await service.embed_query("a cat")
    [document] = await service.embed_documents(["a cat"])
    assert query is not None
    assert document is not None
    np.testing.assert_array_equal(query, document)
    assert query.shape == (48,)
    assert np.linalg.norm(query) == pytest.approx(1)


async def test_documents_come_in_batches_off_the_event_loop(service: EmbeddingService, embedder: Recording) -> None:
    vectors = await service.embed_documents([f"text {n}" for n in range(5)])
    assert len(vectors) == 5
    assert [len(batch) for batch in embedder.batches] == [2, 2, 1]
    assert threading.get_ident() not in embedder.threads
    assert await service.embed_documents([]) == []


async def test_queries_are_remembered_least_recently_used_going_first(
    service: EmbeddingService, embedder: Recording
) -> None:
    for text in ("a", "b", "a", "c", "a", "b"):
        await service.embed_query(text)
    assert embedder.batches == [["a"], ["b"], ["c"], ["b"]]


async def test_cache_size_zero_remembers_nothing() -> None:
    embedder = Recording()
    service = EmbeddingService(embedder, batch_size=2, cache=Cache(0))
    await service.embed_query("a")
    await service.embed_query("a")
    assert embedder.batches == [["a"], ["a"]]
    service.close()


async def test_remembered_vectors_cannot_be_changed(service: EmbeddingService) -> None:
    vector = await service.embed_query("a")
    assert vector is not None
    with pytest.raises(ValueError, match="read-only"):
        vector[0] = 1


async def test_the_same_query_at_once_is_computed_once(service: EmbeddingService, embedder: Recording) -> None:
    embedder.gate.clear()
    tasks = [asyncio.create_task(service.embed_query("same")) for _ in range(10)]
    await asyncio.sleep(0.01)
    tasks[0].cancel()  # the others still want it
    embedder.gate.set()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, asyncio.CancelledError)
    assert all(isinstance(vector, np.ndarray) for vector in others)
    assert embedder.batches == [["same"]]


async def test_a_query_does_not_wait_for_documents() -> None:
    slow = Recording()

    class Slow(WordEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return slow.embed(texts) if len(texts) > 1 else super().embed(texts)

    service = EmbeddingService(Slow(), batch_size=10, cache=Cache(0))
    slow.gate.clear()
    documents = asyncio.create_task(service.embed_documents(["a", "b"]))
    await asyncio.wait_for(service.embed_query("c"), 5)
    assert not documents.done()
    slow.gate.set()
    assert len(await documents) == 2
    service.close()


async def test_switched_off() -> None:
    service = EmbeddingService(None, batch_size=2, cache=Cache(2))
    assert not service.enabled
    await service.warm_up()
    assert await service.embed_query("a") is None
    assert await service.embed_documents(["a", "b"]) == [None, None]
    with pytest.raises(EmbeddingError) as caught:
        _ = service.model
    assert caught.value.field == "enable_semantic_search"
    with pytest.raises(EmbeddingError):
        await service.dimension()
    service.close()


def fail(count: int) -> object:
    raise RuntimeError("content of a memory")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda count: np.ones((count, 4)), "shape"),
        (lambda count: np.ones((count + 1, 3)), "shape"),
        (lambda count: np.ones(3), "shape"),
        (lambda count: np.full((count, 3), np.nan), "not finite"),
        (lambda count: np.full((count, 3), np.inf), "not finite"),
        (lambda count: np.zeros((count, 3)), "length zero"),
        (lambda count: None, "TypeError|shape"),
        (fail, "RuntimeError"),
    ],
)
async def test_a_broken_embedder_is_an_embedding_error(answer: Callable[[int], object], message: str) -> None:
    service = EmbeddingService(Broken(answer), batch_size=2, cache=Cache(2))
    for call in (service.embed_query("text"), service.embed_documents(["text"])):
        with pytest.raises(EmbeddingError, match=message) as caught:
            await call
        assert caught.value.field == "embedding_model"
        assert caught.value.remedy
        assert "content of a memory" not in str(caught.value)
    service.close()


async def test_a_failed_query_is_tried_again() -> None:
    broken = Broken(fail)
    service = EmbeddingService(broken, batch_size=1, cache=Cache(1))
    with pytest.raises(EmbeddingError):
        await service.embed_query("text")
    broken.answer = lambda count: np.ones((count, 3))
    assert await service.embed_query("text") is not None
    service.close()


async def test_vectors_of_another_length_are_brought_to_one() -> None:
    service = EmbeddingService(Broken(lambda count: np.full((count, 3), 5.0)), batch_size=1, cache=Cache(1))
    vector = await service.embed_query("text")
    assert vector is not None
    assert np.linalg.norm(vector) == pytest.approx(1)
    service.close()


async def test_a_model_that_does_not_load() -> None:
    class Unloadable(WordEmbedder):
        def load(self) -> None:
            raise OSError("no such file")

    service = EmbeddingService(Unloadable(), batch_size=1, cache=Cache(1))
    with pytest.raises(EmbeddingError, match="OSError"):
        await service.warm_up()
    service.close()


async def test_closed_twice_and_used_after(service: EmbeddingService) -> None:
    service.close()
    service.close()
    with pytest.raises(EmbeddingError, match="closed"):
        await service.embed_query("text")
    with pytest.raises(EmbeddingError, match="closed"):
        await service.embed_documents(["text"])


def test_two_event_loops_share_one_service(embedder: Recording) -> None:
    service = EmbeddingService(embedder, batch_size=1, cache=Cache(1))
    first = asyncio.run(service.embed_query("text"))
    second = asyncio.run(service.embed_query("text"))
    assert first is second
    service.close()


def test_both_stand_ins_are_embedders() -> None:
    embedders: list[Embedder] = [WordEmbedder(), Recording()]
    assert all(embedder.dimension == 48 for embedder in embedders)


async def test_documents_of_similar_length_go_together_and_come_back_in_order(
    service: EmbeddingService, embedder: Recording
) -> None:
    texts = ["a long text about a cat", "cat", "another long text about a dog", "dog"]
    vectors = await service.embed_documents(texts)
    assert [list(batch) for batch in embedder.batches] == [["cat", "dog"], [texts[0], texts[2]]]
    alone = [(await service.embed_documents([text]))[0] for text in texts]
    assert all(np.array_equal(one, other) for one, other in zip(vectors, alone, strict=True))
