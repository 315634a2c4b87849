"""What matters now, in one answer: what is known of the user, what is relevant, and what was said last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from coda_graphmem.characters import visible
from coda_graphmem.mcp.bounds import LONGEST, Allowance
from coda_graphmem.mcp.items import MemoryItem, fitting
from coda_graphmem.mcp.quotation import NOTICE, named, quoted
from coda_graphmem.mcp.tool import Answer
from coda_graphmem.models import MemoryType

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager
    from coda_graphmem.models import Memory

#: Bytes that a token takes in most texts.
_BYTES = 4
#: How much of the answer the profile may take.
_SHARE = 0.4
#: Memories that are looked for, and turns.
_RELEVANT = 12
_TURNS = 8
#: Hours in which something was said lately, where no conversation is named.
_LATELY = 72


class KnownLine(Answer):
    """One line of what is known of the user."""

    section: str
    text: str
    memory_id: str = Field(description="A memory that says so.")


class Context(Answer):
    """What ``memory_context`` answers."""

    namespace: str
    profile: list[KnownLine] = Field(description="What is known of the user.")
    memories: list[MemoryItem] = Field(description="What is relevant to what they want.")
    turns: list[MemoryItem] = Field(description="What was said last, the oldest first.")
    note: str


async def make_context(
    memory: MemoryManager, about: str | None, conversation_id: str | None, max_tokens: int
) -> tuple[Context, str]:
    """What matters now, as structured content and as a text.

    Args:
        memory: The memory.
        about: What the user wants; None for what there is to know without it.
        conversation_id: The conversation that goes on; None for what was said lately in any.
        max_tokens: Size of the text, about.
    """
    most = min(_BYTES * max_tokens, LONGEST["detailed"])
    known, lines, unsaid = await _known(memory, int(most * _SHARE))
    # What the profile leaves of its share is for memories.
    room = Allowance(most - sum(len(line.encode()) + 1 for line in lines))
    relevant = [] if about is None else await memory.retrieve_memories(about, limit=_RELEVANT)
    items, texts, left = fitting(relevant, "concise", room)
    seen = {one.memory_id for one in relevant}
    turns = [one for one in await _turns(memory, conversation_id) if one.memory_id not in seen]
    # The latest are the last to be left out.
    shown, _, _ = fitting(turns[::-1], "concise", room, len(items) + 1)
    kept = {item.memory_id for item in shown}
    said, said_texts, _ = fitting(
        [one for one in turns if one.memory_id in kept], "concise", Allowance(2 * LONGEST["detailed"]), len(items) + 1
    )
    parts = [f"Memory of namespace {named(memory.namespace)}. {NOTICE}"]
    for title, block in (("Known of the user:", lines), ("Relevant:", texts), ("Said last:", said_texts)):
        if block:
            parts += [title, *block]
    note = _note(bool(known or items or said), unsaid, left + len(turns) - len(said), about)
    parts.append(note)
    answer = Context(namespace=memory.namespace, profile=known, memories=items, turns=said, note=note)
    return answer, "\n".join(parts)


async def _known(memory: MemoryManager, most: int) -> tuple[list[KnownLine], list[str], int]:
    profile = await memory.get_profile()
    room = Allowance(most)
    known: list[KnownLine] = []
    lines: list[str] = []
    for line in profile.lines:
        item = KnownLine(section=line.section, text=visible(line.text[:300]), memory_id=line.fact.memory_ids[-1])
        text = quoted(f"{line.section}: {line.text[:300]}")
        if room.take(text, item):
            known.append(item)
            lines.append(text)
    return known, lines, len(profile.lines) - len(known)


async def _turns(memory: MemoryManager, conversation_id: str | None) -> list[Memory]:
    if conversation_id is not None:
        return await memory.get_conversation_context(conversation_id, _TURNS)
    said = await memory.retrieve_recent_memories(_LATELY, [MemoryType.EPISODIC], _TURNS)
    return said[::-1]


def _note(has_something: bool, unsaid: int, left: int, about: str | None) -> str:
    if not has_something:
        return "Nothing is remembered yet. Keep what is worth it with memory_remember."
    hidden = [f"{unsaid} more lines of the profile"] if unsaid else []
    hidden += [f"{left} more memories"] if left else []
    if hidden:
        return f"{' and '.join(hidden)} have no room: raise max_tokens, or use memory_search and memory_entities."
    return "Say what the user wants in about for what is relevant to it." if about is None else "That is all for now."
