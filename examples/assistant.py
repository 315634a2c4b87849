"""A small assistant that answers from its memory alone, and lets a WebSocket client watch.

    python examples/assistant.py               talk to it; an empty line or Ctrl-D ends the talk
    python examples/assistant.py --script      let it hear a short talk that is written below
    python examples/assistant.py < talk.txt    or one of your own, a line a message

It shows how the parts go together: the memory hears the assistant's conversations by itself, tells WebSocket clients
what it does, answers equal questions from its cache, and runs its maintenance jobs in the background. What it heard
stays in ``--dir``: start it again and ask. It needs the package ``websockets``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from typing import Any

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, broadcast, serve

from coda_graphmem import MemoryConfig, MemoryManager

TALK = [
    "Nora plays the cello in the town orchestra.",
    "My sister Margit lives in Lisbon and lends us her tent.",
    "I am allergic to peanuts.",
    "Who lends us a tent?",
    "Where does Margit live?",
    "Which instrument does Nora play?",
]
SURE = 0.7
"""Relevance from which on it takes a memory for an answer."""
QUESTION_WORDS = ("who", "what", "where", "when", "which", "why", "how", "do ", "does ", "did ", "is ", "are ", "can ")


class Conversations:
    """Keeps conversations, as any chat program does; it knows nothing of the memory."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, str]]] = {}

    async def add_message(self, conversation_id: str, message: dict[str, str]) -> None:
        """Add a message to a conversation."""
        self.messages.setdefault(conversation_id, []).append(message)


class Hub:
    """Sends what it is given to all WebSocket clients."""

    def __init__(self) -> None:
        self.clients: set[ServerConnection] = set()

    async def accept(self, client: ServerConnection) -> None:
        """Serve one client until it leaves."""
        self.clients.add(client)
        try:
            await client.wait_closed()
        finally:
            self.clients.discard(client)

    async def broadcast_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Send an event; `websockets.broadcast` waits for no client."""
        broadcast(self.clients, json.dumps({"type": event_type, **data}))


class Assistant:
    """Answers questions with what the user said before.

    Args:
        memory: Where it looks.
        conversations: Where messages of both sides go, and the memory hears them.
        conversation_id: The conversation it is in.
    """

    def __init__(self, memory: MemoryManager, conversations: Conversations, conversation_id: str) -> None:
        self.memory = memory
        self.conversations = conversations
        self.conversation_id = conversation_id

    async def reply(self, text: str) -> str:
        """Answer a message, and let the conversation have both."""
        answer = await self._look_up(text) if is_question(text) else "I will remember that."
        await self.conversations.add_message(self.conversation_id, {"role": "user", "content": text})
        await self.conversations.add_message(self.conversation_id, {"role": "assistant", "content": answer})
        return answer

    async def _look_up(self, question: str) -> str:
        # Only what the user said: answers of the assistant are in the memory as well.
        found = await self.memory.retrieve_memories(
            question, limit=10, min_relevance=SURE, metadata={"speaker": "user"}
        )
        known = [item.content for item in found if not is_question(item.content)]
        return f"You told me: {known[0]}" if known else "You never told me."


def is_question(text: str) -> bool:
    """Whether a message asks something."""
    return text.rstrip().endswith("?") or text.lower().startswith(QUESTION_WORDS)


async def watch(port: int, ready: asyncio.Event) -> None:
    """Be a WebSocket client that prints what happens in the memory."""
    async with connect(f"ws://127.0.0.1:{port}") as client:
        ready.set()
        async for text in client:
            event = json.loads(text)
            print(f"  [{event['type']}: {event['count']} in {event['namespace']}]")


async def typed() -> AsyncIterator[str]:
    """What somebody types, or what comes from a file; ends with an empty line or the end of the file."""
    while True:
        if sys.stdin.isatty():
            print("you: ", end="", flush=True)
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line.strip():
            return
        yield line.strip()


async def written(lines: Iterable[str]) -> AsyncIterator[str]:
    """A talk that is written down."""
    for line in lines:
        yield line


async def converse(directory: str, lines: AsyncIterator[str], *, echo: bool) -> None:
    """Open the memory, talk, and say what is in it in the end."""
    hub, conversations = Hub(), Conversations()
    config = MemoryConfig(vector_store={"persist_directory": directory})
    async with serve(hub.accept, "127.0.0.1", 0) as server, MemoryManager(config) as memory:
        await memory.enable_caching(cache_size=1000, ttl_minutes=60)
        await memory.preload_important_memories(min_importance=0.8)
        link = await memory.enable_conversation_integration(conversations)
        broadcasts = await memory.enable_websocket_integration(hub, events=["stored", "retrieved", "deleted"])
        watching, ready = None, asyncio.Event()
        try:
            watching = asyncio.create_task(watch(server.sockets[0].getsockname()[1], ready))
            await ready.wait()
            assistant = Assistant(memory, conversations, "talk")
            async for line in lines:
                if echo:
                    print(f"you: {line}")
                # What was said before is kept beside the conversation; the next question may be about it.
                await link.flush()
                print(f"assistant: {await assistant.reply(line)}")
            await memory.disable_conversation_integration(conversations)
            await memory.disable_websocket_integration(hub)
        finally:
            if watching is not None:
                watching.cancel()
        await summary(memory, heard=link.kept, told=broadcasts.delivered)


async def summary(memory: MemoryManager, *, heard: int, told: int) -> None:
    """Print what the memory holds and does."""
    stats = await memory.get_memory_stats()
    print(f"\n{heard} messages heard, {told} events told, {stats.total_memories} memories in all, about:")
    print(", ".join(entity.name for entity in await memory.list_entities(limit=8)))
    for job in await memory.list_jobs():
        due = "switched off" if job.interval_hours is None else f"every {job.interval_hours:g} hours"
        print(f"job {job.name}, {due}: {job.about}")


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description="An assistant that answers from its memory alone.")
    parser.add_argument("--dir", default="data/assistant", help="where it keeps what it heard")
    parser.add_argument("--script", action="store_true", help="hear a short talk instead of you")
    given = parser.parse_args(arguments)
    lines = written(TALK) if given.script else typed()
    asyncio.run(converse(given.dir, lines, echo=given.script or not sys.stdin.isatty()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
