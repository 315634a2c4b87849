"""The tools of pydantic-ai over a memory, called by its test models."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from coda_graphmem import MemoryConfig, MemoryManager, MemoryType, SyncMemoryManager, ValidationError
from tests.conftest import open_memory
from tests.fakes import Clock
from tests.integrations.frameworks import framework

framework("pydantic_ai", "pydantic-ai-slim")

from pydantic_ai import Agent, ModelMessage, ModelResponse, RetryPromptPart, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from coda_graphmem.integrations.pydantic_ai import INSTRUCTIONS, GraphMemoryToolset


@pytest.fixture
async def memory(config: MemoryConfig, clock: Clock) -> AsyncIterator[MemoryManager]:
    async with open_memory(config, clock) as manager:
        await manager.store_memories_batch(
            [
                {"content": "Margit sings alto", "memory_id": "margit", "type": MemoryType.SEMANTIC},
                {"content": "Tom keeps bees", "memory_id": "tom", "metadata": {"speaker": "Nora"}},
            ]
        )
        yield manager


async def call(toolset: GraphMemoryToolset, name: str, deps: Any = None, **arguments: Any) -> Any:
    """What a tool gives when a model calls it: a text, or the part that asks it to try again."""
    seen: list[Any] = []

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        last = messages[-1].parts[-1]
        if isinstance(last, ToolReturnPart | RetryPromptPart):
            seen.append(last)
            return ModelResponse(parts=[TextPart("done")])
        return ModelResponse(parts=[ToolCallPart(name, arguments)])

    await Agent(FunctionModel(answer), toolsets=[toolset]).run("go", deps=deps)
    [part] = seen
    return part.content if isinstance(part, ToolReturnPart) and part.outcome == "success" else part


async def test_recalling(memory: MemoryManager) -> None:
    text = await call(GraphMemoryToolset(memory), "memory_recall", query="who sings alto?")
    assert '- [margit] 2025-06-15: "Margit sings alto"' in text
    assert "bees" not in text
    nothing = await call(GraphMemoryToolset(memory, min_relevance=1), "memory_recall", query="lathes")
    assert nothing == "Nothing is remembered that has to do with it."


async def test_what_a_recall_is_bounded_by(memory: MemoryManager) -> None:
    async def lines(arguments: dict[str, Any] | None = None, **options: Any) -> int:
        toolset = GraphMemoryToolset(memory, **{"min_relevance": 0, **options})
        text = await call(toolset, "memory_recall", query="sings and bees", **(arguments or {}))
        return sum(line.startswith("- [") for line in text.splitlines())

    assert await lines() == 2
    assert await lines(limit=1) == 1
    assert await lines({"limit": 2}, limit=1) == 2
    assert await lines(memory_types=[MemoryType.SEMANTIC]) == 1
    assert await lines({"since": "2025-06-16"}) == 0
    assert await lines({"since": "2025-06-15"}) == 2
    assert await lines(max_characters=0) == 1


async def test_remembering(memory: MemoryManager) -> None:
    said = await call(
        GraphMemoryToolset(memory, conversation_id="c"),
        "memory_remember", text="Nora rows", kind="preference", importance=0.9,
    )  # fmt: skip
    [stored] = await memory.list_memories(conversation_id="c")
    assert said == f"Remembered as [{stored.memory_id}]."
    assert (stored.content, stored.memory_type, stored.importance_score) == ("Nora rows", MemoryType.PREFERENCE, 0.9)
    await call(GraphMemoryToolset(memory), "memory_remember", text="Nora dives")
    [stored] = await memory.retrieve_memories("dives", memory_types=[MemoryType.SEMANTIC])
    assert stored.conversation_id is None


async def test_replacing_keeps_what_held_before(memory: MemoryManager) -> None:
    said = await call(GraphMemoryToolset(memory), "memory_replace", memory_id="margit", text="Margit sings soprano")
    [found, *_] = await memory.retrieve_memories("what does Margit sing?")
    assert found.content == "Margit sings soprano"
    assert said == f"Remembered as [{found.memory_id}], in place of [margit]."
    before = await memory.get_memory("margit")
    assert before.superseded_by == found.memory_id


async def test_forgetting_is_off_unless_it_is_allowed(memory: MemoryManager) -> None:
    with pytest.raises(AssertionError):
        assert await call(GraphMemoryToolset(memory), "memory_forget", memory_id="tom") == "Forgot [tom]."
    assert await memory.get_memory("tom") is not None
    assert await call(GraphMemoryToolset(memory, can_forget=True), "memory_forget", memory_id="tom") == "Forgot [tom]."
    assert await memory.get_memory("tom") is None


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("memory_recall", {"query": " "}, "query: is empty."),
        ("memory_recall", {"query": "x", "limit": 0}, "limit:"),
        ("memory_recall", {"query": "x", "since": "someday"}, "since:"),
        ("memory_remember", {"text": "x", "importance": 7}, "importance_score:"),
        ("memory_replace", {"memory_id": "none", "text": "x"}, "There is no memory [none]"),
        ("memory_forget", {"memory_id": "none"}, "There is no memory [none]"),
        ("memory_forget", {"memory_id": "a\nb"}, "memory_id: holds a control character"),
    ],
)
async def test_a_bad_call_is_answered_by_what_is_wrong(
    memory: MemoryManager, tool: str, arguments: dict[str, Any], says: str
) -> None:
    part = await call(GraphMemoryToolset(memory, can_forget=True), tool, **arguments)
    assert isinstance(part, RetryPromptPart) or part.outcome == "retried"
    assert says in str(part.content)
    assert await memory.count() == 2


async def test_a_run_sees_the_memory_that_is_chosen_for_it(memory: MemoryManager) -> None:
    async def choose(ctx: Any) -> MemoryManager:
        return memory.for_namespace(ctx.deps)

    for toolset in (GraphMemoryToolset(lambda ctx: memory.for_namespace(ctx.deps)), GraphMemoryToolset(choose)):
        assert "margit" in await call(toolset, "memory_recall", "default", query="who sings alto?")
        assert "Nothing" in await call(toolset, "memory_recall", "other", query="who sings alto?")
    with pytest.raises(ValidationError):
        await call(GraphMemoryToolset(lambda ctx: None), "memory_recall", query="alto")


async def test_what_a_model_is_told(memory: MemoryManager) -> None:
    async def told(**options: Any) -> tuple[list[str], str | None]:
        model = TestModel(call_tools=[])
        run = await Agent(model, toolsets=[GraphMemoryToolset(memory, **options)]).run("hi")
        request = model.last_model_request_parameters
        assert request is not None
        for tool in request.function_tools:
            assert tool.description
            assert all(one.get("description") for one in tool.parameters_json_schema["properties"].values())
        return [tool.name for tool in request.function_tools], run.all_messages()[0].instructions

    assert await told() == (["memory_recall", "memory_remember", "memory_replace"], INSTRUCTIONS)
    names, instructions = await told(can_forget=True, instructions=None)
    assert names[-1] == "memory_forget"
    assert instructions is None
    assert GraphMemoryToolset(memory).id == "memory"
    assert GraphMemoryToolset(memory, id="other").id == "other"


def test_arguments_are_checked(waiting: SyncMemoryManager) -> None:
    for field, value in (
        ("limit", 0),
        ("max_characters", -1),
        ("min_relevance", 2),
        ("memory_types", ["x"]),
        ("conversation_id", ""),
    ):
        with pytest.raises(ValidationError) as error:
            GraphMemoryToolset(waiting, **{field: value})
        assert error.value.field == field
    with pytest.raises(ValidationError) as error:
        GraphMemoryToolset(None)  # type: ignore[arg-type]
    assert error.value.field == "memory"


def test_a_synchronous_memory_serves_an_agent(waiting: SyncMemoryManager) -> None:
    waiting.store_memory("Margit sings alto")
    agent = Agent(TestModel(call_tools=["memory_remember", "memory_recall"]), toolsets=[GraphMemoryToolset(waiting)])
    assert "Remembered as" in asyncio.run(agent.run("hi")).output
    assert waiting.count() == 2


async def test_a_model_that_does_not_mend_its_call_ends_the_run(memory: MemoryManager) -> None:
    agent = Agent(TestModel(call_tools=["memory_replace"]), toolsets=[GraphMemoryToolset(memory)])
    with pytest.raises(UnexpectedModelBehavior):
        await agent.run("hi")
