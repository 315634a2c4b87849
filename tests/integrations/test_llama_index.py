"""LlamaIndex's interfaces over a memory."""

from __future__ import annotations

import asyncio
import copy
import gc
import warnings
from collections.abc import Iterator

import pytest

from coda_graphmem import MemoryManager, MemoryType, SyncMemoryManager, ValidationError
from coda_graphmem.integrations.recalled import HEADING
from tests.integrations.frameworks import framework

framework("llama_index.core", "llama-index-core")

from llama_index.core.base.llms.types import ChatMessage, ImageBlock, MessageRole, TextBlock
from llama_index.core.callbacks import CallbackManager
from llama_index.core.llms import MockLLM
from llama_index.core.memory import Memory
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode

from coda_graphmem.integrations.llama_index import GraphMemoryBlock, GraphMemoryRetriever


@pytest.fixture(autouse=True)
def _connections_left_open() -> Iterator[None]:
    """LlamaIndex's memory keeps its chat history in a database whose connection nobody can close."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


TEXTS = ["Margit sings alto", "Tom keeps bees", "Nora rows on Sundays"]


def user(text: str) -> ChatMessage:
    return ChatMessage(role="user", content=text)


# ---------------------------------------------------------------------- block


async def test_what_user_and_assistant_say_is_remembered(plain: MemoryManager) -> None:
    block = GraphMemoryBlock(memory=plain)
    messages = [
        user("Margit sings alto"),
        ChatMessage(role="assistant", blocks=[TextBlock(text="I see"), ImageBlock(image=b"x")]),
        ChatMessage(role="tool", content="42"),
        ChatMessage(role="system", content="Be brief"),
        ChatMessage(role="assistant", content=None),
        user("NUL \x00"),
    ]
    before = copy.deepcopy(messages)
    await block.aput(messages, session_id="s")
    assert messages == before
    kept = await plain.list_memories(order="oldest", conversation_id="s")
    assert [(one.content, one.speaker, one.memory_type) for one in kept] == [
        ("Margit sings alto", "user", MemoryType.EPISODIC),
        ("I see", "assistant", MemoryType.EPISODIC),
        ("NUL \N{REPLACEMENT CHARACTER}", "user", MemoryType.EPISODIC),
    ]
    await block._aput([user("no session")])
    assert await plain.count() == 4


async def test_what_leaves_the_chat_history_may_be_refused(plain: MemoryManager) -> None:
    block = GraphMemoryBlock(memory=plain, accept_short_term_memory=False)
    await block.aput([user("one")], from_short_term_memory=True)
    assert await plain.count() == 0
    await block.aput([user("one")])
    assert await plain.count() == 1


async def test_what_is_relevant_comes_back(plain: MemoryManager) -> None:
    await plain.store_memories_batch([{"content": text, "conversation_id": f"c{n}"} for n, text in enumerate(TEXTS)])

    async def lines(*said: str, session_id: str | None = None, **options: object) -> list[str]:
        block = GraphMemoryBlock(memory=plain, **options)
        text = await block.aget([user(one) for one in said], session_id=session_id, other=1)
        return [line.partition(": ")[2].strip('"') for line in text.splitlines()[1:]]

    assert await lines("who sings alto?") == ["Margit sings alto"]
    assert await lines() == []
    assert await lines(" ") == []
    assert await lines("who sings alto?", "and bees?") == ["Tom keeps bees"]
    both = await lines("who sings alto?", "and bees?", window=2, search_kwargs={"min_relevance": 0.3})
    assert set(both) >= {"Margit sings alto", "Tom keeps bees"}
    everything = {"search_kwargs": {"min_relevance": 0}}
    assert len(await lines("bees", **everything)) == 3
    assert len(await lines("bees", limit=2, **everything)) == 2
    assert await lines("bees", session_id="c2", same_session=True, **everything) == ["Nora rows on Sundays"]
    assert len(await lines("bees", session_id="c2", **everything)) == 3
    assert len(await lines("bees", max_characters=0, **everything)) == 2  # one, and that there are more
    assert await lines("x" * 20_000 + " who keeps bees?", search_kwargs={"mode": "text"}) == ["Tom keeps bees"]
    text = await GraphMemoryBlock(memory=plain).aget([user("who sings alto?")])
    assert text.startswith(HEADING)


async def test_a_block_is_cut_from_its_end(plain: MemoryManager) -> None:
    block = GraphMemoryBlock(memory=plain)
    content = "\n".join([HEADING, '- "one"', '- "two"', '- "three"'])
    assert await block.atruncate(content, 0) == content
    assert await block.atruncate(content, 1) == "\n".join([HEADING, '- "one"', '- "two"'])
    assert await block.atruncate(content, 4) == "\n".join([HEADING, '- "one"'])
    assert await block.atruncate(content, 100) is None


async def test_a_memory_of_llama_index_uses_it(plain: MemoryManager) -> None:
    await plain.store_memory("Margit sings alto")
    block = GraphMemoryBlock(memory=plain, name="Notes", priority=1)
    memory = Memory.from_defaults(
        session_id="s", token_limit=60, chat_history_token_ratio=0.5, token_flush_size=10, memory_blocks=[block]
    )
    for n in range(12):
        await memory.aput_messages(
            [user(f"Number {n} is a message"), ChatMessage(role="assistant", content=f"Yes {n}")]
        )
    kept = await plain.list_memories(order="oldest", conversation_id="s")
    assert [one.content for one in kept[:2]] == ["Number 0 is a message", "Yes 0"]
    messages = await Memory.from_defaults(session_id="t", memory_blocks=[block]).aget(input="who sings alto?")
    assert messages[0].role == MessageRole.SYSTEM
    assert "Notes" in str(messages[0].content)
    assert "Margit sings alto" in str(messages[0].content)


def test_a_synchronous_memory_serves_a_block(waiting: SyncMemoryManager) -> None:
    block = GraphMemoryBlock(memory=waiting)
    asyncio.run(block.aput([user("Margit sings alto")]))
    assert "Margit" in asyncio.run(block.aget([user("who sings alto?")]))


@pytest.mark.parametrize("options", [{"memory": None}, {"window": 0}, {"max_characters": -1}])
def test_arguments_are_checked(waiting: SyncMemoryManager, options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        GraphMemoryBlock(**{"memory": waiting, **options})


# ---------------------------------------------------------------------- retriever


async def test_a_retriever_gives_as_many_as_it_is_asked_for(plain: MemoryManager) -> None:
    await plain.store_memories_batch([{"content": text} for text in [*TEXTS, "Tom keeps bees!"]])
    found = await GraphMemoryRetriever(plain).aretrieve("who keeps bees?")
    assert len(found) == 4
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len(await GraphMemoryRetriever(plain, similarity_top_k=2).aretrieve("bees")) == 2
    assert await GraphMemoryRetriever(plain, search_kwargs={"min_relevance": 1}).aretrieve("bees or oars") == []
    with pytest.raises(ValidationError):
        await GraphMemoryRetriever(plain, similarity_top_k=0).aretrieve("bees")
    with pytest.raises(ValidationError):
        GraphMemoryRetriever(object())  # type: ignore[arg-type]


def test_a_node_is_a_memory(waiting: SyncMemoryManager) -> None:
    memory_id = waiting.store_memory("Tom keeps bees", MemoryType.SEMANTIC, {"page": 3}, 0.5, conversation_id="c")
    [found] = GraphMemoryRetriever(waiting).retrieve("who keeps bees?")
    assert (found.node.node_id, found.node.metadata["page"]) == (memory_id, 3)
    assert found.node.get_content(MetadataMode.LLM) == found.node.get_content(MetadataMode.EMBED) == "Tom keeps bees"
    told = found.node.metadata["memory"]
    assert (told["memory_type"], told["importance_score"], told["conversation_id"]) == ("semantic", 0.5, "c")
    item = {"transcript": "x", "item": "{}", "place": 0, "pieces": 1, "order": 1, "item_id": "y", "speaker": "user"}
    waiting.update_memory(memory_id, metadata=item)
    [found] = GraphMemoryRetriever(waiting).retrieve("who keeps bees?")
    assert found.node.metadata.keys() == {"memory", "transcript", "speaker"}
    waiting.update_memory(memory_id, metadata={"memory": "mine"})
    [found] = GraphMemoryRetriever(waiting).retrieve("who keeps bees?")
    assert found.node.metadata == {"memory": "mine"}


def test_a_query_engine_uses_it(waiting: SyncMemoryManager) -> None:
    waiting.store_memory("Tom keeps bees")
    manager = CallbackManager([])
    retriever = GraphMemoryRetriever(waiting, callback_manager=manager)
    assert retriever.callback_manager is manager
    answer = RetrieverQueryEngine.from_args(retriever, llm=MockLLM()).query("who keeps bees?")
    assert [one.node.get_content() for one in answer.source_nodes] == ["Tom keeps bees"]
    assert "Tom keeps bees" in str(answer)
