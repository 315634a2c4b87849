"""LangChain's interfaces over a memory. Its own standard tests are run by `make test-outside`."""

from __future__ import annotations

import asyncio
import math

import numpy as np
import pytest

from coda_graphmem import EmbeddingError, MemoryConfig, MemoryManager, MemoryType, SyncMemoryManager, ValidationError
from tests.conftest import open_memory
from tests.fakes import Clock, NameExtractor
from tests.integrations.frameworks import framework

framework("langchain_core", "langchain-core")

from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage

from coda_graphmem.integrations.langchain import (
    GraphMemoryByteStore,
    GraphMemoryChatHistory,
    GraphMemoryRetriever,
    GraphMemoryVectorStore,
    LangChainEmbedder,
)

TEXTS = ["Margit sings alto", "Tom keeps bees", "Nora rows on Sundays"]


# ---------------------------------------------------------------------- retriever


async def test_a_retriever_gives_as_many_as_it_is_asked_for(plain: MemoryManager) -> None:
    await plain.store_memories_batch([{"content": text} for text in [*TEXTS, "Margit sings alto!"]])
    retriever = GraphMemoryRetriever(memory=plain, k=3)
    assert len(await retriever.ainvoke("sings alto")) == 3
    assert len(await retriever.ainvoke("sings alto", k=1)) == 1
    found = await GraphMemoryRetriever(memory=plain).ainvoke("sings alto")  # near-duplicates count as well
    assert len(found) == 4


async def test_search_arguments_are_those_of_the_memory(plain: MemoryManager) -> None:
    await plain.store_memories_batch([{"content": text, "metadata": {"n": n}} for n, text in enumerate(TEXTS)])
    kept = await GraphMemoryRetriever(memory=plain, search_kwargs={"metadata": {"n": 1}}).ainvoke("sings")
    assert [one.page_content for one in kept] == ["Tom keeps bees"]
    assert await GraphMemoryRetriever(memory=plain).ainvoke("lathes and turnery", min_relevance=0.99) == []
    with pytest.raises(ValidationError):
        await GraphMemoryRetriever(memory=plain, search_kwargs={"mode": "by heart"}).ainvoke("sings")
    with pytest.raises(TypeError):
        await GraphMemoryRetriever(memory=plain).ainvoke("sings", no_such_argument=1)


async def test_a_document_says_what_is_known_of_a_memory(plain: MemoryManager) -> None:
    memory_id = await plain.store_memory(
        "Tom keeps bees", MemoryType.SEMANTIC, {"source": "letter"}, 0.7, conversation_id="c", timestamp=1_700_000_000
    )
    [document] = await GraphMemoryRetriever(memory=plain).ainvoke("bees")
    assert (document.id, document.page_content, document.metadata["source"]) == (memory_id, "Tom keeps bees", "letter")
    told = document.metadata["memory"]
    assert 0.5 < told.pop("relevance_score") <= 1
    assert told == {
        "memory_type": "semantic",
        "timestamp": 1_700_000_000,
        "importance_score": 0.7,
        "conversation_id": "c",
    }
    await plain.update_memory(memory_id, metadata={"memory": "mine"})
    [document] = await GraphMemoryRetriever(memory=plain).ainvoke("bees")
    assert document.metadata == {"memory": "mine"}


def test_a_retriever_works_without_a_loop(waiting: SyncMemoryManager) -> None:
    waiting.store_memory("Tom keeps bees")
    retriever = GraphMemoryRetriever(memory=waiting)
    assert [one.page_content for one in retriever.invoke("bees")] == ["Tom keeps bees"]
    assert [one.page_content for one in asyncio.run(retriever.ainvoke("bees"))] == ["Tom keeps bees"]


async def test_a_retriever_sees_its_namespace_alone(plain: MemoryManager) -> None:
    await plain.store_memory("Tom keeps bees")
    assert await GraphMemoryRetriever(memory=plain.for_namespace("other")).ainvoke("bees") == []


async def test_the_loop_of_an_asynchronous_memory_is_not_blocked(plain: MemoryManager) -> None:
    with pytest.raises(ValidationError, match="Await"):
        GraphMemoryRetriever(memory=plain).invoke("bees")


# ---------------------------------------------------------------------- vector store


def test_a_document_comes_back_as_it_was_given(waiting: SyncMemoryManager) -> None:
    store = GraphMemoryVectorStore(waiting)
    given = Document(page_content="Tom keeps bees", metadata={"n": 1, "tags": ["a", {"b": None}]}, id="x")
    before = given.model_copy(deep=True)
    assert store.add_documents([given]) == ["x"]
    assert given == before
    assert store.similarity_search("bees", k=1) == [before]
    assert store.get_by_ids(["x", "nothing"]) == [before]
    assert waiting.get_memory("x").memory_type is MemoryType.SEMANTIC


async def test_the_type_of_new_documents_is_chosen(plain: MemoryManager) -> None:
    await GraphMemoryVectorStore(plain, memory_type=MemoryType.PROCEDURAL).aadd_texts(["Bees are fed in autumn"])
    [memory] = await plain.list_memories()
    assert memory.memory_type is MemoryType.PROCEDURAL


async def test_the_same_id_overwrites_and_the_same_text_does_not(plain: MemoryManager) -> None:
    store = GraphMemoryVectorStore(plain)
    await store.aadd_texts(["old", "kept"], [{"v": 1}, {"v": 2}], ids=["a", "b"])
    await store.aadd_texts(["first", "new"], [{"v": 3}, {"v": 4}], ids=["a", "a"])
    [a, b] = await store.aget_by_ids(["a", "b"])
    assert (a.page_content, a.metadata, b.page_content) == ("new", {"v": 4}, "kept")
    [before, _] = await plain.get_history("a")
    assert before.content == "old"
    one, two = await store.aadd_texts(["twice", "twice"], [{"n": 1}, {"n": 2}])
    assert [found.metadata for found in await store.aget_by_ids([one, two])] == [{"n": 1}, {"n": 2}]


async def test_what_was_set_aside_is_found_again_once_it_is_given_again(config: MemoryConfig) -> None:
    async with open_memory(config.model_copy(update={"max_memories": 1})) as memory:
        store = GraphMemoryVectorStore(memory)
        await store.aadd_texts(["Tom keeps bees"], ids=["a"])
        await store.aadd_texts(["Margit sings alto"], ids=["b"])
        [archived] = await memory.list_memories(archived=True)
        await store.aadd_texts([archived.content], ids=[archived.memory_id])
        assert (await memory.get_memory(archived.memory_id)).archived_at is None


async def test_deleting(plain: MemoryManager) -> None:
    store = GraphMemoryVectorStore(plain)
    await store.aadd_texts(TEXTS, ids=["a", "b", "c"])
    assert await store.adelete(["a", "nothing"]) is True
    assert await plain.count() == 2
    with pytest.raises(ValidationError, match="everything=True") as error:
        await store.adelete()
    assert error.value.field == "ids"
    assert await plain.count() == 2


async def test_bad_arguments_are_refused_and_nothing_is_kept(plain: MemoryManager) -> None:
    store = GraphMemoryVectorStore(plain)
    await store.aadd_texts(["kept"], ids=["there"])
    for arguments, field in (
        ({"texts": ["a", ""]}, "texts[1]"),
        ({"texts": ["a", "", "b"], "ids": ["new", "there", "x"]}, "texts[1]"),
        ({"texts": ["a"], "ids": ["a\nb"]}, "ids[0]"),
        ({"texts": ["a"], "metadatas": [{}, {}]}, "metadatas"),
        ({"texts": ["a"], "ids": []}, "ids"),
        ({"texts": ["a"], "metadatas": [{"x": object()}]}, "metadatas[0]"),
        ({"texts": ["a"], "batch_size": 3}, "batch_size"),
    ):
        with pytest.raises(ValidationError) as error:
            await store.aadd_texts(**arguments)
        assert error.value.field == field
    assert [one.content for one in await plain.list_memories()] == ["kept"]
    with pytest.raises(ValidationError) as error:
        await store.adelete(["a"], soft=True)
    assert error.value.field == "soft"


async def test_searches_filter_and_score(plain: MemoryManager) -> None:
    store = GraphMemoryVectorStore(plain)
    await store.aadd_texts(TEXTS, [{"n": 0}, {"n": 1}, {"n": 2}])
    scored = await store.asimilarity_search_with_score("Tom keeps bees", k=3)
    assert [score for _, score in scored] == sorted((score for _, score in scored), reverse=True)
    assert scored[0][0].page_content == "Tom keeps bees"
    assert await store.asimilarity_search_with_relevance_scores("Tom keeps bees", k=3) == scored
    [kept] = await store.asimilarity_search_with_relevance_scores("Tom keeps bees", k=3, score_threshold=0.9)
    assert kept == scored[0]
    assert [one.metadata for one in await store.asimilarity_search("bees", filter={"n": 2})] == [{"n": 2}]
    with pytest.raises(NotImplementedError):
        store.similarity_search_by_vector([0.0])


async def test_marginal_relevance_prefers_what_differs(plain: MemoryManager) -> None:
    store = GraphMemoryVectorStore(plain)
    await store.aadd_texts(["Tom keeps bees", "Tom keeps bees too", "Tom rows"])
    query = "Tom keeps bees"
    assert len(await store.amax_marginal_relevance_search(query, k=2, fetch_k=1)) == 2
    near = await store.amax_marginal_relevance_search(query, k=2, lambda_mult=1)
    assert [one.page_content for one in near] == ["Tom keeps bees", "Tom keeps bees too"]
    far = await store.amax_marginal_relevance_search(query, k=2, lambda_mult=0.1)
    assert [one.page_content for one in far] == ["Tom keeps bees", "Tom rows"]
    assert len(await store.amax_marginal_relevance_search(query, k=3, fetch_k=3, filter={"n": 1})) == 0
    with pytest.raises(ValidationError) as error:
        await store.amax_marginal_relevance_search(query, lambda_mult=2)
    assert error.value.field == "lambda_mult"


def test_marginal_relevance_chooses_among_the_nearest(waiting: SyncMemoryManager) -> None:
    store = GraphMemoryVectorStore(waiting)
    store.add_texts(["Tom keeps bees", "Tom keeps bees too", "Nora rows"])
    found = store.max_marginal_relevance_search("Tom keeps bees", k=2, fetch_k=2, lambda_mult=0)
    assert {one.page_content for one in found} == {"Tom keeps bees", "Tom keeps bees too"}


async def test_made_from_texts(plain: MemoryManager) -> None:
    store = await GraphMemoryVectorStore.afrom_texts(
        TEXTS, None, [{"n": n} for n in range(3)], ids=["a", "b", "c"], memory=plain, memory_type=MemoryType.PROCEDURAL
    )
    assert (await store.aget_by_ids(["b"]))[0].metadata == {"n": 1}
    assert (await plain.get_memory("a")).memory_type is MemoryType.PROCEDURAL
    with pytest.raises(ValidationError) as error:
        await GraphMemoryVectorStore.afrom_texts(TEXTS, DeterministicFakeEmbedding(size=6), memory=plain)
    assert error.value.field == "embedding"
    with pytest.raises(ValidationError) as error:
        await GraphMemoryVectorStore.afrom_texts(TEXTS)
    assert error.value.field == "memory"


def test_made_from_documents_and_used_as_a_retriever(waiting: SyncMemoryManager) -> None:
    store = GraphMemoryVectorStore.from_documents([Document(text) for text in TEXTS], None, memory=waiting)
    for kind, options in (
        ("similarity", {"k": 1}),
        ("mmr", {"k": 1}),
        ("similarity_score_threshold", {"score_threshold": 0.9}),
    ):
        retriever = store.as_retriever(search_type=kind, search_kwargs=options)
        assert [one.page_content for one in retriever.invoke("Tom keeps bees")] == ["Tom keeps bees"]


# ---------------------------------------------------------------------- embedder


async def test_a_memory_embeds_with_a_model_of_langchain(config: MemoryConfig) -> None:
    embedder = LangChainEmbedder(DeterministicFakeEmbedding(size=6), model="fake-6")
    async with MemoryManager(config, embedder=embedder, extractor=NameExtractor()) as memory:
        memory_id = await memory.store_memory("Tom keeps bees")
        stored = await memory.get_memory(memory_id, with_embedding=True)
        assert math.isclose(np.linalg.norm(stored.embedding), 1.0, abs_tol=1e-3)
        assert len(stored.embedding) == embedder.dimension == 6
        [found] = await memory.retrieve_memories("Tom keeps bees", mode="vector")
        assert found.relevance_score == pytest.approx(1.0, abs=1e-3)
    other = LangChainEmbedder(DeterministicFakeEmbedding(size=7), model="fake-7")
    with pytest.raises(EmbeddingError):
        async with MemoryManager(config, embedder=other, extractor=NameExtractor()) as memory:
            await memory.store_memory("Nora rows")


class _Failing(Embeddings):
    def __init__(self, rows: list[list[float]] | None) -> None:
        self.rows = rows

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.rows is None:
            raise RuntimeError("no network")
        return self.rows

    def embed_query(self, text: str) -> list[float]:
        raise AssertionError


@pytest.mark.parametrize("rows", [None, [], [[0.0, 0.0]], [[math.nan, 1.0]]])
def test_a_model_that_fails_is_told(rows: list[list[float]] | None) -> None:
    with pytest.raises(EmbeddingError, match="_Failing"):
        LangChainEmbedder(_Failing(rows), model="m").load()


def test_the_arguments_of_an_embedder_are_checked() -> None:
    for values, field in (((object(), "m"), "embeddings"), ((DeterministicFakeEmbedding(size=2), " "), "model")):
        with pytest.raises(ValidationError) as error:
            LangChainEmbedder(values[0], model=values[1])  # type: ignore[arg-type]
        assert error.value.field == field


# ---------------------------------------------------------------------- chat history

MESSAGES: list[BaseMessage] = [
    SystemMessage("Be brief"),
    HumanMessage("I moved to Lisbon", id="1", additional_kwargs={"x": [1, None]}, name="Nora"),
    AIMessage(
        [{"type": "text", "text": "Lovely"}, {"type": "reasoning", "summary": []}],
        tool_calls=[{"name": "f", "args": {"a": "\x00"}, "id": "t", "type": "tool_call"}],
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    ),
    ToolMessage("42", tool_call_id="t", status="error"),
    ChatMessage(role="moderator", content="Please go on"),
]


async def test_messages_come_back_exactly(plain: MemoryManager) -> None:
    history = GraphMemoryChatHistory(plain, "s")
    await history.aadd_messages(MESSAGES[:2])
    await history.aadd_messages(MESSAGES[2:])
    assert await history.aget_messages() == MESSAGES
    assert await GraphMemoryChatHistory(plain, "t").aget_messages() == []
    kept = await plain.store_memory("Lisbon is sunny", conversation_id="s")
    await history.aclear()
    assert await history.aget_messages() == []
    assert await plain.get_memory(kept) is not None


async def test_what_was_said_is_found(plain: MemoryManager) -> None:
    await GraphMemoryChatHistory(plain, "s").aadd_messages(MESSAGES)
    [found, *_] = await plain.retrieve_memories("moved to Lisbon")
    assert (found.content, found.speaker, found.conversation_id) == ("I moved to Lisbon", "user", "s")
    speakers = {one.content: one.speaker for one in await plain.list_memories()}
    assert speakers["Lovely"] == "assistant"
    assert speakers["42"] == "tool"
    assert speakers["Please go on"] == "moderator"
    [document, *_] = await GraphMemoryRetriever(memory=plain).ainvoke("moved to Lisbon")
    assert document.metadata.keys() == {"speaker", "transcript", "memory"}  # not the message once more


def test_a_history_works_without_a_loop(waiting: SyncMemoryManager) -> None:
    history = GraphMemoryChatHistory(waiting, "s")
    history.add_user_message("hello")
    history.add_ai_message("hi")
    assert [one.content for one in history.messages] == ["hello", "hi"]
    assert str(history) == "Human: hello\nAI: hi"
    assert history.session_id == "s"
    history.clear()
    assert history.messages == []


# ---------------------------------------------------------------------- store of bytes


async def test_bytes_come_back_by_their_keys(plain: MemoryManager) -> None:
    store = GraphMemoryByteStore(plain)
    await store.amset([("b", b"\x00\xff"), ("a", b""), ("a/1", b"x"), ("b", b"last")])
    assert await store.amget(["b", "missing", "a", "b"]) == [b"last", None, b"", b"last"]
    assert [key async for key in store.ayield_keys(prefix="a")] == ["a", "a/1"]
    await store.amdelete(["a", "missing"])
    assert [key async for key in store.ayield_keys()] == ["a/1", "b"]
    assert await plain.count() == 0
    with pytest.raises(ValidationError, match="str is no bytes") as caught:
        await store.amset([("c", b"kept?"), ("d", "text")])  # type: ignore[list-item]
    assert caught.value.field == "value of 'd'"
    assert await store.amget(["c"]) == [None]


def test_stores_of_different_paths_know_nothing_of_one_another(waiting: SyncMemoryManager, clock: Clock) -> None:
    one = GraphMemoryByteStore(waiting, path=("x",), ttl=10)
    inner = GraphMemoryByteStore(waiting, path=("x", "y"))
    one.mset([("k", b"one")])
    inner.mset([("k", b"inner")])
    assert (one.mget(["k"]), inner.mget(["k"])) == ([b"one"], [b"inner"])
    assert list(one.yield_keys()) == ["k"]
    clock.advance(11)
    assert (one.mget(["k"]), list(one.yield_keys())) == ([None], [])
    inner.mdelete(["k"])
    assert inner.mget(["k"]) == [None]
    with pytest.raises(ValidationError, match="path"):
        GraphMemoryByteStore(waiting, path=())
