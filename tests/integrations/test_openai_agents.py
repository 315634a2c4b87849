"""Sessions of OpenAI Agents over a memory. Its own tests of sessions are run by `make test-outside`."""

from __future__ import annotations

import asyncio
import copy
from typing import Any

import pytest

from coda_graphmem import MemoryManager, MemoryType, SyncMemoryManager, ValidationError
from tests.integrations.frameworks import framework

framework("agents", "openai-agents")

from agents import Agent, Runner, SessionSettings, function_tool, set_tracing_disabled
from agents.memory import Session
from agents.testing import ScriptedModel
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from coda_graphmem.integrations.openai_agents import GraphMemorySession

ITEMS: list[Any] = [
    {"role": "system", "content": "Be brief"},
    {"content": "I moved to Lisbon \x00", "role": "user"},
    {
        "type": "reasoning",
        "id": "r",
        "summary": [{"type": "summary_text", "text": "They moved"}],
        "encrypted_content": "Z",
    },
    {"type": "function_call", "name": "weather", "call_id": "1", "arguments": '{"city":"Lisbon"}'},
    {"type": "function_call_output", "call_id": "1", "output": "sunny"},
    {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "It is sunny", "annotations": []}],
    },
    {"role": "user", "content": [{"type": "input_image", "image_url": "data:image/png;base64," + "A" * 150_000}]},
    {"type": "compaction"},
]


async def test_items_come_back_exactly_and_in_order(plain: MemoryManager) -> None:
    session = GraphMemorySession("s", plain)
    given = copy.deepcopy(ITEMS)
    await session.add_items(given[:3])
    await session.add_items(given[3:])
    assert given == ITEMS
    assert await session.get_items() == ITEMS
    assert [list(item) for item in await session.get_items()] == [list(item) for item in ITEMS]
    assert isinstance(session, Session)
    assert await GraphMemorySession("t", plain).get_items() == []


async def test_limits(plain: MemoryManager) -> None:
    session = GraphMemorySession("s", plain, session_settings=SessionSettings(limit=2))
    await session.add_items(ITEMS[:5])
    assert await session.get_items() == ITEMS[3:5]
    assert await session.get_items(limit=3) == ITEMS[2:5]
    assert await session.get_items(0) == []
    assert await GraphMemorySession("s", plain, session_settings={"limit": 1}).get_items() == ITEMS[4:5]
    with pytest.raises(ValidationError) as error:
        await session.get_items(-1)
    assert error.value.field == "limit"
    with pytest.raises(TypeError, match="limitt"):
        GraphMemorySession("s", plain, session_settings={"limitt": 1})


async def test_pop_and_clear(plain: MemoryManager) -> None:
    session = GraphMemorySession("s", plain)
    assert await session.pop_item() is None
    await session.add_items(ITEMS[:3])
    assert await session.pop_item() == ITEMS[2]
    await session.clear_session()
    assert await session.get_items() == []
    assert await plain.count() == 0


async def test_what_was_said_is_found_with_who_said_it(plain: MemoryManager) -> None:
    await GraphMemorySession("s", plain).add_items(ITEMS)
    [found, *_] = await plain.retrieve_memories("moved to Lisbon", memory_types=[MemoryType.EPISODIC])
    assert (found.speaker, found.conversation_id) == ("user", "s")
    told = {one.content: (one.speaker, one.memory_type.value) for one in await plain.list_memories()}
    assert told["It is sunny"] == ("assistant", "episodic")
    assert told['weather {"city":"Lisbon"}'] == ("tool", "contextual")
    assert told["sunny"] == ("tool", "contextual")
    assert told["They moved"] == ("tool", "contextual")
    assert told["Be brief"] == ("system", "contextual")
    assert told["compaction"] == ("tool", "contextual")


def test_a_synchronous_memory_serves_a_runner(waiting: SyncMemoryManager) -> None:
    set_tracing_disabled(True)
    model = ScriptedModel()
    model.enqueue(
        [ResponseFunctionToolCall(type="function_call", name="weather", call_id="1", arguments='{"city": "X"}')]
    )
    model.enqueue([_message("It is sunny")])
    model.enqueue([_message("In X")])

    @function_tool
    def weather(city: str) -> str:
        """The weather of a city."""
        return f"sunny in {city}"

    agent = Agent(name="assistant", model=model, tools=[weather])
    session = GraphMemorySession("s", waiting)
    assert asyncio.run(Runner.run(agent, "How is the weather in X?", session=session)).final_output == "It is sunny"
    assert asyncio.run(Runner.run(agent, "Where?", session=session)).final_output == "In X"
    sent = model.calls[-1].input
    assert [item.get("role") or item["type"] for item in sent] == [
        "user", "function_call", "function_call_output", "assistant", "user",
    ]  # fmt: skip


def _message(text: str) -> ResponseOutputMessage:
    part = ResponseOutputText(text=text, type="output_text", annotations=[], logprobs=[])
    return ResponseOutputMessage(id="1", type="message", role="assistant", content=[part], status="completed")
