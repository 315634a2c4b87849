from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from coda_graphmem import MemoryConfig
from coda_graphmem.cache import Cache
from coda_graphmem.embedding.service import EmbeddingService
from coda_graphmem.errors import EmbeddingError, MemoryStorageError
from coda_graphmem.maintenance.reembed import reembed
from coda_graphmem.models import MemoryFilter, MemoryType
from coda_graphmem.store.embedded import EmbeddedStore
from coda_graphmem.store.protocol import MemoryChanges, MemoryStore, NewMemory, Vector
from coda_graphmem.store.protocol.items import PendingItem
from tests.fakes import WordEmbedder


class FourCalls:
    """The vectors of a store, in memory."""

    def __init__(self, contents: Sequence[str]) -> None:
        self.contents = {f"m{n}": content for n, content in enumerate(contents)}
        self.staged: dict[str, Vector] = {}
        self.model: str | None = None
        self.limits: list[int] = []
        self.arriving: dict[str, str] = {}
        """What somebody stores or changes once the first batch was embedded."""
        self.late: dict[str, str] = {}
        """What somebody stores after the last round."""

    async def pending_reembed(self, model: str, dimension: int, limit: int) -> list[tuple[str, str, str]]:
        self.limits.append(limit)
        missing = [key for key in self.contents if key not in self.staged]
        return [("space", key, self.contents[key]) for key in missing[:limit]]

    async def save_reembedded(self, rows: Sequence[tuple[str, str, str, Vector]]) -> dict[str, int]:
        for key, content in self.arriving.items():
            self.contents[key] = content
            self.staged.pop(key, None)
        self.arriving = {}
        kept = {key: vector for _, key, content, vector in rows if self.contents[key] == content}
        self.staged |= kept
        return {"space": len(kept)} if kept else {}

    async def reembed_progress(self) -> tuple[int, int]:
        return len(self.staged), len(self.contents)

    async def finish_reembed(self) -> None:
        self.contents |= self.late
        self.late = {}
        if len(self.staged) < len(self.contents):
            raise MemoryStorageError("memories have no vector of the new model yet.")
        self.model = "words"


class NoItems:
    """The items of a store that has none."""

    async def pending_items(self, model: str, limit: int) -> list[PendingItem]:
        return []


class Interrupted(WordEmbedder):
    """Fails after a number of batches."""

    def __init__(self, model: str, batches: int) -> None:
        super().__init__(model)
        self._left = batches

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self._left -= 1
        if self._left < 0:
            raise RuntimeError("power cut")
        return super().embed(texts)


@pytest.fixture
async def embedding() -> AsyncIterator[EmbeddingService]:
    service = EmbeddingService(WordEmbedder(), batch_size=100, cache=Cache(0))
    yield service
    service.close()


class NoNamespaces:
    async def namespaces(self) -> list[str]:
        return []


def as_store(vectors: FourCalls) -> MemoryStore:
    """A store with these vectors, no items, and no namespace that passages could be of."""
    return cast("MemoryStore", SimpleNamespace(vectors=vectors, items=NoItems(), records=NoNamespaces()))


async def test_every_memory_gets_the_vector_of_its_content(embedding: EmbeddingService) -> None:
    store = FourCalls([f"text number {n}" for n in range(7)])
    seen: list[tuple[int, int]] = []
    result = await reembed(
        as_store(store), embedding, batch_size=3, progress=lambda done, all_: seen.append((done, all_))
    )
    assert seen == [(0, 7), (3, 7), (6, 7), (7, 7)]
    assert set(store.limits) == {3}
    assert store.model == "words"
    assert (result.embedded, result.resumed, result.model, result.dimension) == (7, 0, "words", 48)
    assert result.seconds > 0
    for key, content in store.contents.items():
        [expected] = await embedding.embed_documents([content])
        np.testing.assert_array_equal(store.staged[key], cast("Vector", expected))


async def test_an_empty_store(embedding: EmbeddingService) -> None:
    store = FourCalls([])
    result = await reembed(as_store(store), embedding, batch_size=3)
    assert (result.embedded, result.resumed) == (0, 0)
    assert store.model == "words"


async def test_an_interrupted_call_is_continued() -> None:
    store = FourCalls([f"text number {n}" for n in range(7)])
    failing = EmbeddingService(Interrupted("words", 2), batch_size=100, cache=Cache(0))
    with pytest.raises(EmbeddingError):
        await reembed(as_store(store), failing, batch_size=3)
    failing.close()
    assert store.model is None
    assert len(store.staged) == 6
    service = EmbeddingService(WordEmbedder(), batch_size=100, cache=Cache(0))
    result = await reembed(as_store(store), service, batch_size=3)
    service.close()
    assert (result.embedded, result.resumed) == (1, 6)
    assert store.model == "words"


async def test_what_changes_or_arrives_meanwhile_is_embedded_again(embedding: EmbeddingService) -> None:
    store = FourCalls(["one", "two", "three"])
    store.arriving = {"m0": "changed", "m9": "arrived"}
    store.late = {"m10": "arrived last"}
    result = await reembed(as_store(store), embedding, batch_size=2)
    assert result.embedded == 5
    for key in ("m0", "m9", "m10"):
        [expected] = await embedding.embed_documents([store.contents[key]])
        np.testing.assert_array_equal(store.staged[key], cast("Vector", expected))


async def test_a_store_that_cannot_finish_says_why(embedding: EmbeddingService) -> None:
    class Full(FourCalls):
        async def finish_reembed(self) -> None:
            raise MemoryStorageError("the disk is full.")

    with pytest.raises(MemoryStorageError, match="disk is full"):
        await reembed(as_store(Full(["one"])), embedding, batch_size=2)


async def test_without_a_model_nothing_starts() -> None:
    store = FourCalls(["one"])
    service = EmbeddingService(None, batch_size=1, cache=Cache(0))
    with pytest.raises(EmbeddingError) as caught:
        await reembed(as_store(store), service, batch_size=2)
    assert caught.value.field == "enable_semantic_search"
    assert store.limits == []
    service.close()


# ---------------------------------------------------------------------- on the embedded store


def row(number: int, vector: Vector | None) -> NewMemory:
    return NewMemory(
        memory_id=f"m{number}",
        content=f"text number {number}",
        memory_type=MemoryType.EPISODIC,
        timestamp=float(number),
        importance_score=0.5,
        created_at=float(number),
        embedding=vector,
    )


async def filled(config: MemoryConfig, count: int) -> EmbeddedStore:
    """A store with vectors of the model ``words``, in two namespaces."""
    store = EmbeddedStore(config)
    await store.open()
    service = EmbeddingService(WordEmbedder(), batch_size=100, cache=Cache(0))
    await store.vectors.bind_model(service.model, await service.dimension())
    vectors = await service.embed_documents([f"text number {n}" for n in range(count)])
    for namespace in ("alice", "bob"):
        await store.records.insert(namespace, [row(n, vectors[n]) for n in range(count)], reinforcement=0.1)
    service.close()
    return store


async def vectors_of(store: EmbeddedStore, namespace: str) -> dict[str, list[float] | None]:
    found = await store.records.find(
        namespace, MemoryFilter(archived=None, lifetime="any"), now=1e9, with_embedding=True
    )
    return {memory.content: memory.embedding for memory in found}


async def test_the_embedded_store_changes_its_model_even_when_interrupted(config: MemoryConfig) -> None:
    store = await filled(config, 5)
    old = await vectors_of(store, "alice")
    failing = EmbeddingService(Interrupted("other", 2), batch_size=100, cache=Cache(0))
    with pytest.raises(EmbeddingError):
        await reembed(store, failing, batch_size=3)
    failing.close()
    assert (await store.info()).embedding_model == "words"
    assert await vectors_of(store, "alice") == old
    await store.close()

    store = EmbeddedStore(config)
    await store.open()
    await store.records.update(
        "alice", "m0", MemoryChanges(content="changed", embedding=np.eye(48, dtype=np.float32)[0])
    )
    service = EmbeddingService(WordEmbedder("other"), batch_size=100, cache=Cache(0))
    result = await reembed(store, service, batch_size=3)
    assert (result.resumed, result.embedded, result.model) == (5, 5, "other")
    info = await store.info()
    assert (info.embedding_model, info.dimension) == ("other", 48)
    for namespace in ("alice", "bob"):
        for content, vector in (await vectors_of(store, namespace)).items():
            [expected] = await service.embed_documents([content])
            np.testing.assert_allclose(np.asarray(vector), cast("Any", expected), atol=1e-3)
    assert "changed" in await vectors_of(store, "alice")
    service.close()
    await store.close()


async def test_the_embedded_store_changes_its_dimension(config: MemoryConfig) -> None:
    store = await filled(config, 3)
    service = EmbeddingService(WordEmbedder("small", dimension=8), batch_size=100, cache=Cache(0))
    result = await reembed(store, service, batch_size=100)
    assert (result.embedded, result.dimension) == (6, 8)
    query = await service.embed_query("text number 1")
    [nearest] = await store.search.search_vector("bob", cast("Vector", query), 1, MemoryFilter())
    assert nearest.memory_id == "m1"
    service.close()
    await store.close()
