"""What stands on a store of LangGraph, with ours: compiled graphs and LangMem's tools, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, TypedDict

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage
from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.store.base import BaseStore
from langmem import create_manage_memory_tool, create_search_memory_tool

from coda_graphmem import SyncMemoryManager
from coda_graphmem.integrations.langgraph import GraphMemoryStore
from tests_outside.memories import opened


class State(TypedDict, total=False):
    """What the graph of the test passes on."""

    said: str
    known: list[str]


@pytest.fixture
def memory() -> Iterator[SyncMemoryManager]:
    """An open memory."""
    with opened() as one:
        yield one


@pytest.fixture
def store(memory: SyncMemoryManager) -> GraphMemoryStore:
    """A store that searches by meaning with the memory's own model."""
    return GraphMemoryStore(memory, index={"fields": ["text", "content"]})


def _graph(store: GraphMemoryStore) -> Any:
    def keep(state: State, *, store: BaseStore) -> State:
        store.put(("notes", "nora"), state["said"], {"text": state["said"]})
        return {}

    async def recall(state: State, *, store: BaseStore) -> State:
        found = await store.asearch(("notes", "nora"), query=state["said"], limit=2)
        return {"known": [item.value["text"] for item in found]}

    graph = StateGraph(State)
    graph.add_node("keep", keep)
    graph.add_node("recall", recall)
    graph.add_edge(START, "keep")
    graph.add_edge("keep", "recall")
    graph.add_edge("recall", END)
    return graph.compile(store=store)


def test_a_compiled_graph_keeps_and_finds(store: GraphMemoryStore) -> None:
    graph = _graph(store)

    async def run() -> list[str]:
        for said in ("Margit sings alto", "Tom keeps bees", "who sings alto"):
            found = await graph.ainvoke({"said": said})
        return list(found["known"])

    assert asyncio.run(run()) == ["who sings alto", "Margit sings alto"]
    assert {item.key for item in store.search(("notes",))} == {"Margit sings alto", "Tom keeps bees", "who sings alto"}


def test_tools_of_langmem_manage_and_search(store: GraphMemoryStore) -> None:
    manage = create_manage_memory_tool(namespace=("memories",), store=store)
    search = create_search_memory_tool(namespace=("memories",), store=store)
    created = manage.invoke({"action": "create", "content": "Margit sings alto"})
    manage.invoke({"action": "create", "content": "Tom keeps bees"})
    [key] = [item.key for item in store.search(("memories",), query="sings alto", limit=1)]
    assert key in created
    assert "Margit sings alto" in search.invoke({"query": "alto", "limit": 1})
    manage.invoke({"action": "update", "id": key, "content": "Margit sings soprano"})
    assert store.get(("memories",), key).value["content"] == "Margit sings soprano"  # type: ignore[union-attr]
    manage.invoke({"action": "delete", "id": key})
    assert [item.value["content"] for item in store.search(("memories",))] == ["Tom keeps bees"]


async def test_a_model_calls_a_tool_of_langmem(store: GraphMemoryStore) -> None:
    manage = create_manage_memory_tool(namespace=("memories",))
    call = {"name": manage.name, "args": {"action": "create", "content": "Nora rows"}, "id": "1", "type": "tool_call"}
    model = GenericFakeChatModel(messages=iter([AIMessage(content="", tool_calls=[call])]))

    class Messages(TypedDict):
        messages: list[Any]

    graph = StateGraph(Messages)
    graph.add_node("model", lambda state: {"messages": [model.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode([manage]))
    graph.add_edge(START, "model")
    graph.add_edge("model", "tools")
    await graph.compile(store=store).ainvoke({"messages": [("user", "I row")]})
    assert [item.value["content"] for item in await store.asearch(("memories",), query="Nora")] == ["Nora rows"]
