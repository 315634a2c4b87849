"""What goes into a conversation when it begins, and with what the user says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coda_graphmem.context.sources import sources
from coda_graphmem.hooks.event import LONGEST_ANSWER
from coda_graphmem.validation.limits import MAX_QUERY_LENGTH

if TYPE_CHECKING:
    from coda_graphmem.hooks.recorder import Progress
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import Context

#: Characters of what is quoted when a session begins, and with a prompt; where it comes from stands below it.
_AT_START, _WITH_PROMPT = 6_000, 4_000
#: Memories that are looked for with a prompt, and turns of the conversation before.
_LIMIT, _TURNS = 10, 6
_HEADING = "From the long-term memory of this project:"
#: What a context calls its turns, which at a start are of the conversation before. No record has such a line.
_THIS, _BEFORE = "\nThis conversation:\n", "\nThe conversation before:\n"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is told."""

    text: str = ""
    """Empty where there is nothing to say."""
    memory_ids: frozenset[str] = frozenset()
    """Where it comes from."""


async def known_at_start(memory: MemoryManager, session_id: str, source: str) -> Recalled:
    """What is known of the user and, at the start of a new conversation, the end of the one before.

    Args:
        memory: The memory.
        session_id: The conversation that begins.
        source: How it begins: what goes on needs no other conversation.
    """
    before = await _conversation_before(memory, session_id) if source in ("startup", "clear", "") else None
    made = await memory.build_context(
        None, before, _AT_START, max_turns=_TURNS, sections=("profile", "turns"), tokenizer=length
    )
    ending = ", and how the conversation before ended" if any(item.kind == "turn" for item in made.items) else ""
    return _told(made, f"{_HEADING} what is known of the user{ending}.")


async def relevant_to(
    memory: MemoryManager, session_id: str, prompt: str, progress: Progress, told: Collection[str] | None
) -> Recalled:
    """What is relevant to what the user has just said; nothing where nothing of it is news.

    Args:
        memory: The memory.
        session_id: The conversation. What was said in it is no news, unless the assistant has forgotten it since.
        prompt: What was said.
        progress: When the assistant forgot what was said before.
        told: Memories that the conversation was told of before; None where nothing was told yet, so that what is known
            of the user comes along.
    """
    query = prompt.strip()[:MAX_QUERY_LENGTH]
    if not any(one.isalnum() for one in query):
        return Recalled()
    elsewhere: dict[str, Any] = {"conversation_id": {"$ne": session_id}}
    news = elsewhere
    if progress.shortened_at is not None:
        news = {"$or": [elsewhere, {"timestamp": {"$lt": progress.shortened_at}}]}
    made = await memory.build_context(
        query,
        None,
        _WITH_PROMPT,
        limit=_LIMIT,
        where=news,
        sections=("profile", "memories") if told is None else ("memories",),
        profile_always=told is None,
        tokenizer=length,
    )
    found = _told(made, f"{_HEADING} what may be relevant to this.")
    return Recalled() if found.memory_ids <= set(told or ()) else found


def length(text: str) -> int:
    """Characters of a text in UTF-16, as assistants count them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


async def _conversation_before(memory: MemoryManager, session_id: str) -> str | None:
    latest = await memory.list_memories(
        1, where={"conversation_id": {"$exists": True}, "$not": {"conversation_id": session_id}}
    )
    return latest[0].conversation_id if latest else None


def _told(made: Context, heading: str) -> Recalled:
    """A context with its heading, and below it where its records come from, as far as there is room."""
    if not made.text:
        return Recalled()
    text = f"{heading}\n{made.text.replace(_THIS, _BEFORE, 1)}"
    below = sources(made.items, LONGEST_ANSWER - length(text) - 1, length)
    ids = frozenset(item.memory_ids[-1] for item in made.items)
    return Recalled(f"{text}\n{below}" if below else text, ids)
