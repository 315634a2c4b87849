"""Prompts: what a user picks to have something recalled, or a conversation kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from coda_graphmem.errors import ValidationError
from coda_graphmem.mcp.context import make_context

if TYPE_CHECKING:
    from coda_graphmem.manager import MemoryManager

#: Size of what is recalled into a prompt, about.
_TOKENS = 2_000

_REMEMBER = (
    "Look through our conversation so far and keep what will matter later with memory_remember, one call for each "
    "fact: what I told you about myself and my work, preferences, decisions and their reasons, corrections, and what "
    "came out of our work. Look with memory_search first; replace what does not hold any more by memory_supersede. "
    "Keep no passwords or keys. Then list in a few lines what you kept."
)


@dataclass(frozen=True, slots=True)
class MadePrompt:
    """A prompt and what makes it."""

    declaration: Prompt
    make: Callable[[Callable[[], Awaitable[MemoryManager]], Mapping[str, str]], Awaitable[GetPromptResult]]


async def _recall(open_memory: Callable[[], Awaitable[MemoryManager]], given: Mapping[str, str]) -> GetPromptResult:
    topic = _only(given, "topic")
    if topic is None:
        raise ValidationError("is missing.", field="topic", remedy="Say what is to be recalled.")
    _, text = await make_context(await open_memory(), topic, None, _TOKENS)
    return _spoken(f"What my memory holds about it:\n\n{text}\n\nUse it for this: {topic}")


async def _remember(open_memory: Callable[[], Awaitable[MemoryManager]], given: Mapping[str, str]) -> GetPromptResult:  # noqa: ARG001
    focus = _only(given, "focus")
    return _spoken(_REMEMBER if focus is None else f"{_REMEMBER} Keep only what is about: {focus}")


def _only(given: Mapping[str, str], name: str) -> str | None:
    unknown = [one for one in given if one != name]
    if unknown:
        raise ValidationError(f"the prompt has no argument {unknown[0]!r}.", remedy=f"It takes {name}.")
    return given.get(name) or None


def _spoken(text: str) -> GetPromptResult:
    return GetPromptResult(messages=[PromptMessage(role="user", content=TextContent(text=text))])


PROMPTS = {
    "recall": MadePrompt(
        Prompt(
            name="recall",
            title="Recall",
            description="Begin with what memory holds about something.",
            arguments=[PromptArgument(name="topic", description="What it is about, or the question.", required=True)],
        ),
        _recall,
    ),
    "remember": MadePrompt(
        Prompt(
            name="remember",
            title="Remember this conversation",
            description="Have what matters of this conversation kept.",
            arguments=[PromptArgument(name="focus", description="Only what is about this.", required=False)],
        ),
        _remember,
    ),
}
